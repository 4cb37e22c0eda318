"""URDF files as assets: Isaac Gym's order of links and joints, mesh paths and fixed joints."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import mujoco

from isaacgym._src.asset import Asset, cylinders_to_capsules
from isaacgym._src.asset_errors import AssetError, parser_faults
from isaacgym._src.asset_mjcf import asset_from_spec
from isaacgym._src.asset_urdf_looks import Looks
from isaacgym._src.asset_urdf_mass import complete_masses, mend_inertias, take_lone_masses
from isaacgym._src.asset_urdf_meshes import fill_meshes, name_meshes
from isaacgym._src.asset_urdf_numbers import read_numbers
from isaacgym._src.asset_urdf_repeats import keep_first
from isaacgym._src.options import AssetOptions

LOGGER = logging.getLogger("isaacgym")
JOINT_KINDS = ("revolute", "continuous", "prismatic", "fixed")


def load_urdf(path: Path, root: Path, options: AssetOptions, drawn: bool = False) -> Asset:
    """The asset in a URDF file; `root` is where package:// and relative mesh paths are looked for.

    Its visuals are left out unless it is to be `drawn`.
    """
    try:
        robot = ElementTree.fromstring(path.read_bytes().lstrip())
    except ElementTree.ParseError as error:
        raise AssetError(f"{path}: not well-formed XML: {error}") from None
    if robot.tag != "robot":
        raise AssetError(f"{path}: the top element of a URDF is <robot>, this file has <{robot.tag}>")
    _drop_other_sections(robot, () if drawn else ("visual",))
    keep_first(path, robot)
    read_numbers(path, robot)
    _drop_floating_root(robot)
    _drop_loose_links(path, robot)
    _check_tree(path, robot)
    _rename_world(robot)
    _sort_siblings(robot)
    looks = Looks(path, root, robot) if drawn else None
    files = name_meshes(path, root, robot)
    mend_inertias(robot)
    lone_masses = take_lone_masses(robot)
    spec = _parse(path, robot)
    if looks is not None:
        looks.put_on(spec, files, options)
    mesh_files = fill_meshes(spec, files)
    if options.replace_cylinder_with_capsule:
        cylinders_to_capsules(spec)  # before masses are spread over the shapes
    with parser_faults(str(path), "compile this URDF"):
        complete_masses(spec, lone_masses, options.density)
    if options.collapse_fixed_joints:
        _collapse(spec, robot)
    asset = asset_from_spec(path.stem, spec, options, mesh_files, source=str(path))
    asset.effort_limits, asset.velocity_limits = _limits(path, robot, "effort"), _limits(path, robot, "velocity")
    asset.dof_props = asset.read_dof_props()
    fixed = [joint for joint in robot.findall("joint") if joint.get("type") == "fixed"]
    asset.fixed_joints = {_end(joint, "child"): str(joint.get("name")) for joint in fixed}
    return asset


def _drop_other_sections(robot: Element, more: tuple[str, ...]) -> None:
    """What is for other tools, <mujoco> and mimic joints included, is not simulated."""
    dropped = ("mujoco", "gazebo", "transmission", "sensor", "mimic", "safety_controller", *more)
    for parent in list(robot.iter()):
        for child in [c for c in parent if c.tag in dropped]:
            parent.remove(child)
    for shape in [*robot.iter("collision"), *robot.iter("visual")]:
        shape.attrib.pop("name", None)  # which need not be unique, and is of no use here


def _drop_floating_root(robot: Element) -> None:
    """An empty link from which the robot floats is no part of it: its first link becomes the root."""
    ends = [_end(joint, end) for joint in robot.findall("joint") for end in ("parent", "child")]
    for joint in [joint for joint in robot.findall("joint") if joint.get("type") == "floating"]:
        root = _end(joint, "parent")
        empty = [link for link in robot.findall("link") if link.get("name") == root and not len(link)]
        if ends.count(root) == len(empty) == 1:
            robot.remove(empty[0])
            robot.remove(joint)


def _drop_loose_links(path: Path, robot: Element) -> None:
    """Links that no joint names are no part of a robot whose other links joints hold together."""
    joints = robot.findall("joint")
    held = {_end(joint, end) for joint in joints for end in ("parent", "child")}
    links = {str(link.get("name")): link for link in robot.findall("link")}
    loose = [name for name in links if name not in held] if joints and held <= links.keys() else []
    for name in loose:
        robot.remove(links[name])
    if loose:
        LOGGER.warning("%s: left out links that no joint holds: %s", path, ", ".join(loose))


def _check_tree(path: Path, robot: Element) -> None:
    joints, links = robot.findall("joint"), [link.get("name", "") for link in robot.findall("link")]
    for kind, names in (("link", links), ("joint", [joint.get("name", "") for joint in joints])):
        if "" in names:
            raise AssetError(f"{path}: {kind} number {names.index('') + 1} of {len(names)} has no name")
    for joint in joints:
        _check_joint(path, joint, links)
    children = Counter(_end(joint, "child") for joint in joints)
    shared = [link for link, count in children.items() if count > 1]
    if shared:
        raise AssetError(f"{path}: link '{shared[0]}' is the child of {children[shared[0]]} joints; a robot is a tree")
    if not links:
        raise AssetError(f"{path}: there is no <link> in this file (a xacro file must be expanded first)")
    if len(roots := [link for link in links if link not in children]) != 1:
        found = f"it has {len(roots)} ({', '.join(roots)})" if roots else "every link is the child of some joint"
        raise AssetError(f"{path}: a robot has one link without a parent, {found}")


def _check_joint(path: Path, joint: Element, links: list[str]) -> None:
    name, kind = joint.get("name"), joint.get("type")
    if kind in ("floating", "planar"):
        raise NotImplementedError(
            f"{path}: joint '{name}' is {kind}; a floating base is made by fix_base_link = False, "
            f"other joints must be one of {', '.join(JOINT_KINDS)}"
        )
    if kind not in JOINT_KINDS:
        raise AssetError(f"{path}: joint '{name}' has type '{kind}'; types: {', '.join(JOINT_KINDS)}")
    for end in ("parent", "child"):
        if _end(joint, end) not in links:
            raise AssetError(
                f"{path}: joint '{name}' has {end} link '{_end(joint, end)}', which is not in the file; "
                f"links: {', '.join(sorted(links))}"
            )


def _end(joint: Element, end: str) -> str:
    element = joint.find(end)
    return "" if element is None else str(element.get("link"))


def _rename_world(robot: Element) -> None:
    """A link called world would become MuJoCo's world itself; it is called world_link instead."""
    for element in robot.iter():
        for attribute in ("name", "link"):
            if element.tag in ("link", "parent", "child") and element.get(attribute) == "world":
                element.set(attribute, "world_link")


