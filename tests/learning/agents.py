"""Small agents on the fake task."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
import yaml

from learning.agent import PPOAgent
from learning.episodes import EpisodeStats
from learning.rlgames import A2CAgent, build_agent
from learning.vecenv import TaskEnv
from tests.learning.fake_task import FakeTask

PARAMS = yaml.safe_load((Path(__file__).parents[2] / "cfg/train/PPO.yaml").read_text())["params"]
NUM_ENVS = 64


class NoWriter:
    """A TensorBoard writer that forgets."""

    def add_scalar(self, *_: Any) -> None:
        """Forget it."""


class OnDevice(PPOAgent):
    """Works on the CPU as it would on a GPU without graphs."""

    on_device = True


def make_agent(
    kind: type[A2CAgent], folder: Path, activation: str = "elu", device: str = "cpu", **changes: Any
) -> A2CAgent:
    """An agent at the start of its training; `changes` are to `train.params.config`."""
    params = copy.deepcopy(PARAMS)
    params["network"]["mlp"] |= {"units": [32, 16], "activation": activation}
    params["config"] |= {"minibatch_size": 512, **changes}
    torch.manual_seed(3)
    env = TaskEnv(FakeTask(NUM_ENVS, device), EpisodeStats(NUM_ENVS, device), device)
    agent = build_agent(kind, params, env, device, folder / kind.__name__, NoWriter())
    agent.obs = agent.env_reset()
    return agent


def train(agent: A2CAgent, epochs: int, seed: int = 0) -> tuple[Any, ...]:
    """The result of the last of some epochs, each seeded, since rl-games draws a number too many at its end."""
    result: tuple[Any, ...] = ()
    for epoch in range(epochs):
        torch.manual_seed(seed + epoch)
        agent.update_epoch()
        result = agent.train_epoch()
    return result
