"""The part of the Gym that reads and writes states of single actors, bodies and dofs as NumPy records and numbers.

Bodies and dofs are named by handles, which count through the actors of an environment. Before prepare_sim these calls
read and write what the actors will start with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isaacgym._src import rows
from isaacgym._src.enums import StateFlags
from isaacgym._src.scene import Actor, Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import DofFrame, DofState, RigidBodyState, Transform, Vec3

POSITION, VELOCITY = 0, 1  # columns of dof states and targets


class GymStates:
    """The get_*_states, set_*_states, get_rigid_*, get_dof_* and set_dof_* families."""

    # Actors.

    def get_actor_dof_states(self, env: Env, handle: int, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        """(D,) records of pos and vel, a copy."""
        _actor(env, handle, "get_actor_dof_states")
        return _dof_records(rows.dof_states(env)[_dofs(env, handle)])

    def get_vec_actor_dof_states(
        self, envs: Sequence[Env], handle: int, flags: int = StateFlags.STATE_ALL
    ) -> np.ndarray:
        """(n, D) records of the same actor in several environments."""
        return np.stack([self.get_actor_dof_states(env, handle, flags) for env in envs])

    def set_actor_dof_states(self, env: Env, handle: int, states: Any, flags: int) -> bool:
        """(D,) records of pos and vel; what `flags` leaves out stays as it is."""
        actor = _actor(env, handle, "set_actor_dof_states")
        new = rows.plain(states, DofState.dtype, "set_actor_dof_states", len(actor.asset.dof_names), 2)
        rows.set_dof_states(env, handle, new, flags)
        return True

    def get_actor_dof_position_targets(self, env: Env, handle: int) -> np.ndarray:
        """(D,) targets [rad] or [m]; zero for dofs in other modes."""
        _actor(env, handle, "get_actor_dof_position_targets")
        return rows.dof_targets(env)[_dofs(env, handle), POSITION].copy()

    def get_actor_dof_velocity_targets(self, env: Env, handle: int) -> np.ndarray:
        """(D,) targets [rad/s] or [m/s]; zero for dofs in other modes."""
        _actor(env, handle, "get_actor_dof_velocity_targets")
        return rows.dof_targets(env)[_dofs(env, handle), VELOCITY].copy()

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
        return float(_of(rows.dof_states(env), dof, "get_dof_position", "dof")[POSITION])

    def get_dof_velocity(self, env: Env, dof: int) -> float:
        return float(_of(rows.dof_states(env), dof, "get_dof_velocity", "dof")[VELOCITY])

    def get_dof_target_position(self, env: Env, dof: int) -> float:
        return float(_of(rows.dof_targets(env), dof, "get_dof_target_position", "dof")[POSITION])

    def get_dof_target_velocity(self, env: Env, dof: int) -> float:
        return float(_of(rows.dof_targets(env), dof, "get_dof_target_velocity", "dof")[VELOCITY])

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
        _actor(env, handle, "get_actor_dof_frames")
        frames = rows.dof_frames(env.sim.require("get_actor_dof_frames"), env.index)[_dofs(env, handle)]
        return np.ascontiguousarray(frames).view(DofFrame.dtype)[..., 0]

    # Bodies.

    def get_actor_rigid_body_states(self, env: Env, handle: int, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        """(B,) records of pose and vel, a copy."""
        _actor(env, handle, "get_actor_rigid_body_states")
        return rows.structured(rows.body_states(env)[_bodies(env, handle)])

    def get_env_rigid_body_states(self, env: Env, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        return rows.structured(rows.body_states(env))

    def get_sim_rigid_body_states(self, sim: Sim, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        """(N*B,) records of pose and vel, a copy."""
        sim.require("get_sim_rigid_body_states")
        return rows.structured(rows.sim_body_states(sim, slice(None)).reshape(-1, 13))

    def set_actor_rigid_body_states(self, env: Env, handle: int, states: Any, flags: int) -> bool:
        """(B,) records; the root's counts, the other links must be where it and the dofs put them."""
        method = "set_actor_rigid_body_states"
        actor, sim = _actor(env, handle, method), env.sim.require(method)
        new = rows.sim_body_states(sim, slice(None))
        count = len(actor.asset.body_names)
        new[env.index, _bodies(env, handle)] = rows.plain(states, RigidBodyState.dtype, method, count, 13)
        chosen = np.zeros((len(sim.envs), len(env.actors)), bool)
        chosen[env.index, handle] = True
        rows.set_bodies(sim, new, chosen, flags, method)
        return True

    def set_env_rigid_body_states(self, env: Env, states: Any, flags: int) -> bool:
        """(B,) records of the whole environment; roots count, links must be where these and the dofs put them."""
        method = "set_env_rigid_body_states"
        sim = env.sim.require(method)
        new = rows.sim_body_states(sim, slice(None))
        new[env.index] = rows.plain(states, RigidBodyState.dtype, method, sim.layout.num_bodies, 13)
        chosen = np.zeros((len(sim.envs), len(env.actors)), bool)
        chosen[env.index] = True
        rows.set_bodies(sim, new, chosen, flags, method)
        return True

    def set_sim_rigid_body_states(self, sim: Sim, states: Any, flags: int) -> bool:
        """(N*B,) records; roots count, links must be where these and the dofs put them."""
        method = "set_sim_rigid_body_states"
        layout = sim.require(method).layout
        new = rows.plain(states, RigidBodyState.dtype, method, len(sim.envs), layout.num_bodies, 13)
        rows.set_bodies(sim, new, np.ones((len(sim.envs), layout.num_actors), bool), flags, method)
        return True

    def get_rigid_transform(self, env: Env, body: int) -> Transform:
        row = _of(rows.body_states(env), body, "get_rigid_transform", "body")
        return Transform.from_buffer_copy(row[:7].tobytes())

    def get_rigid_linear_velocity(self, env: Env, body: int) -> Vec3:
        return Vec3(*_of(rows.body_states(env), body, "get_rigid_linear_velocity", "body")[7:10])

    def get_rigid_angular_velocity(self, env: Env, body: int) -> Vec3:
        return Vec3(*_of(rows.body_states(env), body, "get_rigid_angular_velocity", "body")[10:13])

    def set_rigid_transform(self, env: Env, body: int, transform: Transform) -> None:
        """Where the root of an actor is; its other bodies go with it."""
        slot = _slot_of_root(env, body, "set_rigid_transform")
        if env.sim.prepared:
            rows.set_root(env, slot, 0, np.frombuffer(bytes(transform), np.float32))
        else:
            env.actors[slot].pose = bytes(transform)

    def set_rigid_linear_velocity(self, env: Env, body: int, velocity: Vec3) -> None:
        slot = _slot_of_root(env, body, "set_rigid_linear_velocity")
        env.sim.require("set_rigid_linear_velocity")
        rows.set_root(env, slot, 7, np.array([velocity.x, velocity.y, velocity.z], np.float32))

    def set_rigid_angular_velocity(self, env: Env, body: int, velocity: Vec3) -> None:
        slot = _slot_of_root(env, body, "set_rigid_angular_velocity")
        env.sim.require("set_rigid_angular_velocity")
        rows.set_root(env, slot, 10, np.array([velocity.x, velocity.y, velocity.z], np.float32))

    def get_rigid_handle(self, env: Env, actor: str, body: str) -> int:
        """Handle of a body by the names of its actor and its own, -1 where there is none."""
        for slot, candidate in enumerate(env.actors):
            if candidate.name == actor and body in candidate.asset.body_names:
                return _bodies(env, slot).start + candidate.asset.body_names.index(body)
        return -1

    def get_rigid_name(self, env: Env, body: int) -> str:
        names = [name for actor in env.actors for name in actor.asset.body_names]
        return str(_of(names, body, "get_rigid_name", "body"))


