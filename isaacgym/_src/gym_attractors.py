"""The part of the Gym that creates attractors and moves their targets."""

from __future__ import annotations

import copy

from isaacgym._src import attractor
from isaacgym._src.options import AttractorProperties
from isaacgym._src.scene import Env
from isaacgym._src.vectors import Transform


class GymAttractors:
    """create_rigid_body_attractor and the calls that take its handle."""

    def create_rigid_body_attractor(self, env: Env, props: AttractorProperties) -> int:
        """Handle of a new spring-damper between a body and a target in the environment's frame."""
        method = "create_rigid_body_attractor"
        if env.sim.prepared:
            raise RuntimeError(f"{method}: the simulation is prepared; create everything before prepare_sim")
        attractor.check(method, props, sum(len(actor.asset.body_names) for actor in env.actors))
        env.attractors.append(copy.copy(props))
        return len(env.attractors) - 1

    def get_attractor_properties(self, env: Env, handle: int) -> AttractorProperties:
        """A copy; changes count through set_attractor_properties."""
        return copy.copy(_attractor(env, handle, "get_attractor_properties"))

    def set_attractor_properties(self, env: Env, handle: int, props: AttractorProperties) -> bool:
        """Gains, target and offset; after prepare_sim the body and the axes stay as they are."""
        method = "set_attractor_properties"
        old = _attractor(env, handle, method)
        attractor.check(method, props, sum(len(actor.asset.body_names) for actor in env.actors))
        if env.sim.prepared and (props.rigid_handle, props.axes) != (old.rigid_handle, old.axes):
            raise NotImplementedError(
                f"{method}: body and axes of an attractor are fixed by prepare_sim (body {old.rigid_handle}, "
                f"{old.axes!r}), given body {props.rigid_handle}, {props.axes!r}"
            )
        env.attractors[handle] = copy.copy(props)
        if env.sim.prepared:
            env.sim.attractors.set(env)
        return True

    def set_attractor_target(self, env: Env, handle: int, target: Transform) -> bool:
        """Where the attractor pulls to, in the environment's frame."""
        _attractor(env, handle, "set_attractor_target").target = target
        if env.sim.prepared:
            env.sim.attractors.set_target(env)
        return True


def _attractor(env: Env, handle: int, method: str) -> AttractorProperties:
    if not 0 <= handle < len(env.attractors):
        raise IndexError(
            f"{method}: environment {env.index} has no attractor {handle}; it has {len(env.attractors)} attractors"
        )
    return env.attractors[handle]
