"""Myriad's PPO: rl-games' agent with a rollout that never waits for the device and an update of its own."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor

from learning import statistics
from learning.device_ppo import DevicePPO
from learning.mlp import Mlp, Normal
from learning.ppo_gradient import LossConfig, Samples, kl, neglogp
from learning.rlgames import A2CAgent, swap_and_flatten01

# rl-games' names of what `Samples` holds, in its order.
SAMPLES = ("obs", "actions", "mu", "old_logp_actions", "advantages", "old_values", "returns")


class PPOAgent(A2CAgent):
    """Learns what rl-games' `a2c_continuous` learns, in less time.

    On a CPU all cores share the work (`Mlp`), on a GPU graphs hold it (`DevicePPO`). Networks that `Mlp` does not know,
    such as recurrent ones, go through rl-games' own code.
    """

    obs: dict[str, Tensor]  # what the policy sees next; the task's live buffer
    on_device: bool | None = None  # whether to work as on a GPU; None: where there is one

    def __init__(self, base_name: str, params: dict[str, Any]) -> None:
        super().__init__(base_name, params)
        on_device = torch.device(self.device).type == "cuda" if self.on_device is None else self.on_device
        self.mlp = Mlp(self.model.a2c_network) if self._plain() and not on_device else None
        self.device_ppo: DevicePPO | None = None
        self._goes_on_device = on_device and self._plain()

    def init_tensors(self) -> None:
        """Allocate the rollout, environments first, so that a minibatch is a slice of it."""
        if self._goes_on_device:
            self.device_ppo = DevicePPO(self)
            return
        if self.is_rnn or self.has_central_value:
            super().init_tensors()
            return
        self.dones = torch.ones(self.num_actors, dtype=torch.bool, device=self.device)
        self.rollout = _Rollout(self.num_actors, self.horizon_length, self.obs_shape[0], self.actions_num, self.device)

    def train_epoch(self) -> tuple[Any, ...]:
        """One epoch: seconds stepping, playing, updating and in all, lists of losses, the learning rate, 1."""
        if self.device_ppo is None:
            return super().train_epoch()
        self.vec_env.set_train_info(self.frame, self)
        return self.device_ppo.train_epoch()

    def get_action_values(self, obs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sampled actions, their negative log-probabilities, the means and deviations, the values."""
        if self.mlp is None:
            return super().get_action_values(obs)
        rows, actions = len(obs["obs"]), self.actions_num
        mu, value = torch.empty(rows, actions), torch.empty(rows, 1)
        self.mlp.forward(obs["obs"], self._normal(), mu, value)
        with torch.no_grad():
            log_sigma = self.mlp.log_sigma
            noise, sigma = torch.randn(rows, actions), log_sigma.exp()
            return {
                "actions": torch.addcmul(mu, noise, sigma),
                "neglogpacs": neglogp(noise, log_sigma),
                "mus": mu,
                "sigmas": sigma.expand(rows, actions),
                "values": self.model.denorm_value(value),
            }

    def get_values(self, obs: dict[str, Tensor]) -> Tensor:
        """Values (N, 1) of the observations."""
        if self.mlp is None:
            return super().get_values(obs)
        mu, value = torch.empty(len(obs["obs"]), self.actions_num), torch.empty(len(obs["obs"]), 1)
        self.mlp.forward(obs["obs"], self._normal(), mu, value)
        return self.model.denorm_value(value)

    def play_steps(self) -> dict[str, Any]:
        """Collect one horizon of experience."""
        if self.device_ppo is not None:
            self.device_ppo.play()
            return {"played_frames": self.batch_size}
        if self.has_central_value:
            return super().play_steps()
        to, step_time = self.rollout, 0.0
        for t in range(self.horizon_length):
            found = self.get_action_values(self.obs)
            to.put(t, self.obs["obs"], found, self.dones)
            begin = time.perf_counter()
            self.obs, rewards, self.dones, infos = self.env_step(found["actions"])
            step_time += time.perf_counter() - begin
            shaped = self.rewards_shaper(rewards)
            if self.value_bootstrap and "time_outs" in infos:
                shaped.addcmul_(found["values"], infos["time_outs"].unsqueeze(1).to(shaped.dtype), value=self.gamma)
            to.rewards[t] = shaped
        last = self.get_values(self.obs)
        advantages = self.discount_values(self.dones.float(), last, to.dones, to.values, to.rewards)
        return to.batch(advantages) | {"played_frames": self.batch_size, "step_time": step_time}

    def prepare_dataset(self, batch_dict: dict[str, Any]) -> None:
        """Turn the rollout into the samples of this epoch's updates."""
        self._moments: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
        if self.mlp is None:
            super().prepare_dataset(batch_dict)
            return
        values, returns = batch_dict["values"], batch_dict["returns"]
        advantages = (returns - values).squeeze(1)
        if self.normalize_value:
            values = statistics.normalized(self.value_mean_std, values)
            returns = statistics.normalized(self.value_mean_std, returns)
        if self.normalize_advantage:
            advantages = statistics.standardized(advantages)
        self.dataset.update_values_dict(
            {
                "obs": batch_dict["obses"],
                "actions": batch_dict["actions"],
                "mu": batch_dict["mus"],
                "sigma": batch_dict["sigmas"],
                "old_logp_actions": batch_dict["neglogpacs"],
                "advantages": advantages,
                "old_values": values,
                "returns": returns,
            }
        )

    def calc_gradients(self, input_dict: dict[str, Any]) -> None:
        """One update from a minibatch; the result in `self.train_result`."""
        if self.mlp is None:
            super().calc_gradients(input_dict)
            return
        samples = Samples(*(input_dict[name] for name in SAMPLES))
        config = LossConfig(self.e_clip, self.clip_value, self.critic_coef, self.entropy_coef, self.bounds_loss_coef)
        self._update_statistics(samples.obs)
        log_sigma = self.mlp.log_sigma.detach().clone()
        last_sigma = input_dict["sigma"][0].clone()
        sums, grads = self.mlp.backward(samples, self._normal(), config)
        for parameter, grad in zip(self.mlp.params, grads, strict=True):
            parameter.grad = grad
        self.mlp.log_sigma.grad -= self.entropy_coef
        self.trancate_gradients_and_step()
        count = len(samples.obs)
        divergence = kl(sums.drift / count, log_sigma.exp(), last_sigma)
        self.train_result = (
            sums.actor_loss / count,
            sums.critic_loss / count,
            (log_sigma + 0.5 * math.log(2.0 * math.pi * math.e)).sum(),
            divergence,
            self.last_lr,
            1.0,
            samples.mu,
            log_sigma.exp().expand_as(samples.mu),
            sums.bounds_loss / count,
        )

    def _normal(self) -> Normal | None:
        if not self.normalize_input:
            return None
        running = self.model.running_mean_std
        return Normal(running.running_mean.float(), statistics.deviation(running).reciprocal())

    def _update_statistics(self, obs: Tensor) -> None:
        """Add a minibatch to the running statistics, as often as rl-games does: at every visit."""
        if self.mlp is None or not self.normalize_input:
            return
        where = self.dataset.last_range
        if where not in self._moments:
            self._moments[where] = statistics.over_ranks(*self.mlp.moments(obs))
        statistics.add_(self.model.running_mean_std, *self._moments[where], len(obs))

    def _plain(self) -> bool:
        return (
            Mlp.fits(self.model.a2c_network)
            and not (self.is_rnn or self.has_central_value or self.use_diagnostics or self.use_smooth_clamp)
            and not (self.normalize_rms_advantage or self.config.get("freeze_critic", False))
            and self.ppo
            and self.value_size == 1
            and self.bound_loss_type == "bound"
            and self.has_value_loss
        )


