"""Drives: a dof's record of properties as the MuJoCo actuator and joint fields that act the same.

A drive in POS mode is a spring-damper to its target, integrated implicitly in position and velocity as PhysX does:
stiffness k over the next step h acts like an added damping k h, so that stiff gains stay stable. VEL is a damper to
the target velocity, EFFORT a torque; in EFFORT and NONE the record's stiffness and damping act as a passive spring
to zero and a passive damper. The effort limit clips drives (POS, VEL), not efforts set by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from isaacgym._src.enums import DofDriveMode
from isaacgym._src.layout import ActorLayout

NO_LIMIT = 1e10  # of an effort or a position; MuJoCo reads infinity as a fault


def model_fields(
    props: np.ndarray, place: ActorLayout, dof_address: np.ndarray, time_step: float
) -> Iterator[tuple[str, tuple[np.ndarray | int, ...], np.ndarray]]:
    """(field, index behind the environment axis, values) for dof records `props` of shape (..., D)."""
    mode = props["driveMode"]
    stiffness, damping = props["stiffness"].astype(float), props["damping"].astype(float)
    pos, vel = mode == DofDriveMode.DOF_MODE_POS, mode == DofDriveMode.DOF_MODE_VEL
    driven = pos | vel
    gain = np.select([pos, vel, mode == DofDriveMode.DOF_MODE_EFFORT], [stiffness, damping, 1.0], 0.0)
    limit = np.where(driven, np.minimum(props["effort"], NO_LIMIT), NO_LIMIT)
    actuators, joints = place.mujoco_actuators, place.mujoco_joints
    dofs = dof_address[joints]
    yield "actuator_gainprm", (actuators, 0), gain
    yield "actuator_biasprm", (actuators, 1), np.where(pos, -stiffness, 0.0)
    implicit = damping + time_step * stiffness * pos
    yield "actuator_biasprm", (actuators, 2), np.where(driven, -implicit, 0.0)
    yield "actuator_forcerange", (actuators, 0), -limit
    yield "actuator_forcerange", (actuators, 1), limit
    yield "dof_damping", (dofs,), np.where(driven, 0.0, damping)
    yield "jnt_stiffness", (joints,), np.where(driven, 0.0, stiffness)
    yield "dof_armature", (dofs,), props["armature"].astype(float)
    yield "dof_frictionloss", (dofs,), props["friction"].astype(float)
    limited = props["hasLimits"]
    yield "jnt_range", (joints, 0), np.where(limited, props["lower"], -NO_LIMIT)
    yield "jnt_range", (joints, 1), np.where(limited, props["upper"], NO_LIMIT)
