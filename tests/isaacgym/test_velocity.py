"""Limits of speed and damping of links."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, EVERYWHERE, GYM, LINK, PENDULUM, Spawn, World, close, drive, momentum

MakeWorld = Callable[..., World]
EFFORT = int(gymapi.DOF_MODE_EFFORT)
INERTIA = 0.5  # of the flywheel [kg m^2]
NEAR = 1e-5
ASIDE = """<mujoco><worldbody><body><freejoint/>
  <geom type="box" size=".1 .1 .1" pos=".5 0 0"/></body></worldbody></mujoco>"""  # its centre is half a metre off


def flywheel(w: World, fixed: bool = True, **fields: object) -> World:
    """A wheel on a motor; `fields` are of the dof's record."""
    wheel = w.asset(LINK, fix_base_link=fixed)
    return w.populate(Spawn(wheel), each=drive(driveMode=EFFORT, stiffness=0.0, damping=0.0, **fields))


@EVERYWHERE
@pytest.mark.parametrize("substeps", [1, 3])
def test_a_motor_spins_its_joint_up_to_the_limit_and_no_further(world: MakeWorld, substeps: int) -> None:
    w = flywheel(world(substeps=substeps), velocity=2.0)
    w.effort(5.0)
    w.step(15)
    assert close(w.dof[:, 0, 1], 0.15 * 5.0 / INERTIA, NEAR)
    w.step(15)
    assert close(w.dof[:, 0, 1], 2.0, NEAR)
    assert close(w.body[:, 1, 11], 2.0, NEAR)
    w.effort(-5.0)
    w.step(60)
    assert close(w.dof[:, 0, 1], -2.0, NEAR)


@EVERYWHERE
def test_limits_differ_by_environment_and_change_while_the_simulation_runs(world: MakeWorld) -> None:
    w = flywheel(world(num_envs=3), velocity=[1.0, 2.0, 1e30])
    w.effort(5.0)
    w.step(50)
    assert close(w.dof[:, 0, 1], torch.tensor([1.0, 2.0, 5.0]), NEAR)
    w.drive(env=0, velocity=3.0)
    w.drive(env=2, velocity=0.5)
    w.step(50)
    assert close(w.dof[:, 0, 1], torch.tensor([3.0, 2.0, 0.5]), NEAR)


@EVERYWHERE
def test_a_first_limit_may_come_while_the_simulation_runs(world: MakeWorld) -> None:
    w = flywheel(world(), velocity=1e30)
    w.effort(5.0)
    w.step(10)
    w.drive(env=1, velocity=0.5)
    w.step(10)
    assert close(w.dof[:, 0, 1], torch.tensor([2.0, 0.5]), NEAR)


@EVERYWHERE
def test_positions_advance_with_the_velocities_that_were_held(world: MakeWorld) -> None:
    w = flywheel(world(substeps=2), velocity=2.0)
    w.effort(5000.0)
    w.step(10)
    assert close(w.dof[:, 0, 0], 0.1 * 2.0, NEAR)


@EVERYWHERE
def test_a_motor_at_its_limit_does_not_push_the_robot_that_floats(world: MakeWorld) -> None:
    w = flywheel(world(gravity=0.0), fixed=False, velocity=2.0)
    w.effort(5.0)
    w.step(100)
    assert close(w.dof[:, 0, 1], 2.0, NEAR)
    assert close(w.root[:, 0, 11], -2.0 * INERTIA / (INERTIA + 1.0), 1e-4)
    assert close(w.root[:, 0, 2], 1.0, NEAR)


@EVERYWHERE
def test_joints_that_are_held_together_leave_the_momentum_alone(world: MakeWorld) -> None:
    w = world(gravity=0.0, dt=0.002)
    w.populate(Spawn(w.asset(CHAIN)), each=drive(driveMode=EFFORT, velocity=[1.5, 2.0], stiffness=0.0, damping=0.0))
    w.effort([0.5, 0.0, 0.5, 0.5])
    w.step(150)
    assert close(w.dof[:, 2, 1], torch.tensor([1.5, 2.0]), NEAR)
    assert close(momentum(w), 0.0, 2e-3)


