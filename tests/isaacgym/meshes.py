"""Tiny mesh files for tests."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

FACES = ((0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2))


def write_tetrahedron(path: Path, size: float = 1.0) -> Path:
    """A corner of a cube with edges of `size` [m] along the axes, as STL or OBJ; its volume is size^3 / 6."""
    path.parent.mkdir(parents=True, exist_ok=True)
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) * size
    if path.suffix == ".stl":
        triangles = (struct.pack("<12fH", 0, 0, 0, *corners[list(face)].ravel(), 0) for face in FACES)
        path.write_bytes(bytes(80) + struct.pack("<I", len(FACES)) + b"".join(triangles))
    else:
        lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in FACES]
        path.write_text("\n".join(lines) + "\n")
    return path


def write_walls(path: Path, gap: float) -> Path:
    """Two upright walls of 0.1 x 1 x 1 m in one OBJ file, `gap` [m] apart along x, around the origin."""
    lines: list[str] = []
    faces: list[str] = []
    for side in (-1, 1):
        start = len(lines)
        for x in (gap / 2, gap / 2 + 0.1):
            lines += [f"v {side * x} {y} {z}" for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
        for a, b, c, d in ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)):
            ring = [start + 1 + i for i in ((a, b, c, d) if side > 0 else (d, c, b, a))]
            faces += [f"f {ring[0]} {ring[1]} {ring[2]}", f"f {ring[0]} {ring[2]} {ring[3]}"]
    path.write_text("\n".join([*lines, *faces]) + "\n")
    return path
