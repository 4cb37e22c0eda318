"""Collision meshes as several convex pieces, where one hull would fill what is hollow.

They are the file's sub-meshes (AssetOptions.convex_decomposition_from_submeshes) or cut by V-HACD (vhacd_enabled).
"""

from __future__ import annotations

import hashlib
import importlib
from types import ModuleType
from typing import Any

import mujoco
import numpy as np

from isaacgym._src.asset_mass import state_masses
from isaacgym._src.asset_meshes import MeshFile, is_flat
from isaacgym._src.options import AssetOptions, VhacdParams

SURFACE = (
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

_KNOWN: dict[bytes, list[np.ndarray]] = {}  # pieces of meshes cut before, by mesh and settings


def separate(source: str, spec: mujoco.MjSpec, options: AssetOptions, files: dict[str, MeshFile]) -> None:
    """Replace each collision mesh by the convex pieces that the options ask for, else by none; masses stay.

    `files` has the files of the spec's meshes by their names.
    """
    if not (geoms := _collision_meshes(spec)):
        return
    if options.convex_decomposition_from_submeshes:
        _split(spec, geoms, files)
    elif options.vhacd_enabled:
        _decompose(_library(source), spec, geoms, options.vhacd_params)


def _collision_meshes(spec: mujoco.MjSpec) -> list[Any]:
    meshes = [geom for geom in spec.geoms if geom.type == mujoco.mjtGeom.mjGEOM_MESH]
    return [geom for geom in meshes if geom.contype or geom.conaffinity]


def _split(spec: mujoco.MjSpec, geoms: list[Any], files: dict[str, MeshFile]) -> None:
    """Each sub-mesh of a file becomes a shape; those that are flat are none."""
    names = {geom.meshname for geom in geoms} & set(files)
    solid = {name: [piece for piece in files[name].pieces() if not is_flat(piece.vertices)] for name in names}
    pieces = {name: found for name, found in solid.items() if len(found) > 1}
    split = [geom for geom in geoms if geom.meshname in pieces]
    if split:
        state_masses(spec, spec.compile())
    for number, geom in enumerate(split):
        whole = spec.mesh(geom.meshname)
        for i, piece in enumerate(pieces[geom.meshname]):
            mesh = spec.add_mesh(name=f"submesh_{number}_{i}", uservert=_numbers(piece.vertices))
            for field in ("scale", "refpos", "refquat"):
                setattr(mesh, field, getattr(whole, field))
            _add_shape(geom, mesh, (*SURFACE, "pos", "quat", "alt"))
        spec.delete(geom)


def _decompose(vhacd: ModuleType, spec: mujoco.MjSpec, geoms: list[Any], params: VhacdParams) -> None:
    """Each mesh becomes pieces that are nearly convex."""
    model = spec.compile()
    places = [(geom, model.geom(geom.id)) for geom in geoms]
    state_masses(spec, model)
    pieces: dict[int, list[np.ndarray]] = {}
    for number, (geom, compiled) in enumerate(places):
        mesh = int(compiled.dataid[0])
        if mesh not in pieces:
            pieces[mesh] = _pieces(vhacd, model, mesh, params)
        rot = np.zeros(9)
        mujoco.mju_quat2Mat(rot, compiled.quat)
        for i, points in enumerate(pieces[mesh]):
            placed = points @ rot.reshape(3, 3).T + compiled.pos
            _add_shape(geom, spec.add_mesh(name=f"piece_{number}_{i}", uservert=_numbers(placed)), SURFACE)
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


def _pieces(vhacd: ModuleType, model: mujoco.MjModel, mesh: int, params: VhacdParams) -> list[np.ndarray]:
    """Vertices (n, 3) of each convex piece of a mesh, in the mesh's frame [m]."""
    vertices = slice(model.mesh_vertadr[mesh], model.mesh_vertadr[mesh] + model.mesh_vertnum[mesh])
    faces = slice(model.mesh_faceadr[mesh], model.mesh_faceadr[mesh] + model.mesh_facenum[mesh])
    points, triangles = model.mesh_vert[vertices].astype(np.float64), _counted(model.mesh_face[faces])
    settings = params.max_convex_hulls, params.resolution, params.max_num_vertices_per_ch, params.project_hull_vertices
    key = hashlib.sha256(points.tobytes() + triangles.tobytes() + repr(settings).encode()).digest()
    if key not in _KNOWN:
        found = vhacd.compute_vhacd(
            points,
            triangles,
            maxConvexHulls=params.max_convex_hulls,
            resolution=params.resolution,
            minimumVolumePercentErrorAllowed=VOLUME_ERROR,
            maxNumVerticesPerCH=params.max_num_vertices_per_ch,
            shrinkWrap=params.project_hull_vertices,
            asyncACD=False,
        )
        _KNOWN[key] = [np.asarray(part) for part, faces in found if _volume(part, np.asarray(faces)) > FLAT]
    return _KNOWN[key]


def _counted(faces: np.ndarray) -> np.ndarray:
    """Triangles (n, 3) as vhacdx reads them: one flat list, the number of corners before each."""
    return np.insert(faces, 0, 3, axis=1).astype(np.uint32).ravel()


def _volume(points: np.ndarray, faces: np.ndarray) -> float:
    corners = points[faces.reshape(-1, 3)]
    return abs(float(np.linalg.det(corners - points.mean(0)).sum())) / 6.0


def _numbers(points: np.ndarray) -> list[float]:
    return list(points.astype(np.float32).ravel().tolist())


def _add_shape(geom: Any, mesh: Any, fields: tuple[str, ...]) -> None:
    """A geom of a mesh beside `geom`, with the same `fields`."""
    shape = geom.parent.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=mesh.name)
    for field in fields:
        setattr(shape, field, getattr(geom, field))
