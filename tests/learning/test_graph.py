"""Work that a graph replays where it can."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from learning.graph import WARM_UP_CALLS, Captured, Graphs


def test_on_a_cpu_it_is_a_plain_call() -> None:
    seen: list[Tensor] = []
    captured = Captured(Graphs("cpu"), "work", seen.append)
    for _ in range(5):
        captured(torch.zeros(2))
    assert len(seen) == 5
    assert not captured.replays


class Recorded:
    """Stands for a device: a graph is the call that was captured, with the tensors of that time."""

    enabled = True

    def run_aside(self, work: Callable[[], None]) -> None:
        work()

    def capture(self, work: Callable[[], None], name: str) -> SimpleNamespace:
        return SimpleNamespace(replay=work)


def test_what_moves_is_copied_to_where_the_graph_reads() -> None:
    last = torch.zeros(2)
    captured = Captured(Recorded(), "copying", last.copy_)  # type: ignore[arg-type]
    for i in range(10):
        captured(torch.full((2,), float(i)))
        assert last.tolist() == [float(i)] * 2
    assert captured.replays


def test_what_stays_is_read_where_it_is() -> None:
    places, here = [], torch.zeros(2)
    captured = Captured(Recorded(), "noting", lambda tensor: places.append(tensor.data_ptr()))  # type: ignore[arg-type]
    for _ in range(WARM_UP_CALLS + 3):
        captured(here.view(2))
    assert set(places) == {here.data_ptr()}


@pytest.mark.gpu
def test_a_replay_does_what_a_call_does() -> None:
    total, number = torch.zeros(3, device="cuda"), torch.ones(3, device="cuda")
    captured = Captured(Graphs("cuda"), "adding", total.add_)
    for _ in range(WARM_UP_CALLS + 3):
        captured(number)
    assert captured.replays
    assert total.tolist() == [WARM_UP_CALLS + 3.0] * 3


@pytest.mark.gpu
def test_what_comes_from_elsewhere_is_read_from_there() -> None:
    last = torch.zeros(3, device="cuda")
    captured = Captured(Graphs("cuda"), "copying", last.copy_)
    for i in range(10):
        captured(torch.full((3,), float(i), device="cuda"))
        assert last.tolist() == [float(i)] * 3
    assert captured.replays


@pytest.mark.gpu
def test_random_numbers_are_those_of_calls() -> None:
    def draws(enabled: bool) -> list[float]:
        torch.manual_seed(1)
        out, found = torch.zeros(4, device="cuda"), []
        captured = Captured(Graphs("cuda", enabled), "drawing", lambda: out.normal_())
        for _ in range(6):
            captured()
            found += out.tolist()
        return found

    assert draws(True) == draws(False)


@pytest.mark.gpu
def test_work_that_cannot_be_captured_goes_on_without(caplog: pytest.LogCaptureFixture) -> None:
    total = torch.zeros(1, device="cuda")

    def work() -> None:
        total.add_(float(total) * 0.0 + 1.0)

    graphs = Graphs("cuda")
    captured = Captured(graphs, "waiting", work)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            captured()
    assert float(total) == 5.0
    assert [record.message.split(":")[0] for record in caplog.records] == ["waiting"]
    assert not graphs.enabled
