"""MJCF written for older MuJoCos: what today's parser refuses is taken out where it does not describe the robot."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import mujoco

from isaacgym._src.asset_errors import AssetError, parser_faults

# Settings of the solver, the collision detection and the compiler that newer versions dropped, by element.
DROPPED = {
    "compiler": {"convexhull", "exactmeshinertia"},
    "option": {"apirate", "collision", "mpr_iterations", "mpr_tolerance"},
    "flag": {"passive", "sensornoise"},
}

LEAST_WAY = (
    1e-4  # to either side of a joint whose limits are equal; MuJoCo needs some [the file's unit of angle] or [m]
)


def parse_mjcf(path: Path) -> mujoco.MjSpec:
    """The spec of an MJCF file with its includes."""
    root = _expanded(path, path.parent, ())
    with parser_faults(str(path), "read this MJCF"):
        mended = [_strip(root), _forget_missing_looks(root, path.parent), _tell_twins_apart(root), _unlock(root)]
        if not any(mended):
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
        root = ElementTree.fromstring(path.read_bytes().lstrip())
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


def _forget_missing_looks(root: ElementTree.Element, folder: Path) -> bool:
    """Whether materials or textures were named that the file does not hold; they are only to look at."""
    found, assets = False, root.findall("asset")
    texture_folder = folder / next((c.get("texturedir", c.get("assetdir", "")) for c in root.iter("compiler")), "")
    for holder in assets:
        for texture in [t for t in holder.findall("texture") if t.get("file")]:
            if not any((place / texture.get("file", "")).is_file() for place in (folder, texture_folder)):
                holder.remove(texture)
                found = True
    for tag, attribute in (("texture", "texture"), ("material", "material")):
        known = {e.get("name") or Path(e.get("file", "")).stem for holder in assets for e in holder.findall(tag)}
        for element in root.iter():
            if element.get(attribute, "") not in ("", *known):
                del element.attrib[attribute]
                found = True
    return found


def _unlock(root: ElementTree.Element) -> bool:
    """Whether joints had limits that leave no way: those of the root body went, others were opened by LEAST_WAY."""
    locked = [joint for joint in root.iter("joint") if _is_locked(joint)]
    for body in root.iterfind("worldbody/body"):
        for joint in [joint for joint in body.findall("joint") if joint in locked]:
            body.remove(joint)
    for joint in locked:
        at = float(joint.get("range", "").split()[0])
        joint.set("range", f"{at - LEAST_WAY} {at + LEAST_WAY}")
    return bool(locked)


def _is_locked(joint: ElementTree.Element) -> bool:
    ends = joint.get("range", "").split()
    return joint.get("limited") == "true" and len(ends) == 2 and float(ends[0]) == float(ends[1])


def _tell_twins_apart(root: ElementTree.Element) -> bool:
    """Whether bodies, joints, geoms or sites of one name got a number behind it, the first of them excepted."""
    found = False
    for tag in ("body", "joint", "geom", "site"):
        named = [e for world in root.findall("worldbody") for e in world.iter(tag) if e.get("name")]
        taken = {str(element.get("name")) for element in named}
        seen: set[str] = set()
        for element in named:
            name = str(element.get("name"))
            if name in seen:
                name = next(new for i in count(1) if (new := f"{name}_{i}") not in taken)
                element.set("name", name)
                found = True
            taken.add(name)
            seen.add(name)
    return found
