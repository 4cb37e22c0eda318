"""Go1: what it sees and is paid, computed a second time from the raw state, and how it stands, falls and begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tasks.mdp import legs
from tests.tasks import raw_state
from tests.tasks.raw_state import Raw
from tests.tasks.rotation import matrices

N = 16
DT = 0.02
POSE = [-0.1, 0.9, -1.8, 0.1, 0.9, -1.8] * 2
FEET = ("FR_calf", "FL_calf", "RR_calf", "RL_calf")


@pytest.fixture(scope="module")
def task() -> Iterator[Any]:
    task = raw_state.make("Go1", N)
    yield task
    task.close()


def in_trunk(raw: Raw) -> tuple[Any, Any, Any]:
    """Linear velocity, angular velocity and direction of gravity in the trunk's frame, (N, 3) each."""
    root, inverse = raw.root.double().numpy(), np.swapaxes(matrices(raw.root[:, 3:7]), -1, -2)
    down = np.broadcast_to([0.0, 0.0, -1.0], (N, 3))
    return tuple((inverse @ v[..., None])[..., 0] for v in (root[:, 7:10], root[:, 10:13], down))


def feet_heights(task: Any, raw: Raw) -> Any:
    """(N, 4) heights of the feet's lowest points above the ground [m]."""
    feet = legs.foot_positions(raw.pos, task.legs).double().numpy()
    above_trunk = (matrices(raw.root[:, 3:7])[:, None] @ feet[..., None])[..., 2, 0]
    return raw.root[:, 2:3].double().numpy() + above_trunk - 0.023


def is_moving(task: Any) -> Any:
    """(N, 1) whether the command is not to stand."""
    return (task.command.norm(dim=-1, keepdim=True) > 0.1).numpy()


def wanted_heights(task: Any, step: int) -> Any:
    """(N, 4): FR and RL swing in the first half of the cycle, none does where the command is to stand."""
    swing = 0.08 * np.sin(2 * np.pi * 2.5 * DT * step) * np.array([1.0, -1.0, -1.0, 1.0])
    return np.maximum(swing, 0.0) * is_moving(task)


def place_still(task: Any, height: float) -> None:
    """The default pose in mid-air, upright and at rest."""
    root, _, vel = raw_state.upright(task, height)
    raw_state.place(task, root, torch.tensor(POSE).repeat(N, 1), vel)


def command(task: Any, *values: float) -> None:
    task.command.copy_(torch.tensor(values))


def test_sizes_and_rates(task: Any) -> None:
    assert (task.obs_size, task.action_size, task.max_episode_length) == (50, 12, 1000)
    assert task.dt == pytest.approx(DT)
    names = [*("lin_vel", "ang_vel", "gravity", "command", "clock", "joint_pos", "joint_vel", "action")]
    assert list(task.config.observations) == names


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_sees_what_the_raw_state_says_in_any_attitude(seed: int) -> None:
    task = raw_state.make("Go1", N, "task.fall_up=-2")
    raw_state.scatter(task, seed, height=2.0)
    action = torch.rand(N, 12) * 2 - 1
    obs = task.step(action)[0]
    raw = raw_state.read(task)
    lin_vel, ang_vel, down = in_trunk(raw)
    angle, moving = 2 * np.pi * 2.5 * DT, is_moving(task)
    columns = [
        *(2.0 * lin_vel, 0.25 * ang_vel, down, task.command.numpy(), np.sin(angle) * moving, np.cos(angle) * moving),
        *(raw.pos.numpy() - np.array(POSE), 0.05 * raw.vel.numpy(), action.numpy()),
    ]
    np.testing.assert_allclose(obs.numpy(), np.concatenate(columns, -1), rtol=1e-4, atol=2e-4)
    task.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_paid_by_the_published_formulas(seed: int) -> None:
    task = raw_state.make("Go1", N, "task.fall_up=-2")
    raw_state.scatter(task, seed, height=2.0)
    first, second = torch.rand(2, N, 12) * 2 - 1
    task.step(first)
    before = raw_state.read(task)
    terms = task.step(second)[3]["reward_terms"]
    after = raw_state.read(task)
    lin_vel, ang_vel, down = in_trunk(after)
    wanted, vel = task.command.double().numpy(), after.vel.double().numpy()
    target = np.array(POSE) + 0.5 * second.double().numpy()
    effort = 35.0 * (target - after.pos.double().numpy()) - 1.0 * vel
    expected = {
        "track_lin_vel": np.exp(-((wanted[:, :2] - lin_vel[:, :2]) ** 2).sum(-1) / 0.25),
        "track_ang_vel": np.exp(-((wanted[:, 2] - ang_vel[:, 2]) ** 2) / 0.25),
        "lin_vel_z": lin_vel[:, 2] ** 2,
        "ang_vel_xy": (ang_vel[:, :2] ** 2).sum(-1),
        "tilt": (down[:, :2] ** 2).sum(-1),
        "posture": ((after.pos.double().numpy() - np.array(POSE)) ** 2).sum(-1),
        "effort": (effort**2).sum(-1),
        "joint_acc": (((vel - before.vel.double().numpy()) / DT) ** 2).sum(-1),
        "action_rate": ((second - first) ** 2).sum(-1).double().numpy(),
        "gait": np.exp(-((feet_heights(task, after) - wanted_heights(task, 2)) ** 2) / 0.05**2).mean(-1),
    }
    for name, value in expected.items():
        weighted = task.config.reward[name] * value
        np.testing.assert_allclose(terms[name].numpy(), weighted, rtol=2e-3, atol=1e-4, err_msg=name)
    task.close()


