"""Every fault of a composed config, found before anything is simulated."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

import tasks
from learning import checkpoint, recording, runs
from learning.batches import batch_faults
from learning.devices import chosen, device_faults, rl_devices, sim_devices
from learning.launch import launch_faults, launched
from learning.settings import type_faults
from learning.view.address import port_faults
from tasks.base.config import ConfigError

ACTIVATIONS = ["relu", "tanh", "sigmoid", "elu", "selu", "swish", "gelu", "softplus", "None"]
POSITIVE = ["horizon_length", "minibatch_size", "mini_epochs", "games_to_track", "seq_length", "learning_rate"]


def check(config: DictConfig) -> None:
    """Raise ConfigError with every fault of `config`, or return."""
    found = config_faults(config)
    if found:
        raise ConfigError("train.py", found)


def config_faults(config: DictConfig) -> list[str]:
    """Every fault of `config`, one line each, without building anything."""
    try:
        plain: dict[str, Any] = OmegaConf.to_container(config, resolve=True, throw_on_missing=False)  # type: ignore[assignment]
    except OmegaConfBaseException as error:
        return [f"{error.full_key}: {error}".split("\n", 1)[0]]
    found = type_faults(plain)
    mistyped = {fault.split(":", 1)[0] for fault in found}
    found += tasks.check(plain["task"])
    checks: list[Callable[[dict[str, Any]], list[str]]] = [
        _sizes, _network, _devices, _processes, _runs, _limits, _video, _viewer, _wandb,
    ]  # fmt: skip
    for one in checks:
        try:
            found += one(plain)
        except (KeyError, TypeError, AttributeError, ValueError):
            if not mistyped:  # otherwise it is the wrong type, which is already said
                raise
    return list(dict.fromkeys(found))


def _sizes(config: dict[str, Any]) -> list[str]:
    ppo = config["train"]["params"]["config"]
    found = [f"train.params.config.{name}: {ppo[name]}; must be above 0" for name in POSITIVE if not ppo[name] > 0]
    if not config["num_envs"] > 0:
        found.append(f"num_envs: {config['num_envs']}; must be above 0")
    if config["test"]:  # nothing is learned, so that any number of environments will do
        return found
    recurrent = "rnn" in config["train"]["params"]["network"]
    sequence = ppo["seq_length"] if recurrent else None
    return found or batch_faults(config["num_envs"], ppo["horizon_length"], ppo["minibatch_size"], sequence)


def _network(config: dict[str, Any]) -> list[str]:
    mlp = config["train"]["params"]["network"].get("mlp", {})
    units, activation, path = mlp.get("units"), mlp.get("activation"), "train.params.network.mlp"
    found = []
    if not isinstance(units, list) or not all(isinstance(u, int) and u > 0 for u in units):
        found.append(f"{path}.units: given {units!r}; needs a list of widths, such as [256, 128, 64]")
    if activation not in ACTIVATIONS:
        found.append(f"{path}.activation: given {activation!r}; use one of {', '.join(ACTIVATIONS)}")
    return found


def _devices(config: dict[str, Any]) -> list[str]:
    engine, device = config.get("physics"), config["sim_device"]
    found = device_faults("rl_device", config["rl_device"], rl_devices())
    if engine == "mujoco" and device not in (None, "cpu"):
        return [
            f"physics: mujoco runs on the CPU, sim_device is '{device}'; use sim_device=cpu or physics=warp",
            *found,
        ]
    return [*device_faults("sim_device", device, sim_devices(engine)), *found]


def _processes(config: dict[str, Any]) -> list[str]:
    devices = rl_devices()
    device = chosen(config["rl_device"], devices)
    return launch_faults(config["multi_gpu"], device, len(devices) - 1, config["test"])


def _runs(config: dict[str, Any]) -> list[str]:
    spec, experiment, task = config["checkpoint"], config["experiment"], config["task"]["name"]
    target = runs.named(experiment, task) if experiment else None
    if spec is None:
        if target and target.exists and not config["test"]:
            return [
                f"experiment: '{target.folder}' holds a run already; continue it with checkpoint={target.folder} "
                "or choose another name"
            ]
        return []
    try:
        path = runs.find_checkpoint(spec, task)
        state = checkpoint.load(path)
    except ConfigError as error:
        return error.faults
    source = runs.holding(path)
    found = checkpoint.misfits(state, path, task=task, algo=config["train"]["params"]["algo"]["name"])
    if target and target.exists and (source is None or not _same(target.folder, source.folder)):
        found.append(f"experiment: '{target.folder}' holds another run; choose another name")
    return found + _already_done(config, state, path)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _already_done(config: dict[str, Any], state: dict[str, Any], path: Path) -> list[str]:
    limit = config["max_iterations"] or config["train"]["params"]["config"]["max_epochs"]
    if config["test"] or limit < 0 or state["epoch"] < limit:
        return []
    return [
        f"checkpoint: '{path}' has finished its {state['epoch']} epochs; give a higher limit, such as "
        f"max_iterations={state['epoch'] + limit}"
    ]


def _limits(config: dict[str, Any]) -> list[str]:
    given, rate = config["max_iterations"], config["train"]["max_fault_rate"]
    found = [] if given is None or given > 0 else [f"max_iterations: {given}; must be above 0, or null"]
    return found + ([] if rate >= 0 else [f"train.max_fault_rate: {rate}; must be 0 or above"])


def _video(config: dict[str, Any]) -> list[str]:
    if not config["capture_video"] or config["test"]:
        return []
    names = ("capture_video_freq", "capture_video_len")
    found = [f"{name}: {config[name]}; must be above 0" for name in names if not config[name] > 0]
    fault = recording.video_fault()
    return found + ([f"capture_video: {fault}; capture_video=false trains without"] if fault else [])


def _viewer(config: dict[str, Any]) -> list[str]:
    if config["test"] or config["viewer"] == "none":
        return []
    if config["viewer"] != "web":
        return [f"viewer: {config['viewer']}; training is watched with viewer=web, or not at all with viewer=none"]
    here = launched()
    return port_faults(config["web_host"], config["web_port"]) if here is None or here.rank == 0 else []


def _wandb(config: dict[str, Any]) -> list[str]:
    if config["wandb_activate"] and importlib.util.find_spec("wandb") is None:
        return ["wandb_activate: true, but wandb is not installed; run pip install myriad[wandb]"]
    return []
