"""A task of a few tensors: points on lines, pushed towards zero; all of its state is in its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


class FakeTask:
    """Each environment holds O points; an action pushes the first A of them. Far points end the episode."""

    obs_size, action_size, max_episode_length, dt = 6, 2, 20, 0.02

    def __init__(self, num_envs: int = 8, device: str = "cpu") -> None:
        self.num_envs, self.device = num_envs, torch.device(device)
        self.obs = torch.zeros(num_envs, self.obs_size, device=device)
        self.action = torch.zeros(num_envs, self.action_size, device=device)
        self.progress = torch.zeros(num_envs, dtype=torch.int64, device=device)
        self.total = torch.zeros(num_envs, device=device)
        self.done = torch.zeros(num_envs, dtype=torch.bool, device=device)
        self.info: dict[str, Any] = {}

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> list[str]:
        """The one key that can be wrong."""
        return [] if config.get("gain", 1) == 1 else [f"task.gain: given {config['gain']!r}; must be 1"]

    @classmethod
    def create(cls, config: Mapping[str, Any], num_envs: int, *_: Any, **__: Any) -> FakeTask:
        return cls(num_envs)

    def start(self) -> Tensor:
        self.obs.uniform_(-1.0, 1.0)
        self.progress.zero_()
        return self.obs

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Any]]:
        self.action.copy_(action.clamp(-1.0, 1.0))
        self.obs.add_(torch.randn_like(self.obs), alpha=0.05)
        self.obs[:, : self.action_size] += 0.2 * self.action
        self.progress += 1
        near, effort = 1.0 - self.obs.square().mean(-1), -0.01 * self.action.square().sum(-1)
        terminated = self.obs.abs().amax(-1) > 2.0
        time_outs = (self.progress >= self.max_episode_length) & ~terminated
        self.done.copy_(terminated | time_outs)
        torch.add(near, effort, out=self.total)
        self.obs.copy_(torch.where(self.done.unsqueeze(-1), torch.rand_like(self.obs) * 2 - 1, self.obs))
        self.progress.masked_fill_(self.done, 0)
        self.info = {
            "time_outs": time_outs,
            "terminated": terminated,
            "success": near > 0.9,
            "reward_terms": {"near": near, "effort": effort},
        }
        return self.obs, self.total, self.done, self.info

    def state_dict(self) -> dict[str, Any]:
        return {"obs": self.obs.clone(), "progress": self.progress.clone()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.obs.copy_(state["obs"])
        self.progress.copy_(state["progress"])

    def close(self) -> None:
        """Nothing to free."""
