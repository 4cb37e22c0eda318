"""MJCF written for older MuJoCos: what today's parser refuses is taken out where it does not describe the robot."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import mujoco

from isaacgym._src.asset import AssetError, parser_faults

# Settings of the solver, the collision detection and the compiler that newer versions dropped, by element.
DROPPED = {
    "compiler": {"convexhull", "exactmeshinertia"},
    "option": {"apirate", "collision", "mpr_iterations", "mpr_tolerance"},
    "flag": {"passive", "sensornoise"},
}


def parse_mjcf(path: Path) -> mujoco.MjSpec:
    """The spec of an MJCF file with its includes."""
    root = _expanded(path, path.parent, ())
    with parser_faults(str(path), "read this MJCF"):
        if not _strip(root):
            return mujoco.MjSpec.from_file(str(path))
        spec = mujoco.MjSpec.from_string(ElementTree.tostring(root, encoding="unicode"))
    spec.modelfiledir = str(path.parent.resolve())
    return spec


def _expanded(path: Path, folder: Path, parents: tuple[Path, ...]) -> ElementTree.Element:
    """The file's top element, each <include> replaced by what its file holds."""
    if path in parents:
        raise AssetError(f"{parents[0]}: <include file='{path.name}'> includes itself")
    if not path.is_file():
        raise AssetError(f"{parents[-1]}: <include file='{path.relative_to(folder)}'>: no such file ({path})")
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise AssetError(f"{path}: not well-formed XML: {error}") from None
    for element in list(root.iter()):
        for i, child in reversed(list(enumerate(element))):
            if child.tag == "include":
                included = _expanded(folder / child.get("file", ""), folder, (*parents, path))
                element[i : i + 1] = list(included)
    return root


def _strip(root: ElementTree.Element) -> bool:
    """Whether anything had to go."""
    found = False
    for tag, attributes in DROPPED.items():
        for element in root.iter(tag):
            for name in attributes & set(element.attrib):
                del element.attrib[name]
                found = True
    return found
