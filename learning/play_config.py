"""Which run a command line of play.py means, and that run's own config with what the command line changes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

import tasks
from learning import runs
from learning.commandline import hydra_spelling
from learning.devices import device_faults, rl_devices, sim_devices
from learning.overrides import CFG, SHARED, parse
from learning.recording import SUFFIXES
from learning.run_config import config_of, load, update
from learning.settings import type_faults
from learning.view.choice import viewer_faults
from tasks.base.config import ConfigError, faults

DEFAULTS = CFG / "play.yaml"
OWNER = "play.py"


@dataclass(frozen=True)
class PlayConfig:
    """What cfg/play.yaml has beside the keys of a run."""

    episodes: int | None  # None: EPISODES, or with a viewer until nobody watches
    deterministic: bool
    video: bool | None  # None: where there is no viewer
    video_file: str | None  # None: a new one in the run's folder
    video_envs: int
    video_seconds: float
    faults: bool


NAMES = [field.name for field in fields(PlayConfig)]
EPISODES = 16  # where nobody says how many
POSITIVE = ("num_envs", "episodes", "video_envs", "video_seconds")


def compose(argv: Sequence[str]) -> DictConfig:
    """The config of the run that `argv` means, changed by it; ConfigError with all that is wrong."""
    parsed, found = parse(hydra_spelling(argv))
    found += [f"{o.input_line}: play.py plays one run; give one value" for o in parsed if o.is_sweep_override()]
    found += [f"{o.input_line}: nothing can be left out of a run's config" for o in parsed if o.is_delete()]
    if found:
        raise ConfigError(OWNER, found)
    chosen = {o.key_or_group: str(o.value()) for o in parsed if o.key_or_group in ("task", "checkpoint")}
    given = chosen.get("task"), chosen.get("checkpoint")
    if any(o.key_or_group == "faults" and o.value() is True for o in parsed):
        config = _config_of_faults(find_faults(*given))
    else:
        config = _config_of(find_checkpoint(*given))
    values = [o for o in parsed if o.key_or_group not in chosen]
    found = update(config, values) + config_faults(config)
    if found:
        raise ConfigError(OWNER, list(dict.fromkeys(found)))
    return config


def usage(summary: str | None) -> str:
    """What --help prints."""
    return (
        f"{summary}\n\nThe run's own config is used; any of its values can be changed, such as num_envs=64 or "
        "task.reward.alive=0;\n--cfg job, before these, prints what comes of it. Keys of its own:\n\n"
        f"{DEFAULTS.read_text()}"
    )


def completed(config: DictConfig) -> DictConfig:
    """A config of train.py with what playing needs beside it."""
    merged = OmegaConf.merge(OmegaConf.masked_copy(load(DEFAULTS), NAMES), config)
    assert isinstance(merged, DictConfig)
    merged.checkpoint = str(find_checkpoint(config.task.name, config.checkpoint))
    return merged


def find_checkpoint(task: str | None, spec: str | None) -> Path:
    """The file to play: `spec`, or the best of the run it names, or of the newest run (of `task`)."""
    if spec is None or spec == runs.LATEST:
        return _best(_newest(task))
    if Path(spec).is_file():
        return _of_task(Path(spec), task)
    for folder in (Path(spec), runs.RUNS / spec):
        if folder.is_dir():
            return _of_task(_best(runs.Run(folder, runs.task_of(folder) or str(task))), task)
    raise _refusal(f"checkpoint: no file or folder '{spec}'; {_there_are(_played_tasks())}")


def find_faults(task: str | None, spec: str | None) -> runs.Run:
    """The run whose faults.pt to replay: the one `spec` means, or the newest (of `task`) that has left one."""
    if spec is None or spec == runs.LATEST:
        for run in _faulty_runs():
            if task in (None, run.task):
                return run
        of = f" of {task}" if task else ""
        raise _refusal(f"faults: no run{of} has left a faults.pt; {_there_are_faults()}")
    file = Path(spec)
    owners = [file.parent, file.parent.parent] if file.is_file() else [file, runs.RUNS / spec]
    for folder in owners:
        name = runs.task_of(folder)
        if name is not None:
            return _with_faults(runs.Run(folder, name), task)
    raise _refusal(f"checkpoint: no file or folder '{spec}' of a run; {_there_are_faults()}")


def config_faults(config: DictConfig) -> list[str]:
    """What is wrong with a config to play, one line each."""
    try:
        plain: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    except OmegaConfBaseException as error:
        return [f"{error.full_key}: {error}".split("\n", 1)[0]]
    play = {name: plain.pop(name) for name in NAMES}
    found = [fault.removeprefix(".") for fault in faults(PlayConfig, play, path="")] + type_faults(plain)
    mistyped = {fault.split(":", 1)[0] for fault in found}
    for name in POSITIVE:
        if name not in mistyped and config[name] is not None and not config[name] > 0:
            found.append(f"{name}: {config[name]}; must be above 0")
    if isinstance(config.video_file, str) and Path(config.video_file).suffix not in SUFFIXES:
        found.append(f"video_file: '{config.video_file}'; must end with {' or '.join(SUFFIXES)}")
    if config.faults is True and config.num_envs != 1:
        found.append(f"num_envs: {config.num_envs}; states are replayed one at a time, leave it out")
    for name, available in (("sim_device", sim_devices(plain.get("physics"))), ("rl_device", rl_devices())):
        if name not in mistyped:
            found += device_faults(name, config[name], available)
    if not config.faults and not {"viewer", "web_host", "web_port"} & mistyped:
        found += viewer_faults(config)
    return found + tasks.check(plain["task"])


def _best(run: runs.Run) -> Path:
    """A run's best checkpoint, or its last where none is the best yet."""
    path = run.best if run.best.exists() else run.newest_checkpoint
    if path is None:
        raise _refusal(f"checkpoint: no checkpoint in '{run.nn}' yet; {_there_are(_played_tasks())}")
    return path


