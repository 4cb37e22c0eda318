"""Ant against the published figures, computed a second time from the simulator's raw state."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tasks import raw_state
from tests.tasks.raw_state import Raw
from tests.tasks.rotation import euler, matrices

N = 32
DT = 0.0166


@pytest.fixture(scope="module")
def task() -> Iterator[Any]:
    task = raw_state.make("Ant", N)
    yield task
    task.close()


def unit(pos: Tensor, task: Any) -> Any:
    lower, upper = (side.double().numpy() for side in raw_state.limits(task))
    return (2 * pos.double().numpy() - upper - lower) / (upper - lower)


def directions(raw: Raw) -> tuple[Any, Any, Any, Any]:
    """Distance to the target, up projection, heading projection and yaw."""
    pos, r = raw.root[:, :3].double().numpy(), matrices(raw.root[:, 3:7])
    to_target = np.array([1000.0, 0.0, 0.0]) - pos
    distance = np.hypot(to_target[:, 0], to_target[:, 1])
    heading = (r[:, 0, 0] * to_target[:, 0] + r[:, 1, 0] * to_target[:, 1]) / distance
    return distance, r[:, 2, 2], heading, euler(raw.root[:, 3:7])[1]


def expected_observation(raw: Raw, action: Tensor, task: Any) -> Any:
    """(N, 60) in the published order."""
    root, inverse = raw.root.double().numpy(), np.swapaxes(matrices(raw.root[:, 3:7]), -1, -2)
    _, up, heading, yaw = directions(raw)
    roll = euler(raw.root[:, 3:7])[0]
    yaw, roll = yaw % (2 * math.pi), roll % (2 * math.pi)
    bearing = np.arctan2(0.0 - root[:, 2], 1000.0 - root[:, 0]) - yaw
    columns = [
        root[:, 2:3],
        (inverse @ root[:, 7:10, None])[..., 0],
        (inverse @ root[:, 10:13, None])[..., 0],
        np.stack([yaw, roll, bearing, up, heading], -1),
        unit(raw.pos, task),
        0.2 * raw.vel.double().numpy(),
        0.1 * raw.sensor.double().numpy(),
        action.double().numpy(),
    ]
    return np.concatenate(columns, -1)


def expected_reward(before: Raw, after: Raw, action: Tensor, task: Any) -> Any:
    """(N,) of robots that have not fallen."""
    a, vel = action.double().numpy(), after.vel.double().numpy()
    (was, *_), (distance, up, heading, _) = directions(before), directions(after)
    potential, previous = -distance / DT, -was / DT
    return (
        (potential - previous)
        + 0.5
        + np.where(up > 0.93, 0.1, 0.0)
        + np.where(heading > 0.8, 0.5, 0.5 * heading / 0.8)
        - 0.005 * (a**2).sum(-1)
        - 0.05 * np.abs(a * 0.2 * vel).sum(-1)
        - 0.1 * (unit(after.pos, task) > 0.99).sum(-1)
    )


def scattered_step(task: Any, seed: int) -> tuple[Raw, Tensor, tuple[Tensor, Tensor, Tensor, dict[str, Any]], Raw]:
    """State, action, what the step said, and the state after it, from all attitudes in mid-air."""
    task.start()
    raw_state.scatter(task, seed, height=2.0)
    task.step(torch.zeros(N, 8))  # from here on the task knows where it was
    before = raw_state.read(task)
    action = torch.rand(N, 8, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    result = task.step(action)
    assert not result[2].any()
    return before, action, result, raw_state.read(task)


def test_sizes_are_the_published_ones(task: Any) -> None:
    assert (task.obs_size, task.action_size, task.max_episode_length) == (60, 8, 1000)
    assert task.dt == pytest.approx(DT)
    assert list(task.config.observations) == [
        *("height", "lin_vel", "ang_vel", "yaw", "roll", "bearing", "up", "heading"),
        *("joint_pos", "joint_vel", "foot_wrench", "action"),
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_sees_what_the_raw_state_says_in_any_attitude(task: Any, seed: int) -> None:
    _, action, (obs, *_), after = scattered_step(task, seed)
    np.testing.assert_allclose(obs.numpy(), expected_observation(after, action, task), rtol=1e-4, atol=2e-4)


def test_it_feels_the_ground_with_its_feet(task: Any) -> None:
    task.start()
    for _ in range(40):
        task.step(torch.zeros(N, 8))
    action = torch.zeros(N, 8)
    obs = task.step(action)[0]
    raw = raw_state.read(task)
    assert raw.sensor.abs().max() > 0.1
    np.testing.assert_allclose(obs.numpy(), expected_observation(raw, action, task), rtol=1e-4, atol=2e-4)


def test_yaw_and_roll_run_from_zero_to_two_pi(task: Any) -> None:
    angles = torch.cat([scattered_step(task, seed)[2][0][:, 7:9].clone() for seed in range(5)])
    assert angles.min() >= 0.0
    assert angles.max() <= 2 * math.pi
    assert angles.max() > math.pi


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_paid_by_the_published_formula_in_any_attitude(task: Any, seed: int) -> None:
    before, action, (_, reward, _, _), after = scattered_step(task, seed)
    # A kilometre from the target, a float32 distance is good to 6e-5 m, which is 4e-3 in the progress term.
    np.testing.assert_allclose(reward.numpy(), expected_reward(before, after, action, task), atol=0.02)


def test_each_term_but_progress_is_exact(task: Any) -> None:
    before, action, (_, _, _, info), after = scattered_step(task, 4)
    terms = {name: term.double().numpy() for name, term in info["reward_terms"].items()}
    progress = terms.pop("progress")
    expected = expected_reward(before, after, action, task)
    (was, *_), (distance, *_) = directions(before), directions(after)
    np.testing.assert_allclose(sum(terms.values()), expected - (was - distance) / DT, atol=1e-4)
    np.testing.assert_allclose(progress, (was - distance) / DT, atol=0.02)


def test_only_joints_at_their_upper_limit_cost(task: Any) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 2.0)
    lower, upper = raw_state.limits(task)
    pos[0], pos[1], pos[2] = upper, lower, upper
    pos[2, :4] = ((lower + upper) / 2)[:4]
    raw_state.place(task, root, pos, vel)
    cost = task.step(torch.zeros(N, 8))[3]["reward_terms"]["joints_at_limit"]
    counted = (unit(raw_state.read(task).pos, task) > 0.99).sum(-1)
    np.testing.assert_allclose(cost.numpy(), -0.1 * counted, atol=1e-6)
    assert counted[0] > counted[2] > counted[1] == 0


def test_progress_is_the_speed_towards_the_target(task: Any) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 5.0)
    root[:, 7] = torch.linspace(-3.0, 3.0, N)
    raw_state.place(task, root, pos, vel)
    task.step(torch.zeros(N, 8))
    progress = task.step(torch.zeros(N, 8))[3]["reward_terms"]["progress"]
    torch.testing.assert_close(progress, root[:, 7], atol=0.03, rtol=0.01)


def test_a_fall_costs_two_and_nothing_else_counts(task: Any) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 2.0)
    root[::2, 2] = 0.27
    root[:, 7] = 1.0
    raw_state.place(task, root, pos, vel)
    obs, reward, done, info = task.step(torch.ones(N, 8))
    fallen = torch.arange(N) % 2 == 0
    assert done.equal(fallen)
    assert info["terminated"].equal(fallen)
    assert not info["time_outs"].any()
    assert reward[fallen].eq(-2.0).all()
    assert reward[~fallen].ne(-2.0).all()
    for name, term in info["reward_terms"].items():
        assert term[fallen].eq(-2.0 if name == "death" else 0.0).all()
        assert name != "death" or term[~fallen].eq(0.0).all()
    torch.testing.assert_close(obs[fallen, 0], torch.full((N // 2,), 0.44))


@pytest.mark.parametrize(("height", "falls"), [(0.33, False), (0.28, True)])
def test_it_falls_below_31_centimetres(task: Any, height: float, falls: bool) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, height)
    root[:, 3:7] = torch.tensor([1.0, 0.0, 0.0, 0.0])  # on its back, so that no leg lifts it
    raw_state.place(task, root, pos, vel)
    assert task.step(torch.zeros(N, 8))[2].all() == falls


def test_it_begins_at_rest_where_it_was_spawned_with_its_legs_a_little_off(task: Any) -> None:
    lower, upper = raw_state.limits(task)
    middle = torch.zeros(8).clamp(lower, upper)
    positions, velocities = [], []
    for _ in range(20):
        task.start()
        raw = raw_state.read(task)
        assert raw.root.equal(torch.tensor([0, 0, 0.44, 0, 0, 0, 1] + [0.0] * 6).expand(N, 13))
        positions.append(raw.pos)
        velocities.append(raw.vel)
    offset, vel = torch.cat(positions) - middle, torch.cat(velocities)
    tenth = torch.full((8,), 0.1)
    down, up = torch.maximum(lower - middle, -2 * tenth), torch.minimum(upper - middle, 2 * tenth)
    for offsets, low, high in ((offset, down, up), (vel, -tenth, tenth)):
        assert (offsets >= low - 1e-6).all()
        assert (offsets <= high + 1e-6).all()
        assert (offsets.amin(0) <= 0.97 * low + 1e-6).all()
        assert (offsets.amax(0) >= 0.97 * high - 1e-6).all()


def test_a_first_step_pays_no_progress_from_the_last_episode(task: Any) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 2.0)
    root[:, 0] = 50.0
    raw_state.place(task, root, pos, vel)
    task.step(torch.zeros(N, 8))
    task.start()
    progress = task.step(torch.zeros(N, 8))[3]["reward_terms"]["progress"]
    assert progress.abs().max() < 0.5


def test_an_action_of_one_is_a_torque_of_fifteen_on_its_own_joint(task: Any) -> None:
    assert task.robot.motor_efforts.tolist() == [15.0] * 8
    root, pos, vel = raw_state.upright(task, 5.0)
    pos = sum(raw_state.limits(task)).expand(N, 8) / 2  # type: ignore[union-attr]
    task.start()
    raw_state.place(task, root, pos, vel)
    action = torch.zeros(N, 8)
    action[:8] = torch.eye(8)
    task.step(action)
    spun = raw_state.read(task).vel[:8]
    assert spun.diagonal().gt(0.5).all()
    assert spun.abs().argmax(-1).tolist() == list(range(8))


def test_power_scales_the_torque() -> None:
    spins = []
    for power in (1.0, 0.5):
        task = raw_state.make("Ant", 1, f"task.power={power}")
        root, pos, vel = raw_state.upright(task, 5.0)
        raw_state.place(task, root, pos, vel)
        task.step(torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0]]) * 0.1)
        spins.append(raw_state.read(task).vel[0, 0].item())
        task.close()
    assert spins[0] == pytest.approx(2 * spins[1], rel=0.05)
