"""Evaluating policies: the same number of episodes for each, in each mode, summed up side by side."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from learning import checkpoint, runs
from learning.devices import chosen, rl_devices, sim_devices
from learning.evaluate_config import NAMES, OWNER
from learning.evaluate_figures import Figures, Trial, figures, lines
from learning.seeding import chosen_seed, seed_everything
from learning.summary import versions
from learning.tally import Tally
from learning.train import make_task
from tasks.base.config import ConfigError

WIDEST = 1000  # table [characters]
JSON, PAGE = "evaluation.json", "evaluation.html"
TOLD = (*NAMES, "checkpoint", "task", "num_envs", "seed", "sim_device", "rl_device", "physics")  # beside `overrides`


class Subject(NamedTuple):
    """A policy to evaluate."""

    name: str  # among those that are compared
    config: DictConfig
    path: Path
    state: dict[str, Any]  # of the checkpoint


def evaluate(configs: Sequence[DictConfig], overrides: Sequence[str] = ()) -> Figures:
    """Evaluate the policies that `configs` mean, write evaluation.json and evaluation.html; what the former holds.

    `overrides` are what the user typed.
    """
    console = Console(highlight=False, soft_wrap=True)
    subjects, folder = _subjects(configs), _folder(configs)
    seed = chosen_seed(configs[0].seed)
    trials = [_trial(subject, mode, seed, console) for subject in subjects for mode in configs[0].modes]
    report = _report(subjects, trials, seed, overrides)
    _write(folder / JSON, json.dumps(report, indent=2, allow_nan=False) + "\n")
    _show(console, trials)
    for difference in report["differences"]:
        _say(console, f"The runs differ: {difference}")
    from learning.evaluate_page import page  # matplotlib, and with it a second of imports

    _write(folder / PAGE, page(report, trials))
    _say(console, f"Figures: {folder / JSON}\nReport: {folder / PAGE}")
    return report


def _subjects(configs: Sequence[DictConfig]) -> list[Subject]:
    """The policies with their checkpoints read, so that a bad one is refused before another is simulated."""
    paths = [Path(config.checkpoint) for config in configs]
    states = [checkpoint.load(path) for path in paths]
    found = [
        fault
        for config, path, state in zip(configs, paths, states, strict=True)
        for fault in checkpoint.misfits(state, path, task=config.task.name)
    ]
    if found:
        raise ConfigError(OWNER, found)
    return [Subject(*one) for one in zip(_names(paths), configs, paths, states, strict=True)]


def _names(paths: Sequence[Path]) -> list[str]:
    """The shortest names of checkpoints that tell them apart: run, run and file, or the whole path."""
    folders = [path.parent.parent.resolve().name for path in paths]
    files = [f"{folder}/{path.stem}" for folder, path in zip(folders, paths, strict=True)]
    for names in (folders, files):
        if len(set(names)) == len(paths):
            return names
    return [str(path) for path in paths]


def _trial(subject: Subject, mode: str, seed: int, console: Console) -> Trial:
    """One policy's episodes in one mode, in a simulation of their own: what was simulated before has no effect."""
    from learning.policy import trained  # rl-games, and with it a second of imports

    config, began = subject.config, time.monotonic()
    seed_everything(seed, config.torch_deterministic)
    task = _task(config)
    try:
        policy = trained(config, subject.state, task, mode == "deterministic")
        tally = Tally(config.episodes, config.num_envs, task.device)
        about = f"{config.task.name}: {subject.name}, {mode}"
        with console.status(about) if console.is_terminal else contextlib.nullcontext() as status:
            obs = task.start()
            while not tally.complete:
                obs, reward, done, info = task.step(policy(obs))
                policy.forget(done)
                tally.step(reward, done, info)
                if status is not None:
                    status.update(f"{about}: {tally.finished} of {tally.wanted} episodes have ended")
        _say(console, f"{about}: {tally.finished} episodes in {time.monotonic() - began:.1f} s")
        return Trial(subject.name, mode, tally.results(), task.dt)
    finally:
        task.close()


def _task(config: DictConfig) -> Any:
    try:
        return make_task(config, measured=True)
    except NotImplementedError as error:  # a scene too large to be deterministic on a GPU, for one
        raise ConfigError(OWNER, [str(error)]) from error


def _report(subjects: Sequence[Subject], trials: Sequence[Trial], seed: int, overrides: Sequence[str]) -> Figures:
    """What evaluation.json holds; nothing in it changes from one evaluation to the next of the same."""
    config = subjects[0].config
    device = chosen(config.sim_device, sim_devices(config.physics))
    found = {(trial.policy, trial.mode): figures(trial) for trial in trials}
    return {
        "task": config.task.name,
        "episodes": config.episodes,
        "num_envs": config.num_envs,
        "seed": seed,
        "overrides": [one for one in overrides if one.lstrip("+").partition("=")[0] not in TOLD],
        "sim_device": device,
        "rl_device": chosen(config.rl_device, rl_devices()),
        "engine": config.physics or ("mujoco" if device == "cpu" else "warp"),
        "control_step": trials[0].dt,
        "versions": versions(),
        "differences": differences([subject.config for subject in subjects]),
        "policies": [
            {
                "name": subject.name,
                "checkpoint": str(subject.path),
                "epoch": subject.state["epoch"],
                "env_steps": subject.state["frame"],
                "modes": {mode: found[subject.name, mode] for mode in config.modes},
            }
            for subject in subjects
        ],
    }


def differences(configs: Sequence[DictConfig]) -> list[str]:
    """In which values of their tasks the runs differ, so that their figures may not mean the same."""
    flat = [dict(_leaves(OmegaConf.to_container(config.task, resolve=True), "task")) for config in configs]
    keys = dict.fromkeys(key for one in flat for key in one)
    told = ((key, [one.get(key, "missing") for one in flat]) for key in keys)
    return [f"{key}: {' | '.join(map(str, values))}" for key, values in told if len(set(map(str, values))) > 1]


def _leaves(node: Any, path: str) -> list[tuple[str, Any]]:
    if not isinstance(node, dict):
        return [(path, node)]
    return [leaf for name, child in node.items() for leaf in _leaves(child, f"{path}.{name}")]


def _folder(configs: Sequence[DictConfig]) -> Path:
    """Where the files go: as the config says, into the run, or for several runs into a folder of their own."""
    ours = {Path(config.checkpoint).parent.parent for config in configs}
    if configs[0].output is not None:
        folder = Path(configs[0].output)
    elif len(ours) == 1:
        folder = ours.pop()
    else:
        folder = runs.RUNS / "evaluations" / f"{configs[0].task.name}_{datetime.now():%Y-%m-%d_%H-%M-%S}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(OWNER, [f"output: '{folder}' is no folder to write into: {error.strerror}"]) from error
    return folder


def _show(console: Console, trials: Sequence[Trial]) -> None:
    """The figures side by side, as wide as they are."""
    shown = Table("", box=box.SIMPLE_HEAD, pad_edge=False)
    for trial in trials:
        shown.add_column(Text(f"{trial.policy}\n{trial.mode}"), justify="right")
    section = ""
    for line in lines([figures(trial) for trial in trials]):
        if line.section != section:
            section = line.section
            shown.add_section()
            shown.add_row(Text(section, style="bold"))
        shown.add_row(Text(f"  {line.name}"), *line.cells)
    wide = console.measure(shown, options=console.options.update(max_width=WIDEST)).maximum
    Console(width=max(console.width, wide), highlight=False).print(shown)


def _write(path: Path, text: str) -> None:
    """Put `text` into the file, at once or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False)
