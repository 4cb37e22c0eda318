"""A VecTask behind the members that training knows of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tasks.base.vec_task import VecTask


class VecTaskStepper:
    """Steps a VecTask like a Task, with IsaacGymEnvs' timing of a reset.

    A done environment shows the last observation of the episode that ended; the next step ignores its action, resets
    it, and shows the first observation of the new episode.
    """

    def __init__(self, env: VecTask) -> None:
        self.env = env
        self.num_envs, self.obs_size, self.action_size = env.num_envs, env.num_obs, env.num_actions
        self.max_episode_length = int(env.max_episode_length)
        self.dt = env.sim_params.dt * env.control_freq_inv  # one control step [s]
        self.device = torch.device(env.rl_device)
        self.gym, self.sim = env.gym, env.sim

    def start(self) -> Tensor:
        """Begin a new episode in every environment; the first observation (N, O)."""
        self.env.reset_buf.fill_(1)
        return self.step(self.env.zero_actions())[0]

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Any]]:
        """One control step; observation (N, O), reward (N,), done (N,) and info."""
        obs, reward, flags, extras = self.env.step(action)
        done = flags.bool()
        info = {**extras, "terminated": done & ~extras["time_outs"], "reward_terms": {"reward": reward}}
        self.env.set_train_info(self.env.control_steps * self.num_envs)
        return obs["obs"], reward, done, info

    def state_dict(self) -> dict[str, Any]:
        """What outlives an episode and belongs in a checkpoint."""
        return {"control_steps": self.env.control_steps, "env": self.env.get_env_state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from `state_dict`."""
        self.env.control_steps = state["control_steps"]
        self.env.set_env_state(state["env"])

    def close(self) -> None:
        self.gym.destroy_sim(self.sim)
