"""Milliseconds of PPO without physics: python -m benchmarks.update preset=Ant device=cuda:0.

Prints one JSON line each for `policy` (a step's inference, with what it keeps), `after` (what follows a step: rewards,
ends, episode statistics), `update` (everything from a full rollout to new parameters) and `epoch` (all of it, with an
environment that does nothing). Any of obs, actions, units, num_envs, horizon, minibatch, epochs, half (bfloat16), tf32,
graphs, fused, repeat replaces the preset's value: units=256,128,64 half=true graphs=false.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import torch
import yaml
from torch import Tensor

from learning.agent import PPOAgent
from learning.episodes import EpisodeStats
from learning.rlgames import build_agent
from learning.vecenv import TaskEnv

PPO = Path(__file__).resolve().parents[1] / "cfg/train/PPO.yaml"
COMMON: dict[str, Any] = {"device": "cuda:0", "half": False, "tf32": True, "graphs": True, "fused": True, "repeat": 20}
BATCH = {"num_envs": 4096, "horizon": 16, "minibatch": 32768, "epochs": 4}
ANT: dict[str, Any] = {"obs": 60, "actions": 8, "units": [256, 128, 64]} | BATCH
HUMANOID = {"obs": 108, "actions": 21, "units": [400, 200, 100]} | BATCH | {"horizon": 32, "epochs": 5}
PRESETS: dict[str, dict[str, Any]] = {
    "Ant": ANT,
    "Humanoid": HUMANOID,
    "Ant16384": ANT | {"num_envs": 16384},
}
WARM_UP = 4  # epochs; graphs are captured within the first ones


class StillTask:
    """Fixed numbers of the right shapes."""

    def __init__(self, num_envs: int, obs_size: int, action_size: int, device: str) -> None:
        self.num_envs, self.obs_size, self.action_size = num_envs, obs_size, action_size
        self.device = torch.device(device)
        self.obs = torch.randn(num_envs, obs_size, device=device)
        self.reward = torch.randn(num_envs, device=device)
        self.done = torch.rand(num_envs, device=device) < 0.01
        terms = torch.randn(num_envs, 6, device=device).unbind(-1)
        self.info = {"time_outs": self.done.clone(), "reward_terms": {str(i): term for i, term in enumerate(terms)}}

    def start(self) -> Tensor:
        return self.obs

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Any]]:
        return self.obs, self.reward, self.done, self.info

    def state_dict(self) -> dict[str, Any]:
        return {}


def main(argv: list[str]) -> None:
    """Measure what `argv` says."""
    given = dict(argument.split("=", 1) for argument in argv)
    sizes = COMMON | PRESETS[given.pop("preset", "Ant")]
    sizes |= {name: _parsed(name, value, sizes) for name, value in given.items()}
    torch.backends.cuda.matmul.allow_tf32 = sizes["tf32"]
    begin = time.perf_counter()
    agent = _agent(sizes)
    for _ in range(WARM_UP):
        agent.update_epoch()
        agent.train_epoch()
    start_seconds = time.perf_counter() - begin
    for part, milliseconds in measure(agent, sizes["repeat"]).items():
        print(json.dumps({"part": part, "ms": round(milliseconds, 4), **sizes}))
    memory = torch.cuda.max_memory_allocated() / 2**20 if torch.cuda.is_available() else 0.0
    print(json.dumps({"part": "start", "s": round(start_seconds, 2), "gpu_mib": round(memory)}))


def measure(agent: Any, repeat: int) -> dict[str, float]:
    """Milliseconds of each part."""
    ppo, task = agent.device_ppo, agent.vec_env.task
    found = ppo.rollout.report(task.info)
    policy, after = ppo.rollout.policy, ppo.rollout.after
    steps = range(agent.horizon_length)
    return {
        "policy": _timed(lambda: [policy[t](task.obs) for t in steps], repeat) / len(steps),
        "after": _timed(lambda: [after[t](task.reward, task.done, *found) for t in steps], repeat) / len(steps),
        "update": _timed(ppo.learn, repeat),
        "epoch": _timed(agent.train_epoch, repeat),
    }


def _timed(work: Callable[[], Any], repeat: int) -> float:
    work()
    _wait()
    begin = time.perf_counter()
    for _ in range(repeat):
        work()
    _wait()
    return (time.perf_counter() - begin) / repeat * 1e3


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _agent(sizes: dict[str, Any]) -> Any:
    params = yaml.safe_load(PPO.read_text())["params"]
    params["network"]["mlp"]["units"] = sizes["units"]
    params["config"] |= {
        "horizon_length": sizes["horizon"],
        "minibatch_size": sizes["minibatch"],
        "mini_epochs": sizes["epochs"],
        "mixed_precision": sizes["half"],
        "cuda_graphs": sizes["graphs"],
        "fused_loss": sizes["fused"],
    }
    task = StillTask(sizes["num_envs"], sizes["obs"], sizes["actions"], sizes["device"])
    env = TaskEnv(task, EpisodeStats(task.num_envs, sizes["device"]), sizes["device"])  # type: ignore[arg-type]
    kind = type("OnDevice", (PPOAgent,), {"on_device": True})
    agent = build_agent(kind, params, env, sizes["device"], Path(tempfile.mkdtemp()) / "run", mock.MagicMock())
    agent.obs = agent.env_reset()
    return agent


def _parsed(name: str, value: str, known: dict[str, Any]) -> Any:
    if name not in known:
        raise SystemExit(f"benchmarks.update: no setting '{name}'; settings: preset, {', '.join(known)}")
    if name == "units":
        return [int(part) for part in value.split(",")]
    return value if name == "device" else json.loads(value)


if __name__ == "__main__":
    main(sys.argv[1:])
