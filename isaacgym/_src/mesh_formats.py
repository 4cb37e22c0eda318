"""Mesh files as triangles, pieces and colours: COLLADA, OBJ in its objects, and STL in all its kinds."""

from __future__ import annotations

import importlib.util
import io
import itertools
import re
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

Color = tuple[float, float, float, float]

MUJOCO_READS = (".stl", ".obj", ".msh")
SUFFIXES = (".stl", ".obj", ".dae")  # of the meshes of a URDF
PRIMITIVES = ("triangles", "polylist", "polygons", "tristrips", "trifans")  # of a COLLADA mesh
TO_Z_UP = {"Y_UP": [[1, 0, 0], [0, 0, -1], [0, 1, 0]], "X_UP": [[0, -1, 0], [0, 0, -1], [1, 0, 0]]}
OBJECTS = {"split_objects": True, "split_groups": True, "group_material": False}  # of an OBJ, whatever they look like
UNKNOWN = ""  # up axis of MeshLab's files, which say Y_UP of meshes whatever their axes are
PACKAGES = ("trimesh", "collada")
MOST_STL_TRIANGLES = 200_000  # that MuJoCo reads
STL_HEADER, STL_TRIANGLE = 84, 50  # [bytes]


class MeshError(ValueError):
    """A mesh file that cannot be read."""


class Piece(NamedTuple):
    """One of a file's sub-meshes: vertices (V, 3) in the file's axes [m], faces (F, 3) and the colour it states.

    Or its picture, (H, W, 3) uint8 or none, and the places of the vertices in it, (V, 2) from its upper left corner.
    """

    vertices: np.ndarray
    faces: np.ndarray
    color: Color | None = None
    picture: np.ndarray | None = None
    places: np.ndarray | None = None


def mujoco_reads(path: Path) -> bool:
    """Whether MuJoCo can be given the file as it is."""
    suffix = path.suffix.lower()
    return suffix in MUJOCO_READS and (suffix != ".stl" or _plain_stl(path))


def readable(path: Path) -> bool:
    """Whether files of this kind can be read, with the packages that are here."""
    suffix = path.suffix.lower()
    return suffix in MUJOCO_READS or (suffix in SUFFIXES and all(map(importlib.util.find_spec, PACKAGES)))


def has_looks(path: Path) -> bool:
    """Whether a file says how its parts look, by materials that can be read with the packages that are here."""
    if path.suffix.lower() != ".obj":
        return path.suffix.lower() == ".dae"
    library = re.search(rb"^mtllib[ \t]+([^\r\n]+)", path.read_bytes(), re.MULTILINE)
    if library is None or not all(map(importlib.util.find_spec, PACKAGES)):
        return False
    return (path.parent / library[1].decode(errors="replace").strip()).is_file()


def read_pieces(path: Path, colors: bool = False) -> list[Piece]:
    """The sub-meshes of a file: a COLLADA's geometries, an OBJ's objects and groups, all of an STL."""
    pieces = [_read_stl(path)] if path.suffix.lower() == ".stl" else _read_scene(path, colors)
    pieces = [piece for piece in pieces if len(piece.faces)]
    if not pieces:
        raise MeshError("it holds no triangles")
    return pieces


def read_points(path: Path, most: int | None = None) -> np.ndarray:
    """(V, 3) the vertices of a file; of large ones at least the first `most`."""
    if path.suffix.lower() != ".obj":
        return joined(read_pieces(path)).vertices if most is None or not _plain_stl(path) else _corners(path, most)
    found = re.finditer(rb"^v\s+(\S+)\s+(\S+)\s+(\S+)", path.read_bytes(), re.MULTILINE)
    points = [[float(x) for x in point.groups()] for point in itertools.islice(found, most)]
    if not points:
        raise MeshError("it holds no vertices")
    return np.array(points)


def joined(pieces: list[Piece]) -> Piece:
    """All pieces as one."""
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    faces = [piece.faces + start for piece, start in zip(pieces, starts, strict=False)]
    parts = [piece.places for piece in pieces if piece.places is not None]
    places = np.concatenate(parts) if len(parts) == len(pieces) else None
    vertices, first = np.concatenate([piece.vertices for piece in pieces]), pieces[0]
    return Piece(vertices, np.concatenate(faces), first.color, None if places is None else first.picture, places)


def surface(piece: Piece) -> float:
    """The area of a piece's triangles, in the file's units."""
    corners = piece.vertices[piece.faces]
    sides = corners[:, 1:] - corners[:, :1]
    return float(np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1).sum() / 2)


def is_upright(path: Path) -> bool:
    """Whether a file says which axis is up, so that what is read of it has z up."""
    return path.suffix.lower() == ".dae" and _collada_asset(path)[1] != UNKNOWN


def _collada_asset(path: Path) -> tuple[float, str]:
    """What a COLLADA file says about itself: its unit [m], and its up axis unless its author always says the same."""
    unit, up, tool = 1.0, "Y_UP", ""
    try:
        for _, element in ElementTree.iterparse(path):
            tag = element.tag.rpartition("}")[2]
            if tag == "unit":
                unit = float(element.get("meter") or 1.0)
            elif tag == "up_axis":
                up = (element.text or "").strip()
            elif tag == "authoring_tool":
                tool = element.text or ""
            elif tag == "asset":
                break
    except (ElementTree.ParseError, ValueError) as error:
        raise MeshError(f"not a COLLADA file: {error}") from None
    return unit, UNKNOWN if "MeshLab" in tool else up


