"""Pictures with fewer pixels."""

from __future__ import annotations

import numpy as np


def reduced(pixels: np.ndarray, most: int) -> np.ndarray:
    """(h, w, 3) uint8 of a picture (H, W, 3): means of patches, so that no edge is longer than `most` [pixels]."""
    factor = max(1.0, max(pixels.shape[:2]) / most)
    height, width = (max(1, round(length / factor)) for length in pixels.shape[:2])
    return resized(pixels, height, width)


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """(height, width, 3) uint8 of a picture (H, W, 3): its means along an edge that shrinks, its pixels else."""
    found = pixels
    for axis, count in enumerate((height, width)):
        length = pixels.shape[axis]
        starts = np.arange(count) * length // count
        if count < length:
            shape = [-1 if axis == other else 1 for other in range(3)]
            sums = np.add.reduceat(found, starts, axis, dtype=np.float32)
            found = sums / np.diff(starts, append=length).reshape(shape)
        elif count > length:
            found = found.take(starts, axis)
    return np.ascontiguousarray(np.round(found).astype(np.uint8) if found.dtype != np.uint8 else found)
