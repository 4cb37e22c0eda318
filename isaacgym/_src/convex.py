"""Collision meshes as several convex pieces (AssetOptions.vhacd_enabled), where one hull would fill what is hollow."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import mujoco
import numpy as np

from isaacgym._src.options import VhacdParams

COPIED = (
    "contype",
    "conaffinity",
    "condim",
    "priority",
    "friction",
    "solmix",
    "solref",
    "solimp",
    "margin",
    "gap",
    "group",
    "rgba",
    "material",
)
VOLUME_ERROR = 20.0  # by how much the hull of a piece may be larger before it is cut on [percent]
FLAT = 1e-12  # volume of a piece that is none [m^3]


def collision_meshes(spec: mujoco.MjSpec) -> list[Any]:
    """The geoms of meshes that collide."""
    meshes = [geom for geom in spec.geoms if geom.type == mujoco.mjtGeom.mjGEOM_MESH]
    return [geom for geom in meshes if geom.contype or geom.conaffinity]


def decompose(source: str, spec: mujoco.MjSpec, params: VhacdParams) -> None:
    """Replace each collision mesh by its convex pieces; masses and inertias stay what they were."""
    geoms = collision_meshes(spec)
    if not geoms:
        return
    vhacd, model = _library(source), spec.compile()
    places = [(geom, model.geom(geom.id)) for geom in geoms]
    _fix_masses(spec, model)
    pieces: dict[int, list[np.ndarray]] = {}
    for number, (geom, compiled) in enumerate(places):
        mesh = int(compiled.dataid[0])
        if mesh not in pieces:
            pieces[mesh] = _pieces(vhacd, model, mesh, params)
        rot = np.zeros(9)
        mujoco.mju_quat2Mat(rot, compiled.quat)
        for i, points in enumerate(pieces[mesh]):
            _add_piece(spec, geom, f"piece_{number}_{i}", points @ rot.reshape(3, 3).T + compiled.pos)
    for geom in geoms:
        spec.delete(geom)


def _library(source: str) -> ModuleType:
    try:
        return importlib.import_module("vhacdx")
    except ImportError:
        raise ModuleNotFoundError(
            f"{source}: AssetOptions.vhacd_enabled needs the package vhacdx, which cuts collision meshes into convex "
            "pieces; install it (pip install vhacdx), or leave vhacd_enabled False for one convex hull each"
        ) from None


def _fix_masses(spec: mujoco.MjSpec, model: mujoco.MjModel) -> None:
    for body in spec.bodies[1:]:
        i = body.id
        body.explicitinertial, body.mass, body.ipos = True, float(model.body_mass[i]), model.body_ipos[i]
        body.iquat, body.inertia, body.fullinertia = model.body_iquat[i], model.body_inertia[i], [np.nan] + [0.0] * 5
    spec.compiler.inertiafromgeom = mujoco.mjtInertiaFromGeom.mjINERTIAFROMGEOM_FALSE


def _pieces(vhacd: ModuleType, model: mujoco.MjModel, mesh: int, params: VhacdParams) -> list[np.ndarray]:
    """Vertices (n, 3) of each convex piece of a mesh, in the mesh's frame [m]."""
    vertices = slice(model.mesh_vertadr[mesh], model.mesh_vertadr[mesh] + model.mesh_vertnum[mesh])
    faces = slice(model.mesh_faceadr[mesh], model.mesh_faceadr[mesh] + model.mesh_facenum[mesh])
    found = vhacd.compute_vhacd(
        model.mesh_vert[vertices].astype(np.float64),
        _counted(model.mesh_face[faces]),
        maxConvexHulls=params.max_convex_hulls,
        resolution=params.resolution,
        minimumVolumePercentErrorAllowed=VOLUME_ERROR,
        maxNumVerticesPerCH=params.max_num_vertices_per_ch,
        asyncACD=False,
    )
    return [np.asarray(points) for points, faces in found if _volume(points, np.asarray(faces)) > FLAT]


def _counted(faces: np.ndarray) -> np.ndarray:
    """Triangles (n, 3) as vhacdx reads them: one flat list, the number of corners before each."""
    return np.insert(faces, 0, 3, axis=1).astype(np.uint32).ravel()


def _volume(points: np.ndarray, faces: np.ndarray) -> float:
    corners = points[faces.reshape(-1, 3)]
    return abs(float(np.linalg.det(corners - points.mean(0)).sum())) / 6.0


def _add_piece(spec: mujoco.MjSpec, geom: Any, name: str, points: np.ndarray) -> None:
    """A geom of the given points (n, 3) in the body's frame, with the surface of `geom`."""
    mesh = spec.add_mesh(name=name, uservert=points.astype(np.float32).ravel().tolist())
    piece = geom.parent.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=mesh.name)
    for field in COPIED:
        setattr(piece, field, getattr(geom, field))
