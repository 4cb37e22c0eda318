"""A policy that plays a task, step by step, with what is counted and filmed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from learning.policy import Policy
    from learning.tally import Tally
    from learning.video import Video


class Player:
    """Begins new episodes everywhere, and steps them."""

    def __init__(self, task: Any, policy: Policy, tally: Tally, video: Video | None) -> None:
        self.task, self.tally, self._policy, self._video = task, tally, policy, video
        self._obs = task.start()
        if video is not None:
            video.step()

    def step(self) -> tuple[Any, Any, Any]:
        """One control step; its rewards (N,), which episodes it ended (N,), and what else the task tells."""
        self._obs, reward, done, info = self.task.step(self._policy(self._obs))
        self._policy.forget(done)
        self.tally.step(reward, done, info)
        if self._video is not None:
            self._video.step()
        return reward, done, info

    def restart(self) -> None:
        """New episodes everywhere; those that were running do not count."""
        self._obs = self.task.start()
        self._policy.forget(torch.ones(self.task.num_envs, dtype=torch.bool, device=self.task.device))
        self.tally.abandon()

    def filmed(self, seconds: float) -> bool:
        """Whether the video, if there is one, is as long as it can be, or so many seconds."""
        return self._video is None or self._video.full or self._video.seconds >= seconds
