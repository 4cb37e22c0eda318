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