def _actor(env: Env, handle: int, method: str) -> Actor:
    if not 0 <= handle < len(env.actors):
        raise IndexError(f"{method}: environment {env.index} has no actor {handle}; it has {len(env.actors)} actors")
    return env.actors[handle]


def _numbers(env: Env, handle: int, given: Any, method: str) -> np.ndarray:
    """(D,) float32, one for each dof of the actor."""
    count, new = len(_actor(env, handle, method).asset.dof_names), np.asarray(given, np.float32)
    if new.shape != (count,):
        raise ValueError(f"{method}: '{env.actors[handle].name}' has {count} dofs, given shape {new.shape}")
    return new


def _of(values: Any, index: int, method: str, kind: str) -> Any:
    if not 0 <= index < len(values):
        raise IndexError(f"{method}: no {kind} {index} in an environment of {len(values)} (-1 is what was not found)")
    return values[index]


def _dofs(env: Env, handle: int) -> slice:
    counts = [len(actor.asset.dof_names) for actor in env.actors]
    return slice(sum(counts[:handle]), sum(counts[: handle + 1]))


def _bodies(env: Env, handle: int) -> slice:
    counts = [len(actor.asset.body_names) for actor in env.actors]
    return slice(sum(counts[:handle]), sum(counts[: handle + 1]))


def _check_dof(env: Env, dof: int, method: str) -> None:
    _of(range(sum(len(actor.asset.dof_names) for actor in env.actors)), dof, method, "dof")


def _slot_of_root(env: Env, body: int, method: str) -> int:
    """The actor whose root a body is."""
    roots = {_bodies(env, slot).start: slot for slot in range(len(env.actors))}
    if body not in roots:
        raise NotImplementedError(
            f"{method}: body {body} is not the root of an actor (roots: {', '.join(map(str, roots))}); links follow "
            "from the root and the dofs (set_actor_dof_states)"
        )
    return roots[body]


def _dof_records(states: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(states).view(DofState.dtype)[..., 0]
