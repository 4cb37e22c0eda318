"""MuJoCo on the CPU is the oracle: every tensor of scenes of all kinds, after each step, on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.isaacgym.oracle_scenes import EXACT, SCENES, N
from tests.isaacgym.world import GYM, World

MakeWorld = Callable[..., World]

pytestmark = pytest.mark.parametrize("world", ["warp", pytest.param("gpu", marks=pytest.mark.gpu)], indirect=True)

STEPS = 40
STATE = ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat", "qacc_warmstart")
# Relative to the largest number of each tensor, three times and more of what rounding makes of four seeds.
TOLERANCE = {"root": 5e-5, "dof": 5e-5, "body": 5e-5, "dof_force": 5e-5, "contact": 3e-4, "sensor": 2e-4}
OF_ACTORS = {"jacobian": 1e-5, "mass_matrix": 1e-5}
# Attractors are constraints, which know their distance to seven digits of where it is. What contacts and joints of a
# robot do to each other is large beside the speeds to which it is held.
LOOSER = {"bound": 8.0, "slow": 6.0}


def tensors(w: World) -> dict[str, Tensor]:
    """All there are: those of the simulation by name, those of actors by name and actor."""
    found = {name: getattr(w, name) for name in TOLERANCE}
    for handle in range(GYM.get_actor_count(w.envs[0])):
        name = GYM.get_actor_name(w.envs[0], handle)
        for kind in OF_ACTORS:
            tensor = getattr(GYM, f"acquire_{kind}_tensor")(w.sim, name).torch
            getattr(GYM, f"refresh_{kind}_tensors")(w.sim)
            found[f"{kind} {handle}"] = tensor.cpu().clone()
    return {name: tensor for name, tensor in found.items() if tensor.numel()}


def tolerance(scene: str, name: str) -> float:
    return LOOSER.get(scene, 1.0) * (TOLERANCE | OF_ACTORS)[name.split()[0]]


@pytest.mark.parametrize("scene", SCENES)
def test_every_tensor_agrees_after_every_step(world: MakeWorld, scene: str) -> None:
    warp = SCENES[scene](world(num_envs=N, **EXACT))
    cpu = SCENES[scene](world(num_envs=N, engine="mujoco", gpu=False, **EXACT))
    for w in (cpu, warp):
        tensors(w)  # what is acquired is computed
    generator = torch.Generator().manual_seed(0)
    scale, worst = dict[str, float](), dict[str, float]()
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
            scale[name] = max(scale.get(name, 1.0), float(ours.abs().max()))
            worst[name] = max(worst.get(name, 0.0), float((ours - theirs[name]).abs().max()))
    assert not bool(warp.sim.backend.health.any())
    assert scene == "bound" or scale["contact"] > 1.0, "nothing touched the ground"
    relative = {name: worst[name] / scale[name] for name in worst}
    assert all(relative[name] < tolerance(scene, name) for name in relative), relative
