"""Everything that one process finds out about one task and number of environments."""

from __future__ import annotations

import time
from typing import Any

from omegaconf import DictConfig, OmegaConf

from benchmarks.layers import agent_on, layers_of, measure, random_actions, wait
from benchmarks.machine import GpuMemory, KernelCaches, machine
from isaacgym._src.backend.base import HEALTH
from learning.devices import chosen, rl_devices, sim_devices
from learning.seeding import chosen_seed, seed_everything
from learning.train import make_task

SECONDS_GPU, SECONDS_CPU = 2.0, 10.0
FIRST_STEPS = 5  # a step that can be captured is, within these
PPO = ("horizon_length", "minibatch_size", "mini_epochs", "mixed_precision")


def measured(config: DictConfig, seconds: float | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The machine, and the figures of `config`; each layer runs for about `seconds`."""
    sim_device = chosen(config.sim_device, sim_devices(config.physics))
    rl_device = chosen(config.rl_device, rl_devices())
    device = rl_device if sim_device == "cpu" else sim_device
    seconds = seconds or (SECONDS_CPU if sim_device == "cpu" else SECONDS_GPU)
    seed_everything(chosen_seed(config.seed), config.torch_deterministic)
    memory = GpuMemory(device)
    task, start = _started(config)
    agent = agent_on(task, config)
    in_use = memory.mib()  # before the benchmark's own states and graphs
    speeds = measure(layers_of(task, agent), seconds)
    run = {
        "task": config.task.name,
        "num_envs": config.num_envs,
        "engine": task.sim.backend.name,
        "device": sim_device,
        "rl_device": rl_device,
        "env_steps_per_second": {layer: round(speed.rate) for layer, speed in speeds.items()},
        "spread": {layer: round(speed.spread, 3) for layer, speed in speeds.items()},
        "env_step_over_physics": round(speeds["env_step"].rate / speeds["physics"].rate, 3),
        "seconds_per_layer": seconds,
        **start,
        "gpu_mib": in_use,
        "faults": dict(zip(HEALTH, task.sim.backend.health.sum(0).tolist(), strict=True)),
        "simulation": _simulation(task),
        "ppo": _ppo(config),
    }
    task.close()
    return machine(device), run


def _started(config: DictConfig) -> tuple[Any, dict[str, Any]]:
    """The task, simulating at full speed, and what its start took from the first line of its making on [s]."""
    caches, begin = KernelCaches(), time.perf_counter()

    def so_far() -> float:
        wait(task.device)
        return round(time.perf_counter() - begin, 2)

    task = make_task(config)
    made = so_far()
    task.start()
    actions = random_actions(task, FIRST_STEPS)
    task.step(actions[0])
    first = so_far()
    for action in actions[1:]:
        task.step(action)
    captured = bool(getattr(getattr(task, "_step", None), "replays", False))
    start = {"task": made, "first_step": first, "captured": so_far() if captured else None}
    found = caches.found(task.sim.backend.name)
    return task, {"captured": captured, "start_seconds": start, "kernel_caches": found}


def _simulation(task: Any) -> dict[str, Any]:
    """What decides how much physics a step is."""
    config, capacities = task.config, task.sim.backend.capacities
    solver = ("solver", "iterations", "ls_iterations", "tolerance", "cone", "impratio", "deterministic")
    return {
        "dt": config.sim.dt,
        "substeps": config.sim.substeps,
        "decimation": config.decimation,
        **{name: getattr(config.sim.mujoco, name) for name in solver},
        "nconmax": capacities.nconmax if capacities else None,
        "njmax": capacities.njmax if capacities else None,
    }


def _ppo(config: DictConfig) -> dict[str, Any]:
    """What decides how much an epoch is."""
    params: Any = OmegaConf.to_container(config.train.params, resolve=True)
    units = params["network"].get("mlp", {}).get("units")
    return {"algo": params["algo"]["name"], "units": units, **{name: params["config"][name] for name in PPO}}
