"""Short videos of a policy while it learns: poses are noted in the step, and drawn beside the training."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from learning.fetch import Fetch
from learning.gif import shrunk
from learning.opengl import OpenGLError
from learning.poses import Poses, Snapshot
from learning.video import RATE, Video, VideoError

ENVS = 4  # in the picture
WIDTH, HEIGHT = 640, 360  # of the video [pixels]
THIN = 2  # TensorBoard gets every so many pictures, so many times smaller


class Capture:
    """Films `length` control steps out of every `every`, in the first environments of `task`.

    The step only copies a few numbers, without waiting for the device; a thread draws, encodes, and hands the film to
    `show(pictures, seconds between two, env-steps)`. While it does, no other film begins. What goes wrong is told to
    `say`, and ends the filming, not the training.
    """

    def __init__(
        self,
        task: Any,
        folder: Path,
        every: int,
        length: int,
        frame: Callable[[], int],
        show: Callable[[list[np.ndarray], float, int], None],
        say: Callable[[str], None],
    ) -> None:
        self._sim, self._folder, self._every, self._length = task.sim, folder, every, length
        self._frame, self._show, self._say = frame, show, say
        self._poses = Poses(task.sim, ENVS)
        self._between = max(1, round(1.0 / (RATE * task.dt)))  # control steps from picture to picture
        self._interval = self._between * task.dt  # [s]
        self._step, self._since, self._began = 0, 0, 0
        self._taken: list[Fetch] | None = None  # of the film that is being noted
        self._worker: threading.Thread | None = None
        self._broken = False

    def stepped(self) -> None:
        """The task has taken a control step."""
        if self._taken is None and self._step % self._every == 0 and self._free():
            self._taken, self._since, self._began = [], 0, self._frame()
        if self._taken is not None:
            self._note(self._taken)
        self._step += 1

    def close(self) -> None:
        """Finish the film that is being drawn; one that has just begun is dropped."""
        if self._worker is not None:
            self._worker.join()

    def _free(self) -> bool:
        return not self._broken and (self._worker is None or not self._worker.is_alive())

    def _note(self, taken: list[Fetch]) -> None:
        if self._since < self._length and self._since % self._between == 0:
            taken.append(self._poses.take())
        self._since += 1
        if self._since >= self._length and all(fetch.ready for fetch in taken):
            self._taken = None
            self._worker = threading.Thread(target=self._film, args=(taken, self._began), daemon=True)
            self._worker.start()

    def _film(self, taken: list[Fetch], frame: int) -> None:
        try:
            pictures = self._draw([fetch.arrays() for fetch in taken], self._folder / f"training_{frame:012d}.mp4")
            self._show(pictures[::THIN], THIN * self._interval, frame)
        except (OpenGLError, VideoError) as error:
            self._broken = True
            self._say(f"capture_video: {error}; training goes on without")

    def _draw(self, snapshots: list[Snapshot], path: Path) -> list[np.ndarray]:
        """Write the film; its pictures, smaller."""
        from learning.render import Renderer

        small: list[np.ndarray] = []
        coming = iter(snapshots)
        with closing(Renderer(self._sim, ENVS, WIDTH, HEIGHT, first=snapshots[0])) as renderer:

            def picture(seconds: float) -> np.ndarray:
                drawn = renderer.draw(seconds, next(coming))
                small.append(shrunk(drawn, THIN))
                return drawn

            with Video(path, picture, self._interval, len(snapshots) * self._interval) as video:
                for _ in snapshots:
                    video.step()
        return small
