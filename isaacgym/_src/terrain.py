"""Grounds with relief: pieces of triangle meshes and height fields, as geoms of the world."""

from __future__ import annotations

import copy
import warnings
from typing import Any, NamedTuple

import mujoco
import numpy as np
import torch

from isaacgym._src.backend.base import Backend
from isaacgym._src.collision import GROUND_BITS
from isaacgym._src.health import SimulationWarning
from isaacgym._src.options import HeightFieldParams, TriangleMeshParams
from isaacgym._src.terrain_mesh import Grid, Hull, pieces_of
from isaacgym._src.vectors import Transform

PREFIX = "terrain_"  # of the geoms' names
FLAT_SHAPES = (mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_MESH)
MOST_TRIANGLES = 50  # of a height field that a shape touches at once, in both engines
BASE = 1.0  # of solid ground below the lowest sample [m]


class Terrain(NamedTuple):
    """A static ground in global coordinates, shared by all environments."""

    pieces: list[Grid | Hull]
    pose: Transform
    friction: float
    restitution: float


def from_triangles(vertices: Any, triangles: Any, params: TriangleMeshParams) -> Terrain:
    """The ground of flat or (n, 3) vertices [m] and triangles; see `terrain_mesh` for how it is collided with."""
    points = _rows("vertices", vertices, np.float64, params.nb_vertices)
    faces = _rows("triangles", triangles, np.int64, params.nb_triangles)
    if not len(points) or not len(faces):
        raise ValueError(
            f"add_triangle_mesh: {len(points)} vertices and {len(faces)} triangles are no ground; set nb_vertices and "
            "nb_triangles of TriangleMeshParams to the numbers of both"
        )
    if faces.min() < 0 or faces.max() >= len(points):
        raise ValueError(
            f"add_triangle_mesh: triangles name vertices {faces.min()} to {faces.max()}, and there are {len(points)}"
        )
    if not np.isfinite(points).all():
        raise ValueError("add_triangle_mesh: some vertices are not finite")
    return Terrain(pieces_of(points, faces), copy.copy(params.transform), params.static_friction, params.restitution)


def from_samples(samples: Any, params: HeightFieldParams) -> Terrain:
    """The ground of nbColumns x nbRows height samples: columns follow each other along x, rows along y."""
    given, shape = np.asarray(samples), (params.nbColumns, params.nbRows)
    if given.size != shape[0] * shape[1] or (given.ndim == 2 and given.shape != shape):
        raise ValueError(
            f"add_heightfield: {given.shape} samples, nbColumns {shape[0]} and nbRows {shape[1]}; axis 0 of the "
            "samples runs along x: set nbColumns to its length and nbRows to that of axis 1"
        )
    if min(shape) < 2:
        raise ValueError(f"add_heightfield: {shape[0]} x {shape[1]} samples; a ground needs two each way")
    scales = [(name, getattr(params, name)) for name in ("row_scale", "column_scale", "vertical_scale")]
    if wrong := [f"{name} {value:g}" for name, value in scales if not value > 0]:
        raise ValueError(f"add_heightfield: scales must be positive, given {', '.join(wrong)}")
    heights = given.reshape(shape) * float(params.vertical_scale)
    grid = Grid(heights, (0.0, 0.0), (params.column_scale, params.row_scale))
    return Terrain([grid], copy.copy(params.transform), params.static_friction, params.restitution)


def add_terrain(spec: mujoco.MjSpec, name: int, terrain: Terrain, material: str) -> list[str]:
    """The names of the pieces' geoms in the world; they collide with every actor, as a plane does."""
    names = []
    for index, piece in enumerate(terrain.pieces):
        label = f"{PREFIX}{name}_{index}"
        geom = _add_grid(spec, label, piece) if isinstance(piece, Grid) else _add_hull(spec, label, piece)
        _move(geom, terrain.pose)
        geom.name, geom.material, geom.rgba = label, material, [1, 1, 1, 1]
        geom.friction = [terrain.friction, 0.005, 0.0001]
        geom.contype, geom.conaffinity = GROUND_BITS
        names.append(label)
    return names


