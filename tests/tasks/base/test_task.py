"""The step that every task shares: its order, masks, weights, limits and what it tells the training side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from tasks.base.articulation import Placement
from tasks.base.config import ConfigError, TaskConfig
from tasks.base.task import Task, Terms
from tests.composed import task_config

N = 3


@dataclass(frozen=True)
class CartConfig(TaskConfig):
    push: float


class Cart(Task):
    """A cart on a rail that writes down which question it was asked."""

    config_class = CartConfig
    config: CartConfig

    def setup(self) -> None:
        self.asked: list[str] = []
        self.robot = self.add_actor("cart", Placement(position=(0.0, 0.0, 2.0), fixed=True))
        self.failing = self.buffer(dtype=torch.bool)
        self.won = self.buffer(dtype=torch.bool)
        self.reset_in = self.buffer(dtype=torch.bool)
        self.frames_seen = -1

    def act(self) -> None:
        self.asked.append("act")
        self.frames_before = self.gym.get_frame_count(self.sim)
        self.robot.apply_effort(torch.cat([self.action, torch.zeros_like(self.action)], -1) * self.config.push)

    def observe(self) -> Terms:
        self.asked.append("observe")
        return {"pos": self.robot.joint_pos, "vel": self.robot.joint_vel[:, 0]}

    def reward(self) -> Terms:
        self.asked.append("reward")
        one = torch.ones_like(self.robot.joint_vel[:, 0])
        return {"alive": one, "speed": self.robot.joint_vel[:, 0].abs() + 1.0, "death": one}

    def terminate(self) -> Tensor | Terms:
        self.asked.append("terminate")
        self.frames_seen = self.gym.get_frame_count(self.sim)
        self.progress_seen = self.progress.clone()
        return self.failing

    def reset(self, mask: Tensor) -> None:
        self.asked.append("reset")
        self.reset_in.copy_(mask)
        zero = torch.zeros_like(self.robot.joint_pos)
        self.robot.write(mask, self.robot.default_root, zero, zero)

    def success(self) -> Tensor:
        return self.won


def config(**changes: Any) -> dict[str, Any]:
    values = task_config("Cartpole")
    for name in ("max_effort", "reset_distance"):
        del values[name]
    return values | {
        "name": "Cart",
        "push": 10.0,
        "episode_length": 5,
        "observations": {"pos": 2.0, "vel": 1.0},
        "reward": {"alive": 0.5, "speed": -0.1, "death": -7.0},
        **changes,
    }


@pytest.fixture
def cart() -> Cart:
    cart = Cart(config(), N)
    cart.start()
    cart.asked.clear()
    return cart


ZERO = torch.zeros(N, 1)


def test_a_step_asks_the_questions_in_one_fixed_order(cart: Cart) -> None:
    cart.step(ZERO)
    assert cart.asked == ["act", "terminate", "reward", "reset", "observe"]


def test_simulation_and_count_come_between_act_and_terminate(cart: Cart) -> None:
    cart.step(ZERO)
    assert cart.frames_seen == cart.frames_before + 1
    assert cart.progress_seen.tolist() == [1] * N


def test_decimation_simulates_several_times_in_a_step() -> None:
    cart = Cart(config(decimation=3), N)
    cart.start()
    cart.step(ZERO)
    assert cart.frames_seen == cart.frames_before + 3
    assert cart.dt == pytest.approx(3 * 0.0166)


def test_actions_are_clipped_and_the_callers_tensor_is_left_alone(cart: Cart) -> None:
    action = torch.tensor([[3.0], [-3.0], [0.2]])
    cart.step(action)
    assert cart.action.flatten().tolist() == pytest.approx([1.0, -1.0, 0.2])
    assert action.flatten().tolist() == pytest.approx([3.0, -3.0, 0.2])


def test_observations_are_scaled_by_name_and_clipped(cart: Cart) -> None:
    for _ in range(4):
        obs = cart.step(torch.ones(N, 1))[0]
    expected = torch.cat([2.0 * cart.robot.joint_pos, cart.robot.joint_vel[:, :1]], -1)
    assert obs.equal(expected)
    assert obs.ne(0.0).all()
    clipped = Cart(config(clip_observations=0.01), N)
    clipped.start()
    for _ in range(4):
        obs = clipped.step(torch.ones(N, 1))[0]
    assert obs.abs().max() == pytest.approx(0.01)


def test_weights_belong_to_names_and_not_to_places() -> None:
    reordered = dict(reversed(config()["reward"].items()))
    rewards = []
    for weights in (config()["reward"], reordered):
        cart = Cart(config(reward=weights), N)
        cart.start()
        rewards.append(cart.step(torch.ones(N, 1))[1].clone())
    assert rewards[0].equal(rewards[1])


def test_death_replaces_all_other_terms_in_the_step_that_fails_and_counts_in_no_other(cart: Cart) -> None:
    cart.failing[1] = True
    _, reward, _, info = cart.step(ZERO)
    speed = 1.0  # at rest
    assert reward.tolist() == pytest.approx([0.5 - 0.1 * speed, -7.0, 0.5 - 0.1 * speed])
    terms = {name: term.tolist() for name, term in info["reward_terms"].items()}
    assert terms["death"] == [0.0, -7.0, 0.0]
    assert terms["alive"] == [0.5, 0.0, 0.5]


def test_without_a_weight_of_death_the_other_terms_stay() -> None:
    class Undying(Cart):
        def reward(self) -> Terms:
            return {name: term for name, term in super().reward().items() if name != "death"}

    cart = Undying(config(reward={"alive": 0.5, "speed": 0.0}), N)
    cart.start()
    cart.failing[1] = True
    assert cart.step(ZERO)[1].tolist() == [0.5] * N


def test_failed_environments_are_reset_in_the_same_step_and_no_others(cart: Cart) -> None:
    cart.step(torch.ones(N, 1))
    cart.failing[1] = True
    obs, _, done, info = cart.step(torch.ones(N, 1))
    assert done.tolist() == info["terminated"].tolist() == [False, True, False]
    assert cart.reset_in.tolist() == [False, True, False]
    assert cart.progress.tolist() == [2, 0, 2]
    assert obs[1].eq(0.0).all()
    assert obs[0].ne(0.0).all()


def test_the_time_limit_ends_an_episode_without_calling_it_a_failure(cart: Cart) -> None:
    for step in range(1, 6):
        _, _, done, info = cart.step(ZERO)
        assert done.all() == info["time_outs"].all() == (step == 5)
    assert not info["terminated"].any()


def test_a_failure_in_the_last_step_is_a_failure(cart: Cart) -> None:
    for _ in range(4):
        cart.step(ZERO)
    cart.failing[0] = True
    _, _, done, info = cart.step(ZERO)
    assert done.all()
    assert info["terminated"].tolist() == [True, False, False]
    assert info["time_outs"].tolist() == [False, True, True]


def test_success_is_told_where_a_task_defines_it(cart: Cart) -> None:
    cart.won[2] = True
    assert cart.step(ZERO)[3]["success"].tolist() == [False, False, True]


def test_results_are_live_buffers_that_never_move(cart: Cart) -> None:
    first = cart.step(ZERO)
    second = cart.step(ZERO)
    assert [t.data_ptr() for t in first[:3]] == [t.data_ptr() for t in second[:3]]
    assert first[3] is second[3]


def test_start_begins_every_episode_anew(cart: Cart) -> None:
    cart.step(torch.ones(N, 1))
    obs = cart.start()
    assert cart.progress.eq(0).all()
    assert obs.eq(0.0).all()


Names = dict[str, float]


@pytest.mark.parametrize(
    ("section", "change", "told"),
    [
        ("observations", lambda names: names.pop("vel"), ["task.observations.vel: missing; the task has this term"]),
        (
            "observations",
            lambda names: names.update(goal=1.0),
            ["task.observations.goal: the task has no such term; terms: pos, vel"],
        ),
        ("reward", lambda names: names.pop("speed"), ["task.reward.speed: missing; the task has this term"]),
        ("reward", lambda names: names.pop("death"), ["task.reward.death: missing; the task has this term"]),
        (
            "reward",
            lambda names: names.update(goal=1.0, grace=2.0),
            [
                f"task.reward.{name}: the task has no such term; terms: alive, speed, death"
                for name in ("goal", "grace")
            ],
        ),
    ],
)
def test_a_name_on_one_side_only_is_an_error(section: str, change: Callable[[Names], Any], told: list[str]) -> None:
    values = config()
    values[section] = dict(values[section])
    change(values[section])
    with pytest.raises(ConfigError) as error:
        Cart(values, N)
    assert error.value.faults == told


def test_a_weight_of_death_needs_a_task_that_dies() -> None:
    class Undying(Cart):
        def reward(self) -> Terms:
            return {"alive": torch.ones(N)}

    with pytest.raises(ConfigError, match="task.reward.death: the task has no such term; terms: alive"):
        Undying(config(reward={"alive": 1.0, "death": -1.0}), N)


def test_faults_of_both_sections_come_together() -> None:
    with pytest.raises(ConfigError) as error:
        Cart(config(observations={"pos": 1.0}, reward={"alive": 1.0, "death": 1.0}), N)
    assert len(error.value.faults) == 2


def test_a_question_left_open_is_an_error() -> None:
    class Silent(Task):
        pass

    values = task_config("Cartpole")
    for name in ("max_effort", "reset_distance"):
        del values[name]
    with pytest.raises(NotImplementedError):
        Silent(values, 1)


# Why an episode ends.


def test_a_task_that_names_no_cause_ends_by_failure(cart: Cart) -> None:
    cart.failing[1] = True
    causes = cart.step(ZERO)[3]["causes"]
    assert {name: cause.tolist() for name, cause in causes.items()} == {
        "failure": [False, True, False],
        "unstable": [False, False, False],
    }


def test_each_cause_is_told_by_its_name_and_any_of_them_ends_the_episode() -> None:
    class Told(Cart):
        def terminate(self) -> Terms:
            return {"far": self.failing, "lost": self.won}

    cart = Told(config(), N)
    cart.start()
    cart.failing[:2], cart.won[1] = True, True
    info = cart.step(ZERO)[3]
    assert list(info["causes"]) == ["far", "lost", "unstable"]
    assert info["causes"]["far"].tolist() == info["terminated"].tolist() == [True, True, False]
    assert info["causes"]["lost"].tolist() == [False, True, False]
