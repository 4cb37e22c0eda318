"""Shapes made of lines, and how they are drawn in a viewer."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from isaacgym._src.vectors import Transform, Vec3

__all__ = [
    "AxesGeometry",
    "LineGeometry",
    "WireframeBoxGeometry",
    "WireframeSphereGeometry",
    "draw_line",
    "draw_lines",
]

Color = Vec3 | Sequence[float]


class LineGeometry:
    """Lines with a colour each; a subclass may answer `vertices` and `colors` in its own way."""

    def __init__(self, vertices: np.ndarray, colors: np.ndarray, pose: Transform | None = None) -> None:
        vertices = np.asarray(vertices, np.float32)
        self._vertices = vertices if pose is None else pose.transform_points(vertices)
        self._colors = np.asarray(colors, np.float32)

    def vertices(self) -> np.ndarray:
        """Both ends of each line (lines, 2, 3) f32 [m]."""
        return self._vertices

    def colors(self) -> np.ndarray:
        """Red, green and blue of each line (lines, 3) f32 in 0..1."""
        return self._colors

    def num_lines(self) -> int:
        """Number of lines."""
        return len(self.vertices())

    def instance_verts(self, pose: Transform | None = None) -> np.ndarray:
        """Both ends of each line with the shape put at a pose (lines, 2, 3) f32 [m]."""
        return self.vertices() if pose is None else pose.transform_points(self.vertices())


class AxesGeometry(LineGeometry):
    """The axes of a frame: x red, y green, z blue."""

    def __init__(self, scale: float = 1.0, pose: Transform | None = None) -> None:
        ends = scale * np.eye(3)
        super().__init__(np.stack([np.zeros((3, 3)), ends], axis=1), np.eye(3), pose)


class WireframeBoxGeometry(LineGeometry):
    """The twelve edges of a box of the given sizes, centred on its origin."""

    def __init__(
        self,
        xdim: float = 1.0,
        ydim: float = 1.0,
        zdim: float = 1.0,
        pose: Transform | None = None,
        color: Color | None = None,
    ) -> None:
        corners = [np.array(corner) for corner in itertools.product((-0.5, 0.5), repeat=3)]
        edges = [(a, b) for a, b in itertools.combinations(corners, 2) if np.count_nonzero(a != b) == 1]
        colors = np.tile(_rgb(color), (len(edges), 1))
        super().__init__(np.array(edges) * (xdim, ydim, zdim), colors, pose)


class WireframeSphereGeometry(LineGeometry):
    """Meridians in `color` and parallels in `color2` of a sphere, `num_lats` bands by `num_lons` sectors."""

    def __init__(
        self,
        radius: float = 1.0,
        num_lats: int = 8,
        num_lons: int = 8,
        pose: Transform | None = None,
        color: Color | None = None,
        color2: Color | None = None,
    ) -> None:
        polar, azimuth = np.meshgrid(
            np.linspace(0.0, np.pi, num_lats + 1), np.linspace(0.0, 2.0 * np.pi, num_lons + 1), indexing="ij"
        )
        ring = np.sin(polar)
        points = radius * np.stack([ring * np.cos(azimuth), ring * np.sin(azimuth), np.cos(polar)], axis=-1)
        meridians = _segments(points[:-1, :-1], points[1:, :-1])
        parallels = _segments(points[1:-1, :-1], points[1:-1, 1:])
        first, second = _rgb(color), _rgb(color if color2 is None else color2)
        colors = np.concatenate([np.tile(first, (len(meridians), 1)), np.tile(second, (len(parallels), 1))])
        super().__init__(np.concatenate([meridians, parallels]), colors, pose)


def draw_lines(geom: LineGeometry, gym: Any, viewer: Any, env: Any, pose: Transform) -> None:
    """Add the lines of a shape, put at a pose in the environment, to the viewer."""
    gym.add_lines(viewer, env, geom.num_lines(), geom.instance_verts(pose), geom.colors())


def draw_line(p1: Vec3, p2: Vec3, color: Color, gym: Any, viewer: Any, env: Any) -> None:
    """Add one line between two points of the environment to the viewer."""
    gym.add_lines(viewer, env, 1, np.stack([_triple(p1), _triple(p2)])[None], _triple(color)[None])


def _segments(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.stack([starts, ends], axis=-2).reshape(-1, 2, 3)


def _triple(value: Vec3 | Sequence[float]) -> np.ndarray:
    return value.floats().copy() if isinstance(value, Vec3) else np.asarray(value, np.float32)


def _rgb(color: Color | None) -> np.ndarray:
    """Three numbers of a colour, red where none is given."""
    return _triple((1.0, 0.0, 0.0) if color is None else color)
