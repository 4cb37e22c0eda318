"""Running statistics against rl-games' own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from learning import statistics
from learning.rlgames import silence

with silence():
    from rl_games.algos_torch.running_mean_std import RunningMeanStd


def running() -> RunningMeanStd:
    with silence():
        return RunningMeanStd((1,))


def test_values_are_normalised_as_rl_games_does() -> None:
    ours, theirs = running(), running()
    for shift in (0.0, 3.0):
        values = torch.randn(50, 4) * 2 + shift
        found = statistics.normalized(ours, values)
        torch.testing.assert_close(found.view(-1, 1), theirs(values.view(-1, 1)))
        torch.testing.assert_close(ours.running_var, theirs.running_var)
        torch.testing.assert_close(statistics.denormalized(ours, found), theirs.eval()(found, denorm=True))
        theirs.train()


def test_statistics_stay_where_they_are() -> None:
    ours = running()
    places = [tensor.data_ptr() for tensor in ours.buffers()]
    statistics.normalized(ours, torch.randn(8, 2))
    assert [tensor.data_ptr() for tensor in ours.buffers()] == places


def test_processes_together_have_the_statistics_of_all_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [torch.randn(20, 3), torch.randn(20, 3) * 4 + 5]
    moments = [(part.mean(0), part.var(0, correction=0)) for part in parts]
    whole = torch.cat(parts)
    others = iter([moments[1][0].double(), _spread(moments[1], whole)])

    def mean_(tensor: Tensor) -> Tensor:
        return tensor.add_(next(others)).div_(2)

    monkeypatch.setattr(statistics, "world_size", lambda: 2)
    monkeypatch.setattr(statistics, "mean_", mean_)
    mean, var = statistics.over_ranks(*moments[0])
    torch.testing.assert_close(mean.float(), whole.mean(0))
    torch.testing.assert_close(var.float(), whole.var(0, correction=0))


def _spread(moments: tuple[Tensor, Tensor], whole: Tensor) -> Tensor:
    """What the other process adds to the variance."""
    mean, var = moments
    return var.double() + (mean.double() - whole.double().mean(0)).square()
