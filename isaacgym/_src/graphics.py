"""What graphics calls said about a simulation: lights, textures, cameras and the numbers in segmentation images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.camera import Camera
from isaacgym._src.enums import ImageType
from isaacgym._src.lights import MOST_LIGHTS, Light
from isaacgym._src.scene import Env
from isaacgym._src.textures import Texture, texture_from_file
from isaacgym._src.vectors import Vec3

if TYPE_CHECKING:
    from isaacgym._src.ray_studio import RayStudio
    from isaacgym._src.sim import Sim
    from isaacgym._src.studio import Studio
    from isaacgym._src.viewer import Viewer
    from isaacgym._src.views import Views

PIXEL: dict[ImageType, tuple[tuple[int, ...], torch.dtype]] = {
    ImageType.IMAGE_COLOR: ((4,), torch.uint8),
    ImageType.IMAGE_DEPTH: ((), torch.float32),
    ImageType.IMAGE_SEGMENTATION: ((), torch.int32),
}
ImageKey = tuple[int, int, ImageType]  # environment, camera and kind


class Graphics:
    """Everything of a simulation that physics does not see."""

    def __init__(self) -> None:
        self.wanted = True  # whether assets bring what is only to look at
        self.lights: dict[int, Light] = {}
        self.textures: dict[int, Texture] = {}
        self.body_textures: dict[int, dict[tuple[int, int], int]] = {}  # by environment, then by actor and body
        self.segmentation: dict[tuple[int, int, int], int] = {}  # by environment, actor, body
        self.cameras: dict[int, dict[int, Camera]] = {}  # by environment and handle
        self.tensors: dict[ImageKey, Tensor] = {}
        self.terrain_numbers: list[int] = []  # in segmentation images
        self.studio: Studio | RayStudio | None = None
        self.viewer: Viewer | None = None
        self.change = 0  # grows when a camera is added, removed or moved
        self.paint = 0  # grows when a colour, a texture or a segmentation number is set
        self.lighting = 0  # grows when a light is set
        self.revision = 0  # grows when what draws has to be recorded anew
        self.bound = False  # whether the engine keeps the poses of shapes
        self.ground_numbers: np.ndarray | None = None  # (ngeom,) of planes and terrains in segmentation images
        self._views: Views | None = None
        self._count = 0
        self._painted: dict[int, int] = {}  # by environment, the count of when it was last painted
        self._files: WeakValueDictionary[tuple[Path, int], Texture] = WeakValueDictionary()

    def add_texture(self, texture: Texture) -> int:
        """The handle of a texture."""
        self._count += 1
        self.textures[self._count - 1] = texture
        return self._count - 1

    def texture_from_file(self, path: Path) -> int:
        """The handle of the picture in a file, which is read once for all handles."""
        key = path.resolve(), path.stat().st_mtime_ns if path.exists() else 0
        if (texture := self._files.get(key)) is None:
            texture = self._files[key] = texture_from_file(path)
        return self.add_texture(texture)

    def free_texture(self, handle: int) -> None:
        """Forget a texture; bodies that had it look as they did without it."""
        self.check_texture(handle, "free_texture")
        del self.textures[handle]
        for env, row in self.body_textures.items():
            if handle in row.values():
                self.body_textures[env] = {key: value for key, value in row.items() if value != handle}
                self.repaint(env)

    def check_texture(self, handle: int, method: str) -> None:
        """Raise where no texture has this handle."""
        if handle not in self.textures:
            raise IndexError(f"{method}: there is no texture {handle}; handles: {sorted(self.textures)}")

    def repaint(self, env: int) -> None:
        """Have the next picture of an environment show its colours, textures and numbers as they are now."""
        self.paint += 1
        self._painted[env] = self.paint

    def painted_since(self, count: int) -> set[int]:
        """The environments that were painted after the count was this."""
        return {env for env, painted in self._painted.items() if painted > count}

    def dress(self) -> None:
        """Let a step that is recorded draw what was painted since, and with the lights that were set."""
        if self.studio is not None:
            self.studio.dress()

    def set_light(self, index: int, light: Light) -> None:
        """Set one of the few lights that Isaac Gym has."""
        if not 0 <= index < MOST_LIGHTS:
            raise IndexError(f"set_light_parameters: there is no light {index}; lights are 0 to {MOST_LIGHTS - 1}")
        for name, value in light._asdict().items():
            if not isinstance(value, Vec3):
                raise TypeError(f"set_light_parameters: {name} needs a Vec3, given {value!r}; write Vec3(x, y, z)")
        self.lights[index] = light
        self.lighting += 1

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