def test_feet_are_where_the_engine_has_them(task: Any) -> None:
    raw_state.scatter(task, 5, height=1.0)
    gym, sim = task.gym, task.sim
    bodies = gymtorch.wrap_tensor(gym.acquire_rigid_body_state_tensor(sim)).view(N, -1, 13)
    gym.refresh_rigid_body_state_tensor(sim)
    calves = bodies[:, [task.robot.body_index(name) for name in FEET]]
    down = matrices(calves[..., 3:7]) @ np.array([0.0, 0.0, -0.213])
    raw = raw_state.read(task)
    feet = legs.foot_positions(raw.pos, task.legs)
    heights = legs.foot_heights(raw.root[:, 2], torch.tensor(in_trunk(raw)[2]).float(), feet)
    np.testing.assert_allclose(heights.numpy(), calves[..., 2].numpy() + down[..., 2], atol=1e-5)


def test_it_stands_for_two_seconds_without_action(task: Any) -> None:
    task.start()
    place_still(task, 0.29)
    for _ in range(100):
        _, _, done, _ = task.step(torch.zeros(N, 12))
        assert not done.any()
    raw = raw_state.read(task)
    assert (raw.root[:, 2] > 0.22).all()
    assert raw.root[:, 7:13].abs().max() < 0.02
    assert in_trunk(raw)[2][:, 2].max() < -0.99
    assert np.abs(feet_heights(task, raw)).max() < 0.003


def test_a_drive_holds_its_target_against_what_its_stiffness_says() -> None:
    task = raw_state.make("Go1", N, "task.sim.gravity=[0,0,0]", "task.start_speed=0")
    place_still(task, 2.0)
    action = torch.zeros(N, 12)
    action[:, 2] = 0.4
    for _ in range(100):
        task.step(action)
    offset = raw_state.read(task).pos - torch.tensor(POSE)
    torch.testing.assert_close(offset[:, 2], torch.full((N,), 0.2), atol=1e-2, rtol=0)
    assert offset[:, :2].abs().max() < 1e-2
    task.close()


def test_its_drives_have_the_published_limits(task: Any) -> None:
    props = task.gym.get_actor_dof_properties(task.gym.get_env(task.sim, 0), 0)
    assert props["driveMode"].tolist() == [int(gymapi.DOF_MODE_POS)] * 12
    assert props["effort"].tolist() == pytest.approx([23.7, 23.7, 35.55] * 4)


def test_walking_as_commanded_is_paid_in_full_wherever_it_heads(task: Any) -> None:
    task.start()
    place_still(task, 2.0)
    raw = raw_state.read(task)
    yaw = torch.linspace(-3.0, 3.0, N)
    root = raw.root
    root[:, 5], root[:, 6] = torch.sin(yaw / 2), torch.cos(yaw / 2)
    root[:, 7], root[:, 8], root[:, 12] = torch.cos(yaw), torch.sin(yaw), 0.5
    raw_state.place(task, root, raw.pos, raw.vel)
    command(task, 1.0, 0.0, 0.5)
    terms = task.step(torch.zeros(N, 12))[3]["reward_terms"]
    assert (terms["track_lin_vel"] > 0.98).all()
    assert (terms["track_ang_vel"] > 0.49).all()


def test_commands_change_only_where_their_time_is_over(task: Any) -> None:
    task.start()
    command(task, 0.1, 0.2, 0.3)
    task.progress.fill_(123)
    task.progress[::3] = task.config.command.interval - 1
    task.step(torch.zeros(N, 12))
    kept = task.command.eq(torch.tensor([0.1, 0.2, 0.3])).all(-1)
    assert kept.equal(torch.arange(N) % 3 != 0)


