"""CUDA graphs: a function is run a few times, captured once, and replayed from then on."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch

log = logging.getLogger(__name__)

WARM_UP_CALLS = 3  # which load kernels and allocate what outlives a step


class Captured:
    """`work`, which takes and returns nothing, as one CUDA graph.

    The first calls run it as it is, on the stream that it will be captured on; they count like any other. If capture
    is impossible, one line in the log says why, and `work` is called each time from there on.
    """

    def __init__(self, work: Callable[[], None], device: torch.device, name: str, enabled: bool = True) -> None:
        self.work, self.device, self.name = work, device, name
        self.enabled = enabled and device.type == "cuda"
        self._stream: torch.cuda.Stream | None = None
        self.forget()

    @property
    def replays(self) -> bool:
        """Whether the next call replays the graph."""
        return self._graph is not None

    def forget(self) -> None:
        """Capture anew, since something that the graph has baked in has changed."""
        self._graph: torch.cuda.CUDAGraph | None = None
        self._calls = 0

    def __call__(self) -> None:
        if self._graph is not None:
            self._graph.replay()
            return
        if not self.enabled:
            self.work()
            return
        if self._calls < WARM_UP_CALLS:
            self._calls += 1
            self._warm_up()
            return
        self._capture()
        self()

    def _warm_up(self) -> None:
        if self._stream is None:
            self._stream = torch.cuda.Stream(self.device)
        self._stream.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(self._stream):
            self.work()
        torch.cuda.current_stream(self.device).wait_stream(self._stream)

    def _capture(self) -> None:
        assert self._stream is not None
        self._graph = capture(self.work, self.name, self._stream)
        self.enabled = self._graph is not None


def capture(
    work: Callable[[], object], name: str, stream: torch.cuda.Stream, pool: Any = None
) -> torch.cuda.CUDAGraph | None:
    """`work` captured on `stream`, which does not run it; None, and one line in the log, where it is impossible."""
    graph, main = torch.cuda.CUDAGraph(), torch.cuda.current_stream(stream.device)
    try:
        with _no_collector(), torch.cuda.graph(graph, pool=pool, stream=stream, capture_error_mode="thread_local"):
            work()
    except Exception as error:
        torch.cuda.set_stream(main)  # a capture that fails at its end leaves its own stream current
        _recover(stream.device)
        log.warning("%s: no CUDA graph, going on without, slower: %s", name, _first_line(error))
        return None
    main.wait_stream(stream)  # where torch began the capture by resetting what replays read their random numbers from
    return graph


@contextmanager
def _no_collector() -> Iterator[None]:
    """Nothing of somebody else's is collected meanwhile: giving back its memory would break a capture."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _recover(device: torch.device) -> None:
    """After a capture that failed, torch's generator believes to be in it until another one has succeeded."""
    torch.cuda.synchronize(device)
    with suppress(RuntimeError), torch.cuda.graph(torch.cuda.CUDAGraph()):
        torch.zeros(1, device=device)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
