"""What holds for every task there is: each file in cfg/task/ is visited, none is named here."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

import tasks
from tasks.base.task import DEATH, Task
from tests.composed import task_config, task_names
from tests.graph_safe import graph_safe, reachable

N = 7
STEPS = 50

# Tasks written in Isaac Gym's style (VecTask) keep its timing and its indices; the rest holds for them too.
MASKED = [name for name in task_names() if issubclass(tasks.task_class(task_config(name)), Task)]

every_task = pytest.mark.parametrize("name", task_names())
every_masked_task = pytest.mark.parametrize("name", MASKED)


def make(name: str, *overrides: str, num_envs: int = N) -> Any:
    torch.manual_seed(1)
    return tasks.make(task_config(name, *overrides), num_envs)


def action_of(task: Any) -> Tensor:
    return torch.rand(task.num_envs, task.action_size) * 2.0 - 1.0


def rollout(task: Any, steps: int, seed: int = 2) -> list[Tensor]:
    """Observation, reward and done of each step after a start, one row of numbers per environment."""
    torch.manual_seed(seed)
    rows = [task.start().clone()]
    for _ in range(steps):
        obs, reward, done, _ = task.step(action_of(task))
        rows.append(torch.cat([obs, reward.unsqueeze(-1), done.unsqueeze(-1).float()], -1))
    return rows


def state_of(task: Any) -> dict[str, Tensor]:
    """A copy of every tensor that the task and its simulation hold, by path."""
    return {path: tensor.clone() for path, tensor in reachable(task, Tensor).items()}


@pytest.fixture(scope="module", params=task_names())
def task(request: pytest.FixtureRequest) -> Iterator[Any]:
    task = make(request.param)
    yield task
    task.close()


@pytest.fixture(scope="module", params=MASKED)
def masked(request: pytest.FixtureRequest) -> Iterator[Task]:
    task = make(request.param)
    yield task
    task.close()


def test_there_are_tasks() -> None:
    assert {"Cartpole", "Ant", "Humanoid"} <= set(MASKED)


@every_task
def test_its_config_has_no_fault_and_carries_its_name(name: str) -> None:
    config = task_config(name)
    assert tasks.check(config) == []
    assert config["name"] == name


def test_random_steps_give_finite_numbers_of_the_declared_shapes(task: Any) -> None:
    obs = task.start()
    assert obs.shape == (N, task.obs_size)
    for _ in range(STEPS):
        obs, reward, done, info = task.step(action_of(task))
        assert obs.shape == (N, task.obs_size)
        assert obs.dtype == reward.dtype == torch.float32
        assert reward.shape == done.shape == (N,)
        assert done.dtype == info["time_outs"].dtype == info["terminated"].dtype == torch.bool
        assert obs.isfinite().all()
        assert reward.isfinite().all()
        for tensor in (obs, reward, done):
            assert tensor.device == task.device


def test_no_observation_is_constant(task: Any) -> None:
    columns = torch.cat([row[:, : task.obs_size] for row in rollout(task, STEPS)])
    still = columns.eq(columns[0]).all(0).nonzero().flatten().tolist()
    assert still == [], f"constant columns {still}"


def test_environments_start_differently_and_so_do_episodes(task: Any) -> None:
    first = task.start().clone()
    assert len(first.unique(dim=0)) == N
    assert not first.eq(task.start()).all(-1).any()


def test_observation_terms_are_those_of_the_config_and_fill_the_observation(masked: Task) -> None:
    masked.start()
    terms = masked.observe()
    assert set(terms) == set(masked.config.observations)
    assert sum(term[0].numel() for term in terms.values()) == masked.obs_size
    scaled = [terms[n].reshape(N, -1) * masked.config.observations[n] for n in terms]
    limit = masked.config.clip_observations
    torch.testing.assert_close(masked.obs, torch.cat(scaled, -1).clamp(-limit, limit))


def test_reward_terms_sum_to_the_reward(task: Any) -> None:
    task.start()
    for _ in range(STEPS):
        _, reward, _, info = task.step(action_of(task))
        terms = info["reward_terms"]
        torch.testing.assert_close(torch.stack(list(terms.values())).sum(0), reward)
    if isinstance(task, Task):
        assert set(terms) == set(task.config.reward)


def test_every_weighted_reward_term_is_felt(task: Any) -> None:
    """A weight times a term that is always zero would be a reward that nobody gets."""
    task.start()
    felt: dict[str, bool] = {}
    for _ in range(4 * STEPS):
        for name, term in task.step(action_of(task))[3]["reward_terms"].items():
            felt[name] = felt.get(name, False) or bool(term.any())
    assert [name for name, seen in felt.items() if not seen and name != DEATH] == []


def test_a_done_is_a_failure_or_a_time_out_and_never_both(task: Any) -> None:
    task.start()
    for _ in range(STEPS):
        _, _, done, info = task.step(action_of(task))
        assert done.equal(info["terminated"] | info["time_outs"])
        assert not (info["terminated"] & info["time_outs"]).any()


def test_a_failure_has_a_cause_and_a_cause_is_a_failure(masked: Task) -> None:
    masked.start()
    for _ in range(STEPS):
        info = masked.step(action_of(masked))[3]
        assert torch.stack(list(info["causes"].values())).any(0).equal(info["terminated"])
    assert "unstable" in info["causes"]
    assert len(info["causes"]) > 1


@every_masked_task
def test_episodes_that_do_not_fail_last_as_long_as_configured(name: str) -> None:
    task = make(name, "task.episode_length=7", num_envs=64)
    try:
        assert task.max_episode_length == 7
        task.start()
        failed = torch.zeros(64, dtype=torch.bool)
        for step in range(1, 8):
            _, _, _, info = task.step(action_of(task) * 0.1)
            assert info["time_outs"].equal(~failed & ~info["terminated"] if step == 7 else torch.zeros_like(failed))
            failed |= info["terminated"]
        assert not failed.all()
    finally:
        task.close()


@every_masked_task
def test_a_done_environment_shows_its_next_episode_in_the_same_step(name: str) -> None:
    task = make(name, "task.episode_length=40")
    try:
        torch.manual_seed(3)
        starts = torch.stack([task.start().clone() for _ in range(200)]).flatten(0, 1)
        low, high = starts.amin(0), starts.amax(0)
        margin = 0.5 * (high - low) + 1e-5
        set_by_reset = _columns_set_by_reset(task)
        ended = 0
        for _ in range(40):
            obs, _, done, _ = task.step(action_of(task))
            ended += int(done.sum())
            near_a_start = (obs >= low - margin) & (obs <= high + margin)
            assert near_a_start[done][:, set_by_reset].all()
        assert ended >= N
    finally:
        task.close()


def _columns_set_by_reset(task: Any) -> Tensor:
    """(O,) bool: observation columns that say where the robot is, not what acted on it."""
    acted = [n for n in task.config.observations if n == "action" or n.endswith(("_wrench", "_force"))]
    return torch.cat([torch.full((t[0].numel(),), n not in acted) for n, t in task.observe().items()])


def test_environments_outside_a_reset_mask_are_bitwise_untouched(masked: Task) -> None:
    rollout(masked, 10)
    mask = torch.arange(N) % 3 == 0
    before = state_of(masked)
    masked.reset(mask)
    changed = set()
    for path, tensor in reachable(masked, Tensor).items():
        if tensor.dim() == 0 or tensor.numel() == 0 or tensor.shape[0] % N:
            assert tensor.equal(before[path]), path
            continue
        same = (tensor == before[path]).reshape(N, -1).all(-1)
        assert same[~mask].all(), f"{path} changed outside the mask"
        changed |= {path} if not same[mask].any() else set()
    assert changed, "the reset did nothing"


@every_masked_task
def test_a_reset_elsewhere_does_not_change_what_happens_next(name: str) -> None:
    mask = torch.arange(N) % 2 == 0
    futures = []
    for resets in (False, True):
        task = make(name)
        rollout(task, 10)
        if resets:
            task.reset(mask)
        torch.manual_seed(3)
        obs = [task.step(torch.zeros(N, task.action_size))[0][~mask].clone() for _ in range(5)]
        futures.append(torch.stack(obs))
        task.close()
    assert futures[0].equal(futures[1])


@every_task
def test_the_same_seed_gives_the_same_numbers(name: str) -> None:
    runs = []
    for _ in range(2):
        task = make(name)
        runs.append(rollout(task, STEPS))
        task.close()
    assert all(a.equal(b) for a, b in zip(*runs, strict=True))


@every_task
def test_another_task_in_the_process_changes_nothing(name: str) -> None:
    alone = make(name)
    expected = rollout(alone, 10)
    alone.close()
    first, second = make(name), make(name, num_envs=3)
    try:
        kept = state_of(first)
        rollout(second, 10)
        now = reachable(first, Tensor)
        assert all(tensor.equal(kept[path]) for path, tensor in now.items())
        shared = {t.data_ptr() for t in now.values()} & {t.data_ptr() for t in reachable(second, Tensor).values()}
        assert shared <= {0}
        assert all(a.equal(b) for a, b in zip(rollout(first, 10), expected, strict=True))
    finally:
        first.close()
        second.close()


def test_its_state_dict_goes_back_in(task: Any) -> None:
    task.start()
    state = copy.deepcopy(task.state_dict())
    task.step(action_of(task))
    task.load_state_dict(state)
    kept, now = (reachable(d, (Tensor, bool, int, float)) for d in (state, task.state_dict()))
    assert kept.keys() == now.keys()
    assert all(torch.equal(torch.as_tensor(kept[path]), torch.as_tensor(now[path])) for path in kept)


def test_its_step_can_be_captured_in_a_graph(masked: Task) -> None:
    rollout(masked, 3)
    for _ in range(3):
        action = action_of(masked)
        with graph_safe(masked):
            masked.step(action)
    with graph_safe(masked):
        masked.start()
