"""Cartpole against the published figures: what it sees, what it is paid, when it ends, where it begins."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

import tasks
from isaacgym import gymtorch
from tests.composed import task_config

N = 64


@pytest.fixture
def task() -> Iterator[Any]:
    torch.manual_seed(0)
    task = tasks.make(task_config("Cartpole"), N)
    task.start()
    yield task
    task.close()


def dofs(task: Any) -> Tensor:
    """(N, 2, 2) position and velocity of cart and pole."""
    task.gym.refresh_dof_state_tensor(task.sim)
    return gymtorch.wrap_tensor(task.gym.acquire_dof_state_tensor(task.sim)).view(task.num_envs, 2, 2)


def place(task: Any, cart: float, angle: float) -> None:
    states = torch.zeros(task.num_envs, 2, 2)
    states[:, 0, 0], states[:, 1, 0] = cart, angle
    live = gymtorch.wrap_tensor(task.gym.acquire_dof_state_tensor(task.sim))
    live.copy_(states.view(-1, 2))
    task.gym.set_dof_state_tensor(task.sim, gymtorch.unwrap_tensor(live))


def test_it_sees_cart_and_pole_in_the_published_order(task: Any) -> None:
    for _ in range(3):
        obs = task.step(torch.rand(N, 1) * 0.2 - 0.1)[0]
    assert obs.equal(dofs(task).view(N, 4))


def test_observations_are_clipped_at_five(task: Any) -> None:
    assert task.step(torch.ones(N, 1))[0].abs().max() <= 5.0
    assert task.config.clip_observations == 5.0


def test_it_is_paid_by_the_published_formula(task: Any) -> None:
    for _ in range(5):
        _, reward, done, _ = task.step(torch.rand(N, 1) * 0.1)
        states = dofs(task)
        expected = 1.0 - states[:, 1, 0] ** 2 - 0.01 * states[:, 0, 1].abs() - 0.005 * states[:, 1, 1].abs()
        assert not done.any()
        torch.testing.assert_close(reward, expected)


@pytest.mark.parametrize(
    ("cart", "angle", "ends"),
    [(0.0, 0.0, False), (2.9, 0.0, False), (3.1, 0.0, True), (-3.1, 0.0, True), (0.0, 1.5, False), (0.0, 1.6, True),
     (0.0, -1.6, True)],
)  # fmt: skip
def test_it_ends_when_the_cart_is_far_or_the_pole_is_down(task: Any, cart: float, angle: float, ends: bool) -> None:
    place(task, cart, angle)
    _, reward, done, info = task.step(torch.zeros(N, 1))
    assert done.all() == ends
    assert info["terminated"].any() == ends
    assert reward.eq(-2.0).all() == ends


def test_episodes_are_limited_to_500_steps(task: Any) -> None:
    assert task.max_episode_length == 500


def test_it_begins_near_the_middle_and_uses_the_whole_range(task: Any) -> None:
    starts = torch.cat([task.start().clone() for _ in range(20)])
    for column, bound in enumerate([0.1, 0.25, 0.1, 0.25]):
        assert starts[:, column].abs().max() <= bound
        assert starts[:, column].max() > 0.97 * bound
        assert starts[:, column].min() < -0.97 * bound
        assert abs(starts[:, column].mean()) < 0.06 * bound


def test_an_action_of_one_pushes_the_cart_with_400_newtons(task: Any) -> None:
    # Cart and pole of 1 kg each; the pole is a box whose centre is 0.47 m above the pivot.
    place(task, 0.0, 0.0)
    task.step(torch.full((N, 1), 0.01))
    speed, spin = dofs(task)[0, 0, 1].item(), dofs(task)[0, 1, 1].item()
    lever, inertia = 0.47, (1.0**2 + 0.06**2) / 12
    force, dt = 4.0, 0.0166
    # Upright and at rest: (2) a + lever alpha = F and lever a + (inertia + lever^2) alpha = 0, up to signs.
    about_pivot = inertia + lever**2
    acceleration = force / (2.0 - lever**2 / about_pivot)
    assert speed == pytest.approx(acceleration * dt, rel=0.02)
    assert abs(spin) == pytest.approx(acceleration * dt * lever / about_pivot, rel=0.05)


def test_the_pole_itself_is_not_driven(task: Any) -> None:
    place(task, 0.0, 0.3)
    task.step(torch.zeros(N, 1))
    lever, inertia = 0.47, (1.0**2 + 0.06**2) / 12
    # M [a, alpha] = [0, torque of gravity] with the coupling lever cos(angle).
    coupling, about_pivot = lever * math.cos(0.3), inertia + lever**2
    alpha = 9.81 * lever * math.sin(0.3) / (about_pivot - coupling**2 / 2.0)
    assert dofs(task)[0, 1, 1].item() == pytest.approx(alpha * 0.0166, rel=0.03)
