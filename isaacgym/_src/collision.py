"""Who collides with whom: Isaac Gym's groups and filters as MuJoCo's contype and conaffinity bits."""

from __future__ import annotations

from typing import NamedTuple

MAX_CLASSES = 31  # one bit of a 32-bit mask each; the ground needs none of them for itself


class ShapeClass(NamedTuple):
    """What decides a shape's collisions: its actor's group and filter, and the file's bits where filter is -1."""

    actor: int
    group: int
    filter: int
    contype: int
    conaffinity: int

    def collides(self, other: ShapeClass) -> bool:
        """Equal groups (or -1) and no common filter bit; inside an actor with filter -1 the file decides."""
        if self.group != other.group and -1 not in (self.group, other.group):
            return False
        if self.actor == other.actor and self.filter == -1:
            return bool(self.contype & other.conaffinity or other.contype & self.conaffinity)
        return self.filter < 0 or other.filter < 0 or not self.filter & other.filter


def collision_bits(classes: list[ShapeClass]) -> dict[ShapeClass, tuple[int, int]]:
    """Contype and conaffinity of each class, such that MuJoCo collides exactly the pairs that `collides` names.

    Class k owns bit k; the ground has every bit as contype, so it collides with all.
    """
    distinct = list(dict.fromkeys(classes))
    if len(distinct) > MAX_CLASSES:
        raise NotImplementedError(
            f"prepare_sim: {len(distinct)} different combinations of collision group and filter in one environment; "
            f"at most {MAX_CLASSES} are supported"
        )
    return {a: (1 << k, sum(1 << j for j, b in enumerate(distinct) if a.collides(b))) for k, a in enumerate(distinct)}


GROUND_BITS = (2**MAX_CLASSES - 1, 2**MAX_CLASSES - 1)
