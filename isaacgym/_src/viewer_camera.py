"""The camera of a window: where it is, and how its user moves it."""

from __future__ import annotations

import math

import numpy as np

from isaacgym._src.camera import quaternion
from isaacgym._src.vectors import Transform, Vec3

STEEPEST = 0.99  # sine of the angle at which a view from above ends
CLOSEST = 0.05  # to what it looks at [m]
ZOOM = 0.9  # of the distance that is left after a step of the wheel


class ViewerCamera:
    """Looks from `eye` at `target`, global (3,) points [m], upright about a vertical unit vector (3,)."""

    def __init__(self, vertical: tuple[float, float, float]) -> None:
        self._vertical = np.array(vertical)
        side = np.roll(self._vertical, 1)
        self.eye = 5.0 * side + 4.0 * np.cross(self._vertical, side) + 3.0 * self._vertical
        self.target = np.zeros(3)

    def look_at(self, eye: np.ndarray, target: np.ndarray) -> None:
        """Look from one point at another."""
        if np.linalg.norm(target - eye) == 0:
            raise ValueError("viewer_camera_look_at: position and target are the same point")
        self.eye, self.target = np.asarray(eye, float), np.asarray(target, float)

    @property
    def distance(self) -> float:
        """From the eye to the target [m]."""
        return float(np.linalg.norm(self.target - self.eye))

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors (3,) forward, to the left and up in the picture."""
        forward = (self.target - self.eye) / self.distance
        left = np.cross(self._vertical, forward)
        if np.linalg.norm(left) < 1e-6:  # straight up or down
            left = np.roll(self._vertical, -1)
        left /= np.linalg.norm(left)
        return forward, left, np.cross(forward, left)

    def pose(self) -> Transform:
        """Global; x forward and z up in the picture, as of camera sensors."""
        return Transform(Vec3(*self.eye), quaternion(np.stack(self.axes(), axis=1)))

    def orbit(self, dx: float, dy: float) -> None:
        """Turn about the target with the pointer; the picture's width is half a turn."""
        forward = self._steered(self.axes()[0], dx, dy)
        self.eye = self.target - self.distance * forward

    def turn(self, dx: float, dy: float) -> None:
        """Look around from where it is."""
        self.target = self.eye + self.distance * self._steered(self.axes()[0], dx, dy)

    def pan(self, dx: float, dy: float) -> None:
        """Draw the picture along with the pointer."""
        _, left, up = self.axes()
        self._move(self.distance * (dx * left + dy * up))

    def zoom(self, steps: float) -> None:
        """Come closer to the target by steps of the wheel."""
        forward = self.axes()[0]
        self.eye = self.target - max(CLOSEST, self.distance * ZOOM**steps) * forward

    def fly(self, forward: float, left: float, up: float) -> None:
        """Move [m] the way it looks."""
        ahead, sideways, _ = self.axes()
        self._move(forward * ahead + left * sideways + up * self._vertical)

    def _move(self, by: np.ndarray) -> None:
        self.eye, self.target = self.eye + by, self.target + by

    def _steered(self, forward: np.ndarray, dx: float, dy: float) -> np.ndarray:
        """A direction turned about the vertical and tilted, short of straight up and down."""
        height = float(forward @ self._vertical)
        flat = forward - height * self._vertical
        if np.linalg.norm(flat) < 1e-6:
            flat = np.cross(self.axes()[1], self._vertical)
        flat /= np.linalg.norm(flat)
        flat = math.cos(dx * math.pi) * flat - math.sin(dx * math.pi) * np.cross(self._vertical, flat)
        tilt = math.asin(min(1.0, max(-1.0, height))) - dy * math.pi
        limit = math.asin(STEEPEST)
        tilt = min(limit, max(-limit, tilt))
        return np.asarray(math.cos(tilt) * flat + math.sin(tilt) * self._vertical)
