"""A step of a simulation as one CUDA graph, with the host's share of it repeated at each replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from isaacgym._src.backend.graph import Captured

if TYPE_CHECKING:
    from isaacgym._src.sim import Sim


class CapturedStep:
    """`work`, which sets, simulates and refreshes, always in the same way.

    A graph repeats what the device did; what the host keeps (the number of frames, which buffers are current) is put
    to what it was after the step that was captured. Where it differs before the step, because somebody else used the
    simulation in between, this one step is made without the graph.
    """

    def __init__(self, sim: Sim, work: Callable[[], None], name: str, enabled: bool) -> None:
        self._sim, self._work = sim, work
        self._graph = Captured(self._repeatable, sim.device, name, enabled)
        self._frame = self._frames = 0
        self._before = self._after = sim.state.bookkeeping()
        self._revision = _revision(sim)

    @property
    def replays(self) -> bool:
        """Whether the next call replays a graph."""
        return self._graph.replays

    def __call__(self) -> None:
        sim, state = self._sim, self._sim.state
        sim.renew_constants()
        sim.graphics.dress()
        if (revision := _revision(sim)) != self._revision:
            self._revision = revision
            self._graph.forget()
        now = state.bookkeeping()
        if self._graph.replays and now != self._before:
            self._work()
            return
        if self._graph.replays:
            self._graph()
            sim.frame_count += self._frames
            state.set_bookkeeping(self._after)
        else:
            self._frame, self._before = sim.frame_count, now
            self._graph()
            self._frames, self._after = sim.frame_count - self._frame, state.bookkeeping()
        sim.report_now_and_then(self._frames)

    def _repeatable(self) -> None:
        """The work from where the host stood, also where an attempt to capture it has failed half-way."""
        self._sim.frame_count = self._frame
        self._sim.state.set_bookkeeping(self._before)
        self._work()


def _revision(sim: Sim) -> tuple[int, int]:
    """Another one where memory that a graph looks at has moved."""
    return sim.backend.revision, sim.graphics.revision
