"""Drives: a dof's record of properties as the MuJoCo actuator and joint fields that act the same.

A drive in POS mode is a spring-damper to its target, integrated implicitly in position and velocity as PhysX does:
stiffness k over the next step h acts like an added damping k h, so that stiff gains stay stable. VEL is a damper to
the target velocity, EFFORT a torque; in EFFORT and NONE the record's stiffness and damping act as a passive spring
to zero and a passive damper. The effort limit clips drives (POS, VEL), not efforts set by hand.

MuJoCo has two places to clip. At the actuator the clipped force is exact, but loses its implicit part: good for soft
drives, while a stiff one would swing from limit to limit. At the joint the implicit part stays and divides the force
by 1 + h (damping + k h) / inertia, so the limit is multiplied by that: exact where the inertia seen by the joint is
that of the model's reference pose.

Constraints that are to hold between driven links (attractors) must see what the implicit part does to accelerations.
In scenes that have them the integrator is Euler's, and h (damping + k h) is added to the joint's inertia, which is the
same for a joint without constraints. The effort limit is at the joint then.
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


def added_inertia(model: mujoco.MjModel) -> tuple[float, float]:
    """What a unit of a drive's stiffness and one of its damping add to a joint's inertia in this model."""
    step = float(model.opt.timestep)
    return (step**2, step) if model.opt.integrator == mujoco.mjtIntegrator.mjINT_EULER else (0.0, 0.0)


def model_fields(
    props: np.ndarray, place: ActorLayout, model: mujoco.MjModel
) -> Iterator[tuple[str, tuple[np.ndarray | int, ...], np.ndarray]]:
    """(field, index behind the environment axis, values) for dof records `props` of shape (..., D)."""
    drive, step = law(props), model.opt.timestep
    actuators, joints = place.mujoco_actuators, place.mujoco_joints
    dofs = model.jnt_dofadr[joints]
    implicit = drive.damping + step * drive.stiffness
    stiffening = step * implicit / (model.dof_M0[dofs] - model.dof_armature[dofs] + props["armature"])
    as_inertia = model.opt.integrator == mujoco.mjtIntegrator.mjINT_EULER
    stiff = (stiffening > 1.0) | as_inertia
    at_actuator = np.where(stiff, NO_LIMIT, drive.limit)
    at_joint = np.where(stiff, np.minimum(drive.limit * (1.0 + stiffening), NO_LIMIT), NO_LIMIT)
    yield "actuator_gainprm", (actuators, 0), drive.gain
    yield "actuator_biasprm", (actuators, 1), -drive.stiffness
    yield "actuator_biasprm", (actuators, 2), -implicit
    for side, sign in ((0, -1.0), (1, 1.0)):
        yield "actuator_forcerange", (actuators, side), sign * at_actuator
        yield "jnt_actfrcrange", (joints, side), sign * at_joint
    driven = np.isin(props["driveMode"], (DofDriveMode.DOF_MODE_POS, DofDriveMode.DOF_MODE_VEL))
    yield "dof_damping", (dofs,), np.where(driven, 0.0, props["damping"])
    yield "jnt_stiffness", (joints,), np.where(driven, 0.0, props["stiffness"])
    yield "dof_armature", (dofs,), props["armature"] + (step * implicit if as_inertia else 0.0)
    yield "dof_frictionloss", (dofs,), props["friction"].astype(float)
    limited = props["hasLimits"]
    yield "jnt_range", (joints, 0), np.where(limited, props["lower"], -NO_LIMIT)
    yield "jnt_range", (joints, 1), np.where(limited, props["upper"], NO_LIMIT)
