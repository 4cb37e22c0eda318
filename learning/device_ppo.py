"""PPO where all of it stays on the device: two graph replays a step, one for the update, one reading an epoch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from learning.device_mlp import DeviceMlp
from learning.device_rollout import DeviceRollout
from learning.device_update import DeviceUpdate
from learning.graph import Captured, Graphs
from learning.stopwatch import Stopwatch


class DevicePPO:
    """The epochs of an rl-games agent whose network `Mlp.fits`."""

    def __init__(self, agent: Any) -> None:
        self.agent, self.env = agent, agent.vec_env
        rows = max(agent.num_actors, agent.minibatch_size)
        self.graphs = Graphs(agent.device, agent.config.get("cuda_graphs", True))
        self.net = DeviceMlp(agent.model.a2c_network, agent.optimizer, rows, agent.mixed_precision)
        self.rollout = DeviceRollout(agent, self.net, self.graphs)
        self.update = DeviceUpdate(agent, self.net, agent.optimizer, self.rollout)
        self._update = Captured(self.graphs, "update", self.update.run)
        self._stepping, self._playing, self._updating = (Stopwatch(agent.device) for _ in range(3))

    def play(self) -> None:
        """Gather one horizon; asks for it and does not wait."""
        obs = self.rollout.play(self.agent.obs["obs"], self._step, self.env.stats)
        self.agent.obs = {"obs": obs}

    def learn(self) -> None:
        """Update the policy from what `play` gathered, without waiting either."""
        self.update.plan()
        self._update(self.agent.obs["obs"])

    def train_epoch(self) -> tuple[Any, ...]:
        """One epoch; what rl-games' `train_epoch` returns."""
        agent = self.agent
        agent.set_eval()
        agent.curr_frames = agent.batch_size
        self._playing.start()
        self.play()
        self._playing.stop()
        self._updating.start()
        self.learn()
        self._updating.stop()
        losses = {name: list(values) for name, values in self.update.losses().items()}
        agent.last_lr, agent.entropy_coef = self.update.rates.tolist()
        agent.update_lr(agent.last_lr)
        play, update = self._playing.seconds(), self._updating.seconds()
        parts = (losses[name] for name in ("actor", "critic", "bounds", "entropy", "kl"))
        return self._stepping.seconds(), play, update, play + update, *parts, agent.last_lr, 1.0

    def _step(self, actions: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Any]]:
        self._stepping.start()
        with torch.no_grad():
            obs, reward, done, info = self.env.advance(actions)
        self._stepping.stop()
        return obs["obs"], reward, done, info
