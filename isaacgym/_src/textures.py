"""Pictures that bodies show on their surfaces: read from files and from memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np

from isaacgym._src.backend.pictures import reduced

LARGEST = 1024  # edge of a texture; larger pictures are reduced to it [pixels]


class Texture:
    """A picture by its name; `pixels` are (H, W, 3) uint8 of red, green and blue, from the upper left corner."""

    def __init__(self, name: str, pixels: np.ndarray) -> None:
        self.name, self.pixels = name, reduced(pixels, LARGEST)


def texture_from_file(path: Path) -> Texture:
    """The picture in a file of any format that Pillow reads; of an animation the first one."""
    method = "create_texture_from_file"
    if not path.is_file():
        raise FileNotFoundError(f"{method}: there is no file '{path}'")
    try:
        found = imageio.imread(path, plugin="pillow")
    except Exception as error:  # each of imageio's readers raises kinds of its own
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{method}: '{path}' cannot be read as a picture (PNG, JPEG, ...): {reason}") from None
    while found.ndim > 3:
        found = found[0]
    return Texture(str(path), _colors(_bytes(found)))


def texture_from_buffer(width: int, height: int, buffer: Any) -> Texture:
    """The picture in `buffer`: bytes of red, green, blue and alpha, row by row from the upper left corner."""
    method = "create_texture_from_buffer"
    raw = isinstance(buffer, bytes | bytearray | memoryview)
    given = np.frombuffer(buffer, np.uint8) if raw else np.asarray(buffer)
    if given.dtype.kind not in "iu" or (given.dtype != np.uint8 and given.size and not _fit(given)):
        raise TypeError(f"{method}: needs bytes (uint8, 0 to 255), given {given.dtype}; convert with astype(np.uint8)")
    if width < 1 or height < 1 or given.size not in (3 * width * height, 4 * width * height):
        raise ValueError(
            f"{method}: {width} x {height} pixels of red, green, blue and alpha are {4 * width * height} bytes "
            f"(without alpha {3 * width * height}), given {given.size}"
        )
    pixels = given.astype(np.uint8).reshape(height, width, -1)
    return Texture(f"buffer of {width} x {height}", pixels[..., :3])


def _fit(numbers: np.ndarray) -> bool:
    return bool(numbers.min() >= 0 and numbers.max() <= 255)


def _bytes(pixels: np.ndarray) -> np.ndarray:
    """Pixels of any type of number as uint8; whole numbers fill their type, others go from zero to one."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype.kind in "iu":
        return (pixels >> (8 * pixels.dtype.itemsize - 8)).astype(np.uint8)
    return np.asarray(np.clip(pixels.astype(np.float32) * 255, 0, 255).round().astype(np.uint8))


def _colors(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) of pixels that are grey, or that have transparency, which is left out."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    return np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] < 3 else pixels[..., :3]
