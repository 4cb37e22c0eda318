"""The part of the Gym that says how bodies look: lights, textures and segmentation numbers."""

from __future__ import annotations

from typing import Any

from isaacgym._src.enums import INVALID_HANDLE
from isaacgym._src.graphics import Light, body_key
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Vec3


class GymLooks:
    """set_light_parameters, textures and segmentation numbers; only the last are seen in images."""

    def set_light_parameters(self, sim: Sim, index: int, intensity: Vec3, ambient: Vec3, direction: Vec3) -> None:
        """Accepted without effect: every picture has the same sun."""
        sim.graphics.set_light(index, Light(intensity, ambient, direction))

    def create_texture_from_file(self, sim: Sim, filename: str) -> int:
        """Handle of a picture in a file; it is not drawn."""
        return sim.graphics.texture_from_file(filename)

    def create_texture_from_buffer(self, sim: Sim, width: int, height: int, buffer: Any) -> int:
        """Handle of a picture in memory; it is not drawn."""
        return sim.graphics.add_texture(f"buffer of {width} x {height}")

    def free_texture(self, sim: Sim, texture: int) -> None:
        sim.graphics.check_texture(texture, "free_texture")
        del sim.graphics.textures[texture]

    def get_texture_count(self, sim: Sim) -> int:
        return len(sim.graphics.textures)

    def set_rigid_body_texture(self, env: Env, handle: int, body: int, mesh_type: int, texture: int) -> None:
        """Accepted, and not drawn; `body` counts within the actor."""
        key = body_key(env, handle, body, "set_rigid_body_texture")
        env.sim.graphics.check_texture(texture, "set_rigid_body_texture")
        env.sim.graphics.body_textures[key] = texture

    def get_rigid_body_texture(self, env: Env, handle: int, body: int, mesh_type: int) -> int:
        """The handle that was set, or INVALID_HANDLE."""
        key = body_key(env, handle, body, "get_rigid_body_texture")
        return int(env.sim.graphics.body_textures.get(key, INVALID_HANDLE))

    def set_rigid_body_segmentation_id(self, env: Env, handle: int, body: int, number: int) -> None:
        """The number that a body has in segmentation images; `body` counts within the actor."""
        env.sim.graphics.segmentation[body_key(env, handle, body, "set_rigid_body_segmentation_id")] = int(number)

    def get_rigid_body_segmentation_id(self, env: Env, handle: int, body: int) -> int:
        """The number that was set, or that of create_actor."""
        body_key(env, handle, body, "get_rigid_body_segmentation_id")
        return int(env.sim.graphics.segmentation_of(env, handle, body))
