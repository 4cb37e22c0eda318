"""The part of the Gym that makes the ground: planes, height fields and triangle meshes."""

from __future__ import annotations

import copy
from typing import Any

from isaacgym._src import terrain
from isaacgym._src.ignored import LOGGER
from isaacgym._src.options import HeightFieldParams, PlaneParams, TriangleMeshParams
from isaacgym._src.sim import Sim


class GymGround:
    """The add_* family: grounds stand still and collide with every actor of every environment."""

    def add_ground(self, sim: Sim, params: PlaneParams) -> None:
        """An infinite plane."""
        _unprepared(sim, "add_ground", params).scene.planes.append(copy.deepcopy(params))

    def add_heightfield(self, sim: Sim, samples: Any, params: HeightFieldParams) -> None:
        """A ground over a grid: sample (i, j) at x = i column_scale, y = j row_scale in the transform's frame."""
        _unprepared(sim, "add_heightfield", params).scene.terrains.append(terrain.from_samples(samples, params))
        sim.graphics.terrain_numbers.append(int(params.segmentation_id))

    def add_triangle_mesh(self, sim: Sim, vertices: Any, triangles: Any, params: TriangleMeshParams) -> None:
        """A ground of triangles, three numbers for each vertex and three vertices for each triangle.

        A mesh over a regular grid becomes a height field, each convex part its hull; any other part is sampled.
        """
        _unprepared(sim, "add_triangle_mesh", params).scene.terrains.append(
            terrain.from_triangles(vertices, triangles, params)
        )
        sim.graphics.terrain_numbers.append(int(params.segmentation_id))


def _unprepared(sim: Sim, method: str, params: PlaneParams | HeightFieldParams | TriangleMeshParams) -> Sim:
    if sim.closed:
        raise RuntimeError(f"{method}: destroy_sim has ended this simulation; create another one")
    if sim.prepared:
        raise RuntimeError(f"{method}: the simulation is prepared; add the ground before prepare_sim")
    if params.dynamic_friction != params.static_friction:
        LOGGER.debug(
            "%s: dynamic_friction %g is without effect; what slides does so against the static_friction %g",
            method,
            params.dynamic_friction,
            params.static_friction,
        )
    return sim
