"""The last seconds of each reward term, for plots."""

from __future__ import annotations

import numpy as np

POINTS = 300  # of a plot, at most


class History:
    """K weighted reward terms of E environments over the last `span` seconds of simulated time."""

    def __init__(self, names: list[str], envs: int, step: float, span: float = 10.0) -> None:
        self.names = names
        self._most = max(2, round(span / step))  # values, `step` seconds from each to the next
        self._values = np.full((self._most, envs, len(names)), np.nan, np.float32)
        self._times = np.arange(1 - self._most, 1) * step
        self._every = -(-self._most // POINTS)

    def add(self, values: np.ndarray) -> None:
        """The newest values (E, K)."""
        self._values[:-1] = self._values[1:]
        self._values[-1] = values

    def forget(self) -> None:
        """Begin anew."""
        self._values.fill(np.nan)

    def series(self, env: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Times (T,) before now [s] and the terms (T, K) of an environment, or their mean over all, as far as known."""
        values = self._values[:: -self._every][::-1]
        chosen = values.mean(1) if env is None else values[:, env]
        known = ~np.isnan(chosen).any(1)
        return self._times[:: -self._every][::-1][known], chosen[known]
