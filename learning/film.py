"""A film of many short simulations, one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from learning.video import RATE, Video


class Film(Video):
    """As many seconds of video for each take; where one ends early, its last picture stays.

    A take is `steps` steps of `dt` seconds; `draw` is as for a Video.
    """

    def __init__(self, path: Path, draw: Callable[[float], np.ndarray], dt: float, steps: int, takes: int) -> None:
        self._step_of_picture = max(1, round(1.0 / (RATE * dt)))
        interval = self._step_of_picture * dt
        super().__init__(path, self._held, interval, takes * math.ceil(steps / self._step_of_picture) * interval)
        self._camera, self._picture, self._moved, self._cut = draw, np.empty(0), True, True

    def begin(self) -> float:
        """Another take; where in the film that is [s]."""
        self._cut = True
        return self.seconds

    def show(self, step: int, moved: bool) -> None:
        """The take has come to `step`, counted from 0; `moved` unless it has ended before."""
        self._moved = moved
        if step % self._step_of_picture == 0:
            self.step()

    def _held(self, seconds: float) -> np.ndarray:
        if self._moved:
            self._picture = self._camera(math.inf if self._cut else seconds)  # no gliding from take to take
            self._cut = False
        return self._picture
