"""An MP4 of a running simulation, in real time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import imageio_ffmpeg  # type: ignore[import-untyped]
import numpy as np

RATE = 30.0  # pictures a second, about
ENCODING = ["-preset", "veryfast", "-crf", "21", "-movflags", "+faststart"]


class VideoError(RuntimeError):
    """The video cannot be written."""


class Video:
    """Records what `draw` returns; a context, whose end leaves a file that plays, however early it comes.

    `draw(seconds)` gives a picture (H, W, 3) uint8 that shows the simulation `seconds` after the last one.
    """

    rate = RATE

    def __init__(self, path: Path, draw: Callable[[float], np.ndarray], step: float, seconds: float) -> None:
        self.path, self._draw = path, draw
        self._every = max(1, round(1.0 / (self.rate * step)))  # control steps of `step` seconds from picture to picture
        self._interval = step * self._every
        self._most = max(1, round(seconds / self._interval))
        self.steps = self.frames = 0
        self._writer: Any = None
        self._partial = path.with_name(f".{path.stem}.partial.mp4")

    @property
    def full(self) -> bool:
        """Whether the video has its length."""
        return self.frames >= self._most

    @property
    def seconds(self) -> float:
        """Length of the video so far."""
        return self.frames * self._interval

    def step(self) -> None:
        """The simulation has taken a control step, or stands at its start."""
        due = self.steps % self._every == 0 and not self.full
        self.steps += 1
        if due:
            self._write(self._draw(self._interval if self.frames else 0.0))
            self.frames += 1

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._writer is not None:
            self._writer.close()
            self._partial.replace(self.path)
            self._writer = None

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, picture: np.ndarray) -> None:
        try:
            if self._writer is None:
                self._writer = self._open(picture.shape[1], picture.shape[0])
            self._writer.send(np.ascontiguousarray(picture))
        except OSError as error:
            self._writer = None
            with contextlib.suppress(OSError):
                self._partial.unlink()
            raise VideoError(f"'{self.path}' cannot be written: {error}") from error

    def _open(self, width: int, height: int) -> Any:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        writer = imageio_ffmpeg.write_frames(
            str(self._partial),
            (width, height),
            fps=1.0 / self._interval,
            codec="libx264",
            quality=None,
            macro_block_size=2,
            output_params=ENCODING,
        )
        writer.send(None)
        return writer


def require_ffmpeg() -> None:
    """Raise VideoError unless there is a program that encodes."""
    try:
        imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise VideoError(
            f"no ffmpeg to encode with ({str(error).splitlines()[0]}); reinstall imageio-ffmpeg, or let "
            "IMAGEIO_FFMPEG_EXE name a program"
        ) from error
