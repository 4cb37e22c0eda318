"""Where the bodies of an actor are before prepare_sim: at the pose and dof states that its creation gave it."""

from __future__ import annotations

import mujoco
import numpy as np

from isaacgym._src.scene import Actor


def dof_states(actor: Actor) -> np.ndarray:
    """(D, 2) positions and velocities that the actor will start with."""
    zeros = np.zeros((len(actor.asset.dof_names), 2), np.float32)
    return zeros if actor.dof_states is None else actor.dof_states


def body_states(actor: Actor) -> np.ndarray:
    """(B, 13) poses (position, xyzw) and velocities (linear of the link's origin, angular) at the start."""
    model = actor.asset.model
    data, dofs = mujoco.MjData(model), dof_states(actor)
    sliding = model.jnt_type == mujoco.mjtJoint.mjJNT_SLIDE  # scaled with all lengths below
    data.qpos[:], data.qvel[:] = dofs.T / np.where(sliding, actor.scale, 1.0)
    mujoco.mj_fwdPosition(model, data)
    mujoco.mj_fwdVelocity(model, data)
    # The actor's pose takes the place of the pose that the file gives to the root.
    held = np.zeros(7)
    held[:3], held[3:] = model.body_pos[1], model.body_quat[1]
    place = np.frombuffer(actor.pose, np.float32).astype(float)
    held[:3] *= actor.scale
    shift, turn = _inverse_then(held, place)
    states = np.zeros((model.nbody - 1, 13))
    for i, row in enumerate(states):
        velocity, quat = np.zeros(6), np.zeros(4)
        mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_XBODY, i + 1, velocity, 0)
        mujoco.mju_mulQuat(quat, turn, data.xquat[i + 1])
        row[0:3], row[3:7] = shift + _rotated(turn, actor.scale * data.xpos[i + 1]), np.roll(quat, -1)
        row[7:10], row[10:13] = _rotated(turn, actor.scale * velocity[3:]), _rotated(turn, velocity[:3])
    return states.astype(np.float32)


def _inverse_then(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position and wxyz turn of `second` (xyzw) after the inverse of `first` (wxyz)."""
    back, turn = np.zeros(4), np.zeros(4)
    mujoco.mju_negQuat(back, first[3:])
    mujoco.mju_mulQuat(turn, np.roll(second[3:], 1), back)
    return second[:3] - _rotated(turn, first[:3]), turn


def _rotated(quat: np.ndarray, vec: np.ndarray) -> np.ndarray:
    turned = np.zeros(3)
    mujoco.mju_rotVecQuat(turned, vec, quat)
    return turned
