"""The part of the Gym that reads and writes states of single actors and dofs as NumPy records and numbers.

Dofs are named by handles, which count through the actors of an environment. Before prepare_sim these calls read and
write what the actors will start with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isaacgym._src import rows
from isaacgym._src.enums import StateFlags
from isaacgym._src.lookup import actor_of, dofs_of, item_of
from isaacgym._src.scene import Env
from isaacgym._src.vectors import DofFrame, DofState

POSITION, VELOCITY = 0, 1  # columns of dof states and targets


class GymStates:
    """The get_actor_dof_*, set_actor_dof_*, get_dof_* and set_dof_* families."""

    # Actors.

    def get_actor_dof_states(self, env: Env, handle: int, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        """(D,) records of pos and vel, a copy."""
        actor_of(env, handle, "get_actor_dof_states")
        return _dof_records(rows.dof_states(env)[dofs_of(env, handle)])

    def get_vec_actor_dof_states(
        self, envs: Sequence[Env], handle: int | Sequence[int], flags: int = StateFlags.STATE_ALL
    ) -> np.ndarray:
        """(n, D) records of an actor in several environments: the same in all, or one for each."""
        handles = [handle] * len(envs) if isinstance(handle, int) else list(handle)
        if len(handles) != len(envs):
            method = "get_vec_actor_dof_states"
            raise ValueError(f"{method}: needs one actor for all environments or one for each of {len(envs)}")
        return np.stack([self.get_actor_dof_states(e, h, flags) for e, h in zip(envs, handles, strict=True)])

    def get_actor_dof_forces(self, env: Env, handle: int) -> np.ndarray:
        """(D,) forces [N m] or [N] of the last step; zero without enable_actor_dof_force_sensors."""
        method = "get_actor_dof_forces"
        actor_of(env, handle, method)
        state = env.sim.require(method).state
        state.refresh_forces("dof_force")
        return np.array(state.dof_force.view(state.num_envs, -1)[env.index, dofs_of(env, handle)].cpu().numpy())

    def set_actor_dof_states(self, env: Env, handle: int, states: Any, flags: int) -> bool:
        """(D,) records of pos and vel; what `flags` leaves out stays as it is."""
        actor = actor_of(env, handle, "set_actor_dof_states")
        new = rows.plain(states, DofState.dtype, "set_actor_dof_states", len(actor.asset.dof_names), 2)
        rows.set_dof_states(env, handle, new, flags)
        return True

    def get_actor_dof_position_targets(self, env: Env, handle: int) -> np.ndarray:
        """(D,) targets [rad] or [m]; zero for dofs in other modes."""
        actor_of(env, handle, "get_actor_dof_position_targets")
        return rows.dof_targets(env)[dofs_of(env, handle), POSITION].copy()

    def get_actor_dof_velocity_targets(self, env: Env, handle: int) -> np.ndarray:
        """(D,) targets [rad/s] or [m/s]; zero for dofs in other modes."""
        actor_of(env, handle, "get_actor_dof_velocity_targets")
        return rows.dof_targets(env)[dofs_of(env, handle), VELOCITY].copy()

    def set_actor_dof_position_targets(self, env: Env, handle: int, targets: Any) -> bool:
        """(D,) targets [rad] or [m] for the dofs in POS mode; they stay until they are set again."""
        new = _numbers(env, handle, targets, "set_actor_dof_position_targets")
        rows.set_dof_targets(env, handle, new, POSITION)
        return True

    def set_actor_dof_velocity_targets(self, env: Env, handle: int, targets: Any) -> bool:
        """(D,) targets [rad/s] or [m/s] for the dofs in VEL mode; they stay until they are set again."""
        new = _numbers(env, handle, targets, "set_actor_dof_velocity_targets")
        rows.set_dof_targets(env, handle, new, VELOCITY)
        return True

    def apply_actor_dof_efforts(self, env: Env, handle: int, efforts: Any) -> bool:
        """(D,) efforts [N m] or [N] for the dofs in EFFORT mode, added to others, for the next simulate only."""
        method = "apply_actor_dof_efforts"
        new = _numbers(env, handle, efforts, method)
        env.sim.require(method).state.apply_efforts(env.index, env.sim.layout.actors[handle].dof, new)
        return True

    # Dofs.

    def get_dof_position(self, env: Env, dof: int) -> float:
        return float(item_of(rows.dof_states(env), dof, "get_dof_position", "dof")[POSITION])

    def get_dof_velocity(self, env: Env, dof: int) -> float:
        return float(item_of(rows.dof_states(env), dof, "get_dof_velocity", "dof")[VELOCITY])

    def get_dof_target_position(self, env: Env, dof: int) -> float:
        return float(item_of(rows.dof_targets(env), dof, "get_dof_target_position", "dof")[POSITION])

    def get_dof_target_velocity(self, env: Env, dof: int) -> float:
        return float(item_of(rows.dof_targets(env), dof, "get_dof_target_velocity", "dof")[VELOCITY])

    def set_dof_target_position(self, env: Env, dof: int, target: float) -> None:
        _check_dof(env, dof, "set_dof_target_position")
        rows.set_dof_target(env, dof, target, POSITION)

    def set_dof_target_velocity(self, env: Env, dof: int, target: float) -> None:
        _check_dof(env, dof, "set_dof_target_velocity")
        rows.set_dof_target(env, dof, target, VELOCITY)

    def apply_dof_effort(self, env: Env, dof: int, effort: float) -> None:
        """An effort [N m] or [N] on a dof in EFFORT mode, added to others, for the next simulate only."""
        _check_dof(env, dof, "apply_dof_effort")
        state = env.sim.require("apply_dof_effort").state
        state.apply_efforts(env.index, slice(dof, dof + 1), np.array([effort], np.float32))

    def get_dof_frame(self, env: Env, dof: int) -> DofFrame:
        """Anchor and axis of a dof in the environment's frame."""
        _check_dof(env, dof, "get_dof_frame")
        return DofFrame.from_buffer_copy(rows.dof_frames(env.sim.require("get_dof_frame"), env.index)[dof].tobytes())

    def get_actor_dof_frames(self, env: Env, handle: int) -> np.ndarray:
        """(D,) records of origin and axis in the environment's frame."""
        actor_of(env, handle, "get_actor_dof_frames")
        frames = rows.dof_frames(env.sim.require("get_actor_dof_frames"), env.index)[dofs_of(env, handle)]
        return np.ascontiguousarray(frames).view(DofFrame.dtype)[..., 0]


def _numbers(env: Env, handle: int, given: Any, method: str) -> np.ndarray:
    """(D,) float32, one for each dof of the actor."""
    count, new = len(actor_of(env, handle, method).asset.dof_names), np.asarray(given, np.float32)
    if new.shape != (count,):
        raise ValueError(f"{method}: '{env.actors[handle].name}' has {count} dofs, given shape {new.shape}")
    return new


def _check_dof(env: Env, dof: int, method: str) -> None:
    item_of(range(sum(len(actor.asset.dof_names) for actor in env.actors)), dof, method, "dof")


def _dof_records(states: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(states).view(DofState.dtype)[..., 0]
