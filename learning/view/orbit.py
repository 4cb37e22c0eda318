"""A camera that somebody moves around what it looks at."""

from __future__ import annotations

import math

import numpy as np

from learning.staging import View

DEGREES = 180.0  # turned by a drag over the window's height
STEEPEST = 89.0  # elevation [degrees]
ZOOM = 0.9  # of the distance, for one notch of a wheel


class Orbit:
    """What a mouse has changed in the view that follows the robots."""

    def __init__(self) -> None:
        self.held = False  # stay where the last view was, and do not follow
        self._azimuth, self._elevation, self._nearer = 0.0, 0.0, 1.0
        self._shift = np.zeros(3)
        self._mouse: tuple[float, float] | None = None
        self._last: View | None = None

    def turned(self, view: View) -> View:
        """The view as somebody has moved it."""
        if self.held and self._last is not None:
            view = self._last
        self._last = view
        elevation = max(-STEEPEST, min(STEEPEST, view.elevation + self._elevation))
        return View(view.lookat + self._shift, view.distance * self._nearer, view.azimuth + self._azimuth, elevation)

    def move(self, x: float, y: float, turns: bool, shifts: bool) -> None:
        """The mouse is at (x, y), in heights of the window, with the button that turns or the one that shifts held."""
        last, self._mouse = self._mouse, (x, y)
        if last is None:
            return
        dx, dy = x - last[0], y - last[1]
        if turns:
            self._azimuth -= DEGREES * dx
            self._elevation -= DEGREES * dy
        elif shifts and self._last is not None:
            self._pan(dx, dy, self._last)

    def zoom(self, notches: float) -> None:
        """Come nearer by so many notches of the wheel."""
        self._nearer *= ZOOM**notches

    def _pan(self, dx: float, dy: float, view: View) -> None:
        azimuth, reach = math.radians(view.azimuth + self._azimuth), view.distance * self._nearer
        ahead, right = (math.cos(azimuth), math.sin(azimuth), 0.0), (math.sin(azimuth), -math.cos(azimuth), 0.0)
        self._shift += reach * (dy * np.array(ahead) - dx * np.array(right))
