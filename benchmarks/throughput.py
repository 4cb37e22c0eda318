"""Env-steps per second, layer by layer: python -m benchmarks.throughput task=Ant num_envs=4096 sim_device=cpu.

Prints one JSON line a layer. `physics` is the raw engine on the task's compiled model and substeps, through states
that the task visits, `env_step` the task with random actions, `inference` the rollout with the policy, `training`
everything. The layers take turns, so that whatever else the machine does slows all of them alike; each runs for
about `seconds` (default 10) in all. Takes the overrides of train.py.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

import tasks
from learning.commandline import fail, prepare
from learning.devices import chosen, rl_devices, sim_devices
from learning.seeding import chosen_seed, seed_everything
from tasks.base.config import ConfigError

CFG = Path(__file__).resolve().parents[1] / "cfg"
ROUNDS = 5  # of turns
SETTLING_STEPS = 50  # with random actions, until falling and standing environments are mixed as they stay
VISITED_STEPS = 20
STATE_FIELDS = ("qpos", "qvel", "mocap_pos", "mocap_quat", "qacc_warmstart")


def main(argv: list[str]) -> None:
    """Measure what the overrides in `argv` compose to."""
    seconds = float(next((a.partition("=")[2] for a in argv if a.startswith("seconds=")), 10))
    overrides = prepare([a for a in argv if not a.startswith("seconds=")])
    with initialize_config_dir(str(CFG), version_base="1.3"):
        config = compose("config", overrides)
    seed_everything(chosen_seed(config.seed), config.torch_deterministic)
    task = tasks.make(
        OmegaConf.to_container(config.task, resolve=True),  # type: ignore[arg-type]
        config.num_envs,
        chosen(config.sim_device, sim_devices()),
        chosen(config.rl_device, rl_devices()),
    )
    for layer, rate in measure(_layers(config, task), seconds).items():
        print(
            json.dumps(
                {
                    "layer": layer,
                    "env_steps_per_second": round(rate),
                    "task": config.task.name,
                    "num_envs": config.num_envs,
                    "device": str(task.device),
                    "engine": task.sim.backend.name,
                }
            )
        )


class Layer(NamedTuple):
    """A piece of work: it does `env_steps` of them and returns the seconds that count."""

    env_steps: int
    work: Callable[[], float]


def measure(layers: dict[str, Layer], seconds: float) -> dict[str, float]:
    """Env-steps per second of each layer, after a warm-up round."""
    spent, done = dict.fromkeys(layers, 0.0), dict.fromkeys(layers, 0)
    for layer in layers.values():
        layer.work()
    for _ in range(ROUNDS):
        for name, layer in layers.items():
            until = time.perf_counter() + seconds / ROUNDS
            while time.perf_counter() < until:
                spent[name] += layer.work()
                done[name] += layer.env_steps
    return {name: done[name] / spent[name] for name in layers}


def timed(work: Callable[[], Any]) -> Callable[[], float]:
    """`work` as a function that returns its seconds."""

    def run() -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    return run


def _layers(config: DictConfig, task: Any) -> dict[str, Layer]:
    n = config.num_envs
    agent = _agent(config, task)
    horizon = n * agent.horizon_length
    return {
        "physics": Layer(n * VISITED_STEPS, _physics(task)),
        "env_step": Layer(n, timed(_env_step(task))),
        "inference": Layer(horizon, timed(agent.play_steps)),
        "training": Layer(horizon, timed(lambda: _train_epoch(agent))),
    }


def _physics(task: Any) -> Callable[[], float]:
    """A pass of the raw engine over states and controls that the task goes through; its own seconds."""
    backend = type(task.sim.backend)(task.sim.backend.model, task.num_envs)
    substeps = task.config.sim.substeps * task.config.decimation
    visited = _visited(task)

    def run() -> float:
        seconds = 0.0
        for state in visited:
            for field, values in state.items():
                backend.data(field).copy_(values)
            begin = time.perf_counter()
            backend.step(substeps)
            seconds += time.perf_counter() - begin
        return seconds

    return run


def _visited(task: Any) -> list[dict[str, Any]]:
    """States, and the controls that follow, of consecutive steps with random actions."""
    live, step, visited = task.sim.backend.data, _env_step(task), []
    for _ in range(SETTLING_STEPS):
        step()
    for _ in range(VISITED_STEPS):
        state = {field: live(field).clone() for field in STATE_FIELDS}
        step()
        visited.append({**state, "ctrl": live("ctrl").clone()})
    return visited


def _env_step(task: Any) -> Callable[[], None]:
    import torch

    def step() -> None:
        task.step(torch.rand(task.num_envs, task.action_size, device=task.device) * 2 - 1)

    task.start()
    return step


def _agent(config: DictConfig, task: Any) -> Any:
    from learning.episodes import EpisodeStats
    from learning.rlgames import agent_class, build_agent
    from learning.vecenv import TaskEnv

    params: Any = OmegaConf.to_container(config.train.params, resolve=True)
    device = chosen(config.rl_device, rl_devices())
    env = TaskEnv(task, EpisodeStats(config.num_envs, device, params["config"]["games_to_track"]), device)
    scratch = Path(tempfile.mkdtemp()) / config.task.name
    agent = build_agent(agent_class(params["algo"]["name"]), params, env, device, scratch, mock.MagicMock())
    agent.obs = agent.env_reset()
    return agent


def _train_epoch(agent: Any) -> None:
    agent.update_epoch()
    agent.train_epoch()
    agent.dataset.update_values_dict(None)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ConfigError as error:
        fail(error)
