"""The part of the Gym that hands out and sets the properties of an actor's dofs, bodies and shapes, and its scale.

Getters give copies; a change counts once it is set.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from isaacgym._src import props as properties
from isaacgym._src.gym_assets import check_count
from isaacgym._src.lookup import actor_of
from isaacgym._src.properties import RigidBodyProperties, RigidShapeProperties, dof_dtype
from isaacgym._src.scale import scale_records
from isaacgym._src.scene import Env


class GymProperties:
    """The get_actor_*_properties and set_actor_*_properties families."""

    def get_actor_dof_properties(self, env: Env, handle: int) -> np.ndarray:
        return properties.dof_props(actor_of(env, handle, "get_actor_dof_properties")).copy()

    def set_actor_dof_properties(self, env: Env, handle: int, props: np.ndarray) -> bool:
        """Drive modes, gains, limits, armature and friction of every dof of the actor, (D,) records."""
        actor = actor_of(env, handle, "set_actor_dof_properties")
        check_count("set_actor_dof_properties", actor.name, "dofs", len(actor.asset.dof_names), len(props))
        actor.dof_props = np.array(props, dtype=dof_dtype)
        env.sim.property_set(env, handle, "dof")
        return True

    def get_actor_rigid_body_properties(self, env: Env, handle: int) -> list[RigidBodyProperties]:
        actor = actor_of(env, handle, "get_actor_rigid_body_properties")
        return [copy.copy(props) for props in properties.body_props(actor)]

    def set_actor_rigid_body_properties(
        self,
        env: Env,
        actorHandle: int,
        props: list[RigidBodyProperties],
        recomputeInertia: bool = False,  # noqa: N803
    ) -> bool:
        """Mass, centre of mass and inertia; with `recomputeInertia` the inertia scales with the mass."""
        actor = actor_of(env, actorHandle, "set_actor_rigid_body_properties")
        check_count("set_actor_rigid_body_properties", actor.name, "bodies", len(actor.asset.body_names), len(props))
        old = self.get_actor_rigid_body_properties(env, actorHandle)
        new = [copy.copy(p) for p in props]
        if recomputeInertia:
            for before, after in zip(old, new, strict=True):
                ratio = after.mass / before.mass if before.mass else 1.0
                values = before.inertia.floats() * np.float32(ratio)
                after.inertia = type(after.inertia).from_buffer_copy(values.tobytes())
        actor.body_props = new
        env.sim.property_set(env, actorHandle, "body")
        return True

    def get_actor_rigid_shape_properties(self, env: Env, handle: int) -> list[RigidShapeProperties]:
        return [copy.copy(p) for p in actor_of(env, handle, "get_actor_rigid_shape_properties").shape_props]

    def set_actor_rigid_shape_properties(self, env: Env, handle: int, props: list[RigidShapeProperties]) -> bool:
        """Friction of every shape; collision filters count until prepare_sim."""
        actor = actor_of(env, handle, "set_actor_rigid_shape_properties")
        check_count("set_actor_rigid_shape_properties", actor.name, "shapes", len(actor.asset.shape_ids), len(props))
        new = [copy.copy(p) for p in props]
        if env.sim.prepared and [p.filter for p in new] != [p.filter for p in actor.shape_props]:
            raise NotImplementedError(
                f"set_actor_rigid_shape_properties: the collision filters of '{actor.name}' cannot change after "
                f"prepare_sim, given {[p.filter for p in new]} where they are {[p.filter for p in actor.shape_props]}"
            )
        actor.shape_props = new
        env.sim.property_set(env, handle, "shape")
        return True

    def get_actor_scale(self, env: Env, handle: int) -> float:
        return actor_of(env, handle, "get_actor_scale").scale

    def set_actor_scale(self, env: Env, handle: int, scale: Any) -> bool:
        """Lengths of an actor in relation to its asset's, masses and inertias with them; before prepare_sim only."""
        actor, values = actor_of(env, handle, "set_actor_scale"), np.asarray(scale, dtype=float).reshape(-1)
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
        actor_of(env, handle, "enable_actor_dof_force_sensors").dof_forces = True
        if env.sim.prepared:
            env.sim.state.dof_force_scale[env.index, env.sim.layout.actors[handle].dof] = 1.0
        return True
