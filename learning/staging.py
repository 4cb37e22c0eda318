"""Where environments stand in a picture, and the camera that keeps them in view."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

GAP = 0.8  # between neighbours [m]
LONG = 3.0  # a robot so many times as wide as it is deep stands in a column
IN_A_LINE = 4  # environments; more stand in a square
GAZE_ROW, GAZE_COLUMN = (148.0, -16.0), (164.0, -22.0)  # azimuth from the x axis and elevation [degrees]
MARGIN = 1.1  # of the picture around the robots
ALONE = 0.4  # of its size around a robot that is seen alone
TOGETHER = 7.0  # robots farther apart than this, beyond their places, are not shown in one picture [m]
MOST_SPEED = 20.0  # of the view; what is faster is a jump to the start of an episode [m/s]
GLIDE = 0.35  # time constant of the camera's glide after a jump [s]
LEVEL = (1.0, 1.0, 0.0)  # keeps what lies in the ground's plane
CUT = 10.0  # a jump that the camera does not glide along [m]


class Box(NamedTuple):
    """An axis-aligned box."""

    low: np.ndarray  # (3,) [m]
    high: np.ndarray  # (3,) [m]

    @property
    def corners(self) -> np.ndarray:
        """(8, 3)."""
        return np.array(np.meshgrid(*zip(self.low, self.high, strict=True))).reshape(3, -1).T

    def moved(self, shifts: np.ndarray) -> Box:
        """What holds this box at all `shifts` (n, 3)."""
        return Box(self.low + shifts.min(0), self.high + shifts.max(0))


class View(NamedTuple):
    """What a MuJoCo free camera is told."""

    lookat: np.ndarray  # (3,) [m]
    distance: float  # [m]
    azimuth: float  # [degrees]
    elevation: float  # [degrees]

    @property
    def direction(self) -> np.ndarray:
        """(3,) unit vector along which the camera looks."""
        az, el = math.radians(self.azimuth), math.radians(self.elevation)
        return np.array([math.cos(el) * math.cos(az), math.cos(el) * math.sin(az), math.sin(el)])


class Lens(NamedTuple):
    """The angles of a camera."""

    fovy: float  # vertical [degrees]
    aspect: float  # width over height of the picture


def stands_in_row(box: Box) -> bool:
    """Whether environments stand side by side along y; if not, one behind the other along x.

    Robots run along x, and their lanes lie beside each other; what is long along y, such as a rail, has no room there.
    """
    size = box.high - box.low
    return bool(size[1] < LONG * size[0])


def stand(box: Box, count: int) -> np.ndarray:
    """Offsets (count, 3) that set `count` copies of what fills `box` beside each other, around the origin."""
    size = box.high - box.low
    across = count if count <= IN_A_LINE else math.ceil(math.sqrt(count))
    first, second = (1, 0) if stands_in_row(box) else (0, 1)
    offsets = np.zeros((count, 3))
    offsets[:, first] = np.arange(count) % across * (size[first] + GAP)
    offsets[:, second] = np.arange(count) // across * (size[second] + GAP)
    return offsets - offsets.mean(0)


def gaze_at(box: Box) -> tuple[float, float]:
    """Azimuth and elevation [degrees] from which environments that each fill `box` are seen best."""
    return GAZE_ROW if stands_in_row(box) else GAZE_COLUMN


def view_of(box: Box, gaze: tuple[float, float], lens: Lens) -> View:
    """The view in which `box` fills the picture; `gaze` is azimuth and elevation [degrees]."""
    lookat = (box.low + box.high) / 2
    az = math.radians(gaze[0])
    forward = View(lookat, 0.0, *gaze).direction
    right = np.array([math.sin(az), -math.cos(az), 0.0])
    corners = box.corners - lookat
    up, half = np.cross(right, forward), math.tan(math.radians(lens.fovy) / 2)
    needed = np.maximum(np.abs(corners @ right) / (half * lens.aspect), np.abs(corners @ up) / half)
    return View(lookat, float((needed * MARGIN - corners @ forward).max()), *gaze)


class Follower:
    """A camera that moves with the robots; where the largest group of them runs, if they are far from each other.

    It keeps up with steady motion, glides after a jump, as when a robot starts anew, and cuts after a long one.
    """

    def __init__(self, box: Box, roots: np.ndarray, lens: Lens, places: np.ndarray | None = None) -> None:
        """`box` holds each robot at its start, when their roots are at `roots` (E, 3); it is shown at `places`."""
        self._box, self._start, self._lens = box, roots, lens
        self._offsets = stand(box, len(roots)) if places is None else places
        self._gaze = gaze_at(box)
        self._group = np.ones(len(roots), bool)
        self._nearest = view_of(box.moved(self._offsets), self._gaze, lens).distance
        self._last = self._target(roots)
        self._behind = np.zeros(4)

    def view(self, roots: np.ndarray, seconds: float) -> View:
        """The view of robots whose roots are at `roots` (E, 3), `seconds` after the last one."""
        target = self._target(roots)
        jump, self._last = target - self._last, target
        length = float(np.linalg.norm(jump))
        if length > CUT:
            self._behind[:] = 0.0
        elif length > MOST_SPEED * seconds:
            self._behind -= jump
        self._behind *= math.exp(-seconds / GLIDE)
        x, y, z, distance = target + self._behind
        return View(np.array([x, y, z]), float(distance), *self._gaze)

    def _target(self, roots: np.ndarray) -> np.ndarray:
        """Where to look, and from how far (4,), with the ground at a steady height."""
        moved = (roots - self._start) * LEVEL
        apart = np.linalg.norm(moved[:, None] - moved[None], axis=-1)
        crowd = (apart < TOGETHER).sum(1) + 0.5 * self._group  # where groups are as large, stay
        self._group = apart[crowd.argmax()] < TOGETHER
        view = view_of(self._box.moved((self._offsets + moved)[self._group]), self._gaze, self._lens)
        return np.append(view.lookat, max(view.distance, self._nearest))


class Lineup:
    """Where environments are shown beside each other, and from where they are seen.

    `box` holds each of the robots as it starts, moved to the origin from where its root is above, `starts` (E, 3).
    """

    def __init__(self, box: Box, starts: np.ndarray, places: np.ndarray | None = None) -> None:
        self._box, self._starts = box, starts
        self._places = stand(box, len(starts)) if places is None else places
        self.offsets = self._places - starts * LEVEL  # (E, 3) from an environment to where it is shown

    def view(self, env: int | None, lens: Lens) -> View:
        """The view of one environment, or of all, as they start."""
        return view_of(self._room(env).moved(self._places[_rows(env)]), gaze_at(self._box), lens)

    def follow(self, env: int | None, lens: Lens) -> Callable[[np.ndarray, float], View]:
        """The view that stays with one environment, or with all: of roots (E, 3), so many seconds after the last."""
        rows = _rows(env)
        follower = Follower(self._room(env), self._starts[rows], lens, self._places[rows])
        return lambda roots, seconds: follower.view(roots[rows], seconds)

    def _room(self, env: int | None) -> Box:
        """What is to be in view around each robot."""
        around = 0.0 if env is None else ALONE * (self._box.high - self._box.low)
        return Box(self._box.low - around, self._box.high + around)


def _rows(env: int | None) -> slice:
    return slice(None) if env is None else slice(env, env + 1)
