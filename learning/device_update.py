"""PPO's update from a rollout to new parameters as one piece of work on the device, which one CUDA graph can hold."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from learning import statistics
from learning.adam import FlatAdam
from learning.device_mlp import DeviceMlp
from learning.device_rollout import DeviceRollout
from learning.distributed import mean_, world_size
from learning.fused_loss import fused_loss
from learning.mlp import Normal
from learning.ppo_gradient import Gradient, LossConfig, Samples, drift, kl, loss_gradient, neglogp

SLOWEST, FASTEST, FACTOR = 1e-6, 1e-2, 1.5  # of rl-games' adaptive learning rate
LOSSES = ("actor", "critic", "bounds", "entropy", "kl")  # columns of `report`


class DeviceUpdate:
    """All mini-epochs of an epoch: U visits to M minibatches of B samples."""

    def __init__(self, agent: Any, net: DeviceMlp, optimizer: FlatAdam, rollout: DeviceRollout) -> None:
        self.agent, self.net, self.optimizer, self.rollout = agent, net, optimizer, rollout
        self.size, self.count = agent.minibatch_size, agent.num_minibatches
        self.visits = agent.mini_epochs_num * self.count
        self.loss = LossConfig(agent.e_clip, agent.clip_value, agent.critic_coef, 0.0, agent.bounds_loss_coef)
        self.fused = fused_loss(self.loss, self.size, agent.device) if agent.config.get("fused_loss", True) else None
        make = {"device": agent.device}
        self.report = torch.zeros(self.visits, len(LOSSES), **make)
        self.rates = torch.zeros(2, **make)  # learning rate and entropy coefficient
        self.planned = torch.zeros(2, **make)  # the same from the first adaptation on, where a schedule is known ahead
        self._per_epoch = agent.schedule_type == "standard"
        self._edges = torch.tensor([0.5, 2.0], **make) * getattr(agent, "kl_threshold", 0.0)
        self._factors = torch.tensor([1.0 / FACTOR, 1.0, FACTOR], **make)
        # How often visit k has seen minibatch j, itself included.
        visit, minibatch = torch.arange(self.visits), torch.arange(self.count)
        seen = visit.unsqueeze(1).div(self.count, rounding_mode="floor") + (
            minibatch <= visit.unsqueeze(1) % self.count
        )
        self._seen = torch.tensor(seen, dtype=torch.float64, **make)
        self._visited = self._seen.sum(1, keepdim=True)  # minibatches up to visit k
        self._log_sigmas = torch.zeros(self.visits + 1, agent.actions_num, **make)  # the rollout's, then each visit's

    @torch.no_grad()
    def run(self, obs: Tensor) -> None:
        """Update everything from the rollout, after which the environments show obs (N, O)."""
        samples = self._samples(obs)
        normals = self._normals()
        self._log_sigmas[0].copy_(self.net.log_sigma)
        for k in range(self.visits):
            start = k % self.count * self.size
            self._visit(k, samples.rows(start, start + self.size), normals[k])

    def plan(self) -> None:
        """Tell the device the present rates, and those that a schedule of the host sets in this epoch."""
        agent = self.agent
        now = agent.last_lr, agent.entropy_coef
        later = now if agent.is_adaptive_lr else agent.scheduler.update(*now, agent.epoch_num, 0, 0.0)
        for i in range(2):
            self.rates[i].fill_(now[i])
            self.planned[i].fill_(later[i])

    # What does not change within an epoch.

    def _samples(self, obs: Tensor) -> Samples:
        agent, rollout, size = self.agent, self.rollout, self.net.actions
        values = self._values(obs)
        advantages = self._advantages(values)
        values = values[:, :-1]
        returns = advantages + values
        if agent.normalize_value:
            values = statistics.normalized(agent.value_mean_std, values)
            returns = statistics.normalized(agent.value_mean_std, returns)
        if agent.normalize_advantage:
            advantages = statistics.standardized(advantages)
        heads, log_sigma = rollout.heads.flatten(0, 1), self.net.log_sigma
        noise = (rollout.actions.flatten(0, 1) - heads[:, :size]).mul_(torch.exp(-log_sigma))
        return Samples(
            rollout.obs.flatten(0, 1),
            rollout.actions.flatten(0, 1),
            heads[:, :size],
            neglogp(noise, log_sigma),
            advantages.flatten(),
            values.reshape(-1, 1),
            returns.reshape(-1, 1),
        )

    def _values(self, obs: Tensor) -> Tensor:
        """What each state of the rollout, and the one after it, is worth, (N, T + 1)."""
        size = self.net.actions
        last = self.net.forward(obs, self.rollout.normal)[:, size : size + 1]
        values = torch.cat([self.rollout.heads[:, :, size], last], 1)
        return statistics.denormalized(self.agent.value_mean_std, values) if self.agent.normalize_value else values

    def _advantages(self, values: Tensor) -> Tensor:
        """Generalised advantages (N, T)."""
        agent, rollout = self.agent, self.rollout
        rewards = agent.rewards_shaper(rollout.rewards)
        if agent.value_bootstrap:
            rewards.addcmul_(values[:, :-1], rollout.time_outs, value=agent.gamma)
        goes_on = 1.0 - rollout.dones
        found = rewards.addcmul_(values[:, 1:], goes_on, value=agent.gamma).sub_(values[:, :-1])
        decay = goes_on.mul_(agent.gamma * agent.tau)
        for t in range(rollout.horizon - 2, -1, -1):
            found[:, t].addcmul_(decay[:, t], found[:, t + 1])
        return found

    def _normals(self) -> list[Normal] | list[None]:
        """How observations are normalised at each visit: every visit adds its minibatch to the running statistics."""
        running = self.rollout.statistics
        if running is None:
            return [None] * self.visits
        obs = self.rollout.obs.view(self.count, self.size, -1)
        var, mean = torch.var_mean(obs, 1, correction=0)
        mean, var = statistics.over_ranks(mean, var)  # (M, O)
        batch = self.size * world_size()
        count = running.count + batch * self._visited  # (U, 1)
        shift = mean - running.running_mean
        shifts = self._seen @ shift * batch / count  # (U, O)
        spread = self._seen @ (var + shift.square()) * batch + running.running_var * running.count
        variances = spread / count - shifts.square()
        means = (running.running_mean + shifts).float()
        scales = (variances.float() + running.epsilon).sqrt_().reciprocal_()
        running.running_mean.add_(shifts[-1])
        running.running_var.copy_(variances[-1])
        running.count.copy_(count[-1, 0])
        return [Normal(*pair) for pair in zip(means, scales, strict=True)]

    # A visit to a minibatch.

    def _visit(self, k: int, samples: Samples, normal: Normal | None) -> None:
        net, size = self.net, self.net.actions
        head = net.forward(samples.obs, normal)[: self.size]
        mu, value = head[:, :size], head[:, size : size + 1]
        grads = net.head_grad[: self.size]
        out = grads[:, :size], grads[:, size : size + 1]
        if self.fused:
            at, moved = self.fused.gradient(samples, mu, value, net.log_sigma, out)
        else:
            at = loss_gradient(samples, mu, value, net.log_sigma, self.loss, 1.0 / self.size, out)
            moved = drift(mu, samples.mu)
        samples.mu.copy_(mu)
        self._log_sigmas[k + 1].copy_(net.log_sigma)
        torch.sub(at.log_sigma, self.rates[1], out=net.log_sigma_grad)
        net.backward(self.size)
        self._step()
        self._account(k, at, moved)
        self._adapt(k)

    def _step(self) -> None:
        grad, excess = mean_(self.optimizer.grad), None
        if self.agent.truncate_grads:
            excess = torch.linalg.vector_norm(grad).add_(1e-6).div_(self.agent.grad_norm).clamp_(min=1.0)
        self.optimizer.apply(self.rates[0], excess)
        self.net.refresh()

    def _account(self, k: int, at: Gradient, moved: Tensor) -> None:
        now, last = self._log_sigmas[k + 1], self._log_sigmas[max(0, k + 1 - self.count)]
        fused = self.fused
        found = fused.kl(moved, now, last) if fused else kl(moved / self.size, now.exp(), last.exp())
        divergence = mean_(found)
        entropy = now.sum()
        parts = [at.actor_loss, at.critic_loss, at.bounds_loss, entropy, divergence]
        torch.stack(parts, out=self.report[k])

    def _adapt(self, k: int) -> None:
        """Change the learning rate as rl-games does after a minibatch or, with the standard schedule, a mini-epoch."""
        first, last = k // self.count * self.count, (k + 1) % self.count == 0
        if self._per_epoch and not last:
            return
        if self.agent.linear_lr:
            self.rates.copy_(self.planned)
        if not self.agent.is_adaptive_lr:
            return
        divergence = self.report[first : k + 1, 4].mean() if self._per_epoch else self.report[k, 4]
        factor = self._factors.take((divergence < self._edges).sum())
        self.rates[0].mul_(factor).clamp_(SLOWEST, FASTEST)

    # What the host reads, once an epoch.

    def losses(self) -> dict[str, Tensor]:
        """Each visit's mean losses, entropy and divergence (U,), on the host; waits for the device."""
        columns = self.report.cpu().unbind(1)
        found = dict(zip(LOSSES, columns, strict=True))
        for name in LOSSES[:3]:
            found[name] = found[name] / self.size
        found["entropy"] = found["entropy"] + self.net.actions * 0.5 * math.log(2.0 * math.pi * math.e)
        return found
