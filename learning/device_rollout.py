"""A horizon of experience gathered without waiting for the device: a few launches, or two graphs, for each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from learning.device_mlp import DeviceMlp
from learning.graph import Captured, Graphs
from learning.mlp import Normal
from learning.statistics import deviation

TERM = "term/"  # begins the name of a reward term among the inputs


class DeviceRollout:
    """What N environments saw, did and earned in T steps, environment by environment, so that a minibatch is a slice.

    Each step has graphs of its own, which write to places fixed at capture: no index is computed on the device.
    """

    def __init__(self, agent: Any, net: DeviceMlp, graphs: Graphs) -> None:
        self.net, self.horizon = net, agent.horizon_length
        num_envs, obs_size, size = agent.num_actors, agent.obs_shape[0], agent.actions_num
        make = {"device": agent.device}

        def per_step(*shape: int) -> Tensor:
            return torch.zeros(num_envs, self.horizon, *shape, **make)

        self.obs, self.actions = per_step(obs_size), per_step(size)
        self.heads = per_step(size + 1)  # mean actions, then the value before it is denormalised
        self.rewards, self.dones, self.time_outs = per_step(), per_step(), per_step()
        self.commands = torch.zeros(num_envs, size, **make)  # what the environments are told to do
        self.noise = torch.zeros(num_envs, size, **make)
        self.sigma = torch.ones(size, **make)
        self.normal: Normal | None = None
        self.statistics: Any = agent.model.running_mean_std if agent.normalize_input else None
        if self.statistics is not None:
            self.normal = Normal(torch.zeros(obs_size, **make), torch.ones(obs_size, **make))
        self._limits = _limits(agent)
        self._stats: Any = None
        self._names: list[str] = []  # of what the steps report beside reward and end
        self.policy = [self._graph(graphs, "policy", self.act, t) for t in range(self.horizon)]
        self.after = [self._graph(graphs, "end of step", self.note, t) for t in range(self.horizon)]

    def play(self, obs: Tensor, step: Callable[[Tensor], tuple[Tensor, Tensor, Tensor, dict]], stats: Any) -> Tensor:
        """Fill the rollout from `obs` (N, O) on with `step`, telling `stats` of the episodes; the last observation."""
        self._stats = stats
        for t in range(self.horizon):
            self.policy[t](obs)
            obs, reward, done, info = step(self.commands)
            self.after[t](reward, done, *self.report(info))
        return obs

    def report(self, info: dict[str, Any]) -> list[Tensor]:
        """The tensors of a step's report that training reads; their names are kept for `note`."""
        found = {name: info[name] for name in ("time_outs", "success") if info.get(name) is not None}
        found |= {TERM + name: value for name, value in (info.get("reward_terms") or {}).items()}
        self._names = list(found)
        return list(found.values())

    @torch.no_grad()
    def act(self, t: int, obs: Tensor) -> None:
        """Keep what is seen, obs (N, O), and choose `commands`."""
        if t == 0:
            self._begin()
        self.obs[:, t].copy_(obs)
        head = self.net.forward(obs, self.normal)
        size = self.net.actions
        self.heads[:, t].copy_(head[:, : size + 1])
        actions = self.actions[:, t]
        torch.addcmul(head[:, :size], self.noise.normal_(), self.sigma, out=actions)
        if self._limits is None:
            self.commands.copy_(actions)
            return
        torch.clamp(actions, -1.0, 1.0, out=self.commands)
        if self._limits:
            scale, shift = self._limits
            self.commands.mul_(scale).add_(shift)

    @torch.no_grad()
    def note(self, t: int, reward: Tensor, done: Tensor, *found: Tensor) -> None:
        """Keep what came of it: reward (N,), done (N,) and what else the step reported, under the names at hand."""
        named = dict(zip(self._names, found, strict=True))
        self.rewards[:, t].copy_(reward)
        self.dones[:, t].copy_(done)
        if "time_outs" in named:
            self.time_outs[:, t].copy_(named["time_outs"])
        terms = {name.removeprefix(TERM): value for name, value in named.items() if name.startswith(TERM)}
        self._stats.step(reward, done, {"success": named.get("success"), "reward_terms": terms})

    def _begin(self) -> None:
        """Take over what training has changed since the last horizon."""
        self.net.refresh()
        torch.exp(self.net.log_sigma, out=self.sigma)
        if self.normal is not None:
            self.normal.mean.copy_(self.statistics.running_mean)
            torch.reciprocal(deviation(self.statistics), out=self.normal.scale)

    @staticmethod
    def _graph(graphs: Graphs, name: str, work: Callable[..., None], t: int) -> Captured:
        return Captured(graphs, f"{name} {t}", lambda *tensors: work(t, *tensors))


def _limits(agent: Any) -> tuple[Tensor, ...] | None:
    """None: actions go out as they are. Otherwise clipped to +-1, then scaled and shifted where there is by what."""
    if not agent.clip_actions:
        return None
    low, high = agent.actions_low, agent.actions_high
    if bool((low == -1.0).all()) and bool((high == 1.0).all()):
        return ()
    return (high - low) / 2.0, (high + low) / 2.0