def test_commands_lie_in_their_ranges_and_some_stand_still(task: Any) -> None:
    drawn = torch.cat([task._new_command() for _ in range(200)])
    standing = drawn.eq(0.0).all(-1)
    assert standing.float().mean().item() == pytest.approx(0.1, abs=0.03)
    for column, limit in enumerate((1.0, 0.6, 1.0)):
        values = drawn[~standing, column]
        assert values.abs().max() <= limit
        assert values.min() < -0.97 * limit
        assert values.max() > 0.97 * limit


def test_a_robot_that_is_to_stand_is_paid_for_feet_on_the_ground(task: Any) -> None:
    task.start()
    place_still(task, 0.29)
    for _ in range(34):
        task.step(torch.zeros(N, 12))
    command(task, 0.0, 0.0, 0.0)
    task.command[::2, 0] = 1.0
    gait = task.step(torch.zeros(N, 12))[3]["reward_terms"]["gait"]  # 1.75 cycles: two feet should be highest
    weight = task.config.reward["gait"]
    half_down = weight * 0.5 * (1.0 + float(np.exp(-((0.08 / 0.05) ** 2))))
    paid = torch.where(torch.arange(N) % 2 == 0, half_down, weight)
    torch.testing.assert_close(gait, paid, atol=0.02, rtol=0)


def test_it_falls_when_low_or_tilted(task: Any) -> None:
    task.start()
    root, _, vel = raw_state.upright(task, 2.0)
    root[0, 2] = 0.12
    root[1, 3:7] = torch.tensor([np.sin(0.55), 0.0, 0.0, np.cos(0.55)])  # 63 degrees
    root[2, 3:7] = torch.tensor([0.0, np.sin(0.45), 0.0, np.cos(0.45)])  # 52 degrees
    raw_state.place(task, root, torch.tensor(POSE).repeat(N, 1), vel)
    _, reward, done, info = task.step(torch.zeros(N, 12))
    assert done.nonzero().flatten().tolist() == [0, 1]
    assert info["terminated"].equal(done)
    assert reward[:2].tolist() == [task.config.reward["death"]] * 2


def test_it_begins_around_the_pose_with_a_moving_trunk(task: Any) -> None:
    starts = []
    for _ in range(30):
        task.start()
        starts.append(raw_state.read(task))
    root, pos = torch.cat([s.root for s in starts]), torch.cat([s.pos for s in starts])
    assert root[:, :7].eq(torch.tensor([0.0, 0.0, task.config.spawn_height, 0.0, 0.0, 0.0, 1.0])).all()
    for offset, limit in ((pos - torch.tensor(POSE), 0.1), (root[:, 7:], 0.5)):
        assert offset.abs().max() <= limit + 1e-5
        assert (offset.amin(0) < -0.9 * limit).all()
        assert (offset.amax(0) > 0.9 * limit).all()
    assert torch.cat([s.vel for s in starts]).eq(0.0).all()


def test_a_new_episode_remembers_nothing(task: Any) -> None:
    task.start()
    for _ in range(3):
        task.step(torch.ones(N, 12))
    mask = torch.arange(N) < 4
    task.reset(mask)
    for memory in (task.last_action, task.last_joint_vel, task.tracked):
        assert memory[mask].eq(0.0).all()
        assert memory[~mask].ne(0.0).any()


def test_an_episode_that_followed_its_commands_is_a_success(task: Any) -> None:
    task.start()
    place_still(task, 0.29)
    task.progress.fill_(task.max_episode_length - 1)
    task.tracked.fill_(0.7 * task.max_episode_length)
    task.tracked[:5] = 0.9 * task.max_episode_length
    success = task.step(torch.zeros(N, 12))[3]["success"]
    assert success.equal(torch.arange(N) < 5)


def test_pushes_kick_every_trunk_when_their_time_has_come() -> None:
    task = raw_state.make("Go1", N, "task.push_speed=1.0", "task.push_interval=5", "task.start_speed=0")
    place_still(task, 2.0)
    speeds: list[Tensor] = []
    for _ in range(7):
        task.step(torch.zeros(N, 12))
        speeds.append(raw_state.read(task).root[:, 7:9].abs())
    assert torch.stack(speeds[:5]).max() < 0.05
    assert (speeds[5].amax(-1) > 0.05).all()
    assert speeds[5].max() <= 1.1
    task.close()


def test_somebody_may_set_the_commands(task: Any) -> None:
    task.start()
    ahead, _, turn = task.commands()
    assert (ahead.low, ahead.high) == (-1.0, 1.0)
    ahead.values.fill_(0.75)
    turn.values.fill_(-0.5)
    obs, _, done, _ = task.step(torch.zeros(N, 12))
    assert not done.any()
    assert obs[:, 9].eq(0.75).all()
    assert obs[:, 11].eq(-0.5).all()
