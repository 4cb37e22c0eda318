"""The part of the Gym that builds environments and looks after actors and their properties."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from isaacgym._src import props as properties
from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE, IndexDomain
from isaacgym._src.gym_assets import GymAssets, check_count
from isaacgym._src.properties import IndexRange, RigidBodyProperties, RigidShapeProperties, dof_dtype
from isaacgym._src.scale import scale_records
from isaacgym._src.scene import Actor, Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Transform, Vec3


class GymActors(GymAssets):
    """create_env, create_actor and the calls that take an environment and an actor handle."""

    def create_env(self, sim: Sim, lower: Vec3, upper: Vec3, num_per_row: int) -> Env:
        self._check_open(sim, "create_env")
        return sim.scene.add_env(sim, lower, upper, num_per_row)

    def create_actor(
        self,
        env: Env,
        asset: Asset,
        pose: Transform,
        name: str | None = None,
        group: int = -1,
        filter: int = -1,
        segmentationId: int = 0,  # noqa: N803
    ) -> int:
        """Handle of a new actor: its index in the environment. `pose` is in the environment's frame."""
        self._check_open(env.sim, "create_actor")
        actor = Actor(asset, bytes(pose), name or asset.name, int(group), int(filter))
        actor.segmentation = segmentationId
        return env.sim.scene.add_actor(env, actor)

    def begin_aggregate(self, env: Env, max_bodies: int, max_shapes: int, self_collisions: bool) -> bool:
        """Accepted: a hint for PhysX without effect on the physics."""
        return True

    def end_aggregate(self, env: Env) -> bool:
        return True

    def get_env_count(self, sim: Sim) -> int:
        return len(sim.envs)

    def get_env(self, sim: Sim, index: int) -> Env:
        return sim.envs[index]

    def get_env_origin(self, env: Env) -> Vec3:
        return Vec3(*env.origin)

    # Counting and finding.

    def get_actor_count(self, env: Env) -> int:
        return len(env.actors)

    def get_actor_handle(self, env: Env, index: int) -> int:
        return index if 0 <= index < len(env.actors) else INVALID_HANDLE

    def find_actor_handle(self, env: Env, name: str) -> int:
        return next((i for i, actor in enumerate(env.actors) if actor.name == name), INVALID_HANDLE)

    def find_actor_index(self, env: Env, name: str, domain: IndexDomain) -> int:
        handle = self.find_actor_handle(env, name)
        return handle if handle == INVALID_HANDLE else self.get_actor_index(env, handle, domain)

    def get_actor_name(self, env: Env, handle: int) -> str:
        return _actor(env, handle, "get_actor_name").name

    def get_actor_asset(self, env: Env, handle: int) -> Asset:
        return _actor(env, handle, "get_actor_asset").asset

    def get_actor_index(self, env: Env, handle: int, domain: IndexDomain) -> int:
        """Row in the root state tensor for DOMAIN_SIM, the handle itself for DOMAIN_ENV."""
        _actor(env, handle, "get_actor_index")
        return env.index * len(env.sim.envs[0].actors) + handle if domain == IndexDomain.DOMAIN_SIM else handle

    def get_sim_actor_count(self, sim: Sim) -> int:
        return sum(len(env.actors) for env in sim.envs)

    def get_sim_dof_count(self, sim: Sim) -> int:
        return len(sim.envs) * self.get_env_dof_count(sim.envs[0]) if sim.envs else 0

    def get_sim_rigid_body_count(self, sim: Sim) -> int:
        return len(sim.envs) * self.get_env_rigid_body_count(sim.envs[0]) if sim.envs else 0

    def get_sim_force_sensor_count(self, sim: Sim) -> int:
        return len(sim.envs) * sum(len(a.asset.sensors) for a in sim.envs[0].actors) if sim.envs else 0

    def get_env_dof_count(self, env: Env) -> int:
        return sum(len(actor.asset.dof_names) for actor in env.actors)

    def get_env_rigid_body_count(self, env: Env) -> int:
        return sum(len(actor.asset.body_names) for actor in env.actors)

    def get_actor_dof_count(self, env: Env, handle: int) -> int:
        return len(_actor(env, handle, "get_actor_dof_count").asset.dof_names)

    def get_actor_rigid_body_count(self, env: Env, handle: int) -> int:
        return len(_actor(env, handle, "get_actor_rigid_body_count").asset.body_names)

    def get_actor_rigid_shape_count(self, env: Env, handle: int) -> int:
        return len(_actor(env, handle, "get_actor_rigid_shape_count").asset.shape_ids)

    def get_actor_rigid_body_shape_indices(self, env: Env, handle: int) -> list[IndexRange]:
        """For each body where its shapes stand in the list of the actor's shapes."""
        return self.get_asset_rigid_body_shape_indices(_actor(env, handle, "get_actor_rigid_body_shape_indices").asset)

    def get_actor_rigid_body_names(self, env: Env, handle: int) -> list[str]:
        return list(_actor(env, handle, "get_actor_rigid_body_names").asset.body_names)

    def get_actor_dof_names(self, env: Env, handle: int) -> list[str]:
        return list(_actor(env, handle, "get_actor_dof_names").asset.dof_names)

    def get_actor_rigid_body_dict(self, env: Env, handle: int) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.get_actor_rigid_body_names(env, handle))}

    def get_actor_dof_dict(self, env: Env, handle: int) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.get_actor_dof_names(env, handle))}

    def find_actor_rigid_body_index(self, env: Env, handle: int, name: str, domain: IndexDomain) -> int:
        names = _actor(env, handle, "find_actor_rigid_body_index").asset.body_names
        if name not in names:
            return INVALID_HANDLE
        return names.index(name) + _offset(env, handle, domain, lambda asset: len(asset.body_names))

    def find_actor_dof_index(self, env: Env, handle: int, name: str, domain: IndexDomain) -> int:
        names = _actor(env, handle, "find_actor_dof_index").asset.dof_names
        if name not in names:
            return INVALID_HANDLE
        return names.index(name) + _offset(env, handle, domain, lambda asset: len(asset.dof_names))

    def find_actor_rigid_body_handle(self, env: Env, handle: int, name: str) -> int:
        """The body's index in its environment."""
        return self.find_actor_rigid_body_index(env, handle, name, IndexDomain.DOMAIN_ENV)

    def find_actor_dof_handle(self, env: Env, handle: int, name: str) -> int:
        """The dof's index in its environment."""
        return self.find_actor_dof_index(env, handle, name, IndexDomain.DOMAIN_ENV)

    def get_actor_rigid_body_handle(self, env: Env, handle: int, index: int) -> int:
        return index + _offset(env, handle, IndexDomain.DOMAIN_ENV, lambda asset: len(asset.body_names))

    def get_actor_root_rigid_body_handle(self, env: Env, handle: int) -> int:
        return self.get_actor_rigid_body_handle(env, handle, 0)

    def get_actor_dof_handle(self, env: Env, handle: int, index: int) -> int:
        return index + _offset(env, handle, IndexDomain.DOMAIN_ENV, lambda asset: len(asset.dof_names))

    # Properties. Getters give copies; a change counts once it is set.

    def get_actor_dof_properties(self, env: Env, handle: int) -> np.ndarray:
        return properties.dof_props(_actor(env, handle, "get_actor_dof_properties")).copy()

    def set_actor_dof_properties(self, env: Env, handle: int, props: np.ndarray) -> bool:
        """Drive modes, gains, limits, armature and friction of every dof of the actor, (D,) records."""
        actor = _actor(env, handle, "set_actor_dof_properties")
        check_count("set_actor_dof_properties", actor.name, "dofs", len(actor.asset.dof_names), len(props))
        actor.dof_props = np.array(props, dtype=dof_dtype)
        env.sim.property_set(env, handle, "dof")
        return True

    def get_actor_rigid_body_properties(self, env: Env, handle: int) -> list[RigidBodyProperties]:
        actor = _actor(env, handle, "get_actor_rigid_body_properties")
        return copy.deepcopy(properties.body_props(actor))

    def set_actor_rigid_body_properties(
        self,
        env: Env,
        handle: int,
        props: list[RigidBodyProperties],
        recomputeInertia: bool = False,  # noqa: N803
    ) -> bool:
        """Mass, centre of mass and inertia; with `recomputeInertia` the inertia scales with the mass."""
        actor = _actor(env, handle, "set_actor_rigid_body_properties")
        check_count("set_actor_rigid_body_properties", actor.name, "bodies", len(actor.asset.body_names), len(props))
        old = self.get_actor_rigid_body_properties(env, handle)
        new = copy.deepcopy(list(props))
        if recomputeInertia:
            for before, after in zip(old, new, strict=True):
                ratio = after.mass / before.mass if before.mass else 1.0
                values = before.inertia.floats() * np.float32(ratio)
                after.inertia = type(after.inertia).from_buffer_copy(values.tobytes())
        actor.body_props = new
        env.sim.property_set(env, handle, "body")
        return True

    def get_actor_rigid_shape_properties(self, env: Env, handle: int) -> list[RigidShapeProperties]:
        return copy.deepcopy(_actor(env, handle, "get_actor_rigid_shape_properties").shape_props)

    def set_actor_rigid_shape_properties(self, env: Env, handle: int, props: list[RigidShapeProperties]) -> bool:
        """Friction of every shape; collision filters count until prepare_sim."""
        actor = _actor(env, handle, "set_actor_rigid_shape_properties")
        check_count("set_actor_rigid_shape_properties", actor.name, "shapes", len(actor.asset.shape_ids), len(props))
        new = copy.deepcopy(list(props))
        if env.sim.prepared and [p.filter for p in new] != [p.filter for p in actor.shape_props]:
            raise NotImplementedError(
                f"set_actor_rigid_shape_properties: the collision filters of '{actor.name}' cannot change after "
                f"prepare_sim, given {[p.filter for p in new]} where they are {[p.filter for p in actor.shape_props]}"
            )
        actor.shape_props = new
        env.sim.property_set(env, handle, "shape")
        return True

    def get_actor_scale(self, env: Env, handle: int) -> float:
        return _actor(env, handle, "get_actor_scale").scale

    def set_actor_scale(self, env: Env, handle: int, scale: Any) -> bool:
        """Lengths of an actor in relation to its asset's, masses and inertias with them; before prepare_sim only."""
        actor, values = _actor(env, handle, "set_actor_scale"), np.asarray(scale, dtype=float).reshape(-1)
        if len(values) != 1 or not 0.0 < values[0] < np.inf:
            raise ValueError(f"set_actor_scale: needs one positive number, given {scale}")
        if env.sim.prepared:
            raise NotImplementedError(
                f"set_actor_scale: the size of '{actor.name}' is fixed by prepare_sim; scale it when it is created"
            )
        if values[0] != actor.scale:
            scale_records(actor, values[0] / actor.scale)
            actor.scale = float(values[0])
        return True

    def enable_actor_dof_force_sensors(self, env: Env, handle: int) -> bool:
        """The dof force tensor reads this actor's dofs; dofs of actors without it read zero."""
        _actor(env, handle, "enable_actor_dof_force_sensors").dof_forces = True
        if env.sim.prepared:
            env.sim.state.dof_force_scale[env.index, env.sim.layout.actors[handle].dof] = 1.0
        return True

    def set_rigid_body_color(self, env: Env, handle: int, body: int, mesh_type: int, color: Vec3) -> None:
        """Colour of one body of one environment in pictures; `body` counts within the actor."""
        actor = env.actors[handle]
        if actor.colors is None:
            actor.colors = {}
        actor.colors[body] = (color.x, color.y, color.z)

    def _check_open(self, sim: Sim, method: str) -> None:
        if sim.prepared:
            raise RuntimeError(f"{method}: the simulation is prepared; create everything before prepare_sim")


def _actor(env: Env, handle: int, method: str) -> Actor:
    if not 0 <= handle < len(env.actors):
        raise IndexError(f"{method}: environment {env.index} has no actor {handle}; it has {len(env.actors)} actors")
    return env.actors[handle]


def _offset(env: Env, handle: int, domain: IndexDomain, count: Callable[[Asset], int]) -> int:
    """What to add to an index within an actor to make it one of `domain`."""
    if domain == IndexDomain.DOMAIN_ACTOR:
        return 0
    before = sum(count(actor.asset) for actor in env.actors[:handle])
    if domain == IndexDomain.DOMAIN_ENV:
        return before
    per_env = sum(count(actor.asset) for actor in env.sim.envs[0].actors)
    return before + env.index * per_env
