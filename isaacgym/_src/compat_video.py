"""Videos of environments of gym's time: RecordVideo for those that have no render_mode, as Gymnasium's asks for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

Trigger = Callable[[int], bool]
FPS = 30.0

_Modern: Any = gymnasium.wrappers.RecordVideo


class RecordVideo(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Films what `env.render(mode="rgb_array")` gives while a trigger's step or episode lasts, `video_length` frames.

    Of many environments at once, episodes are those of the first. Environments with a render_mode get Gymnasium's.
    """

    def __new__(cls, env: Any, *arguments: Any, **named: Any) -> Any:
        if getattr(env, "render_mode", None) is not None:
            return _Modern(env, *arguments, **named)
        return super().__new__(cls)

    def __init__(
        self,
        env: Any,
        video_folder: str,
        episode_trigger: Trigger | None = None,
        step_trigger: Trigger | None = None,
        video_length: int = 0,
        name_prefix: str = "rl-video",
    ) -> None:
        super().__init__(env)
        if episode_trigger is None and step_trigger is None:
            episode_trigger = _cubes
        self._of_episode, self._of_step = episode_trigger, step_trigger
        self._folder, self._prefix = Path(video_folder), name_prefix
        self._length = video_length or float("inf")
        self._step = self._episode = 0
        self._name, self._frames = "", list[np.ndarray]()
        self._folder.mkdir(parents=True, exist_ok=True)

    def reset(self, **given: Any) -> Any:
        result = self.env.reset(**given)
        self._begin(self._of_episode, "episode", self._episode)
        return result

    def step(self, action: Any) -> Any:
        result = self.env.step(action)
        self._step += 1
        self._film()
        if bool(np.ravel(_on_host(result[2]))[0]):
            self._episode += 1
            if self._length == float("inf"):
                self._end()
            self._begin(self._of_episode, "episode", self._episode)
        self._begin(self._of_step, "step", self._step)
        return result

    def close(self) -> None:
        self._end()
        if hasattr(self.env, "close"):
            self.env.close()

    def _begin(self, trigger: Trigger | None, kind: str, number: int) -> None:
        if not self._name and trigger is not None and trigger(number):
            self._name = f"{self._prefix}-{kind}-{number}"
            self._film()

    def _film(self) -> None:
        if self._name:
            env: Any = self.env
            picture = np.asarray(env.render(mode="rgb_array"))
            height, width = (size // 2 * 2 for size in picture.shape[:2])  # players want even sizes
            self._frames.append(picture[:height, :width, :3])
            if len(self._frames) >= self._length:
                self._end()

    def _end(self) -> None:
        """Write the film that was begun."""
        if self._name and self._frames:
            metadata = getattr(self.env, "metadata", None) or {}
            fps = metadata.get("video.frames_per_second", metadata.get("render_fps", FPS))
            imageio = importlib.import_module("imageio.v2")
            imageio.mimwrite(self._folder / f"{self._name}.mp4", self._frames, fps=fps, macro_block_size=2)
        self._name, self._frames = "", []


def _cubes(episode: int) -> bool:
    """Cubes up to 1000, and every thousandth, as gym's."""
    return round(episode ** (1 / 3)) ** 3 == episode if episode < 1000 else episode % 1000 == 0


def _on_host(value: Any) -> Any:
    return value.cpu() if hasattr(value, "cpu") else value