def least_change(mass: np.ndarray, velocity: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """The velocities within limits that differ from `velocity` by the least kinetic energy, found one by one."""
    held = np.clip(velocity, -limit, limit)
    for _ in range(4000):
        for i in range(len(held)):
            held[i] = np.clip(held[i] - mass[i] @ (held - velocity) / mass[i, i], -limit[i], limit[i])
    return held


@EVERYWHERE
def test_dofs_are_held_by_the_impulses_that_change_the_motion_least(world: MakeWorld) -> None:
    w = world(num_envs=8, gravity=0.0)
    chain = w.asset(CHAIN)
    w.populate(Spawn(chain), Spawn(chain, (3, 0, 1)), each=drive(driveMode=EFFORT, velocity=1.0, damping=0.0))
    w.step()  # which computes the mass matrix
    model, qvel, masses = w.sim.backend.model, w.sim.backend.data("qvel"), w.sim.backend.data("M")
    entries = masses.double().cpu().numpy().reshape(8, -1)[:, : model.nC]
    given = torch.randn(qvel.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2.0
    qvel.copy_(given)
    w.sim.velocities.hold()
    limit = np.full(model.nv, np.inf)
    limit[w.sim.layout.dof_qvel.array[:4]] = 1.0  # of the first robot
    for env in range(8):
        mass = np.zeros((model.nv, model.nv))
        rows = np.repeat(np.arange(model.nv), model.M_rownnz)
        mass[rows, model.M_colind] = mass[model.M_colind, rows] = entries[env]
        expected = least_change(mass, given[env].numpy(), limit)
        assert close(qvel[env], torch.from_numpy(expected), 1e-3)


@EVERYWHERE
def test_a_thrown_body_flies_at_the_highest_speed_of_its_asset(world: MakeWorld) -> None:
    w = world(dt=0.02, substeps=2)
    w.populate(Spawn(w.box(max_linear_velocity=3.0, max_angular_velocity=4.0), (0, 0, 9)))
    root = w.root
    root[..., 7:13] = torch.tensor([8.0, 0, -6.0, 3.0, 9.0, 4.0])
    w.set_root(root)
    w.step()
    assert close(w.root[:, 0, 7:10].norm(dim=-1), 3.0, NEAR)
    assert close(w.root[:, 0, 10:13].norm(dim=-1), 4.0, NEAR)
    assert close(w.root[:, 0, 0], 0.02 * w.root[:, 0, 7], 2e-3)
    w.step(50)
    assert close(w.root[:, 0, 9], -3.0, 0.05)
    assert close(w.root[:, 0, 7:10].norm(dim=-1), 3.0, NEAR)


@EVERYWHERE
def test_the_highest_speed_is_that_of_the_centre_of_mass(world: MakeWorld) -> None:
    w = world(gravity=0.0, dt=0.001)
    w.populate(Spawn(w.asset(ASIDE, max_linear_velocity=1.0, max_angular_velocity=10.0)))
    root = w.root
    root[..., 12] = 6.0  # about the link's origin, so that the centre moves at 3 m/s
    w.set_root(root)
    w.step()
    assert close(w.root[:, 0, 12], 6.0, 1e-4)
    assert close(w.root[:, 0, 8] + 0.5 * 6.0, 1.0, 1e-3)


@EVERYWHERE
def test_links_that_are_too_fast_are_slowed_down(world: MakeWorld) -> None:
    w = world(gravity=0.0, substeps=2)
    wheel = w.asset(LINK, fix_base_link=True, max_angular_velocity=4.0)
    w.populate(Spawn(wheel), each=drive(driveMode=EFFORT, stiffness=0.0, damping=0.0))
    w.effort(5.0)
    w.step(60)
    push = 5.0 / INERTIA * w.dt / 2  # of a substep
    assert close(w.dof[:, 0, 1], 4.0 + push, 1e-3)
    assert close(w.contact, 0.0, NEAR)


@EVERYWHERE
def test_a_floating_robot_flies_at_the_highest_speed_of_its_asset(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    w.populate(Spawn(w.asset(CHAIN, max_linear_velocity=2.0)))
    root = w.root
    root[..., 7:10] = torch.tensor([3.0, 4.0, 0.0])
    w.set_root(root)
    w.step(3)
    assert close(w.root[:, 0, 7:10], torch.tensor([1.2, 1.6, 0.0]), 1e-4)


@EVERYWHERE
def test_a_robot_that_whirls_is_held_at_the_highest_speeds_of_its_asset(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    robot = w.asset(CHAIN, max_angular_velocity=6.0, max_linear_velocity=3.0)
    w.populate(Spawn(robot), each=drive(driveMode=EFFORT, stiffness=0.0, damping=0.0))
    root, dof = w.root, w.dof
    root[..., 10:13], dof[..., 1] = torch.tensor([20.0, -30.0, 5.0]), torch.tensor([20.0, 0.0, -30.0, 9.0])
    w.set_root(root)
    w.set_dof(dof)
    w.step()
    most = torch.tensor([12.0, 12.0, 12.0, 6.0])
    assert bool((w.dof[..., 1].abs() <= most + NEAR).all())
    assert float(w.root[..., 10:13].norm(dim=-1).max()) < 6.0 + 1e-4
    assert float(w.root[..., 7:10].norm(dim=-1).max()) < 3.0 + 1e-4


@EVERYWHERE
@pytest.mark.parametrize("substeps", [1, 2])
def test_a_pendulum_is_damped_by_its_link_as_the_closed_form_says(world: MakeWorld, substeps: int) -> None:
    w = world(dt=0.002, substeps=substeps)
    pendulum = w.asset(PENDULUM, fix_base_link=True, linear_damping=0.8)
    w.populate(Spawn(pendulum), each=drive(driveMode=EFFORT, stiffness=0.0, damping=0.0))
    state = w.dof
    state[..., 0] = 0.02
    w.set_dof(state)
    w.seconds(1.5)
    slow = 0.8 / 2
    pulse = math.sqrt(9.81 / 0.8 - slow**2)
    expected = 0.02 * math.exp(-slow * 1.5) * (math.cos(1.5 * pulse) + slow / pulse * math.sin(1.5 * pulse))
    assert close(w.dof[:, 0, 0], expected, 1e-4)


@EVERYWHERE
def test_a_turning_link_is_damped_exponentially_and_what_floats_with_it(world: MakeWorld) -> None:
    w = world(dt=0.002, gravity=0.0)
    robot = w.asset(LINK, angular_damping=0.7, linear_damping=0.3)
    w.populate(Spawn(robot), each=drive(driveMode=EFFORT, stiffness=0.0, damping=0.0))
    root, dof = w.root, w.dof
    root[..., 7:13], dof[..., 1] = torch.tensor([1.0, 0, 0, 0, 2.0, 0]), 3.0
    w.set_root(root)
    w.set_dof(dof)
    w.seconds(1.0)
    assert close(w.root[:, 0, 7], math.exp(-0.3), 1e-3)
    assert close(w.root[:, 0, 11], 2.0 * math.exp(-0.7), 2e-3)
    assert close(w.dof[:, 0, 1], 3.0 * math.exp(-0.7), 2e-3)
    assert close(w.contact, 0.0, NEAR)


@EVERYWHERE
def test_damping_adds_to_what_pushes_a_link(world: MakeWorld) -> None:
    w = world(gravity=0.0, substeps=2)
    w.populate(Spawn(w.asset(LINK, linear_damping=2.0)))
    for _ in range(10):
        w.push(force=[3.0, 0.0, 0.0])
        w.step()
    speed = 0.0
    for _ in range(20):
        speed += 0.005 * (6.0 / 3.0 - 2.0 * speed)  # two bodies of 3 kg in all
    assert close(w.root[:, 0, 7], speed, 1e-4)
    w.step()
    assert close(w.root[:, 0, 7], speed * (1 - 2.0 * 0.005) ** 2, 1e-4)


@pytest.mark.parametrize("graph", [True, False])
@EVERYWHERE
def test_a_limit_far_away_changes_no_bit(world: MakeWorld, graph: bool) -> None:
    states = []
    for velocity, most in ((1e30, math.inf), (1e6, 1e7)):
        w = world(ground=0.8, graph=graph)
        far = {"max_linear_velocity": most, "max_angular_velocity": most}
        spawns = Spawn(w.asset(CHAIN, **far), (0, 0, 0.4)), Spawn(w.box(**far), (1, 0, 0.2))
        w.populate(*spawns, each=drive(driveMode=EFFORT, velocity=velocity))
        w.effort(0.3)
        w.step(12)
        states.append(w.engine())
    if w.sim.device.type == "cpu":  # a GPU adds up in any order
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    else:
        assert all(close(states[0][name], states[1][name].cpu(), 1e-3) for name in ("qpos",))


@EVERYWHERE
def test_recorded_and_eager_steps_hold_alike(world: MakeWorld) -> None:
    states = []
    for graph in (True, False):
        w = world(substeps=2, gravity=0.0, graph=graph)
        asset = w.asset(CHAIN, angular_damping=0.5, max_angular_velocity=3.0)
        w.populate(Spawn(asset), each=drive(driveMode=EFFORT, velocity=[1.0, 1.5], stiffness=0.0, damping=0.0))
        w.effort([0.5, 0.0, 0.5, 0.5])
        w.step(30)
        states.append(w.engine())
    assert all(close(states[0][name].cpu(), states[1][name].cpu(), 1e-5) for name in ("qpos", "qvel"))


def test_a_state_that_was_set_does_not_remember_what_was_before(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    w.populate(Spawn(w.asset(CHAIN, angular_damping=0.5)))
    start, root = w.sim.backend.data("qvel").clone(), w.root
    moved = root.clone()
    moved[..., 7:13] = 2.0
    w.set_root(moved)
    w.step(5)
    w.set_root(root)
    w.set_dof(torch.zeros_like(w.dof))
    w.step()
    assert close(w.sim.backend.data("qvel"), start, 1e-9)
    assert GYM.get_sim_health(w.sim)["unstable"].sum() == 0
