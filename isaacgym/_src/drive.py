"""Drives: a dof's record of properties as the MuJoCo actuator and joint fields that act the same.

A drive in POS mode is a spring-damper to its target, integrated implicitly in position and velocity as PhysX does: with
stiffness k, damping d and step h it pulls with k (target - q) - (d + k h) v - h (d + k h) a, so that stiff gains stay
stable. The first two terms are the actuator's, the last is inertia added to the joint, where contacts, limits and
attractors feel it. VEL is a damper to the target velocity, EFFORT a torque; in EFFORT and NONE the record's stiffness
and damping act as a passive spring to zero and a passive damper.

The effort limit clips drives (POS, VEL), not efforts set by hand. What is clipped is the pull without the added
inertia, which takes its share after that: the limit is multiplied by 1 + h (d + k h) / inertia, so that it is exact
where the inertia seen by the joint is that of the model's reference pose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import mujoco
import numpy as np

from isaacgym._src.enums import DofDriveMode
from isaacgym._src.layout import ActorLayout

NO_LIMIT = 1e10  # of an effort or a position; MuJoCo reads infinity as a fault


class Law(NamedTuple):
    """What a drive applies: gain * command - stiffness * position - damping * velocity, within +-limit; (..., D)."""

    gain: np.ndarray
    stiffness: np.ndarray
    damping: np.ndarray
    limit: np.ndarray


def law(props: np.ndarray) -> Law:
    """The law of dof records of shape (..., D)."""
    mode = props["driveMode"]
    stiffness, damping = props["stiffness"].astype(float), props["damping"].astype(float)
    pos, vel = mode == DofDriveMode.DOF_MODE_POS, mode == DofDriveMode.DOF_MODE_VEL
    return Law(
        gain=np.select([pos, vel, mode == DofDriveMode.DOF_MODE_EFFORT], [stiffness, damping, 1.0], 0.0),
        stiffness=np.where(pos, stiffness, 0.0),
        damping=np.where(pos | vel, damping, 0.0),
        limit=np.where(pos | vel, np.minimum(props["effort"], NO_LIMIT), NO_LIMIT),
    )


def added_inertia(step: float) -> tuple[float, float]:
    """What a unit of a drive's stiffness and one of its damping add to a joint's inertia with this time step [s]."""
    return step**2, step


def model_fields(
    props: np.ndarray, place: ActorLayout, model: mujoco.MjModel
) -> Iterator[tuple[str, tuple[np.ndarray | int, ...], np.ndarray]]:
    """(field, index behind the environment axis, values) for dof records `props` of shape (..., D)."""
    drive, step = law(props), float(model.opt.timestep)
    of_stiffness, of_damping = added_inertia(step)
    actuators, joints = place.mujoco_actuators, place.mujoco_joints
    dofs = model.jnt_dofadr[joints]
    added = of_stiffness * drive.stiffness + of_damping * drive.damping
    inertia = model.dof_M0[dofs] - model.dof_armature[dofs] + props["armature"]
    limit = np.minimum(drive.limit * (1.0 + added / inertia), NO_LIMIT)
    yield "actuator_gainprm", (actuators, 0), drive.gain
    yield "actuator_biasprm", (actuators, 1), -drive.stiffness
    yield "actuator_biasprm", (actuators, 2), -(drive.damping + step * drive.stiffness)
    yield "jnt_actfrcrange", (joints, 0), -limit
    yield "jnt_actfrcrange", (joints, 1), limit
    driven = np.isin(props["driveMode"], (DofDriveMode.DOF_MODE_POS, DofDriveMode.DOF_MODE_VEL))
    yield "dof_damping", (dofs,), np.where(driven, 0.0, props["damping"])
    yield "jnt_stiffness", (joints,), np.where(driven, 0.0, props["stiffness"])
    yield "dof_armature", (dofs,), props["armature"] + added
    yield "dof_frictionloss", (dofs,), props["friction"].astype(float)
    limited = props["hasLimits"]
    yield "jnt_range", (joints, 0), np.where(limited, props["lower"], -NO_LIMIT)
    yield "jnt_range", (joints, 1), np.where(limited, props["upper"], NO_LIMIT)
