"""URDF files as assets: Isaac Gym's order of links and joints, mesh paths, and rules for missing inertia."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import mujoco

from isaacgym._src.asset import Asset, AssetError
from isaacgym._src.asset_mjcf import asset_from_spec
from isaacgym._src.options import AssetOptions


def load_urdf(path: Path, root: Path, options: AssetOptions) -> Asset:
    """The asset in a URDF file; `root` is where package:// and relative mesh paths are looked for."""
    try:
        robot = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise AssetError(f"{path}: not well-formed XML: {error}") from None
    if robot.tag != "robot":
        raise AssetError(f"{path}: the top element of a URDF is <robot>, this file has <{robot.tag}>")
    _check_joints(path, robot)
    _drop_tool_sections(robot)
    _sort_siblings(robot)
    _resolve_meshes(path, root, robot)
    spec = _parse(path, robot)
    _set_density(spec, options.density)
    if options.collapse_fixed_joints:
        _collapse(spec, robot)
    for joint in spec.joints:
        joint.actfrcrange = [0.0, 0.0]
    asset = asset_from_spec(path.stem, spec, options, source=str(path))
    for field, limits in (("effort", asset.effort_limits), ("velocity", asset.velocity_limits)):
        limits.update(_limits(robot, field))
    asset.dof_props = asset._read_dof_props()
    return asset


def _check_joints(path: Path, robot: ElementTree.Element) -> None:
    links = {link.get("name") for link in robot.findall("link")}
    for joint in robot.findall("joint"):
        name, kind = joint.get("name"), joint.get("type")
        if kind in ("floating", "planar"):
            raise NotImplementedError(
                f"{path}: joint '{name}' is {kind}; a floating base is made by fix_base_link = False, "
                "other joints must be revolute, continuous, prismatic or fixed"
            )
        for end in ("parent", "child"):
            element = joint.find(end)
            link = None if element is None else element.get("link")
            if link not in links:
                raise AssetError(
                    f"{path}: joint '{name}': no link '{link}'; links: {', '.join(sorted(map(str, links)))}"
                )


def _drop_tool_sections(robot: ElementTree.Element) -> None:
    """Sections for other tools, among them <mujoco>, do not change what is simulated."""
    for tag in ("mujoco", "gazebo", "transmission", "sensor"):
        for element in robot.findall(tag):
            robot.remove(element)
    for joint in robot.findall("joint"):
        for tag in ("mimic", "safety_controller"):
            for element in joint.findall(tag):
                joint.remove(element)


def _sort_siblings(robot: ElementTree.Element) -> None:
    """Isaac Gym visits the children of a link in the order of their joints' names, not in file order."""
    joints = sorted(robot.findall("joint"), key=lambda joint: joint.get("name") or "")
    for joint in joints:
        robot.remove(joint)
    robot.extend(joints)


def _resolve_meshes(path: Path, root: Path, robot: ElementTree.Element) -> None:
    for mesh in robot.iter("mesh"):
        name = mesh.get("filename", "")
        found = next((p for p in _mesh_candidates(name, path.parent, root) if p.is_file()), None)
        if found is None:
            tried = ", ".join(str(p) for p in _mesh_candidates(name, path.parent, root))
            raise AssetError(f"{path}: mesh '{name}' not found; looked for {tried}")
        mesh.set("filename", str(found.resolve()))


def _mesh_candidates(name: str, folder: Path, root: Path) -> list[Path]:
    if not name.startswith("package://"):
        return [folder / name, root / name]
    relative = Path(name.removeprefix("package://"))
    inside = Path(*relative.parts[1:])
    return [p / r for p in (root, *root.parents) for r in (relative, inside)]


def _parse(path: Path, robot: ElementTree.Element) -> mujoco.MjSpec:
    extension = ElementTree.SubElement(robot, "mujoco")
    ElementTree.SubElement(
        extension, "compiler", {"fusestatic": "false", "strippath": "false", "balanceinertia": "true"}
    )
    try:
        spec = mujoco.MjSpec.from_string(ElementTree.tostring(robot, encoding="unicode"))
    except ValueError as error:
        raise AssetError(f"{path}: MuJoCo cannot read this URDF: {' '.join(str(error).split())}") from None
    return spec


def _set_density(spec: mujoco.MjSpec, density: float) -> None:
    for geom in spec.geoms:
        geom.density = density


def _collapse(spec: mujoco.MjSpec, robot: ElementTree.Element) -> None:
    """Merge links joined by fixed joints into their parents, but those marked dont_collapse."""
    keep = {
        joint.find("child").get("link")  # type: ignore[union-attr]
        for joint in robot.findall("joint")
        if joint.get("dont_collapse", "").lower() == "true"
    }
    if keep:
        raise NotImplementedError(
            f"collapse_fixed_joints with dont_collapse (links {', '.join(sorted(map(str, keep)))}) is not built yet; "
            "load the asset with collapse_fixed_joints = False"
        )
    root = spec.worldbody.first_body()
    free = root.add_freejoint()
    spec.fuse_static()
    spec.delete(free)


def _limits(robot: ElementTree.Element, field: str) -> dict[str, float]:
    found = {}
    for joint in robot.findall("joint"):
        limit = joint.find("limit")
        if limit is not None and limit.get(field) is not None:
            found[str(joint.get("name"))] = float(str(limit.get(field)))
    return found
