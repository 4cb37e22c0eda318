"""Env-steps per second, layer by layer: python -m benchmarks.throughput task=Ant num_envs=4096 sim_device=cpu.

Prints one JSON line a layer. `physics` is the raw engine on the task's compiled model and substeps, `env_step` the
task with random actions, `inference` the rollout with the policy, `training` everything. Each layer runs for about
`seconds` (default 10) after a warm-up. Takes the overrides of train.py.
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

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

import tasks
from learning.commandline import fail, prepare
from learning.devices import chosen, rl_devices, sim_devices
from learning.seeding import chosen_seed, seed_everything
from tasks.base.config import ConfigError

CFG = Path(__file__).resolve().parents[1] / "cfg"
WARM_UP = 0.2  # of the measured time


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
    for layer, epoch, env_steps in _layers(config, task):
        rate = measure(epoch, env_steps, seconds)
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
            ),
            flush=True,
        )


def measure(work: Callable[[], Any], env_steps: int, seconds: float) -> float:
    """Env-steps per second of `work`, which does `env_steps` of them."""
    until = time.perf_counter() + WARM_UP * seconds
    work()
    while time.perf_counter() < until:
        work()
    begin, done = time.perf_counter(), 0
    while time.perf_counter() < begin + seconds:
        work()
        done += env_steps
    return done / (time.perf_counter() - begin)


def _layers(config: DictConfig, task: Any) -> list[tuple[str, Callable[[], Any], int]]:
    n = config.num_envs
    agent = _agent(config, task)
    horizon = n * agent.horizon_length
    return [
        ("physics", _physics(task), n),
        ("env_step", _env_step(task), n),
        ("inference", agent.play_steps, horizon),
        ("training", lambda: _train_epoch(agent), horizon),
    ]


def _physics(task: Any) -> Callable[[], None]:
    """A control step's worth of the raw engine, under random controls of the task's strength."""
    import torch

    backend = type(task.sim.backend)(task.sim.backend.model, task.num_envs)
    for field in ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat"):
        backend.data(field).copy_(task.sim.backend.data(field))
    ctrl, scale = backend.data("ctrl"), task.robot.motor_efforts
    substeps = task.config.sim.substeps * task.config.decimation

    def step() -> None:
        ctrl.copy_((torch.rand(ctrl.shape, device=ctrl.device) * 2 - 1) * scale)
        backend.step(substeps)

    return step


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
