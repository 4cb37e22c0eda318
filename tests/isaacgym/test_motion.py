"""Rigid bodies and pendulums against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GRAVITY, GYM, PENDULUM, Spawn, World, close, momentum

MakeWorld = Callable[..., World]


def test_a_body_in_free_fall_follows_the_parabola(world: MakeWorld) -> None:
    w = world(dt=0.001)
    w.populate(Spawn(w.box(), (0, 0, 5)))
    w.seconds(0.5)
    assert close(w.root[:, 0, 9], -GRAVITY * 0.5, 1e-4)
    assert close(w.root[:, 0, 2], 5 - GRAVITY * 0.5**2 / 2, 0.003)  # first order in dt


def test_substeps_refine_the_same_span_of_time(world: MakeWorld) -> None:
    coarse, fine = world(dt=0.02, substeps=1), world(dt=0.02, substeps=8)
    for w in (coarse, fine):
        w.populate(Spawn(w.box(), (0, 0, 5)))
        w.seconds(0.4)
    exact = 5 - GRAVITY * 0.4**2 / 2
    assert close(fine.root[:, 0, 9], -GRAVITY * 0.4, 1e-4)
    errors = [float((w.root[0, 0, 2] - exact).abs()) for w in (coarse, fine)]
    assert errors[1] < errors[0] / 7


def test_every_environment_has_the_same_time(world: MakeWorld) -> None:
    w = world(dt=0.02)
    w.populate(Spawn(w.box()))
    w.step(5)
    assert GYM.get_frame_count(w.sim) == 5
    assert GYM.get_sim_time(w.sim) == pytest.approx(0.1)


def _pendulum(world: MakeWorld, angle: float, dt: float) -> World:
    w = world(dt=dt)
    w.populate(Spawn(w.asset(PENDULUM, fix_base_link=True)))
    w.set_dof(torch.tensor([angle, 0.0]).expand(2, 1, 2))
    return w


def _energy(dof: Tensor) -> Tensor:
    angle, speed = dof[:, 0, 0].double(), dof[:, 0, 1].double()
    return 1.5 * (0.5 * (0.8 * speed) ** 2 - GRAVITY * 0.8 * torch.cos(angle))


def test_a_pendulum_keeps_its_energy(world: MakeWorld) -> None:
    w = _pendulum(world, 2.0, dt=0.001)
    start, span = _energy(w.dof), 1.5 * GRAVITY * 0.8 * 2
    for _ in range(20):
        w.step(100)
        assert close(_energy(w.dof), start, 0.005 * span)


def test_a_pendulum_swings_small_with_the_period_of_its_length(world: MakeWorld) -> None:
    w = _pendulum(world, 0.05, dt=0.001)
    angles = []
    for _ in range(4000):
        w.step()
        angles.append(float(w.dof[0, 0, 0]))
    crossings = [i for i in range(1, 4000) if angles[i - 1] > 0 >= angles[i]]
    period = (crossings[1] - crossings[0]) * 0.001
    assert period == pytest.approx(2 * math.pi * math.sqrt(0.8 / GRAVITY), rel=2e-3)


def test_a_free_chain_keeps_its_momentum_while_its_joints_move(world: MakeWorld) -> None:
    w = world(dt=0.001, gravity=0.0)
    asset = w.asset(CHAIN)
    w.populate(Spawn(asset))
    root = w.root
    root[..., 7:13] = torch.tensor([0.3, -0.2, 0.5, 1.0, -2.0, 0.7])
    w.set_root(root)
    dof = w.dof
    dof[..., 1] = torch.tensor([1.0, -2.0, 1.5, 0.2])
    w.set_dof(dof)

    before = momentum(w)
    w.seconds(0.3)
    assert close(momentum(w), before, 0.01 * float(before.abs().max()))


def test_an_asset_without_gravity_floats_beside_one_that_falls(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(disable_gravity=True), (0, 0, 1)), Spawn(w.box(), (2, 0, 1)))
    w.seconds(0.2)
    assert close(w.root[:, 0, 9], 0.0, 1e-9)
    assert close(w.root[:, 1, 9], -GRAVITY * 0.2, 1e-4)


def test_gravity_set_while_running_counts_from_the_next_step(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(), (0, 0, 5)))
    params = GYM.get_sim_params(w.sim)
    params.gravity = gymapi.Vec3(1.0, 0.0, 2.0)
    w.step(10)
    before = w.root[:, 0, 7:10]
    GYM.set_sim_params(w.sim, params)
    w.step(10)
    assert close(w.root[:, 0, 7:10] - before, torch.tensor([0.1, 0.0, 0.2]), 1e-5)


def test_gravity_set_before_prepare_sim_counts_from_the_start(world: MakeWorld) -> None:
    w = world()
    params = GYM.get_sim_params(w.sim)
    params.gravity.z, params.dt = -1.0, 0.02
    GYM.set_sim_params(w.sim, params)
    w.populate(Spawn(w.box(), (0, 0, 5)))
    w.step(10)
    assert close(w.root[:, 0, 9], -0.2, 1e-6)


def test_the_time_step_cannot_change_while_running(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    params = GYM.get_sim_params(w.sim)
    params.dt = 0.5
    with pytest.raises(NotImplementedError, match=r"set_sim_params: dt .* given dt 0.5"):
        GYM.set_sim_params(w.sim, params)


def test_angular_damping_slows_a_spinning_body_exponentially(world: MakeWorld) -> None:
    w = world(dt=0.001, gravity=0.0)
    w.populate(Spawn(w.box(angular_damping=0.5, linear_damping=0.2)))
    root = w.root
    root[..., 7:13] = torch.tensor([1.0, 0, 0, 0, 0, 3.0])
    w.set_root(root)
    w.seconds(1.0)
    assert close(w.root[:, 0, 7], math.exp(-0.2), 1e-3)
    assert close(w.root[:, 0, 12], 3 * math.exp(-0.5), 1e-3)
