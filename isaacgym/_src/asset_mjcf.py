"""MJCF files as assets: one root body, everything that belongs to a world left out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import mujoco

from isaacgym._src.asset import Asset, AssetError, name_elements
from isaacgym._src.enums import DofDriveMode
from isaacgym._src.options import AssetOptions
from isaacgym._src.properties import ActuatorProperties


def load_mjcf(path: Path, options: AssetOptions) -> Asset:
    """The asset in an MJCF file; its floor, lights, cameras and keyframes are ignored, as Isaac Gym does."""
    try:
        spec = mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
        raise AssetError(f"{path}: MuJoCo cannot read this MJCF: {' '.join(str(error).split())}") from None
    return asset_from_spec(path.stem, spec, options, source=str(path))


def asset_from_spec(name: str, spec: mujoco.MjSpec, options: AssetOptions, source: str = "") -> Asset:
    """An asset from a parsed spec, which it takes over and strips of its world."""
    roots = spec.worldbody.bodies
    if len(roots) != 1:
        names = ", ".join(repr(body.name) for body in roots) or "none"
        raise AssetError(
            f"{source or name}: an asset is one tree of bodies, this file has {len(roots)} root bodies ({names}); "
            "put each in a file of its own and create one actor of each"
        )
    world = spec.worldbody
    _delete(spec, [*world.geoms, *world.lights, *world.cameras, *world.sites, *spec.keys, *spec.sensors])
    _delete(spec, [j for j in roots[0].joints if j.type == mujoco.mjtJoint.mjJNT_FREE])
    name_elements(spec)
    actuators, joints, modes = _take_actuators(spec)
    return Asset(name, spec, options, actuators, joints, drive_modes=modes, effort_limits=_effort_limits(spec))


def _delete(spec: mujoco.MjSpec, elements: Iterable[Any]) -> None:
    for element in list(elements):
        spec.delete(element)


def _take_actuators(
    spec: mujoco.MjSpec,
) -> tuple[list[ActuatorProperties], list[str], dict[str, tuple[DofDriveMode, float]]]:
    """The file's actuators as properties and default drive modes; the drives of the dofs replace them."""
    props, joints, modes = [], [], {}
    for actuator in spec.actuators:
        p = ActuatorProperties()
        is_position = actuator.biastype == mujoco.mjtBias.mjBIAS_AFFINE and actuator.biasprm[1] != 0
        p.motor_effort = float(actuator.gear[0])
        p.kp = float(actuator.gainprm[0]) if is_position else 0.0
        p.kv = float(-actuator.biasprm[2]) if actuator.biastype == mujoco.mjtBias.mjBIAS_AFFINE else 0.0
        p.control_limited = bool(actuator.ctrllimited)
        p.lower_control_limit, p.upper_control_limit = map(float, actuator.ctrlrange)
        p.force_limited = bool(actuator.forcelimited)
        p.lower_force_limit, p.upper_force_limit = map(float, actuator.forcerange)
        props.append(p)
        joints.append(actuator.target)
        mode = DofDriveMode.DOF_MODE_POS if is_position else DofDriveMode.DOF_MODE_EFFORT
        modes[actuator.target] = (mode, p.kp)
    _delete(spec, spec.actuators)
    return props, joints, modes


def _effort_limits(spec: mujoco.MjSpec) -> dict[str, float]:
    limited = [j for j in spec.joints if j.actfrcrange[1] > j.actfrcrange[0]]
    limits = {j.name: float(j.actfrcrange[1]) for j in limited}
    for joint in limited:
        joint.actfrcrange = [0.0, 0.0]
        joint.actfrclimited = mujoco.mjtLimited.mjLIMITED_FALSE
    return limits
