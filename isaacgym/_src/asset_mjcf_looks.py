"""Meshes of an MJCF file that are only to look at: one that cannot be read is left out, not the robot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mujoco

from isaacgym._src.asset_urdf_mass import PLACEHOLDER_MASS, stand_in
from isaacgym._src.mesh_formats import SUFFIXES, MeshError, read_points, readable


def drop_unreadable_looks(spec: mujoco.MjSpec, folder: Path) -> None:
    """Delete visual geoms whose mesh file is missing or of another format; a body that they emptied weighs 1 g."""
    unreadable = {mesh.name for mesh in spec.meshes if mesh.file and not _readable(folder / spec.meshdir / mesh.file)}
    visual = [geom for geom in spec.geoms if geom.type == mujoco.mjtGeom.mjGEOM_MESH and _only_looks(geom)]
    dropped = {geom.meshname for geom in visual} & unreadable
    for body in [_dropped(spec, geom) for geom in visual if geom.meshname in dropped]:
        if body.joints and not body.geoms and not body.explicitinertial:
            stand_in(body, PLACEHOLDER_MASS)
    used = {geom.meshname for geom in spec.geoms}
    for mesh in [mesh for mesh in spec.meshes if mesh.name in dropped - used]:
        spec.delete(mesh)


def _readable(path: Path) -> bool:
    if not (path.is_file() and readable(path)):
        return False
    try:
        return path.suffix.lower() not in SUFFIXES or len(read_points(path, 1)) > 0
    except MeshError:
        return False


def _only_looks(geom: Any) -> bool:
    return not geom.contype and not geom.conaffinity


def _dropped(spec: mujoco.MjSpec, geom: Any) -> Any:
    """The body of a geom that is deleted."""
    body = geom.parent
    spec.delete(geom)
    return body
