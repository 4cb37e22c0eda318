"""Tiny mesh files for tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

FACES = ((0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2))


def write_tetrahedron(path: Path, size: float = 1.0) -> Path:
    """A corner of a cube with edges of `size` [m] along the axes, as STL or OBJ; its volume is size^3 / 6."""
    path.parent.mkdir(parents=True, exist_ok=True)
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) * size
    if path.suffix == ".stl":
        triangles = (struct.pack("<12fH", 0, 0, 0, *corners[list(face)].ravel(), 0) for face in FACES)
        path.write_bytes(bytes(80) + struct.pack("<I", len(FACES)) + b"".join(triangles))
    else:
        lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in FACES]
        path.write_text("\n".join(lines) + "\n")
    return path


def write_walls(path: Path, gap: float, objects: bool = False) -> Path:
    """Two upright walls of 0.1 x 1 x 1 m in one OBJ file, `gap` [m] apart along x, each an object if asked for."""
    lines: list[str] = []
    for number, side in enumerate((-1, 1)):
        lines += [f"o wall_{number}"] if objects else []
        for x in (gap / 2, gap / 2 + 0.1):
            lines += [f"v {side * x} {y} {z}" for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
        for a, b, c, d in ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)):
            ring = [8 * number + 1 + i for i in ((a, b, c, d) if side > 0 else (d, c, b, a))]
            lines += [f"f {ring[0]} {ring[1]} {ring[2]}", f"f {ring[0]} {ring[2]} {ring[3]}"]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_ascii_stl(path: Path, size: float = 1.0) -> Path:
    """The tetrahedron of `write_tetrahedron` as an STL of text."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) * size
    lines = ["solid corner"]
    for face in FACES:
        lines += ["facet normal 0 0 0", "outer loop", *(f"vertex {x} {y} {z:e}" for x, y, z in corners[list(face)])]
        lines += ["endloop", "endfacet"]
    path.write_text("\n".join([*lines, "endsolid corner"]) + "\n")
    return path


class Part(NamedTuple):
    """One tetrahedron in a COLLADA file: where it is [units], and the colour of its material."""

    place: tuple[float, float, float] = (0.0, 0.0, 0.0)
    color: str | None = None


def write_collada(
    path: Path,
    size: float = 1.0,
    unit: float = 1.0,
    up: str = "Z_UP",
    tool: str = "",
    parts: Sequence[Part] = (Part(),),
) -> Path:
    """Tetrahedra of `write_tetrahedron` with edges of `size` [units of `unit` m] in one COLLADA file."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) * size
    numbers, triangles = " ".join(map(str, corners.ravel())), " ".join(str(i) for face in FACES for i in face)
    effects = "".join(
        f"""<effect id="e{i}"><profile_COMMON><technique sid="t"><lambert><diffuse><color>{part.color}</color></diffuse>
        </lambert></technique></profile_COMMON></effect>"""
        for i, part in enumerate(parts)
        if part.color
    )
    materials = "".join(f'<material id="m{i}"><instance_effect url="#e{i}"/></material>' for i in range(len(parts)))
    nodes = "".join(
        f"""<node id="n{i}"><translate>{" ".join(map(str, part.place))}</translate>
        <instance_geometry url="#g{i}"><bind_material><technique_common>
        <instance_material symbol="s" target="#m{i}"/></technique_common></bind_material></instance_geometry></node>"""
        for i, part in enumerate(parts)
    )
    geometries = "".join(
        f"""<geometry id="g{i}"><mesh><source id="p{i}"><float_array id="a{i}" count="12">{numbers}</float_array>
        <technique_common><accessor source="#a{i}" count="4" stride="3"><param name="X" type="float"/>
        <param name="Y" type="float"/><param name="Z" type="float"/></accessor></technique_common></source>
        <vertices id="v{i}"><input semantic="POSITION" source="#p{i}"/></vertices>
        <triangles material="s" count="4"><input semantic="VERTEX" source="#v{i}" offset="0"/><p>{triangles}</p>
        </triangles></mesh></geometry>"""
        for i in range(len(parts))
    )
    path.write_text(
        f"""<?xml version="1.0"?><COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
        <asset><contributor><authoring_tool>{tool}</authoring_tool></contributor><created>2026-01-01T00:00:00</created><modified>2026-01-01T00:00:00</modified>
        <unit name="u" meter="{unit}"/><up_axis>{up}</up_axis></asset>
        <library_effects>{effects}</library_effects><library_materials>{materials}</library_materials>
        <library_geometries>{geometries}</library_geometries>
        <library_visual_scenes><visual_scene id="scene">{nodes}</visual_scene></library_visual_scenes>
        <scene><instance_visual_scene url="#scene"/></scene></COLLADA>"""
    )
    return path
