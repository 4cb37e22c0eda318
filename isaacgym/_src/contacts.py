"""Contacts of single environments as records, and as lines to draw."""

from __future__ import annotations

import numpy as np

from isaacgym._src import rows
from isaacgym._src.layout import Layout
from isaacgym._src.results import RigidContact
from isaacgym._src.scene import Env

GROUND = -1  # as a body and as an environment


def rigid_contacts(env: Env) -> np.ndarray:
    """(C,) RigidContact records of an environment.

    The first body of a record is the later one, unless it never moves; the normal points from the second to the first.
    """
    sim = env.sim
    found = sim.backend.contacts(env.index)
    records = np.zeros(len(found.dist), RigidContact.dtype)
    if not len(records):
        return records
    records["minDist"], records["initialOverlap"] = found.margin, -found.dist
    for name, column in (("friction", 0), ("torsionFriction", 2), ("rollingFriction", 3)):
        records[name] = found.friction[:, column]
    owners = _indices(sim.layout.body_ids, sim.layout.model.nbody)[sim.layout.model.geom_bodyid[found.geom]]
    later = owners - len(sim.layout.body_ids) * _never_moves(sim.layout, owners)
    swapped = later[:, 0] < later[:, 1]
    records["normal"] = _records(np.where(swapped[:, None], found.normal, -found.normal))
    for side in (0, 1):
        of_mujoco = np.where(swapped, 1 - side, side)
        bodies = owners[np.arange(len(owners)), of_mujoco]
        records[f"body{side}"], records[f"env{side}"] = bodies, np.where(bodies < 0, GROUND, env.index)
        surface = found.pos + ((of_mujoco - 0.5) * found.dist)[:, None] * found.normal
        pos, axes = _frames(env, bodies)
        records[f"localPos{side}"] = _records(((surface - pos)[:, None] @ axes)[:, 0])
    records["lambda"] = found.force[:, 0]
    records["lambdaFriction"]["x"], records["lambdaFriction"]["y"] = np.abs(found.force[:, 1:]).T
    return records


def contact_lines(env: Env, contacts: np.ndarray, scale: float, sqrt: bool) -> np.ndarray:
    """(C, 6) ends of lines from the points of contacts along their normals, in the environment's frame [m]."""
    pos, axes = _frames(env, contacts["body1"])
    start = pos + (axes @ _plain(contacts["localPos1"])[..., None])[..., 0]
    length = scale * (np.sqrt(contacts["lambda"]) if sqrt else contacts["lambda"])
    return np.concatenate((start, start + _plain(contacts["normal"]) * length[:, None]), 1).astype(np.float32)


def _frames(env: Env, bodies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (C, 3) and rotation matrices (C, 3, 3) of bodies; the ground's frame is the environment's."""
    ground = np.array([[0.0] * 6 + [1.0] + [0.0] * 6])
    states = np.concatenate((rows.body_states(env), ground))[bodies]
    return states[:, :3], rows.matrices(states[:, 3:7])


def _never_moves(layout: Layout, bodies: np.ndarray) -> np.ndarray:
    """Whether these bodies are the ground or the roots of fixed actors."""
    return np.isin(bodies, [GROUND, *(place.body.start for place in layout.actors if place.fixed)])


def _indices(body_ids: np.ndarray, count: int) -> np.ndarray:
    """For each MuJoCo body its index in an environment, or GROUND."""
    table = np.full(count, GROUND)
    table[body_ids] = np.arange(len(body_ids))
    return table


def _records(vectors: np.ndarray) -> np.ndarray:
    """(n,) Vec3 records of vectors (n, 3)."""
    return np.ascontiguousarray(vectors, np.float32).view(RigidContact.dtype["normal"])[:, 0]


def _plain(vectors: np.ndarray) -> np.ndarray:
    """(n, 3) of Vec3 records (n,)."""
    return np.ascontiguousarray(vectors).view(np.float32).reshape(-1, 3)
