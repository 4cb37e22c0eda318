"""Episode statistics."""

from __future__ import annotations

import torch

from learning.episodes import EpisodeStats


def info(num_envs: int, near: float = 1.0) -> dict:
    return {
        "reward_terms": {"near": torch.full((num_envs,), near), "effort": torch.zeros(num_envs)},
        "success": torch.tensor([True] + [False] * (num_envs - 1)),
    }


def test_nothing_is_known_before_the_first_episode_has_ended() -> None:
    stats = EpisodeStats(2, "cpu")
    stats.step(torch.ones(2), torch.tensor([False, False]), info(2))
    found = stats.read()
    assert (found.finished, found.reward, found.length, found.success, found.terms) == (0, None, None, None, {})


def test_a_finished_episode_counts_from_its_own_first_step() -> None:
    stats = EpisodeStats(2, "cpu")
    for done in ([False, True], [True, False], [False, True]):
        stats.step(torch.tensor([1.0, 10.0]), torch.tensor(done), info(2))
    found = stats.read()
    assert found.finished == 3
    assert found.length == (1 + 2 + 2) / 3
    assert found.reward == (10 + 2 + 20) / 3
    assert found.terms == {"near": 5 / 3, "effort": 0.0}
    assert found.success == 1 / 3


def test_few_new_episodes_enter_a_window_of_older_ones() -> None:
    stats = EpisodeStats(4, "cpu", track=10)
    everyone, one = torch.ones(4, dtype=torch.bool), torch.tensor([True, False, False, False])
    for _ in range(3):
        stats.step(torch.full((4,), 1.0), everyone, {})
    assert stats.read().reward == 1.0
    stats.step(torch.full((4,), 11.0), one, {})
    assert stats.read().reward == (9 * 1.0 + 11.0) / 10


def test_an_environment_that_is_not_a_number_spoils_no_other() -> None:
    stats = EpisodeStats(2, "cpu")
    stats.step(torch.tensor([1.0, float("nan")]), torch.tensor([True, False]), {})
    assert stats.read().reward == 1.0
