"""Round and square shapes as triangles, counter-clockwise from outside."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

AROUND, ALONG = 20, 10  # parts of a circle, and of the half circle between poles


class Mesh(NamedTuple):
    """V vertices and F triangles."""

    vertices: np.ndarray  # (V, 3) float32
    faces: np.ndarray  # (F, 3) uint32


def ball() -> Mesh:
    """Of radius 1."""
    angles = np.linspace(0.0, math.pi, ALONG + 1)
    return _turned(np.sin(angles), np.cos(angles))


def capsule(radius: float, half: float) -> Mesh:
    """Along z, `half` of its straight part above the middle."""
    upper = np.linspace(0.0, math.pi / 2, ALONG // 2 + 1)
    radii, heights = radius * np.sin(upper), half + radius * np.cos(upper)
    return _turned(np.append(radii, radii[::-1]), np.append(heights, -heights[::-1]))


def cylinder() -> Mesh:
    """Of radius 1 along z, from -1 to 1."""
    return _turned(np.array([0.0, 1.0, 1.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0]))


def box() -> Mesh:
    """From -1 to 1 along each axis; corners are not shared, so that edges stay sharp."""
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)
    sides: list[np.ndarray] = []
    faces: list[tuple[int, int, int]] = []
    for axis in range(3):
        for sign in (1.0, -1.0):
            corners = np.insert(square if sign > 0 else square[::-1], 0, sign, axis=1)
            faces += [
                (4 * len(sides) + a, 4 * len(sides) + b, 4 * len(sides) + c) for a, b, c in ((0, 1, 2), (0, 2, 3))
            ]
            sides.append(np.roll(corners, axis, axis=1))
    return _mesh(np.concatenate(sides), np.array(faces))


def grid(heights: np.ndarray, half_x: float, half_y: float) -> Mesh:
    """A ground of heights (rows along y, columns along x), around the origin."""
    rows, columns = heights.shape
    x, y = np.meshgrid(np.linspace(-half_x, half_x, columns), np.linspace(-half_y, half_y, rows))
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    lower = np.stack([corner, corner + 1, corner + columns + 1], -1)
    upper = np.stack([corner, corner + columns + 1, corner + columns], -1)
    return _mesh(np.stack([x, y, heights], -1).reshape(-1, 3), np.concatenate([lower, upper]))


def _turned(radii: np.ndarray, heights: np.ndarray) -> Mesh:
    """An outline (n,) from the upper to the lower pole, turned around z."""
    angles = np.linspace(0.0, 2.0 * math.pi, AROUND, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], -1)
    rings = np.concatenate(
        [radii[:, None, None] * circle, np.broadcast_to(heights[:, None, None], (len(radii), AROUND, 1))], -1
    )
    here = np.arange(AROUND)
    beside = (here + 1) % AROUND
    faces = []
    for ring in range(len(radii) - 1):
        above, below = ring * AROUND, (ring + 1) * AROUND
        if radii[ring] > 1e-9:
            faces.append(np.stack([above + here, below + here, above + beside], -1))
        if radii[ring + 1] > 1e-9:
            faces.append(np.stack([above + beside, below + here, below + beside], -1))
    return _mesh(rings.reshape(-1, 3), np.concatenate(faces))


def _mesh(vertices: np.ndarray, faces: np.ndarray) -> Mesh:
    return Mesh(vertices.astype(np.float32), faces.astype(np.uint32))
