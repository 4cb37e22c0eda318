"""What a URDF looks like: its visuals as geoms that collide with nothing, in the colours and pictures of its materials.

MuJoCo draws the groups 0 to 2. Collision shapes of links that have visuals go to another one.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import mujoco
import numpy as np

from isaacgym._src.asset_errors import AssetError
from isaacgym._src.asset_meshes import MeshFile, fill
from isaacgym._src.asset_urdf_meshes import find_mesh
from isaacgym._src.backend.pictures import reduced
from isaacgym._src.enums import MeshNormalMode
from isaacgym._src.mesh_formats import Color, Piece, has_looks, is_upright, joined, mujoco_reads, readable, surface
from isaacgym._src.options import AssetOptions
from isaacgym._src.textures import LARGEST

LOGGER = logging.getLogger("isaacgym")

HIDDEN = 3  # a group that is not drawn
PLAIN: Color = (0.7, 0.7, 0.7, 1.0)  # of what has no material
WHITE: Color = (1.0, 1.0, 1.0, 1.0)  # of what shows a picture
LEAST_SURFACE = 1e-8  # of what is drawn, in the units of its file
Z_FROM_Y_UP = np.array([0.5**0.5, 0.5**0.5, 0.0, 0.0])  # turns what has y up


class Part(NamedTuple):
    """A mesh of a spec by its name, the colour that its file gives it, and the material with its picture."""

    mesh: str
    color: Color | None
    material: str = ""


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
            pieces = _pieces(file)
            groups = _by_look(pieces)
            if pieces and not (mujoco_reads(file.path) and len(groups) == 1 and pieces[0].picture is None):
                return _split(spec, mesh, groups)
            file.check()
            file.give(mesh)
        except AssetError as error:
            self._missing.append(str(error))
            return []
        return [Part(mesh.name, pieces[0].color if pieces else None)]

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


def _pieces(file: MeshFile) -> list[Piece]:
    """The file's parts with their looks; none where it says nothing of them."""
    if not has_looks(file.path):
        return []
    try:
        return file.pieces(colors=True)
    except AssetError:
        if mujoco_reads(file.path):
            return []
        raise


def _by_look(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces of the same colour and picture together, without those that have no surface, which MuJoCo refuses."""
    groups: dict[tuple[Color | None, str], list[Piece]] = {}
    for piece in [piece for piece in pieces if surface(piece) > LEAST_SURFACE] or pieces:
        groups.setdefault((piece.color, _name(piece.picture)), []).append(piece)
    return list(groups.values())


def _split(spec: mujoco.MjSpec, mesh: Any, groups: list[list[Piece]]) -> list[Part]:
    """Let the mesh be the pieces of the first look; those of each other look become a mesh beside it."""
    parts = []
    for number, pieces in enumerate(groups):
        part = mesh
        if number:
            part = spec.add_mesh(name=f"{mesh.name}_{number}", scale=mesh.scale)
            part.inertia, part.smoothnormal = mesh.inertia, mesh.smoothnormal
        fill(part, joined(pieces))
        parts.append(Part(part.name, pieces[0].color, _show(spec, pieces[0].picture)))
    return parts


def _show(spec: mujoco.MjSpec, picture: np.ndarray | None) -> str:
    """The name of a material that shows the picture; one for all meshes."""
    name = _name(picture)
    if picture is not None and spec.material(name) is None:
        pixels = reduced(picture, LARGEST)
        height, width, _ = pixels.shape
        flat = mujoco.mjtTexture.mjTEXTURE_2D
        spec.add_texture(name=name, type=flat, width=width, height=height, nchannel=3).data = pixels.tobytes()
        spec.add_material(name=name).textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    return name


def _name(picture: np.ndarray | None) -> str:
    return "" if picture is None else f"picture_{hashlib.sha1(picture.tobytes()).hexdigest()}"


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
        if part.material and (by_mesh or color is None):
            shape.material, shape.rgba = part.material, WHITE
        else:
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