class _Rollout:
    """A horizon of experience. What is wide lies environment by environment, so that a minibatch is a slice."""

    def __init__(self, num_envs: int, horizon: int, obs_size: int, action_size: int, device: str) -> None:
        def wide(size: int) -> Tensor:
            return torch.zeros(num_envs, horizon, size, device=device)

        def narrow(*size: int) -> Tensor:
            return torch.zeros(horizon, num_envs, *size, device=device)

        self.obs, self.actions = wide(obs_size), wide(action_size)
        self.mus, self.sigmas = wide(action_size), wide(action_size)
        self.neglogpacs, self.dones = narrow(), narrow()
        self.values, self.rewards = narrow(1), narrow(1)

    def put(self, t: int, obs: Tensor, found: dict[str, Tensor], dones: Tensor) -> None:
        """Keep what the policy saw and did at step `t`."""
        self.obs[:, t] = obs
        self.actions[:, t] = found["actions"]
        self.mus[:, t] = found["mus"]
        self.sigmas[:, t] = found["sigmas"]
        self.neglogpacs[t] = found["neglogpacs"]
        self.values[t] = found["values"]
        self.dones[t] = dones

    def batch(self, advantages: Tensor) -> dict[str, Tensor]:
        """All samples in rl-games' order, environment by environment, under its names."""
        return {
            "obses": self.obs.flatten(0, 1),
            "actions": self.actions.flatten(0, 1),
            "mus": self.mus.flatten(0, 1),
            "sigmas": self.sigmas.flatten(0, 1),
            "neglogpacs": swap_and_flatten01(self.neglogpacs),
            "values": swap_and_flatten01(self.values),
            "dones": swap_and_flatten01(self.dones),
            "returns": swap_and_flatten01(advantages + self.values),
        }
