"""CUDA graphs of the training side: work is run a few times, captured once, and replayed from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from isaacgym.gymtorch import capture_graph

WARM_UP_CALLS = 2  # load kernels, connect collectives and allocate what outlives a call


class Graphs:
    """The stream and the memory that the graphs of one agent share; they are replayed one after the other."""

    def __init__(self, device: torch.device | str, enabled: bool = True) -> None:
        self.device = torch.device(device)
        self.enabled = enabled and self.device.type == "cuda"
        if self.enabled:
            self._stream = torch.cuda.Stream(self.device)
            self._pool = torch.cuda.graph_pool_handle()

    def run_aside(self, work: Callable[[], None]) -> None:
        """Run `work` on the stream of the captures, in its turn."""
        main = torch.cuda.current_stream(self.device)
        self._stream.wait_stream(main)
        with torch.cuda.stream(self._stream):
            work()
        main.wait_stream(self._stream)

    def capture(self, work: Callable[[], None], name: str) -> torch.cuda.CUDAGraph | None:
        """`work` as a graph, which has not run yet; None, and no further capture, where it is impossible."""
        graph = capture_graph(work, name, self._stream, self._pool)
        self.enabled = graph is not None
        return graph


class Captured:
    """`work(*tensors)`, replayed where that is possible; it must write its results in place.

    The graph reads its tensors where it found them. If they come from elsewhere later, they are copied to a fixed
    place before each call from then on.
    """

    def __init__(self, graphs: Graphs, name: str, work: Callable[..., Any]) -> None:
        self.graphs, self.name, self.work = graphs, name, work
        self._graph: torch.cuda.CUDAGraph | None = None
        self._calls = 0
        self._seen: tuple[Tensor, ...] = ()  # held, so that nothing else can come to lie there
        self._fixed: tuple[Tensor, ...] = ()

    @property
    def replays(self) -> bool:
        """Whether there is a graph."""
        return self._graph is not None

    def __call__(self, *tensors: Tensor) -> None:
        """Do the work, or have the device do it."""
        if not self.graphs.enabled:
            self.work(*tensors)
            return
        tensors = self._in_place(tensors)
        if self._graph is None:
            self._calls += 1
            if self._calls <= WARM_UP_CALLS:
                self.graphs.run_aside(lambda: self.work(*tensors))
                return
            self._graph = self.graphs.capture(lambda: self.work(*tensors), self.name)
        if self._graph is None:
            self.work(*tensors)
        else:
            self._graph.replay()

    def _in_place(self, tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if not self._fixed and self._seen and not all(map(_same_place, tensors, self._seen)):
            self._fixed = tuple(map(torch.empty_like, tensors))
            self._graph = None
        self._seen = tensors
        for fixed, tensor in zip(self._fixed, tensors, strict=False):
            fixed.copy_(tensor)
        return self._fixed or tensors


def _same_place(one: Tensor, other: Tensor) -> bool:
    return one is other or (
        one.data_ptr() == other.data_ptr()
        and one.shape == other.shape
        and one.stride() == other.stride()
        and one.dtype == other.dtype
    )
