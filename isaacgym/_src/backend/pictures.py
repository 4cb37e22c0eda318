"""Pictures with fewer pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image


def reduced(pixels: np.ndarray, most: int) -> np.ndarray:
    """(h, w, 3) uint8 of a picture (H, W, 3): means of patches, so that no edge is longer than `most` [pixels]."""
    factor = max(1.0, max(pixels.shape[:2]) / most)
    height, width = (max(1, round(length / factor)) for length in pixels.shape[:2])
    return resized(pixels, height, width)


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """(height, width, 3) uint8 of a picture (H, W, 3): its means along an edge that shrinks, its pixels else."""
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))
