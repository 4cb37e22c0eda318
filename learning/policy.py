"""A trained policy, from a checkpoint to actions, without the rest of an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from learning import checkpoint
from learning.devices import chosen, rl_devices
from learning.rlgames import ModelBuilder, silence
from tasks.base.config import ConfigError


def trained(config: DictConfig, state: Mapping[str, Any], task: Any, deterministic: bool) -> Policy:
    """The policy that the checkpoint of `config` holds as `state`, to act in `task`; ConfigError where it cannot."""
    found = checkpoint.misfits(state, config.checkpoint, obs_size=task.obs_size, action_size=task.action_size)
    if found:
        raise ConfigError("checkpoint", found)
    params: Any = OmegaConf.to_container(config.train.params, resolve=True)
    return Policy(params, state, task.num_envs, chosen(config.rl_device, rl_devices()), deterministic)


class Policy:
    """Maps observations of N environments to actions, with the statistics and weights of a checkpoint.

    `params` is the run's `train.params`, `state` what its checkpoint holds.
    """

    def __init__(
        self,
        params: Mapping[str, Any],
        state: Mapping[str, Any],
        num_envs: int,
        device: str,
        deterministic: bool = True,
    ) -> None:
        self.deterministic, self.device = deterministic, torch.device(device)
        self.model = _model(params, state["obs_size"], state["action_size"], num_envs)
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise ConfigError(
                "checkpoint",
                [
                    f"checkpoint: its weights do not fit the network of the config ({_differences(error)}); leave "
                    "train.params as the run has it"
                ],
            ) from error
        self.model.to(self.device).eval()
        self._memory: list[Tensor] = []
        if self.model.is_rnn():
            self._memory = [memory.to(self.device) for memory in self.model.get_default_rnn_state()]  # (L, N, H)

    @torch.no_grad()
    def __call__(self, obs: Tensor) -> Tensor:
        """Actions (N, A) in [-1, 1] for obs (N, O): the mean, or drawn if not deterministic."""
        inputs = {"is_train": False, "prev_actions": None, "obs": obs.to(self.device), "rnn_states": self._memory}
        found = self.model(inputs)
        if self._memory:
            self._memory = list(found["rnn_states"])
        return found["mus" if self.deterministic else "actions"].clamp(-1.0, 1.0)

    def forget(self, done: Tensor) -> None:
        """Begin a new episode where `done` (N,); matters to networks with memory."""
        for memory in self._memory:
            memory.masked_fill_(done.to(self.device).view(1, -1, 1), 0.0)


def _model(params: Mapping[str, Any], obs_size: int, action_size: int, num_envs: int) -> Any:
    with silence():
        return (
            ModelBuilder()
            .load(params)
            .build(
                {
                    "actions_num": action_size,
                    "input_shape": (obs_size,),
                    "num_seqs": num_envs,
                    "value_size": 1,
                    "normalize_value": params["config"]["normalize_value"],
                    "normalize_input": params["config"]["normalize_input"],
                }
            )
        )


def _differences(error: RuntimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines()[1:]]
    return " ".join(lines[:1]) + (f" and {len(lines) - 1} more" if len(lines) > 1 else "")
