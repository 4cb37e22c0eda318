"""MJCF files as assets: one root body, everything that belongs to a world left out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import mujoco

from isaacgym._src.asset import Asset, DriveMode, name_elements
from isaacgym._src.asset_errors import AssetError
from isaacgym._src.asset_meshes import MeshFile
from isaacgym._src.asset_mjcf_looks import drop_unreadable_looks
from isaacgym._src.asset_mjcf_old import parse_mjcf
from isaacgym._src.asset_mjcf_references import drop_dangling
from isaacgym._src.enums import DofDriveMode
from isaacgym._src.mesh_formats import SUFFIXES
from isaacgym._src.options import AssetOptions
from isaacgym._src.properties import ActuatorProperties


def load_mjcf(path: Path, options: AssetOptions) -> Asset:
    """The asset in an MJCF file; its floor, lights, cameras and keyframes are ignored, as Isaac Gym does."""
    spec = parse_mjcf(path)
    drop_unreadable_looks(spec, path.parent)
    files = _fill_meshes(path, spec)
    return asset_from_spec(path.stem, spec, options, files, source=str(path))


def _fill_meshes(path: Path, spec: mujoco.MjSpec) -> dict[str, MeshFile]:
    """Give the meshes what is in their files, which are returned by the meshes' names; MuJoCo says what is missing."""
    files, colliding = {}, {geom.meshname for geom in spec.geoms if geom.contype or geom.conaffinity}
    for mesh in spec.meshes:
        place = path.parent / spec.meshdir / mesh.file
        if mesh.file and place.suffix.lower() in SUFFIXES and place.is_file():
            file = files[mesh.name] = MeshFile(place.resolve(), f"{path}: mesh '{mesh.name}'")
            give = file.give_hull if mesh.name in colliding else file.give
            give(mesh)
        if any(mesh.refpos) or any(mesh.refquat[1:]):
            # MuJoCo 3.17 remembers a file's mesh with its reference pose, and gives it to those that have another.
            mujoco.mj_setCacheCapacity(mujoco.mj_getCache(), 0)
    return files


def asset_from_spec(
    name: str, spec: mujoco.MjSpec, options: AssetOptions, mesh_files: dict[str, MeshFile], source: str
) -> Asset:
    """An asset from a parsed spec, which it takes over and strips of its world."""
    roots = spec.worldbody.bodies
    if len(roots) != 1:
        names = ", ".join(repr(body.name) for body in roots) or "none"
        raise AssetError(
            f"{source}: an asset is one tree of bodies, this file has {len(roots)} root bodies ({names}); "
            "put each in a file of its own and create one actor of each"
        )
    world = spec.worldbody
    _delete(spec, [*world.geoms, *world.lights, *world.cameras, *world.sites, *spec.keys, *spec.sensors])
    _delete(spec, [j for j in roots[0].joints if j.type == mujoco.mjtJoint.mjJNT_FREE])
    name_elements(spec)
    drop_dangling(source, spec)
    actuator_names = [actuator.name for actuator in spec.actuators]
    actuators, joints, modes, efforts = _take_actuators(spec)
    limits = efforts | _take_joint_effort_limits(spec)
    return Asset(
        name,
        spec,
        options,
        actuators,
        joints,
        actuator_names,
        drive_modes=modes,
        effort_limits=limits,
        mesh_files=mesh_files,
        source=source,
    )


def _delete(spec: mujoco.MjSpec, elements: Iterable[Any]) -> None:
    for element in list(elements):
        spec.delete(element)


JOINT_TRANSMISSIONS = (mujoco.mjtTrn.mjTRN_JOINT, mujoco.mjtTrn.mjTRN_JOINTINPARENT)


def _take_actuators(
    spec: mujoco.MjSpec,
) -> tuple[list[ActuatorProperties], list[str], dict[str, DriveMode], dict[str, float]]:
    """The file's actuators as properties, default drives and effort limits; the drives of the dofs replace them."""
    props, joints, modes, efforts = [], [], {}, {}
    for actuator in spec.actuators:
        p, target = _actuator_props(actuator), actuator.target
        props.append(p)
        joints.append(target)
        if actuator.trntype not in JOINT_TRANSMISSIONS:
            continue
        gear = float(actuator.gear[0])
        if p.type == "position":
            modes[target] = (DofDriveMode.DOF_MODE_POS, p.kp * gear**2, p.kv * gear**2)
        elif p.type == "velocity":
            modes[target] = (DofDriveMode.DOF_MODE_VEL, 0.0, p.kv * gear**2)
        else:
            modes[target] = (DofDriveMode.DOF_MODE_EFFORT, 0.0, 0.0)
        if actuator.forcerange[1] > actuator.forcerange[0]:
            efforts[target] = max(map(abs, map(float, actuator.forcerange))) * abs(gear)
    _delete(spec, spec.actuators)
    return props, joints, modes, efforts


def _actuator_props(actuator: Any) -> ActuatorProperties:
    p = ActuatorProperties()
    affine = actuator.biastype == mujoco.mjtBias.mjBIAS_AFFINE
    if affine and actuator.biasprm[1] != 0:
        p.type, p.kp = "position", float(actuator.gainprm[0])
    elif affine and actuator.biasprm[2] != 0:
        p.type = "velocity"
    p.kv = -float(actuator.biasprm[2]) if affine else 0.0
    p.motor_effort = float(actuator.gear[0])
    p.lower_control_limit, p.upper_control_limit = map(float, actuator.ctrlrange)
    p.lower_force_limit, p.upper_force_limit = map(float, actuator.forcerange)
    p.control_limited = _limited(actuator.ctrllimited, actuator.ctrlrange)
    p.force_limited = _limited(actuator.forcelimited, actuator.forcerange)
    return p


def _limited(flag: int, limits: Any) -> bool:
    """MuJoCo's rule: a range that is given limits, unless the file says otherwise."""
    if flag == mujoco.mjtLimited.mjLIMITED_AUTO:
        return bool(limits[1] > limits[0])
    return bool(flag == mujoco.mjtLimited.mjLIMITED_TRUE)


def _take_joint_effort_limits(spec: mujoco.MjSpec) -> dict[str, float]:
    """Limits that the file sets on the force of all actuators of a joint; the drives apply them."""
    limited = [j for j in spec.joints if _limited(j.actfrclimited, j.actfrcrange)]
    limits = {j.name: max(map(abs, map(float, j.actfrcrange))) for j in limited}
    for joint in spec.joints:
        joint.actfrcrange = [0.0, 0.0]
        joint.actfrclimited = mujoco.mjtLimited.mjLIMITED_FALSE
    return limits
