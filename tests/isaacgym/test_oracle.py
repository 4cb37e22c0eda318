"""MuJoCo on the CPU is the oracle: every tensor of one scene of all kinds, after each step, on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GYM, PENDULUM, Spawn, World

MakeWorld = Callable[..., World]

pytestmark = pytest.mark.parametrize("world", ["warp"], indirect=True)

N, STEPS = 3, 40
STATE = ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat", "qacc_warmstart")
# Relative to the largest number of each tensor, three times what rounding to seven digits makes of four seeds.
TOLERANCE = {"root": 5e-5, "dof": 5e-5, "body": 5e-5, "dof_force": 1e-4, "contact": 2e-3, "sensor": 2e-3}
MODES = [gymapi.DOF_MODE_POS, gymapi.DOF_MODE_VEL, gymapi.DOF_MODE_EFFORT, gymapi.DOF_MODE_POS]


def scene(world: MakeWorld, engine: str) -> World:
    """A floating chain with every drive mode and force sensors, a pendulum on a fixed base, a box that falls."""
    # Round friction cones: a pyramid's edges lie differently in the two engines.
    w = world(num_envs=N, ground=0.8, dt=0.005, substeps=2, engine=engine, cone="elliptic", iterations=100)
    chain, pendulum, box = w.asset(CHAIN), w.asset(PENDULUM, fix_base_link=True), w.box()
    for body in (0, 2):
        GYM.create_asset_force_sensor(chain, body, gymapi.Transform(gymapi.Vec3(0.01, 0.02, 0.03)))

    def each(env: gymapi.Env, handles: list[int], index: int) -> None:
        props = GYM.get_actor_dof_properties(env, handles[0])
        for dof, mode in enumerate(MODES):
            props["driveMode"][dof] = mode
            props["stiffness"][dof], props["damping"][dof] = 30.0 + 10.0 * index, 2.0
        GYM.set_actor_dof_properties(env, handles[0], props)
        GYM.enable_actor_dof_force_sensors(env, handles[0])
        bodies = GYM.get_actor_rigid_body_properties(env, handles[2])
        bodies[0].mass *= 1.0 + index
        GYM.set_actor_rigid_body_properties(env, handles[2], bodies, True)

    spawns = (Spawn(chain, (0, 0, 0.35)), Spawn(pendulum, (2, 0, 2)), Spawn(box, (-1.0, 0, 0.3), (0.1, 0.2, 0, 0.97)))
    return w.populate(*spawns, each=each)


def tensors(w: World) -> dict[str, Tensor]:
    return {name: getattr(w, name) for name in TOLERANCE}


def test_every_tensor_agrees_after_every_step(world: MakeWorld) -> None:
    cpu, warp = scene(world, "mujoco"), scene(world, "warp")
    for w in (cpu, warp):
        tensors(w)  # what is acquired is computed
    generator = torch.Generator().manual_seed(0)
    scale, worst = dict.fromkeys(TOLERANCE, 1.0), dict.fromkeys(TOLERANCE, 0.0)
    for _ in range(STEPS):
        for field in STATE:
            warp.sim.backend.data(field).copy_(cpu.sim.backend.data(field))
        warp.sim.state.kinematics_changed()
        command = torch.rand(N, cpu.dof.shape[1], generator=generator) - 0.5
        push = 5.0 * torch.rand(N, cpu.body.shape[1], 3, generator=generator)
        for w in (cpu, warp):
            w.effort(command)
            w.target(command)
            w.target_velocity(command)
            w.push(push)
            w.step()
        theirs = tensors(warp)
        for name, ours in tensors(cpu).items():
            scale[name] = max(scale[name], float(ours.abs().max()))
            worst[name] = max(worst[name], float((ours - theirs[name]).abs().max()))
    assert not bool(warp.sim.backend.health.any())
    assert float(cpu.contact.abs().max()) > 1.0, "nothing touched the ground"
    relative = {name: worst[name] / scale[name] for name in TOLERANCE}
    assert all(relative[name] < TOLERANCE[name] for name in TOLERANCE), relative
