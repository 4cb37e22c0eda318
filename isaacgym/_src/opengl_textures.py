"""Textures in an OpenGL context beside those of its model, which MuJoCo fixes when the model is compiled."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import mujoco
import numpy as np

from isaacgym._src.backend.pictures import resized
from isaacgym._src.textures import Texture

MOST_TEXTURES = 1000  # of a context, as MuJoCo has it
LARGEST_SIDE = 512  # of a cube [pixels]
FLAT, CUBE = int(mujoco.mjtTexture.mjTEXTURE_2D), int(mujoco.mjtTexture.mjTEXTURE_CUBE)


class Print(NamedTuple):
    """A texture as it is uploaded: flat, or once for each side of a box, on three of which MuJoCo mirrors flat ones."""

    texture: Texture
    on_box: bool


class OpenGLTextures:
    """Textures that are uploaded when a picture first needs them; the context is current when they are asked for."""

    def __init__(self, context: mujoco.MjrContext) -> None:
        self._context = context
        self._first = context.ntexture
        self._numbers: dict[Print, int] = {}
        self._batches: list[tuple[mujoco.MjrContext, list[Print]]] = []  # contexts that own the textures

    def numbers(self, wanted: Collection[Print], textures: Collection[Texture]) -> dict[Print, int]:
        """What the context calls the prints that a picture needs; others may be needed of all `textures` there are."""
        if any(item not in self._numbers for item in wanted):
            kinds = {item.on_box for item in wanted}
            self._upload(wanted, [Print(texture, on_box) for texture in textures for on_box in kinds])
        return self._numbers

    def free(self) -> None:
        """Give the memory of all of them back."""
        for owner, _ in self._batches:
            owner.free()
        self._batches, self._numbers = [], {}

    def _upload(self, wanted: Collection[Print], others: Collection[Print]) -> None:
        """Bring in what is missing, in one batch, where those that are gone made room or all do."""
        self._drop({item.texture for item in (*wanted, *others)})
        room = MOST_TEXTURES - self._first
        if len(wanted) > room:
            raise NotImplementedError(
                f"set_rigid_body_texture: {len(wanted)} textures in one picture, OpenGL here takes {room} at most"
            )
        if len({*wanted, *self._numbers}) > room:
            self.free()
        new = [item for item in dict.fromkeys([*wanted, *others]) if item not in self._numbers]
        new = new[: room - len(self._numbers)]
        owner = mujoco.MjrContext(_model(new), int(mujoco.mjtFontScale.mjFONTSCALE_50))
        taken = set(self._numbers.values())
        free = (number for number in range(self._first, MOST_TEXTURES) if number not in taken)
        for place, (item, number) in enumerate(zip(new, free, strict=False)):
            self._context.texture[number] = owner.texture[place]
            self._context.textureType[number] = CUBE if item.on_box else FLAT
            self._numbers[item] = number
        self._batches.append((owner, new))
        mujoco.mjr_restoreBuffer(self._context)

    def _drop(self, known: set[Texture]) -> None:
        """Free the batches of which no texture is known any more."""
        gone = [batch for batch in self._batches if known.isdisjoint(item.texture for item in batch[1])]
        for owner, items in gone:
            self._batches.remove((owner, items))
            owner.free()
            for item in items:
                del self._numbers[item]


def _model(prints: list[Print]) -> mujoco.MjModel:
    """A model of nothing but textures."""
    spec = mujoco.MjSpec()
    spec.visual.quality.shadowsize = 0
    spec.visual.global_.offwidth = spec.visual.global_.offheight = 1
    for number, (texture, on_box) in enumerate(prints):
        pixels = _sides(texture.pixels) if on_box else texture.pixels
        height, width, _ = pixels.shape
        kind = mujoco.mjtTexture(CUBE if on_box else FLAT)
        added = spec.add_texture(name=str(number), type=kind, width=width, height=height, nchannel=3)
        added.data = pixels.tobytes()
    return spec.compile()


def _sides(pixels: np.ndarray) -> np.ndarray:
    """(6 E, E, 3) of a picture (H, W, 3): how OpenGL wants the sides +x, -x, +y, -y, +z, -z for all to be upright."""
    edge = min(LARGEST_SIDE, max(pixels.shape[:2]))
    upright = resized(pixels, edge, edge)
    turned = np.rot90(upright, 2)
    return np.concatenate((np.rot90(upright), np.rot90(upright, -1), turned, upright, upright, turned))
