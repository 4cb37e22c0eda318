"""Shapes of one actor that overlap in every pose of its joints: they cannot part, and do not collide.

Robots have them where a cylinder became a capsule, or a mesh its hull: their contact would press with all its might
against joints that cannot give way.
"""

from __future__ import annotations

import warnings

import mujoco
import numpy as np

from isaacgym._src.health import SimulationWarning
from isaacgym._src.layout import Layout

POSES = 24  # of the joints, that are looked at
APART = 1e3  # between actors meanwhile [m]
PREFIX = "nested_"  # of the names of pairs that never meet
NEVER = -1e3  # margin of such a pair [m]

Pairs = set[tuple[int, int]]


def nested_pairs(model: mujoco.MjModel, layout: Layout) -> list[tuple[int, int]]:
    """Pairs of geoms that overlap as the model stands and in all poses drawn from the ranges of its joints."""
    data, rng = mujoco.MjData(model), np.random.default_rng(0)
    roots = model.jnt_qposadr[model.jnt_type == mujoco.mjtJoint.mjJNT_FREE]
    data.qpos[roots + 2] += APART * np.arange(1, len(roots) + 1)
    owner = np.full(model.ngeom, -1)
    for slot, place in enumerate(layout.actors):
        owner[place.mujoco_geoms] = slot
    joints = layout.joint_ids
    low, high = _ranges(model, joints)
    written = {
        (min(pair), max(pair)) for pair in zip(model.pair_geom1.tolist(), model.pair_geom2.tolist(), strict=True)
    }
    found = _overlaps(model, data, owner) - written
    for _ in range(POSES):
        if not found:
            break
        data.qpos[model.jnt_qposadr[joints]] = rng.uniform(low, high)
        found &= _overlaps(model, data, owner)
    return sorted(found)


def add_pairs(spec: mujoco.MjSpec, model: mujoco.MjModel, pairs: list[tuple[int, int]]) -> None:
    """Let pairs of the model's geoms, which all have names, never meet."""
    for number, (first, second) in enumerate(pairs):
        names = model.geom(first).name, model.geom(second).name
        spec.add_pair(name=f"{PREFIX}{number}", geomname1=names[0], geomname2=names[1], margin=NEVER)


def warn(model: mujoco.MjModel, pairs: list[tuple[int, int]]) -> None:
    """Say which links have shapes that do not collide."""
    links = dict.fromkeys(tuple(model.body(model.geom_bodyid[geom]).name for geom in pair) for pair in pairs)
    shown = ", ".join(f"'{a.split('/', 1)[1]}' and '{b.split('/', 1)[1]}'" for a, b in links)
    warnings.warn(
        f"prepare_sim: {len(pairs)} pairs of shapes overlap in every pose of their joints and do not collide: of "
        f"{shown}. Shrink the shapes, or switch replace_cylinder_with_capsule off, if they should",
        SimulationWarning,
        stacklevel=4,
    )


def _overlaps(model: mujoco.MjModel, data: mujoco.MjData, owner: np.ndarray) -> Pairs:
    """Pairs of geoms of one actor that overlap in the present pose, of those that may collide."""
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    mujoco.mj_collision(model, data)
    geoms, deep = data.contact.geom, data.contact.dist < 0
    own = deep & (owner[geoms[:, 0]] >= 0) & (owner[geoms[:, 0]] == owner[geoms[:, 1]])
    return {(min(pair), max(pair)) for pair in geoms[own].tolist()}


def _ranges(model: mujoco.MjModel, joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest position of each joint; one without limits turns all the way round or slides 10 cm."""
    limited = model.jnt_limited[joints].astype(bool)
    free = np.where(model.jnt_type[joints] == mujoco.mjtJoint.mjJNT_HINGE, np.pi, 0.1)
    low, high = model.jnt_range[joints].T
    return np.where(limited, low, -free), np.where(limited, high, free)
