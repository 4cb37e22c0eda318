"""The part of the Gym that says how bodies look: lights, colours, textures and segmentation numbers."""

from __future__ import annotations

import warnings
from copy import copy
from pathlib import Path
from typing import Any

from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE
from isaacgym._src.health import SimulationWarning
from isaacgym._src.lights import Light
from isaacgym._src.lookup import actor_of, part_of
from isaacgym._src.scene import Actor, Env
from isaacgym._src.sim import Sim
from isaacgym._src.textures import texture_from_buffer
from isaacgym._src.vectors import Vec3

NO_COLOR = (0.5, 0.5, 0.5)


class GymLooks:
    """set_light_parameters, colours, textures and segmentation numbers."""

    def set_light_parameters(self, sim: Sim, index: int, intensity: Vec3, ambient: Vec3, direction: Vec3) -> None:
        """One of four lights of all pictures; `direction` points towards it, and has no effect where it is zero.

        The first one that is set puts out the sun that shines else, and the light on each camera.
        """
        sim.graphics.set_light(index, Light(copy(intensity), copy(ambient), copy(direction)))

    def create_texture_from_file(self, sim: Sim, filename: str) -> int:
        """Handle of a picture in a file (PNG, JPEG, ...)."""
        return sim.graphics.texture_from_file(Path(filename))

    def create_texture_from_buffer(self, sim: Sim, width: int, height: int, buffer: Any) -> int:
        """Handle of a picture in memory: bytes of red, green, blue and alpha, row by row from the upper left corner."""
        return sim.graphics.add_texture(texture_from_buffer(int(width), int(height), buffer))

    def free_texture(self, sim: Sim, texture: int) -> None:
        """Forget a picture; bodies that had it look as they did without it."""
        sim.graphics.free_texture(texture)

    def get_texture_count(self, sim: Sim) -> int:
        return len(sim.graphics.textures)

    def set_rigid_body_texture(self, env: Env, handle: int, body: int, mesh_type: int, texture: int) -> None:
        """Show a picture on one body of one environment, times its colour if one was set; `body` is the actor's."""
        graphics = env.sim.graphics
        graphics.check_texture(texture, "set_rigid_body_texture")
        if not _has(env, handle, body, "set_rigid_body_texture"):
            return
        graphics.body_textures.setdefault(env.index, {})[handle, body] = texture
        graphics.repaint(env.index)

    def get_rigid_body_texture(self, env: Env, handle: int, body: int, mesh_type: int) -> int:
        """The handle that was set, or INVALID_HANDLE."""
        _owner(env, handle, body, "get_rigid_body_texture")
        return int(env.sim.graphics.body_textures.get(env.index, {}).get((handle, body), INVALID_HANDLE))

    def set_rigid_body_color(self, env: Env, handle: int, body: int, mesh_type: int, color: Vec3) -> None:
        """Colour of one body of one environment in pictures; `body` counts within the actor."""
        if not _has(env, handle, body, "set_rigid_body_color"):
            return
        actor = env.actors[handle]
        if actor.colors is None:
            actor.colors = {}
        actor.colors[body] = (color.x, color.y, color.z)
        env.sim.graphics.repaint(env.index)

    def get_rigid_body_color(self, env: Env, handle: int, body: int, mesh_type: int) -> Vec3:
        """The colour that was set, or that of the body's first shape in the file."""
        actor = _owner(env, handle, body, "get_rigid_body_color")
        return Vec3(*(actor.colors or {}).get(body, _file_color(actor.asset, body)))

    def reset_actor_materials(self, env: Env, handle: int, mesh_type: int) -> None:
        """The colours and textures of an actor are the file's again."""
        actor = actor_of(env, handle, "reset_actor_materials")
        actor.colors = None
        for body in range(len(actor.asset.body_names)):
            env.sim.graphics.body_textures.get(env.index, {}).pop((handle, body), None)
        env.sim.graphics.repaint(env.index)

    def set_rigid_body_segmentation_id(self, env: Env, handle: int, body: int, number: int) -> None:
        """The number that a body has in segmentation images; `body` counts within the actor."""
        if _has(env, handle, body, "set_rigid_body_segmentation_id"):
            env.sim.graphics.segmentation[env.index, handle, body] = int(number)
            env.sim.graphics.repaint(env.index)

    def get_rigid_body_segmentation_id(self, env: Env, handle: int, body: int) -> int:
        """The number that was set, or that of create_actor."""
        _owner(env, handle, body, "get_rigid_body_segmentation_id")
        return int(env.sim.graphics.segmentation_of(env, handle, body))


def _owner(env: Env, handle: int, body: int, method: str) -> Actor:
    """The actor, which has this body."""
    actor = actor_of(env, handle, method)
    part_of(actor.name, actor.asset.body_names, body, method, "body")
    return actor


def _has(env: Env, handle: int, body: int, method: str) -> bool:
    """Whether an actor has this body; clients colour hands by the numbers of bodies that another hand had."""
    actor = actor_of(env, handle, method)
    count = len(actor.asset.body_names)
    if 0 <= body < count:
        return True
    said = f"{method}: '{actor.name}' has no body {body}; it has {count}: nothing looks different"
    warnings.warn(said, SimulationWarning, stacklevel=3)
    return False


def _file_color(asset: Asset, body: int) -> tuple[float, ...]:
    """Red, green and blue of a body's first shape; MuJoCo's grey where it has none."""
    model = asset.model
    first = int(model.body_geomadr[body + 1])
    if first < 0:
        return NO_COLOR
    material = int(model.geom_matid[first])
    rgba = model.geom_rgba[first] if material < 0 else model.mat_rgba[material]
    return tuple(float(part) for part in rgba[:3])
