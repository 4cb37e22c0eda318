"""The part of the Gym that reads and writes states of bodies as NumPy records and vectors.

Bodies are named by handles, which count through the actors of an environment. Before prepare_sim these calls read and
write what the actors will start with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isaacgym._src import rows
from isaacgym._src.enums import StateFlags
from isaacgym._src.lookup import actor_of, bodies_of, item_of
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import RigidBodyState, Transform, Vec3


class GymBodies:
    """The get_*_rigid_body_states, set_*_rigid_body_states, get_rigid_*, set_rigid_* and get_vec_rigid_* families."""

    def get_actor_rigid_body_states(self, env: Env, handle: int, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        """(B,) records of pose and vel, a copy."""
        actor_of(env, handle, "get_actor_rigid_body_states")
        return rows.structured(rows.body_states(env)[bodies_of(env, handle)])

    def get_env_rigid_body_states(self, env: Env, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        return rows.structured(rows.body_states(env))

    def get_sim_rigid_body_states(self, sim: Sim, flags: int = StateFlags.STATE_ALL) -> np.ndarray:
        """(N*B,) records of pose and vel, a copy."""
        sim.require("get_sim_rigid_body_states")
        return rows.structured(rows.sim_body_states(sim).reshape(-1, 13))

    def set_actor_rigid_body_states(self, env: Env, handle: int, states: Any, flags: int) -> bool:
        """(B,) records; the root's counts, the other links must be where it and the dofs put them."""
        method = "set_actor_rigid_body_states"
        actor, sim = actor_of(env, handle, method), env.sim.require(method)
        new = rows.sim_body_states(sim)
        count = len(actor.asset.body_names)
        new[env.index, bodies_of(env, handle)] = rows.plain(states, RigidBodyState.dtype, method, count, 13)
        chosen = np.zeros((len(sim.envs), len(env.actors)), bool)
        chosen[env.index, handle] = True
        rows.set_bodies(sim, new, chosen, flags, method)
        return True

    def set_env_rigid_body_states(self, env: Env, states: Any, flags: int) -> bool:
        """(B,) records of the whole environment; roots count, links must be where these and the dofs put them."""
        method = "set_env_rigid_body_states"
        sim = env.sim.require(method)
        new = rows.sim_body_states(sim)
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
        row = item_of(rows.body_states(env), body, "get_rigid_transform", "body")
        return Transform.from_buffer_copy(row[:7].tobytes())

    def get_rigid_linear_velocity(self, env: Env, body: int) -> Vec3:
        return Vec3(*item_of(rows.body_states(env), body, "get_rigid_linear_velocity", "body")[7:10])

    def get_rigid_angular_velocity(self, env: Env, body: int) -> Vec3:
        return Vec3(*item_of(rows.body_states(env), body, "get_rigid_angular_velocity", "body")[10:13])

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
                return bodies_of(env, slot).start + candidate.asset.body_names.index(body)
        return -1

    def get_rigid_name(self, env: Env, body: int) -> str:
        names = [name for actor in env.actors for name in actor.asset.body_names]
        return str(item_of(names, body, "get_rigid_name", "body"))

    # The same in several environments: of one body, or of one body for each.

    def get_vec_rigid_transform(self, envs: Sequence[Env], body: int | Sequence[int]) -> np.ndarray:
        """(n,) records of p and r, each in its environment's frame."""
        return _several(envs, body, "get_vec_rigid_transform")["pose"].copy()

    def get_vec_rigid_linear_velocity(self, envs: Sequence[Env], body: int | Sequence[int]) -> np.ndarray:
        """(n,) records of x, y and z [m/s]."""
        return _several(envs, body, "get_vec_rigid_linear_velocity")["vel"]["linear"].copy()

    def get_vec_rigid_angular_velocity(self, envs: Sequence[Env], body: int | Sequence[int]) -> np.ndarray:
        """(n,) records of x, y and z [rad/s]."""
        return _several(envs, body, "get_vec_rigid_angular_velocity")["vel"]["angular"].copy()


def _several(envs: Sequence[Env], body: int | Sequence[int], method: str) -> np.ndarray:
    """(n,) states of a body in each environment."""
    bodies = [body] * len(envs) if isinstance(body, int) else list(body)
    if len(bodies) != len(envs):
        raise ValueError(f"{method}: needs one body for all environments or one for each of {len(envs)}, given {body}")
    picked = [item_of(rows.body_states(env), b, method, "body") for env, b in zip(envs, bodies, strict=True)]
    return rows.structured(np.array(picked, np.float32).reshape(-1, 13))


def _slot_of_root(env: Env, body: int, method: str) -> int:
    """The actor whose root a body is."""
    roots = {bodies_of(env, slot).start: slot for slot in range(len(env.actors))}
    if body not in roots:
        raise NotImplementedError(
            f"{method}: body {body} is not the root of an actor (roots: {', '.join(map(str, roots))}); links follow "
            "from the root and the dofs (set_actor_dof_states)"
        )
    return roots[body]
