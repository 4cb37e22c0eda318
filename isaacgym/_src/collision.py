"""Who collides with whom: Isaac Gym's groups and filters as MuJoCo's contype and conaffinity bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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
