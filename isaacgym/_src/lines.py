"""Lines that a client adds to a viewer, as rows of a MuJoCo scene."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import mujoco
import numpy as np

from isaacgym._src.shapes import ROW
from isaacgym._src.vectors import Vec3

LOGGER = logging.getLogger("isaacgym")
MOST_LINES = 50_000
WIDTH = 1.5  # [pixels]


def line_arrays(count: int, vertices: Any, colors: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both ends (count, 2, 3) and the colour (count, 3) of each line, from the first numbers of any form."""
    flat = []
    for name, values, width in (("vertices", vertices, 6), ("colors", colors, 3)):
        found = _floats(values) if isinstance(values, np.ndarray) else np.array(list(_numbers(values)), np.float32)
        if found.size < width * count:
            raise ValueError(
                f"add_lines: {count} lines need {width * count} numbers in {name} ({width} a line), given {found.size}"
            )
        flat.append(found[: width * count])
    return flat[0].reshape(count, 2, 3), flat[1].reshape(count, 3)


class Lines:
    """Up to MOST_LINES of them; those beyond are not drawn."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._count = 0
        self._warned = False

    def add(self, ends: np.ndarray, colors: np.ndarray) -> None:
        """Lines between global points (n, 2, 3) [m] in colours (n, 3)."""
        room = MOST_LINES - self._count
        if len(ends) > room and not self._warned:
            self._warned = True
            LOGGER.warning("add_lines: a viewer draws %d lines; those beyond are left out", MOST_LINES)
        if room > 0 and len(ends):
            self._parts.append(_rows(ends[:room], colors[:room]))
            self._count += len(self._parts[-1])

    def clear(self) -> None:
        """Forget all of them."""
        self._parts, self._count = [], 0

    def rows(self) -> np.ndarray:
        """(n,) records of a scene."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0] if self._parts else np.zeros(0, ROW)


def _rows(ends: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """A line goes from its row's place along the third column of its row's axes; MuJoCo looks at nothing else."""
    along = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    rows = np.zeros(len(ends), ROW)
    for name, value in (("dataid", -1), ("objid", -1), ("matid", -1), ("texid", -1), ("segid", -1)):
        rows[name] = value
    rows["type"], rows["category"] = int(mujoco.mjtGeom.mjGEOM_LINE), int(mujoco.mjtCatBit.mjCAT_DECOR)
    rows["pos"] = ends[:, 0]
    rows["mat"].reshape(-1, 3, 3)[:, :, 2] = along / np.maximum(length, 1e-9)
    rows["size"][:, :2], rows["size"][:, 2:] = WIDTH, length
    rows["rgba"][:, :3], rows["rgba"][:, 3] = colors, 1.0
    return rows


def _floats(values: np.ndarray) -> np.ndarray:
    """The numbers of an array, or of one of records of numbers."""
    if values.dtype.names is not None:
        return np.stack([_floats(values[name]) for name in values.dtype.names], axis=-1).ravel()
    if values.dtype == object:
        return np.array(list(_numbers(values.tolist())), np.float32)
    return values.astype(np.float32).ravel()


def _numbers(values: Any) -> Iterator[float]:
    """Every number in nested lists, arrays and vectors."""
    if isinstance(values, Vec3):
        yield from (values.x, values.y, values.z)
    elif isinstance(values, np.ndarray):
        yield from _floats(values)
    elif np.iterable(values):
        for value in values:
            yield from _numbers(value)
    else:
        yield float(values)