def _sort_siblings(robot: Element) -> None:
    """Isaac Gym visits the children of a link in the order of their joints' names, not in file order."""
    joints = sorted(robot.findall("joint"), key=lambda joint: joint.get("name") or "")
    for joint in joints:
        robot.remove(joint)
    robot.extend(joints)


def _parse(path: Path, robot: Element) -> mujoco.MjSpec:
    extension = ElementTree.SubElement(robot, "mujoco")
    settings = {"fusestatic": "false", "strippath": "false", "balanceinertia": "true", "discardvisual": "false"}
    ElementTree.SubElement(extension, "compiler", settings)
    with parser_faults(str(path), "read this URDF"):
        return mujoco.MjSpec.from_string(ElementTree.tostring(robot, encoding="unicode"))


def _collapse(spec: mujoco.MjSpec, robot: Element) -> None:
    """Merge links joined by fixed joints into their parents, but those marked dont_collapse."""
    joints = robot.findall("joint")
    kept = [_end(joint, "child") for joint in joints if joint.get("dont_collapse", "").lower() == "true"]
    # A body with a joint is not static: the root and the links to keep get one while the others are merged.
    held = [spec.worldbody.first_body(), *(spec.body(name) for name in kept)]
    added = [body.add_joint(name=f"hold_{i}") for i, body in enumerate(held) if not body.joints]
    spec.fuse_static()
    for joint in added:
        spec.delete(joint)


def _limits(path: Path, robot: Element, field: str) -> dict[str, float]:
    """The limits of the joints that state one; zero says nothing, as in many files."""
    found = {}
    for joint in robot.findall("joint"):
        limit = joint.find("limit")
        text = "0" if limit is None else limit.get(field, "0")
        try:
            value = float(text or 0)
        except ValueError:
            raise AssetError(f"{path}: joint '{joint.get('name')}': {field}='{text}' is not a number") from None
        if value > 0:
            found[str(joint.get("name"))] = value
    return found
