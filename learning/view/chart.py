"""The reward terms of the last seconds as lines, drawn by MuJoCo into a corner of a window."""

from __future__ import annotations

import mujoco
import numpy as np

from learning.view.history import History

COLORS = (
    np.array(
        [(99, 179, 237), (246, 173, 85), (104, 211, 145), (252, 129, 129), (183, 148, 244)]
        + [(236, 201, 75), (79, 209, 197), (246, 135, 179), (203, 213, 224), (144, 205, 244)]
    )
    / 255.0
)
MARGIN = 0.05  # of the plot above and below the lines


class Chart:
    """A line for each reward term."""

    def __init__(self) -> None:
        self._figure = figure = mujoco.MjvFigure()
        figure.title, figure.xlabel, figure.yformat = "Reward terms", "s", "%.3g"
        figure.figurergba[:], figure.panergba[:] = (0.1, 0.12, 0.15, 0.75), (0.0, 0.0, 0.0, 0.0)
        figure.legendrgba[:] = (0.1, 0.12, 0.15, 0.4)
        figure.textrgb[:], figure.gridrgb[:] = (0.95, 0.95, 0.95), (0.35, 0.37, 0.4)
        figure.gridsize[:], figure.flg_legend, figure.linewidth = (3, 4), 1, 1.5
        figure.flg_ticklabel[:] = 1

    def update(self, history: History, env: int | None) -> None:
        """Show the last seconds of an environment, or the mean of all."""
        times, values = history.series(env)
        for number, name in enumerate(history.names):
            self._figure.linename[number] = name
            self._figure.linergb[number] = COLORS[number % len(COLORS)]
            self._figure.linepnt[number] = len(times)
            self._figure.linedata[number, : 2 * len(times)] = np.stack([times, values[:, number]], -1).ravel()
        if len(times):
            room = MARGIN * max(1e-6, float(np.ptp(values)))
            self._figure.range[:] = (times[0], 0.0), (values.min() - room, values.max() + room)

    def draw(self, place: mujoco.MjrRect, context: mujoco.MjrContext) -> None:
        """Draw the lines there, once there are some."""
        if self._figure.linepnt[0] > 1:
            mujoco.mjr_figure(place, self._figure, context)
