"""Humanoid against the published figures, computed a second time from the simulator's raw state."""

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
LYING = torch.tensor([0.0, math.sqrt(0.5), 0.0, math.sqrt(0.5)])  # face down; no leg lifts the torso
GEARS = {
    **dict.fromkeys(["abdomen_z", "abdomen_y", "abdomen_x"], 67.5),
    **{
        f"{side}_{joint}": gear
        for side in ("right", "left")
        for joint, gear in {
            "hip_x": 45.0,
            "hip_z": 45.0,
            "hip_y": 135.0,
            "knee": 90.0,
            "ankle_y": 22.5,
            "ankle_x": 22.5,
            "shoulder1": 67.5,
            "shoulder2": 67.5,
            "elbow": 45.0,
        }.items()
    },
}


@pytest.fixture(scope="module")
def task() -> Iterator[Any]:
    task = raw_state.make("Humanoid", N)
    yield task
    task.close()


@pytest.fixture
def gears(task: Any) -> Tensor:
    """(J,) in dof order."""
    return torch.tensor([GEARS[name] for name in raw_state.dof_names(task)])


def unit(pos: Tensor, task: Any) -> Any:
    lower, upper = (side.double().numpy() for side in raw_state.limits(task))
    return (2 * pos.double().numpy() - upper - lower) / (upper - lower)


def wrapped(angle: Any) -> Any:
    return np.arctan2(np.sin(angle), np.cos(angle))


def directions(raw: Raw) -> tuple[Any, Any, Any]:
    """Distance to the target, up projection and heading projection."""
    pos, r = raw.root[:, :3].double().numpy(), matrices(raw.root[:, 3:7])
    to_target = np.array([1000.0, 0.0, 0.0]) - pos
    distance = np.hypot(to_target[:, 0], to_target[:, 1])
    heading = (r[:, 0, 0] * to_target[:, 0] + r[:, 1, 0] * to_target[:, 1]) / distance
    return distance, r[:, 2, 2], heading


def expected_observation(raw: Raw, action: Tensor, task: Any) -> Any:
    """(N, 108) in the published order."""
    root, inverse = raw.root.double().numpy(), np.swapaxes(matrices(raw.root[:, 3:7]), -1, -2)
    _, up, heading = directions(raw)
    roll, yaw = euler(raw.root[:, 3:7])
    bearing = wrapped(np.arctan2(0.0 - root[:, 2], 1000.0 - root[:, 0]) - yaw)
    columns = [
        root[:, 2:3],
        (inverse @ root[:, 7:10, None])[..., 0],
        0.25 * (inverse @ root[:, 10:13, None])[..., 0],
        np.stack([yaw, roll, bearing, up, heading], -1),
        unit(raw.pos, task),
        0.1 * raw.vel.double().numpy(),
        0.01 * raw.force.double().numpy(),
        0.01 * raw.sensor.double().numpy(),
        action.double().numpy(),
    ]
    return np.concatenate(columns, -1)


def expected_reward(before: Raw, after: Raw, action: Tensor, gears: Tensor, task: Any) -> Any:
    """(N,) of robots that have not fallen."""
    a, vel, ratio = action.double().numpy(), after.vel.double().numpy(), gears.double().numpy() / 135.0
    (was, *_), (distance, up, heading) = directions(before), directions(after)
    depth = np.abs(unit(after.pos, task))
    at_limit = np.where(depth > 0.98, 0.25 * (depth - 0.98) / 0.02, 0.0) * ratio
    return (
        (was - distance) / DT
        + 2.0
        + np.where(up > 0.93, 0.1, 0.0)
        + np.where(heading > 0.8, 0.5, 0.5 * heading / 0.8)
        - 0.01 * (a**2).sum(-1)
        - 0.05 * (np.abs(a * 0.1 * vel) * ratio).sum(-1)
        - at_limit.sum(-1)
    )


