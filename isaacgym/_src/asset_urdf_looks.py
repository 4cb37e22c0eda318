"""What a URDF looks like: its visuals as geoms that collide with nothing, in the colours of its materials.

MuJoCo draws the groups 0 to 2. Collision shapes of links that have visuals go to another one.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import mujoco
import numpy as np

from isaacgym._src.asset_errors import AssetError
from isaacgym._src.asset_meshes import MeshFile, fill
from isaacgym._src.asset_urdf_meshes import find_mesh
from isaacgym._src.enums import MeshNormalMode
from isaacgym._src.mesh_formats import Color, Piece, is_upright, joined, readable
from isaacgym._src.options import AssetOptions

LOGGER = logging.getLogger("isaacgym")

HIDDEN = 3  # a group that is not drawn
PLAIN: Color = (0.7, 0.7, 0.7, 1.0)  # of what has no material
Z_FROM_Y_UP = np.array([0.5**0.5, 0.5**0.5, 0.0, 0.0])  # turns what has y up


class Part(NamedTuple):
    """A mesh of a spec by its name, and the colour that its file gives it."""

    mesh: str
    color: Color | None


class Looks:
    """The visuals of a URDF's links that can be drawn; taking them removes the others from the tree."""

    def __init__(self, path: Path, root: Path, robot: Element) -> None:
        self._path = path
        self._missing: list[str] = []
        named = {str(m.get("name")): c for m in robot.iter("material") if (c := _color(m)) is not None}
        self._colors: dict[str, list[Color | None]] = {}
        self._without: set[str] = set()  # links that the file gives nothing to see
        for link in robot.findall("link"):
            name, visuals = str(link.get("name")), link.findall("visual")
            if not visuals:
                self._without.add(name)
            kept = [visual for visual in visuals if self._is_drawn(visual, link, root)]
            for visual in visuals:
                if visual not in kept:
                    link.remove(visual)
            self._colors[name] = [_material(visual, named) for visual in kept]
        for parent in list(robot.iter()):
            for material in parent.findall("material"):
                parent.remove(material)

    def _is_drawn(self, visual: Element, link: Element, root: Path) -> bool:
        if visual.find("geometry/*") is None:
            return False
        if (mesh := visual.find("geometry/mesh")) is None:
            return True
        owner = f"link '{link.get('name')}'"
        try:
            file = find_mesh(mesh.get("filename", ""), owner, self._path.parent, root)
        except (AssetError, NotImplementedError) as error:
            self._missing.append(str(error))
            return False
        if not readable(file):
            self._missing.append(f"{owner}: mesh '{file}' needs pip install trimesh pycollada")
            return False
        return True

    def put_on(self, spec: mujoco.MjSpec, files: dict[str, MeshFile], options: AssetOptions) -> None:
        """Colour the visual geoms of a parsed spec, fill their meshes, and hide the shapes behind them."""
        looks = [(body, [geom for geom in body.geoms if not _collides(geom)]) for body in spec.bodies[1:]]
        names = [geom.meshname for _, geoms in looks for geom in geoms if geom.meshname]
        sources = {name: files[spec.mesh(name).file] for name in names}
        parts = {name: self._fill(spec, spec.mesh(name), file, options) for name, file in sources.items()}
        drawn = set()
        for body, geoms in looks:
            for geom, color in zip(geoms, self._colors[body.name], strict=True):
                if not (found := parts.get(geom.meshname, [Part("", None)])):
                    spec.delete(geom)
                    continue
                if geom.meshname and options.flip_visual_attachments and not is_upright(sources[geom.meshname].path):
                    _turn(geom)
                _paint(geom, found, color, options.use_mesh_materials)
                drawn.add(body.name)
        for name in [name for name, found in parts.items() if not found]:
            spec.delete(spec.mesh(name))
        if drawn:
            self._hide(spec, drawn)
        self._tell()

    def _fill(self, spec: mujoco.MjSpec, mesh: Any, file: MeshFile, options: AssetOptions) -> list[Part]:
        """The mesh, and others beside it where the file has several colours; none if it cannot be read."""
        mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL  # which needs no volume
        mesh.smoothnormal = options.mesh_normal_mode == MeshNormalMode.COMPUTE_PER_VERTEX
        try:
            if file.path.suffix.lower() == ".dae":
                return _split(spec, mesh, file.pieces(colors=True))
            file.check()
            file.give(mesh)
        except AssetError as error:
            self._missing.append(str(error))
            return []
        return [Part(mesh.name, None)]

    def _tell(self) -> None:
        if self._missing:
            LOGGER.warning(
                "%s: %d visuals are not drawn, the first is %s; collision shapes are drawn in their place",
                self._path,
                len(self._missing),
                self._missing[0],
            )

    def _hide(self, spec: mujoco.MjSpec, drawn: set[str]) -> None:
        """Links with visuals are drawn by them, those without any in the file not at all."""
        for body in spec.bodies[1:]:
            if body.name in drawn or body.name in self._without:
                for geom in filter(_collides, body.geoms):
                    geom.group = HIDDEN


def _collides(geom: Any) -> bool:
    return bool(geom.contype or geom.conaffinity)


def _split(spec: mujoco.MjSpec, mesh: Any, pieces: list[Piece]) -> list[Part]:
    """Let the mesh be the pieces of the first colour; those of each other colour become a mesh beside it."""
    parts = []
    for number, color in enumerate(dict.fromkeys(piece.color for piece in pieces)):
        part = mesh
        if number:
            part = spec.add_mesh(name=f"{mesh.name}_{number}", scale=mesh.scale)
            part.inertia, part.smoothnormal = mesh.inertia, mesh.smoothnormal
        fill(part, joined([piece for piece in pieces if piece.color == color]))
        parts.append(Part(part.name, color))
    return parts


def _turn(geom: Any) -> None:
    """Turn the geom's mesh from y up to z up; meshes themselves cannot be turned where MuJoCo remembers their files."""
    quat = np.zeros(4)
    mujoco.mju_mulQuat(quat, geom.quat, Z_FROM_Y_UP)
    geom.quat = quat


def _paint(geom: Any, parts: list[Part], color: Color | None, by_mesh: bool) -> None:
    """Let the geom and others beside it show all parts, in the material's colour or in those of the mesh."""
    for number, part in enumerate(parts):
        shape = geom
        if number:
            shape = geom.parent.add_geom(type=geom.type, meshname=part.mesh, contype=0, conaffinity=0, density=0)
            for field in ("group", "pos", "quat", "alt"):
                setattr(shape, field, getattr(geom, field))
        shape.rgba = (part.color if by_mesh else None) or color or part.color or PLAIN


def _material(visual: Element, named: dict[str, Color]) -> Color | None:
    material = visual.find("material")
    if material is None:
        return None
    return _color(material) or named.get(str(material.get("name")))


def _color(material: Element) -> Color | None:
    color = material.find("color")
    try:
        red, green, blue, alpha = (float(x) for x in ("" if color is None else color.get("rgba", "")).split())
    except ValueError:
        return None
    return red, green, blue, alpha
