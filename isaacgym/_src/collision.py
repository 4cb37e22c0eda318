"""Who collides with whom: Isaac Gym's groups and filters as MuJoCo's contype and conaffinity bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import mujoco
import numpy as np

MAX_CLASSES = 31  # one bit of a 32-bit mask each; the ground needs none of them for itself

GROUND_BITS = (2**MAX_CLASSES - 1, 2**MAX_CLASSES - 1)


class ShapeClass(NamedTuple):
    """What decides a shape's collisions: its group and filter, and the file's bits where the file decides.

    `file` numbers the actor whose shapes collide with each other as their file says (create_actor's filter -1); it is
    None where the file has no say.
    """

    group: int
    filter: int
    file: int | None = None
    contype: int = 1
    conaffinity: int = 1

    def collides(self, other: ShapeClass) -> bool:
        """Equal groups (or -1), no common filter bit, and inside one actor with filter -1 what its file says."""
        if self.group != other.group and -1 not in (self.group, other.group):
            return False
        if self.filter & other.filter:
            return False
        if self.file is not None and self.file == other.file:
            return bool(self.contype & other.conaffinity or other.contype & self.conaffinity)
        return True


def collision_bits(classes: Iterable[ShapeClass]) -> dict[ShapeClass, tuple[int, int]]:
    """Contype and conaffinity of each class, such that MuJoCo collides exactly the pairs that `collides` names.

    Class k owns bit k; the ground has every bit, so it collides with all.
    """
    distinct = list(dict.fromkeys(classes))
    if len(distinct) > MAX_CLASSES:
        raise NotImplementedError(
            f"prepare_sim: {len(distinct)} different combinations of collision group and filter in one environment; "
            f"at most {MAX_CLASSES} are supported"
        )
    return {a: (1 << k, sum(1 << j for j, b in enumerate(distinct) if a.collides(b))) for k, a in enumerate(distinct)}


def colliding_pairs(model: mujoco.MjModel) -> tuple[np.ndarray, np.ndarray]:
    """Both geoms of every pair that MuJoCo lets collide by their bits and bodies."""
    first, second = np.triu_indices(model.ngeom, 1)
    body = model.geom_bodyid[first], model.geom_bodyid[second]
    weld = model.body_weldid[body[0]], model.body_weldid[body[1]]
    above = model.body_weldid[model.body_parentid[weld[0]]], model.body_weldid[model.body_parentid[weld[1]]]
    allowed = (model.geom_contype[first] & model.geom_conaffinity[second]) | (
        model.geom_contype[second] & model.geom_conaffinity[first]
    )
    neighbours = (weld[0] != 0) & (weld[1] != 0) & ((above[0] == weld[1]) | (above[1] == weld[0]))
    still = (model.body_dofnum[weld[0]] == 0) & (model.body_dofnum[weld[1]] == 0)
    signature = (np.minimum(*body).astype(np.int64) << 16) + np.maximum(*body)
    excluded = np.isin(signature, model.exclude_signature)
    keep = (allowed != 0) & (weld[0] != weld[1]) & ~neighbours & ~still & ~excluded
    return first[keep], second[keep]