def put_in_global_frame(backend: Backend, origins: np.ndarray) -> None:
    """Each environment, whose frame starts at its origin (N, 3), sees the same global ground from there."""
    geoms = [g for g in range(backend.model.ngeom) if backend.model.geom(g).name.startswith(PREFIX)]
    if geoms and origins.any():
        if backend.name == "mujoco":  # which would not look at the place of a ground compiled at the world's origin
            backend.field("geom_sameframe")[:, geoms] = int(mujoco.mjtSameFrame.mjSAMEFRAME_NONE)
        for pos in (backend.field("geom_pos"), backend.data("geom_xpos")):  # Warp never places what stands still again
            shift = torch.as_tensor(origins, dtype=pos.dtype, device=pos.device)
            pos[:, geoms] -= shift[:, None]


def warn_of_wide_shapes(model: mujoco.MjModel) -> None:
    """Name the shapes that can lie flat on more triangles of a height field than the engines look at."""
    fields = model.geom_dataid[model.geom_type == mujoco.mjtGeom.mjGEOM_HFIELD]
    if not len(fields):
        return
    cells = np.stack([model.hfield_ncol[fields] - 1, model.hfield_nrow[fields] - 1], axis=1)
    finest = float((2 * model.hfield_size[fields, :2] / cells).prod(axis=1).min())
    flat = (
        np.isin(model.geom_type, FLAT_SHAPES) & (model.body_weldid[model.geom_bodyid] != 0) & (model.geom_contype > 0)
    )
    area = np.prod(np.sort(2 * model.geom_aabb[:, 3:], axis=1)[:, 1:], axis=1)
    wide = np.flatnonzero(flat & (2 * area / finest > MOST_TRIANGLES))
    if len(wide):
        names = sorted({model.body(model.geom_bodyid[geom]).name.split("/", 1)[-1] for geom in wide})
        warnings.warn(
            f"prepare_sim: flat shapes of {', '.join(names)} can cover more than {MOST_TRIANGLES} triangles of the "
            f"ground, whose cells have {finest:.2g} m^2; contacts beyond them are lost. Use a coarser ground or "
            "smaller shapes",
            SimulationWarning,
            stacklevel=4,
        )


def _move(geom: Any, pose: Transform) -> None:
    """Place a geom, which stands unturned in the terrain's frame, where the terrain's pose puts it."""
    quat, at = np.array([pose.r.w, pose.r.x, pose.r.y, pose.r.z]), np.zeros(3)
    mujoco.mju_normalize4(quat)
    mujoco.mju_rotVecQuat(at, geom.pos, quat)
    geom.pos, geom.quat = at + [pose.p.x, pose.p.y, pose.p.z], quat


def _add_grid(spec: mujoco.MjSpec, name: str, grid: Grid) -> Any:
    """A geom centred on the grid; MuJoCo's rows run along y, and its samples from 0 to 1."""
    heights, (dx, dy) = grid.heights, grid.spacing
    lowest, span = heights.min(), np.ptp(heights)
    half = 0.5 * (heights.shape[0] - 1) * dx, 0.5 * (heights.shape[1] - 1) * dy
    field = spec.add_hfield(name=name, size=[*half, span or 1.0, BASE])
    field.ncol, field.nrow = heights.shape
    field.userdata = ((heights.T - lowest) / (span or 1.0)).ravel().astype(np.float32)
    geom = spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_HFIELD, hfieldname=name)
    geom.pos = [grid.corner[0] + half[0], grid.corner[1] + half[1], lowest]
    return geom


def _add_hull(spec: mujoco.MjSpec, name: str, hull: Hull) -> Any:
    spec.add_mesh(
        name=name,
        uservert=hull.vertices.ravel(),
        userface=hull.triangles.ravel(),
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX,
    )
    return spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name)


def _rows(what: str, given: Any, kind: type, count: int) -> np.ndarray:
    """The first `count` rows of three of an array of any shape, or all for zero."""
    flat: np.ndarray = np.asarray(given).astype(kind).ravel()
    rows = len(flat) // 3
    if len(flat) % 3 or count > rows:
        raise ValueError(
            f"add_triangle_mesh: {len(flat)} numbers for {count} {what} of three; hand over a flat array, and in "
            f"TriangleMeshParams how many {what} it has"
        )
    return flat.reshape(-1, 3)[: count or rows]