def _newest(task: str | None) -> runs.Run:
    """The newest run of `task`, or of any task."""
    played = _played_tasks()
    if played and task is None:
        return next(iter(played.values()))
    if task in played:
        return played[task]
    known = sorted({path.stem for path in (CFG / "task").glob("*.yaml")} - {SHARED})
    if task is not None and task not in known:
        near = [name for name in known if name.lower() == task.lower()]
        near = near or difflib.get_close_matches(task, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"tasks: {', '.join(known)}"
        raise _refusal(f"task: no task '{task}'; {hint}; {_there_are(played)}")
    of = f" of {task}" if task else ""
    raise _refusal(
        f"task: no run{of} yet; {_there_are(played)}; train one with python train.py task={task or 'Cartpole'}"
    )


def _there_are(played: dict[str, runs.Run]) -> str:
    if not played:
        return f"there are no runs in {runs.RUNS}/ yet"
    return f"the newest runs are {', '.join(str(run.folder) for run in played.values())}"


def _played_tasks() -> dict[str, runs.Run]:
    """The newest run of every task that has one, the newest of all first."""
    files = sorted(runs.RUNS.glob("*/nn/*.pth"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    found: dict[str, runs.Run] = {}
    for path in files:
        run = runs.holding(path)
        if run is not None:
            found.setdefault(run.task, run)
    return found


def _faulty_runs() -> list[runs.Run]:
    """The runs that have left a faults.pt, the newest first."""
    files = sorted(runs.RUNS.glob("*/faults.pt"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    named = ((path.parent, runs.task_of(path.parent)) for path in files)
    return [runs.Run(folder, task) for folder, task in named if task]


def _there_are_faults() -> str:
    found = [str(run.folder) for run in _faulty_runs()]
    return f"runs with one: {', '.join(found)}" if found else f"no run in {runs.RUNS}/ has one"


def _with_faults(run: runs.Run, task: str | None) -> runs.Run:
    if task not in (None, run.task):
        raise _refusal(f"checkpoint: '{run.folder}' is of {run.task}, given task={task}; leave task= out")
    if not run.faults.is_file():
        raise _refusal(
            f"faults: no faults.pt in '{run.folder}'; a run leaves one when its physics becomes unstable; "
            f"{_there_are_faults()}"
        )
    return run


def _of_task(path: Path, task: str | None) -> Path:
    """`path`, if what it holds was trained on `task`."""
    run = runs.holding(path)
    if run is None or task is None or run.task == task:
        return path
    raise _refusal(f"checkpoint: '{path}' is of {run.task}, given task={task}; leave task= out")


def _config_of(path: Path) -> DictConfig:
    run = runs.holding(path)
    if run is None:
        raise _refusal(
            f"checkpoint: '{path}' lies in no run folder; put it into <run>/nn/, below the config.yaml it was trained "
            "with"
        )
    return config_of(run, DEFAULTS, path)


def _config_of_faults(run: runs.Run) -> DictConfig:
    """One environment, on the engine that is the oracle for the other."""
    config = config_of(run, DEFAULTS, run.faults)
    config.num_envs, config.physics = 1, "mujoco"
    return config


def _refusal(fault: str) -> ConfigError:
    return ConfigError(OWNER, [fault])
