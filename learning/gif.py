"""A GIF of a running simulation, small enough for a web page that shows it beside text."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from learning.video import Video, VideoError

SMALLER = 3  # than the pictures of a video, along each edge
COLORS = 40  # in the whole film


class Gif(Video):
    """Records as a Video does, fewer pictures and smaller ones."""

    rate = 10.0

    def close(self) -> None:
        """Write the file."""
        if not self._writer:
            return
        pictures, self._writer = self._writer, None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(animation(pictures, self._interval))
        except OSError as error:
            raise VideoError(f"'{self.path}' cannot be written: {error}") from error

    def _write(self, picture: np.ndarray) -> None:
        self._writer = [*(self._writer or ()), shrunk(picture, SMALLER)]


def animation(pictures: Sequence[np.ndarray], seconds: float) -> bytes:
    """A GIF of pictures (H, W, 3), `seconds` from one to the next, all of the same few colours."""
    some = np.concatenate(pictures[:: max(1, len(pictures) // 8)])
    palette = Image.fromarray(some).quantize(COLORS, method=Image.Quantize.FASTOCTREE)
    plain = Image.Dither.NONE
    first, *others = (Image.fromarray(picture).quantize(palette=palette, dither=plain) for picture in pictures)
    written = io.BytesIO()
    first.save(written, "GIF", save_all=True, append_images=others, duration=1000 * seconds, loop=0)
    return written.getvalue()


def shrunk(picture: np.ndarray, times: int) -> np.ndarray:
    """The picture (H, W, 3) so many times smaller; each pixel is the mean of those it stands for."""
    height, width = (size // times * times for size in picture.shape[:2])
    blocks = picture[:height, :width].reshape(height // times, times, width // times, times, 3)
    return blocks.mean((1, 3)).astype(np.uint8)
