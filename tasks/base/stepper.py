"""A VecTask behind the members that training knows of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tasks.base.motion import Motion

if TYPE_CHECKING:
    from tasks.base.vec_task import VecTask


class VecTaskStepper:
    """Steps a VecTask like a Task, with IsaacGymEnvs' timing of a reset.

    A done environment shows the last observation of the episode that ended; the next step ignores its action, resets
    it, and shows the first observation of the new episode. If `measured`, the way of the first actor that has joints
    and a free base is; its energy is not, because measuring that would change what such a task may read.
    """

    def __init__(self, env: VecTask, measured: bool = False) -> None:
        self.env = env
        self.num_envs, self.obs_size, self.action_size = env.num_envs, env.num_obs, env.num_actions
        self.max_episode_length = int(env.max_episode_length)
        self.dt = env.sim_params.dt * env.control_freq_inv  # one control step [s]
        self.device = torch.device(env.rl_device)
        self.gym, self.sim = env.gym, env.sim
        actor = self._walker() if measured else None
        self._motion = None if actor is None else Motion(self.gym, self.sim, actor, moves=True, driven=False)
        self._begins = torch.ones(self.num_envs, dtype=torch.bool, device=env.device)  # with the next step

    def start(self) -> Tensor:
        """Begin a new episode in every environment; the first observation (N, O)."""
        self.env.reset_buf.fill_(1)
        return self.step(self.env.zero_actions())[0]

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Any]]:
        """One control step; observation (N, O), reward (N,), done (N,) and info."""
        obs, reward, flags, extras = self.env.step(action)
        done = flags.bool()
        info = {**extras, "terminated": done & ~extras["time_outs"], "reward_terms": {"reward": reward}}
        if self._motion is not None:
            info["measures"] = self._measured(self._motion, done)
        self.env.set_train_info(self.env.control_steps * self.num_envs)
        return obs["obs"], reward, done, info

    def commands(self) -> list[Any]:
        """None: a VecTask keeps its commands to itself."""
        return []

    def state_dict(self) -> dict[str, Any]:
        """What outlives an episode and belongs in a checkpoint."""
        return {"control_steps": self.env.control_steps, "env": self.env.get_env_state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from `state_dict`."""
        self.env.control_steps = state["control_steps"]
        self.env.set_env_state(state["env"])

    def close(self) -> None:
        self.gym.destroy_sim(self.sim)

    def _walker(self) -> int | None:
        env = self.gym.get_env(self.sim, 0)
        for actor in range(self.gym.get_actor_count(env)):
            asset = self.gym.get_actor_asset(env, actor)
            if asset.dof_names and not asset.fixed:
                return actor
        return None

    def _measured(self, motion: Motion, done: Tensor) -> dict[str, Tensor]:
        """The way of this step; the step that resets an environment goes nowhere."""
        motion.finish(self._begins)
        motion.restart(self._begins)
        self._begins.copy_(done)
        return {name: measure.to(self.device) for name, measure in motion.measures.items()}
