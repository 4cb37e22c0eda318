"""The meshes of a URDF: where their files are, and what MuJoCo is given of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import mujoco

from isaacgym._src.asset_errors import AssetError
from isaacgym._src.asset_meshes import MeshFile
from isaacgym._src.mesh_formats import SUFFIXES

LOGGER = logging.getLogger("isaacgym")


def name_meshes(path: Path, root: Path, robot: Element) -> dict[str, MeshFile]:
    """Files by the names that stand in the tree from now on: MuJoCo tells meshes by their names.

    A file has one for each scale, and one to collide and one to look at.
    """
    found: dict[str, MeshFile] = {}
    names: dict[tuple[Path, str, str], str] = {}
    for link in robot.findall("link"):
        owner = f"{path}: link '{link.get('name')}'"
        for shape in [shape for shape in link if shape.tag in ("collision", "visual")]:
            for mesh in shape.iter("mesh"):
                file = find_mesh(mesh.get("filename", ""), owner, path.parent, root)
                name = names.setdefault((file, shape.tag, mesh.get("scale", "")), f"{len(names)}_{file.name}")
                found.setdefault(name, MeshFile(file.resolve(), owner))
                mesh.set("filename", name)
            if shape.find("sdf") is not None:
                LOGGER.warning("%s: asks for a signed distance field, and collides as the hull of its mesh", owner)
    return found


def find_mesh(name: str, owner: str, folder: Path, root: Path) -> Path:
    """The file that a URDF in `folder` calls `name`."""
    if Path(name).suffix.lower() not in SUFFIXES:
        raise NotImplementedError(f"{owner}: mesh '{name}': only {', '.join(SUFFIXES)} are read; convert it")
    candidates = list(dict.fromkeys(_candidates(name, folder.resolve(), root.resolve())))
    file = next((p for p in candidates if p.is_file()), None)
    if file is None:
        tried = ", ".join(map(str, candidates[:4]))
        raise AssetError(f"{owner}: mesh '{name}' not found; looked for {tried}, and in every folder above")
    return file


def _candidates(name: str, folder: Path, root: Path) -> Iterator[Path]:
    """Beside the file and below the asset root, then in every folder above them, the nearest first."""
    scheme, _, rest = name.rpartition("://")
    relative = Path(rest.lstrip("/")) if scheme == "package" else Path(rest)
    inside = [Path(*relative.parts[1:])] if scheme == "package" else []
    for place in (folder, root, *folder.parents, *root.parents):
        for path in (relative, *inside):
            yield place / path


def fill_meshes(spec: mujoco.MjSpec, files: dict[str, MeshFile]) -> dict[str, MeshFile]:
    """Give the meshes of collision shapes what is in their files, which are returned by the meshes' names."""
    colliding = {geom.meshname for geom in spec.geoms if geom.contype or geom.conaffinity}
    found = {}
    for mesh in [mesh for mesh in spec.meshes if mesh.name in colliding]:
        mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX  # of the hull, which is what collides
        found[mesh.name] = files[mesh.file]
        files[mesh.file].give_hull(mesh)
    return found
