"""Which checkpoints a command line of evaluate.py means, and the config to evaluate each of them with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

import tasks
from learning import runs
from learning.commandline import hydra_spelling
from learning.devices import device_faults, rl_devices, sim_devices
from learning.overrides import CFG, parse
from learning.play_config import find_checkpoint
from learning.run_config import config_of, update
from learning.settings import type_faults
from tasks.base.config import ABOVE_ZERO, ConfigError, faults

DEFAULTS = CFG / "evaluate.yaml"
OWNER = "evaluate.py"
MOST_ENVS = 4096  # at once, unless the command says otherwise


@dataclass(frozen=True)
class EvaluateConfig:
    """What cfg/evaluate.yaml has beside the keys of a run."""

    episodes: int = field(metadata=ABOVE_ZERO)
    modes: list[Literal["deterministic", "stochastic"]]
    output: str | None


NAMES = [field.name for field in fields(EvaluateConfig)]


def compose(argv: Sequence[str]) -> list[DictConfig]:
    """A config for each checkpoint that `argv` means, all of one task; ConfigError with all that is wrong."""
    parsed, found = parse(hydra_spelling(argv))
    found += [f"{o.input_line}: nothing can be left out of a run's config" for o in parsed if o.is_delete()]
    sweeps = [o for o in parsed if o.is_sweep_override() and o.key_or_group != "checkpoint"]
    found += [f"{o.input_line}: only checkpoint= takes several values" for o in sweeps]
    if found:
        raise ConfigError(OWNER, found)
    task = next((str(o.value()) for o in parsed if o.key_or_group == "task"), None)
    paths = [_checkpoint(task, spec) for spec in _checkpoints(parsed)]
    values = [o for o in parsed if o.key_or_group not in ("task", "checkpoint")]
    configs = []
    for path, run in _runs(paths).items():
        config = config_of(run, DEFAULTS, path)
        found += _update(config, values) + config_faults(config)
        configs.append(config)
    if found:
        raise ConfigError(OWNER, list(dict.fromkeys(found)))
    return configs


def usage(summary: str | None) -> str:
    """What --help prints."""
    return (
        f"{summary}\n\ncheckpoint=[<run>,<run>,...] compares several. The runs' own configs are used; any of their "
        "values can be changed,\nsuch as task.push_speed=1.0. Keys of its own:\n\n"
        f"{DEFAULTS.read_text()}"
    )


def config_faults(config: DictConfig) -> list[str]:
    """What is wrong with a config to evaluate, one line each."""
    try:
        plain: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    except OmegaConfBaseException as error:
        return [f"{error.full_key}: {error}".split("\n", 1)[0]]
    own = {name: plain.pop(name) for name in NAMES}
    found = [fault.removeprefix(".") for fault in faults(EvaluateConfig, own, path="")]
    if isinstance(own["modes"], list) and len(set(map(str, own["modes"]))) != max(1, len(own["modes"])):
        found.append(f"modes: given {own['modes']}; needs one or both of deterministic and stochastic")
    wrong = type_faults(plain)
    if not wrong and plain["num_envs"] < 1:
        wrong.append(f"num_envs: {plain['num_envs']}; must be above 0")
    mistyped = {fault.split(":", 1)[0] for fault in wrong}
    for name, available in (("sim_device", sim_devices(plain.get("physics"))), ("rl_device", rl_devices())):
        if name not in mistyped:
            wrong += device_faults(name, config[name], available)
    return found + wrong + tasks.check(plain["task"])


def _checkpoints(parsed: list[Override]) -> list[str | None]:
    """What was given as checkpoint: one, several as a list or with commas, or nothing."""
    for o in parsed:
        if o.key_or_group == "checkpoint":
            if o.is_sweep_override():
                return [*o.sweep_string_iterator()]
            value = o.value()
            return [str(one) for one in value] if isinstance(value, list) else [None if value is None else str(value)]
    return [None]


def _checkpoint(task: str | None, spec: str | None) -> Path:
    try:
        return find_checkpoint(task, spec)
    except ConfigError as error:
        raise ConfigError(OWNER, error.faults) from None


def _runs(paths: list[Path]) -> dict[Path, runs.Run]:
    """The checkpoints and the runs that they lie in, all of one task."""
    if not paths:
        raise ConfigError(OWNER, ["checkpoint: an empty list; give at least one run or .pth file"])
    held = {path: runs.holding(path) for path in paths}
    found = {path: run for path, run in held.items() if run is not None}
    if len(found) < len(held):
        advice = "put it into <run>/nn/, below the config.yaml it was trained with"
        homeless = [path for path in held if path not in found]
        raise ConfigError(OWNER, [f"checkpoint: '{path}' lies in no run folder; {advice}" for path in homeless])
    if len({run.task for run in found.values()}) > 1:
        told = ", ".join(f"'{path}' is of {run.task}" for path, run in found.items())
        raise ConfigError(OWNER, [f"checkpoint: {told}; compare policies of one task"])
    return found


def _update(config: DictConfig, overrides: list[Override]) -> list[str]:
    """Put the overrides into `config`, and what follows from them; what could not be, one line each."""
    found = update(config, overrides)
    if config.num_envs is None:
        episodes = config.episodes
        config.num_envs = min(episodes, MOST_ENVS) if isinstance(episodes, int) and episodes > 0 else 1
    return found
