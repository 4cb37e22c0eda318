"""What the scene of a ray tracer is given while it lives: textures for its shapes, and lamps in place of its sun.

Memory is written in place where it can be, since a captured graph looks there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any

import mujoco
import numpy as np
import torch
import warp as wp

from isaacgym._src.backend.pictures import reduced

FEWEST = 16  # textures for which there is room
COLOR_ROLE = int(mujoco.mjtTextureRole.mjTEXROLE_RGB)
SHOWING = {"texuniform": 0, "texrepeat": 1, "rgba": 1, "emission": 0, "specular": 0.5, "shininess": 0.5}
SHINING = {"type": int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL), "castshadow": 0, "active": 1, "attenuation": (1, 0, 0)}
SHINING |= {"cutoff": 45, "exponent": 10, "ambient": 0, "diffuse": 0, "specular": 0}


def take_own_textures(model: mujoco.MjModel, m: Any, scene: Any, most: int) -> None:
    """Let cube textures be one of their sides, since every picture is taken as a flat one, and large ones be reduced.

    `most` are the pixels along an edge.
    """
    for number in np.flatnonzero(model.tex_type != int(mujoco.mjtTexture.mjTEXTURE_SKYBOX)):
        start, channels = int(model.tex_adr[number]), int(model.tex_nchannel[number])
        height, width = int(model.tex_height[number]), int(model.tex_width[number])
        cube = model.tex_type[number] == int(mujoco.mjtTexture.mjTEXTURE_CUBE)
        if channels < 3 or start < 0 or not (cube or max(height, width) > most):
            continue
        shape = min(height, width) if cube else height, width, channels
        pixels = model.tex_data[start : start + int(np.prod(shape))].reshape(shape)
        scene.textures_registry[number] = _texture(reduced(pixels[..., :3], most))
    scene.textures = wp.array(scene.textures_registry, dtype=wp.Texture2D)
    cubes = np.flatnonzero(model.tex_type == int(mujoco.mjtTexture.mjTEXTURE_CUBE))
    once = np.isin(model.mat_texid[:, COLOR_ROLE], cubes)  # a cube texture is on each side of its shape once
    m.mat_texuniform = wp.array((model.mat_texuniform & ~once)[None], dtype=m.mat_texuniform.dtype)
    m.mat_texrepeat = wp.array(np.where(once[:, None], 1, model.mat_texrepeat)[None], dtype=m.mat_texrepeat.dtype)


class TracerTextures:
    """Pictures beside those of a model, each with a material that shows it; the tracer reads `m` and `scene`."""

    def __init__(self, model: mujoco.MjModel, m: Any, scene: Any) -> None:
        self._model, self._m, self._scene = model, m, scene
        self._held = list(scene.textures_registry)  # those of the model come first
        self._places: dict[Hashable, int] = {}
        self.room = 0

    def materials(self, keys: Collection[Hashable], pixels: Callable[[Any], np.ndarray]) -> dict[Hashable, int]:
        """The materials that show the pictures with these keys; of new ones `pixels` are asked for, others may go."""
        new = [key for key in dict.fromkeys(keys) if key not in self._places]
        if new:
            self._forget(set(self._places) - set(keys))
            self._make_room(len(self._places) + len(new))
            taken = set(self._places.values())
            free = (place for place in range(self.room) if place not in taken)
            for key, place in zip(new, free, strict=False):
                self._places[key] = place
                self._held[self._model.ntex + place] = _texture(pixels(key))
            wp.copy(self._scene.textures, wp.array(self._held, dtype=wp.Texture2D))
        return {key: self._model.nmat + place for key, place in self._places.items()}

    def _forget(self, gone: set[Hashable]) -> None:
        if gone:
            wp.synchronize_device()  # a launch may still look at them
        for key in gone:
            del self._places[key]

    def _make_room(self, count: int) -> None:
        """Have materials for at least so many pictures."""
        if count <= self.room:
            return
        self.room = max(FEWEST, 1 << (count - 1).bit_length())
        model, blank = self._model, self._held[0]
        self._held = (self._held + [blank] * self.room)[: model.ntex + self.room]
        self._scene.textures = wp.array(self._held, dtype=wp.Texture2D)
        texid = np.full((self.room, *model.mat_texid.shape[1:]), -1)
        texid[:, COLOR_ROLE] = model.ntex + np.arange(self.room)
        for name, value in (SHOWING | {"texid": texid}).items():
            _extend(self._m, f"mat_{name}", slice(model.nmat), value, self.room, first=False)


class TracerLamps:
    """Directional lights that shine in place of one of a model's, and of that on each camera."""

    def __init__(self, model: mujoco.MjModel, m: Any, scene: Any, data: Any, replaced: int, count: int) -> None:
        self._m, self._data, self._count = m, data, count
        kept = np.arange(model.nlight) != replaced
        for name, value in SHINING.items():
            _extend(m, f"light_{name}", kept, value, count, first=True)
        for name in ("light_xpos", "light_xdir"):
            own = getattr(data, name).numpy()[:, kept]
            whole = np.concatenate((np.zeros((len(own), count, 3), np.float32), own), axis=1)
            setattr(data, name, wp.array(whole, dtype=wp.vec3))
        m.nlight = count + int(kept.sum())
        scene.headlight_active = False
        scene._megakernel = None  # which was made for other lights

    def set(self, lamps: Mapping[str, np.ndarray]) -> None:
        """Take (count, 3) ambient, diffuse and specular colours and the directions `dir` in which they shine."""
        for name in ("ambient", "diffuse", "specular"):
            wp.to_torch(getattr(self._m, f"light_{name}"))[0, : self._count].copy_(torch.from_numpy(lamps[name]))
        wp.to_torch(self._data.light_xdir)[:, : self._count].copy_(torch.from_numpy(lamps["dir"]))


def _extend(m: Any, name: str, kept: Any, value: Any, count: int, first: bool) -> None:
    """Let `m` have `count` rows of a value before or after those that are kept of what it has."""
    own = getattr(m, name).numpy()[0, kept]
    rows = np.broadcast_to(np.asarray(value), (count, *own.shape[1:])).astype(own.dtype)
    whole = np.concatenate((rows, own) if first else (own, rows))
    setattr(m, name, wp.array(whole[None], dtype=getattr(m, name).dtype))


def _texture(pixels: np.ndarray) -> wp.Texture2D:
    """Pixels (H, W, 3) uint8 on the device, repeated beyond their edges."""
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    whole = np.ascontiguousarray(np.concatenate((pixels, opaque), axis=2))
    return wp.Texture2D(whole, filter_mode=wp.TextureFilterMode.LINEAR, address_mode=wp.TextureAddressMode.WRAP)
