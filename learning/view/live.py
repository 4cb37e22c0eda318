"""Environments that learn, shown live: a step hands over a few numbers when somebody looks, and never waits."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from learning.fetch import Fetch
from learning.poses import Poses
from learning.view.controls import News, Viewer
from learning.view.history import History
from learning.view.session import RATE

TERMS = "reward terms"


class Live:
    """Shows what the environments of `poses` do while they are stepped by others; `lines` says how training goes."""

    def __init__(self, poses: Poses, viewer: Viewer, dt: float, lines: Callable[[], dict[str, str]]) -> None:
        self._poses, self._viewer, self._dt, self._lines = poses, viewer, dt, lines
        self._history: History | None = None
        self._due, self._steps, self._shown = 0.0, 0, 0
        self._taken: tuple[Fetch, float] | None = None  # on its way here
        self._ready: queue.Queue[tuple[Fetch, float] | None] = queue.Queue()
        self._worker = threading.Thread(target=self._show_all, daemon=True)
        self._worker.start()

    def stepped(self, terms: Mapping[str, Tensor]) -> None:
        """The task has taken a control step, with these weighted reward terms (N,)."""
        self._steps += 1
        if self._taken is None and self._wanted():
            self._take(terms)
        if self._taken is not None and self._taken[0].ready:
            self._ready.put(self._taken)
            self._taken = None

    def _wanted(self) -> bool:
        """Whether somebody looks, has seen the last picture, and is due another."""
        return self._viewer.watched and not self._ready.qsize() and time.perf_counter() >= self._due

    def _take(self, terms: Mapping[str, Tensor]) -> None:
        count = self._poses.count
        if self._history is None:
            self._history = History(list(terms), count, 1.0 / RATE)
        values = torch.stack([term[:count] for term in terms.values()], -1)
        self._taken = self._poses.take({TERMS: values}), (self._steps - self._shown) * self._dt
        self._due, self._shown = time.perf_counter() + 1.0 / RATE, self._steps

    def close(self) -> None:
        """Show nothing more."""
        self._ready.put(None)
        self._worker.join()
        self._viewer.close()

    def _show_all(self) -> None:
        while (taken := self._ready.get()) is not None:
            fetch, seconds = taken
            snapshot = fetch.arrays()
            assert self._history is not None
            self._history.add(snapshot.pop(TERMS))
            self._viewer.show(snapshot, seconds, lambda: News(self._lines(), self._history))
