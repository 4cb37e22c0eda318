"""The part of the Gym that pushes single bodies."""

from __future__ import annotations

import torch

from isaacgym._src.enums import CoordinateSpace
from isaacgym._src.scene import Env
from isaacgym._src.vectors import Vec3


class GymForces:
    """Forces on one body, named by its handle; they add up, and act on the next simulate only."""

    def apply_body_forces(
        self,
        env: Env,
        rigidHandle: int,
        force: Vec3 | None = None,
        torque: Vec3 | None = None,
        space: CoordinateSpace = CoordinateSpace.ENV_SPACE,
    ) -> bool:
        """A force [N] at the centre of mass and a torque [N m]."""
        state = env.sim.require("apply_body_forces").state
        _check_body(env, rigidHandle, "apply_body_forces")
        pair = _vectors(env, force or Vec3(), torque or Vec3())
        if space == CoordinateSpace.LOCAL_SPACE:
            pair = _from_body(env, rigidHandle, pair)
        state.push_one(env.index, rigidHandle, pair.flatten())
        return True

    def apply_body_force_at_pos(
        self,
        env: Env,
        rigidHandle: int,
        force: Vec3,
        pos: Vec3 | None = None,
        space: CoordinateSpace = CoordinateSpace.ENV_SPACE,
    ) -> bool:
        """A force [N] at a point [m], or at the centre of mass."""
        if pos is None:
            return self.apply_body_forces(env, rigidHandle, force, None, space)
        state = env.sim.require("apply_body_force_at_pos").state
        _check_body(env, rigidHandle, "apply_body_force_at_pos")
        push, point = _vectors(env, force, pos)
        if space == CoordinateSpace.LOCAL_SPACE:
            push, point = _from_body(env, rigidHandle, torch.stack((push, point)))
            point = point + state.positions("xpos")[env.index, rigidHandle]
        elif space == CoordinateSpace.GLOBAL_SPACE:
            point = point - env.sim.origins[env.index, 0]
        torque = torch.linalg.cross(point - state.positions("xipos")[env.index, rigidHandle], push)
        state.push_one(env.index, rigidHandle, torch.cat((push, torque)))
        return True

    apply_body_force = apply_body_force_at_pos  # its name in earlier previews


def _vectors(env: Env, *vectors: Vec3) -> torch.Tensor:
    return torch.tensor([[v.x, v.y, v.z] for v in vectors], device=env.sim.device)


def _from_body(env: Env, body: int, vectors: torch.Tensor) -> torch.Tensor:
    """Vectors (k, 3) in the axes of a body, turned into those of the world."""
    state = env.sim.state
    return state.from_bodies(vectors.expand(state.num_envs, state.layout.num_bodies, -1, 3))[env.index, body]


def _check_body(env: Env, body: int, method: str) -> None:
    count = env.sim.layout.num_bodies
    if not 0 <= body < count:
        raise IndexError(f"{method}: no body {body} in an environment of {count} (-1 is what was not found)")
