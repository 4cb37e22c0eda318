"""A Myriad task in the shape that rl-games steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch
from gymnasium.spaces import Box
from torch import Tensor

from learning.episodes import EpisodeStats


class Task(Protocol):
    """What training needs of a task; `tasks.base.task.Task` is one."""

    num_envs: int
    device: torch.device
    obs_size: int
    action_size: int

    def start(self) -> Tensor:
        """Observations (N, O) of a new episode in every environment."""

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Any]]:
        """Observations (N, O), reward (N,), done (N,) and info after one control step."""

    def state_dict(self) -> dict[str, Any]:
        """What outlives an episode."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict`."""

    def close(self) -> None:
        """Free the simulation."""


class TaskEnv:
    """rl-games' vectorised environment over a task, with the statistics of its episodes.

    It answers rl-games' `IVecEnv` by name and does not inherit from it, so that this file needs no rl-games.
    """

    def __init__(self, task: Task, stats: EpisodeStats, device: torch.device | str = "cpu") -> None:
        self.task, self.stats, self.device = task, stats, torch.device(device)
        self.onlookers: list[Callable[[dict[str, Any]], None]] = []  # are called with the info of every step

    def reset(self) -> dict[str, Tensor]:
        """Observations of the first step, the task's live buffer."""
        return {"obs": self.task.start().to(self.device)}

    def step(self, actions: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, dict[str, Any]]:
        """One control step, counted in the statistics; the tensors are live and overwritten by the next one."""
        obs, reward, done, info = self.advance(actions)
        self.stats.step(reward, done, info)
        return obs, reward, done, info

    def advance(self, actions: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, dict[str, Any]]:
        """`step` for those who tell the statistics themselves."""
        obs, reward, done, info = self.task.step(actions.to(self.task.device))
        for onlooker in self.onlookers:
            onlooker(info)
        if self.task.device != self.device:
            obs, reward, done, info = _moved((obs, reward, done, info), self.device)
        return {"obs": obs}, reward, done, info

    def get_env_info(self) -> dict[str, Any]:
        """Spaces and sizes in rl-games' words."""
        wide = np.full(self.task.obs_size, np.inf, dtype=np.float32)
        unit = np.ones(self.task.action_size, dtype=np.float32)
        return {
            "observation_space": Box(-wide, wide),
            "action_space": Box(-unit, unit),
            "agents": 1,
            "value_size": 1,
        }

    def get_env_state(self) -> dict[str, Any]:
        """What the task keeps beyond an episode."""
        return self.task.state_dict()

    def set_env_state(self, state: dict[str, Any] | None) -> None:
        """Give the task back what it kept."""
        if state:
            self.task.load_state_dict(state)

    def set_train_info(self, frame: int, *_: Any) -> None:
        """rl-games announces the frame count here; the tasks keep their own counters."""

    def has_action_masks(self) -> bool:
        """No task of ours masks actions."""
        return False

    def get_number_of_agents(self) -> int:
        """One policy acts in every environment."""
        return 1


def _moved(value: Any, device: torch.device) -> Any:
    """`value` with every tensor in it on `device`."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: _moved(part, device) for key, part in value.items()}
    return tuple(_moved(part, device) for part in value) if isinstance(value, tuple) else value
