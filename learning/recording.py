"""A video in a run's folder, and what keeps one from being made, said as a fault of the command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from learning import runs
from learning.opengl import OpenGLError, open_context
from tasks.base.config import ConfigError

if TYPE_CHECKING:
    from learning.render import Renderer
    from learning.video import Video

WIDTH, HEIGHT = 1280, 720
SUFFIXES = (".mp4", ".gif")


def require() -> None:
    """Raise now, and not after a minute of setting up, where no video can be made."""
    with _faults_of_video():
        _try()


def video_fault() -> str | None:
    """What keeps a video from being made on this machine."""
    from learning.video import VideoError

    try:
        _try()
    except (OpenGLError, VideoError) as error:
        return str(error)
    return None


@contextlib.contextmanager
def drawing(sim: Any, envs: int) -> Iterator[Renderer]:
    """What draws the first `envs` environments; ConfigError where the block cannot draw or write."""
    from learning.render import Renderer

    with _faults_of_video(), contextlib.closing(Renderer(sim, envs, WIDTH, HEIGHT)) as renderer:
        yield renderer


def video_file(played: Path) -> Path:
    """A new name for a video of `played`, in the folder of its run."""
    run = runs.holding(played)
    folder = run.videos if run else played.parent / "videos"
    return folder / f"{played.stem}_{datetime.now():%Y-%m-%d_%H-%M-%S}.mp4"


def _try() -> None:
    from learning.video import require_ffmpeg

    require_ffmpeg()
    open_context(8, 8).free()


def kind_of(file: Path) -> type[Video]:
    """What writes a file of this name."""
    from learning.gif import Gif
    from learning.video import Video

    return Gif if file.suffix == ".gif" else Video


@contextlib.contextmanager
def _faults_of_video() -> Iterator[None]:
    from learning.video import VideoError

    try:
        yield
    except (OpenGLError, VideoError) as error:
        raise ConfigError("play.py", [f"video: {error}; video=false plays without a picture"]) from error