# STL.


def _plain_stl(path: Path) -> bool:
    """Whether this is a binary STL of no more triangles than MuJoCo reads."""
    count = _binary_count(path)
    return count is not None and 0 < count <= MOST_STL_TRIANGLES


def _binary_count(path: Path) -> int | None:
    """How many triangles the header promises, None where the file has another length."""
    with path.open("rb") as file:
        header = file.read(STL_HEADER)
    if len(header) < STL_HEADER:
        return None
    count = int.from_bytes(header[80:], "little")
    return count if STL_HEADER + STL_TRIANGLE * count <= path.stat().st_size else None


def _corners(path: Path, most: int) -> np.ndarray:
    """(3T, 3) the corners of at most so many triangles of a binary STL."""
    kind = np.dtype([("normal", "<3f4"), ("corners", "<9f4"), ("attribute", "<u2")])
    return np.fromfile(path, kind, most, offset=STL_HEADER)["corners"].reshape(-1, 3).astype(float)


def _read_stl(path: Path) -> Piece:
    data, count = path.read_bytes(), _binary_count(path)
    if count is not None and not re.match(rb"\s*solid\s[^\0]*facet", data[:1000]):
        corners = _corners(path, count)
    else:
        numbers = b" ".join(b" ".join(found) for found in re.findall(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", data))
        try:
            corners = np.array(numbers.split(), dtype=float).reshape(-1, 3)
        except ValueError as error:
            raise MeshError(f"not an STL file: {error}") from None
    if len(corners) == 0 or len(corners) % 3:
        raise MeshError("not an STL file, neither binary nor text")
    vertices, faces = np.unique(corners.astype(float), axis=0, return_inverse=True)
    return Piece(vertices, faces.reshape(-1, 3))


# What trimesh reads.


def _read_scene(path: Path, colors: bool) -> list[Piece]:
    if path.suffix.lower() == ".obj":
        return _meshes(path, path, **({} if colors else OBJECTS))
    unit, up = _collada_asset(path)
    root = ElementTree.parse(path).getroot()
    pieces = _meshes(path, path) if colors else []
    primitives = sum(len(root.findall(f".//{{*}}mesh/{{*}}{kind}")) for kind in PRIMITIVES)
    if not pieces or len(pieces) < primitives:
        pieces = _meshes(path, _without_materials(root), file_type="dae")
    turn = unit * np.array(TO_Z_UP.get(up, np.eye(3)))
    return [piece._replace(vertices=piece.vertices @ turn.T) for piece in pieces]


def _meshes(path: Path, source: Path | io.BytesIO, **how: Any) -> list[Piece]:
    trimesh = _library(path)
    try:
        scene = trimesh.load_scene(source, **how)
    except Exception as error:  # each of trimesh's readers and pycollada raise kinds of their own
        raise MeshError(f"trimesh cannot read it: {' '.join(str(error).split()) or type(error).__name__}") from None
    found = []
    for mesh in (mesh for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh)):
        picture = _picture(mesh)
        mesh.merge_vertices(merge_tex=picture is None, merge_norm=True)
        places = None if picture is None else np.asarray(mesh.visual.uv) * (1, -1) + (0, 1)
        found.append(Piece(np.asarray(mesh.vertices), np.asarray(mesh.faces), _color(mesh), picture, places))
    return found


def _without_materials(root: ElementTree.Element) -> io.BytesIO:
    """A COLLADA file without what pycollada drops whole geometries for: materials whose pictures are not there."""
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag.endswith("}bind_material")]:
            parent.remove(child)
    return io.BytesIO(ElementTree.tostring(root))


def _library(path: Path) -> ModuleType:
    try:
        if path.suffix.lower() == ".dae":
            importlib.import_module("collada")
        return importlib.import_module("trimesh")
    except ImportError as error:
        raise ModuleNotFoundError(
            f"reading it needs the packages trimesh and pycollada, and there is no {error.name}; "
            "install them (pip install trimesh pycollada, or this project with the extra meshes)"
        ) from None


def _color(mesh: Any) -> Color | None:
    """The diffuse colour of a mesh's material, where it has one."""
    if not mesh.visual.defined:
        return None
    material = getattr(mesh.visual, "material", None)
    rgba = mesh.visual.main_color if material is None else material.main_color
    red, green, blue, alpha = (float(part) / 255 for part in rgba)
    return red, green, blue, alpha if alpha > 0 else 1.0


def _picture(mesh: Any) -> np.ndarray | None:
    """(H, W, 3) uint8 of a mesh's material, where it has one and the mesh says where it is."""
    material = getattr(mesh.visual, "material", None)
    image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    if image is None or getattr(mesh.visual, "uv", None) is None:
        return None
    try:
        return np.asarray(image.convert("RGB"))
    except (OSError, ValueError):  # of a file that is broken
        return None
