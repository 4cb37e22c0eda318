"""Seconds that work takes where it runs, which on a GPU is later than where it is asked for."""

from __future__ import annotations

import time

import torch


class Stopwatch:
    """Adds up laps. On a GPU a lap is timed there and costs no waiting until `seconds` is read."""

    def __init__(self, device: torch.device | str) -> None:
        self.on_gpu = torch.device(device).type == "cuda"
        self._laps: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []
        self._used, self._total, self._began = 0, 0.0, 0.0

    def start(self) -> None:
        """Begin a lap."""
        if not self.on_gpu:
            self._began = time.perf_counter()
            return
        if self._used == len(self._laps):
            self._laps.append((torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)))
        self._laps[self._used][0].record()

    def stop(self) -> None:
        """End the lap."""
        if not self.on_gpu:
            self._total += time.perf_counter() - self._began
            return
        self._laps[self._used][1].record()
        self._used += 1

    def seconds(self) -> float:
        """The laps since the last reading; waits for a GPU to finish them."""
        total, self._total = self._total, 0.0
        if self._used:
            self._laps[self._used - 1][1].synchronize()
        total += sum(begin.elapsed_time(end) for begin, end in self._laps[: self._used]) / 1e3
        self._used = 0
        return total
