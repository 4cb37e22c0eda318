"""The one door to rl-games: its import without its side effects, its parameters, its agents.

rl-games is used for its networks, its losses and its update. Its runner, its global switches (TF32, cudnn.benchmark,
print options), its prints and its files are not.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from learning import distributed
from learning.adam import FlatAdam
from learning.data_parallel import share
from learning.vecenv import TaskEnv


@contextlib.contextmanager
def without_toy_networks() -> Iterator[None]:
    """Import rl-games without `rl_games.envs`, whose networks start torch's compiler: seconds at every start."""
    if "rl_games.envs" in sys.modules:
        yield
        return
    import rl_games

    package = types.ModuleType("rl_games.envs")
    package.__path__ = [os.path.join(path, "envs") for path in rl_games.__path__]
    sys.modules["rl_games.envs"] = package
    sys.modules["rl_games.envs.test"] = types.ModuleType("rl_games.envs.test")
    try:
        yield
    finally:
        del sys.modules["rl_games.envs"], sys.modules["rl_games.envs.test"]


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Swallow what rl-games prints and warns about."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


with silence(), without_toy_networks():
    from rl_games.algos_torch import a2c_continuous
    from rl_games.algos_torch.a2c_continuous import A2CAgent
    from rl_games.algos_torch.model_builder import ModelBuilder
    from rl_games.common import a2c_common
    from rl_games.common.a2c_common import swap_and_flatten01
    from rl_games.common.tr_helpers import DefaultRewardsShaper

__all__ = [
    "A2CAgent",
    "ModelBuilder",
    "agent_class",
    "agent_state",
    "build_agent",
    "restore_agent",
    "swap_and_flatten01",
]


class SilentObserver:
    """rl-games' observer, which must exist; ours reads the episodes in the environment adapter instead."""

    def before_init(self, *_: Any) -> None:
        """Nothing to do."""

    after_init = process_infos = after_steps = after_clear_stats = after_print_stats = before_init


def agent_class(algo: str) -> type[A2CAgent]:
    """The agent that `train.params.algo.name` means."""
    from learning.agent import PPOAgent

    return {"ppo": PPOAgent, "a2c_continuous": A2CAgent}[algo]


def build_agent(
    kind: type[A2CAgent], params: Mapping[str, Any], env: TaskEnv, device: str, run: Path, writer: Any
) -> A2CAgent:
    """An rl-games agent of class `kind` on `env`, writing to our `writer` and into our run folder."""
    params = _rlgames_params(params, env, device, run)
    with (
        silence(),
        mock.patch.object(a2c_common, "SummaryWriter", return_value=writer),
        mock.patch.object(a2c_continuous, "optim", types.SimpleNamespace(Adam=FlatAdam)),
    ):
        agent = kind(base_name="run", params=params)
        agent.init_tensors()
    # Mixed precision is bfloat16 here, which has float32's range: there is nothing to scale, and scaling waits.
    agent.scaler = torch.amp.GradScaler("cuda", enabled=False)
    if distributed.world_size() > 1 and getattr(agent, "device_ppo", None) is None:
        share(agent, statistics=getattr(agent, "mlp", None) is None)
    mode = params["config"]["torch_compile"]
    if mode:
        agent.model.compile(mode="default" if mode is True else mode)
    return agent


def _rlgames_params(params: Mapping[str, Any], env: TaskEnv, device: str, run: Path) -> dict[str, Any]:
    config = dict(params["config"])
    on_gpu = torch.device(device).type == "cuda"
    if "rnn" not in params["network"]:
        config["seq_length"] = 1  # rl-games wants batches to divide by it, also where there are no sequences
    config |= {
        "name": run.name,
        "full_experiment_name": run.name,
        "train_dir": str(run.parent),
        "device": device,
        "env_name": "myriad",
        "env_info": env.get_env_info(),
        "vec_env": env,
        "num_actors": env.task.num_envs,
        "reward_shaper": DefaultRewardsShaper(**config["reward_shaper"]),
        "features": {"observer": SilentObserver()},
        "mixed_precision": config["mixed_precision"] and on_gpu,
        "torch_compile": config.get("torch_compile", False),
        "multi_gpu": False,
        "print_stats": False,
    }
    return {**params, "config": config}


def agent_state(agent: A2CAgent) -> dict[str, Any]:
    """Everything the agent and its task need to go on, with what rl-games leaves out of its own checkpoints."""
    state = agent.get_full_state_weights()
    del state["last_mean_rewards"]  # a NumPy number, which a safe load refuses; the trainer keeps the best score
    state["learning_rate"], state["entropy_coef"] = float(agent.last_lr), float(agent.entropy_coef)
    return state


def restore_agent(agent: A2CAgent, state: dict[str, Any]) -> None:
    """Put `agent_state` back into the agent and its task."""
    agent.set_full_state_weights(state)
    agent.last_lr, agent.entropy_coef = state["learning_rate"], state["entropy_coef"]
    agent.update_lr(agent.last_lr)
