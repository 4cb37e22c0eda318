"""Warp on the stream that torch is on, also while torch captures a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from isaacgym._src.backend.quiet_warp import wp


class WarpStreams:
    """Enter `scope` to launch Warp's kernels in order with torch's operations on a device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._device = wp.device_from_torch(device)
        self._streams: dict[int, Any] = {}
        self._graphs: list[Any] = []

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Warp on torch's current stream, and in the graph that torch is capturing."""
        if self.device.type == "cpu":
            with wp.ScopedDevice(self._device):
                yield
            return
        stream = self.current()
        with wp.ScopedDevice(self._device), wp.ScopedStream(stream, sync_enter=False):
            if not torch.cuda.is_current_stream_capturing():
                yield
                return
            wp.capture_begin(stream=stream, external=True)
            try:
                yield
            finally:
                self._graphs.append(wp.capture_end(stream=stream))  # which owns what was allocated in it

    def close(self) -> None:
        """Let go of the graphs."""
        self._graphs.clear()

    def current(self) -> Any:
        """Warp's name of torch's stream; one that is garbage collected becomes unknown to the others."""
        handle = torch._C._cuda_getCurrentRawStream(self.device.index)  # two microseconds less than current_stream
        if handle not in self._streams:
            self._streams[handle] = wp.stream_from_torch(torch.cuda.current_stream(self.device))
        return self._streams[handle]
