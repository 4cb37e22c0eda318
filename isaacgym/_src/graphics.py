"""What graphics calls said about a simulation: lights, textures, cameras and the numbers in segmentation images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.camera import Camera
from isaacgym._src.enums import ImageType
from isaacgym._src.scene import Env
from isaacgym._src.vectors import Vec3

if TYPE_CHECKING:
    from isaacgym._src.ray_studio import RayStudio
    from isaacgym._src.sim import Sim
    from isaacgym._src.studio import Studio
    from isaacgym._src.viewer import Viewer
    from isaacgym._src.views import Views

MOST_LIGHTS = 4
PIXEL: dict[ImageType, tuple[tuple[int, ...], torch.dtype]] = {
    ImageType.IMAGE_COLOR: ((4,), torch.uint8),
    ImageType.IMAGE_DEPTH: ((), torch.float32),
    ImageType.IMAGE_SEGMENTATION: ((), torch.int32),
}
ImageKey = tuple[int, int, ImageType]  # environment, camera and kind


class Light(NamedTuple):
    """One of the scene's lights, as it was set."""

    intensity: Vec3
    ambient: Vec3
    direction: Vec3


class Graphics:
    """Everything of a simulation that physics does not see."""

    def __init__(self) -> None:
        self.wanted = True  # whether assets bring what is only to look at
        self.lights: dict[int, Light] = {}
        self.textures: dict[int, str] = {}
        self.body_textures: dict[tuple[int, int, int], int] = {}  # by environment, actor, body
        self.segmentation: dict[tuple[int, int, int], int] = {}  # by environment, actor, body
        self.cameras: dict[int, dict[int, Camera]] = {}  # by environment and handle
        self.tensors: dict[ImageKey, Tensor] = {}
        self.terrain_numbers: list[int] = []  # in segmentation images
        self.studio: Studio | RayStudio | None = None
        self.viewer: Viewer | None = None
        self.change = 0  # grows when a camera is added, removed or moved
        self.paint = 0  # grows when a colour or a segmentation number is set
        self.bound = False  # whether the engine keeps the poses of shapes
        self.ground_numbers: np.ndarray | None = None  # (ngeom,) of planes and terrains in segmentation images
        self._views: Views | None = None
        self._count = 0

    def add_texture(self, name: str) -> int:
        """The handle of a new texture."""
        self._count += 1
        self.textures[self._count - 1] = name
        return self._count - 1

    def texture_from_file(self, path: str) -> int:
        """The handle of a texture whose file is there."""
        if not Path(path).is_file():
            raise FileNotFoundError(f"create_texture_from_file: there is no file '{path}'")
        return self.add_texture(path)

    def check_texture(self, handle: int, method: str) -> None:
        """Raise where no texture has this handle."""
        if handle not in self.textures:
            raise IndexError(f"{method}: there is no texture {handle}; handles: {sorted(self.textures)}")

    def set_light(self, index: int, light: Light) -> None:
        """Set one of the few lights that Isaac Gym has."""
        if not 0 <= index < MOST_LIGHTS:
            raise IndexError(f"set_light_parameters: there is no light {index}; lights are 0 to {MOST_LIGHTS - 1}")
        self.lights[index] = light

    def add_camera(self, env: Env, camera: Camera) -> int:
        """The handle of a new camera: how many its environment had before."""
        row = self.cameras.setdefault(env.index, {})
        handle = max(row, default=-1) + 1
        row[handle] = camera
        self.change += 1
        return handle

    def camera(self, env: Env, handle: int, method: str) -> Camera:
        """The camera with this handle; raise where there is none."""
        row = self.cameras.get(env.index, {})
        if handle not in row:
            raise IndexError(f"{method}: environment {env.index} has no camera {handle}; handles: {sorted(row)}")
        return row[handle]

    def remove_camera(self, env: Env, handle: int) -> None:
        """Forget a camera and its images."""
        del self.cameras[env.index][handle]
        self.tensors = {key: value for key, value in self.tensors.items() if key[:2] != (env.index, handle)}
        self.change += 1

    def views(self, sim: Sim) -> Views:
        """Where all cameras are."""
        if self._views is None:
            from isaacgym._src.views import Views

            self._views = Views(sim)
        return self._views

    def close(self) -> None:
        """Free what draws; a later image opens it again."""
        for held in (self.studio, self.viewer):
            if held is not None:
                held.close()
        self.studio = self.viewer = None

    def segmentation_of(self, env: Env, handle: int, body: int) -> int:
        """The number that a body has in segmentation images: its own, or else its actor's."""
        return int(self.segmentation.get((env.index, handle, body), env.actors[handle].segmentation))


def body_key(env: Env, handle: int, body: int, method: str) -> tuple[int, int, int]:
    """Environment, actor and body, checked; `body` counts within the actor."""
    if not 0 <= handle < len(env.actors):
        raise IndexError(f"{method}: environment {env.index} has no actor {handle}; it has {len(env.actors)} actors")
    names = env.actors[handle].asset.body_names
    if not 0 <= body < len(names):
        raise IndexError(f"{method}: '{env.actors[handle].name}' has no body {body}; it has {len(names)} bodies")
    return env.index, handle, body