def scattered_step(task: Any, seed: int) -> tuple[Raw, Tensor, tuple[Tensor, Tensor, Tensor, dict[str, Any]], Raw]:
    """State, action, what the step said, and the state after it, from all attitudes in mid-air."""
    task.start()
    raw_state.scatter(task, seed, height=4.0)
    task.step(torch.zeros(N, 21))  # from here on the task knows where it was
    before = raw_state.read(task)
    action = torch.rand(N, 21, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    result = task.step(action)
    assert not result[2].any()
    return before, action, result, raw_state.read(task)


def test_sizes_are_the_published_ones(task: Any) -> None:
    assert (task.obs_size, task.action_size, task.max_episode_length) == (108, 21, 1000)
    assert task.dt == pytest.approx(DT)
    assert list(task.config.observations) == [
        *("height", "lin_vel", "ang_vel", "yaw", "roll", "bearing", "up", "heading"),
        *("joint_pos", "joint_vel", "joint_force", "foot_wrench", "action"),
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_sees_what_the_raw_state_says_in_any_attitude(task: Any, seed: int) -> None:
    _, action, (obs, *_), after = scattered_step(task, seed)
    np.testing.assert_allclose(obs.numpy(), expected_observation(after, action, task), rtol=1e-4, atol=2e-4)


def test_yaw_roll_and_bearing_are_wrapped_to_plus_minus_pi(task: Any) -> None:
    angles = torch.cat([scattered_step(task, seed)[2][0][:, 7:10].clone() for seed in range(5)])
    assert angles.abs().max() <= math.pi
    assert (angles.amax(0) > 2.0).all()
    assert (angles.amin(0) < -2.0).all()


def test_it_feels_the_ground_with_its_feet(task: Any) -> None:
    task.start()
    for _ in range(10):
        task.step(torch.zeros(N, 21))
    raw = raw_state.read(task)
    assert raw.sensor.shape == (N, 12)
    assert raw.sensor.abs().max() > 10.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_paid_by_the_published_formula_in_any_attitude(task: Any, seed: int, gears: Tensor) -> None:
    before, action, (_, reward, _, _), after = scattered_step(task, seed)
    # A kilometre from the target, a float32 distance is good to 6e-5 m, which is 4e-3 in the progress term.
    np.testing.assert_allclose(reward.numpy(), expected_reward(before, after, action, gears, task), atol=0.02)


def test_joints_near_either_limit_cost_by_depth_and_gear(task: Any, gears: Tensor) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 4.0)
    lower, upper = raw_state.limits(task)
    pos[0], pos[1], pos[2] = upper, lower, (lower + upper) / 2
    raw_state.place(task, root, pos, vel)
    cost = task.step(torch.zeros(N, 21))[3]["reward_terms"]["joints_at_limit"]
    depth = torch.from_numpy(np.abs(unit(raw_state.read(task).pos, task)))
    expected = -(0.25 * ((depth - 0.98) / 0.02).clamp_min(0.0) * gears / 135.0).sum(-1)
    np.testing.assert_allclose(cost.numpy(), expected, atol=1e-3)
    assert cost[0] < -0.1
    assert cost[1] < -0.1
    assert cost[2] == 0.0


def test_a_fall_costs_one_and_nothing_else_counts(task: Any) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 4.0)
    root[::2, 2] = 0.6
    root[:, 3:7] = LYING
    raw_state.place(task, root, pos, vel)
    obs, reward, done, info = task.step(torch.ones(N, 21))
    fallen = torch.arange(N) % 2 == 0
    assert done.equal(fallen)
    assert info["terminated"].equal(fallen)
    assert reward[fallen].eq(-1.0).all()
    for name, term in info["reward_terms"].items():
        assert term[fallen].eq(-1.0 if name == "death" else 0.0).all()
    torch.testing.assert_close(obs[fallen, 0], torch.full((N // 2,), 1.34))


@pytest.mark.parametrize(("height", "falls"), [(0.83, False), (0.77, True)])
def test_it_falls_below_80_centimetres(task: Any, height: float, falls: bool) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, height)
    root[:, 3:7] = LYING
    raw_state.place(task, root, pos, vel)
    assert task.step(torch.zeros(N, 21))[2].all() == falls


def test_each_action_reaches_its_own_joint_with_the_gear_of_its_motor(task: Any, gears: Tensor) -> None:
    task.start()
    root, pos, vel = raw_state.upright(task, 4.0)
    raw_state.place(task, root, pos, vel)
    action = torch.zeros(N, 21)
    action[:21] = torch.eye(21)
    task.step(action)
    torch.testing.assert_close(raw_state.read(task).force[:21], torch.diag(gears))


def test_it_begins_at_rest_where_it_was_spawned_with_its_joints_a_little_off(task: Any) -> None:
    lower, upper = raw_state.limits(task)
    middle = torch.zeros(21).clamp(lower, upper)
    for _ in range(5):
        task.start()
        raw = raw_state.read(task)
        assert raw.root.equal(torch.tensor([0, 0, 1.34, 0, 0, 0, 1] + [0.0] * 6).expand(N, 13))
        assert (raw.pos - middle).abs().max() <= 0.2 + 1e-6
        assert ((raw.pos >= lower - 1e-6) & (raw.pos <= upper + 1e-6)).all()
        assert 0.05 < raw.vel.abs().max() <= 0.1
    assert (raw.pos - middle).abs().max() > 0.19


def test_its_limbs_collide_with_each_other() -> None:
    from tasks.humanoid import Humanoid

    task = raw_state.make("Humanoid", 1)
    assert isinstance(task, Humanoid)
    assert task.robot.placement.collision_filter == 0
    task.close()
