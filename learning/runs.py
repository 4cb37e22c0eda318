"""Run folders, runs/<Task>_<date>_<time>/ or runs/<experiment>/, and the checkpoints in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import yaml

from tasks.base.config import ConfigError

RUNS = Path("runs")
LATEST = "latest"


class Run:
    """One run's folder and the names of what lies in it."""

    def __init__(self, folder: Path, task: str) -> None:
        self.folder, self.task = folder, task
        self.config = folder / "config.yaml"
        self.nn = folder / "nn"
        self.best = self.nn / f"{task}.pth"
        self.last = self.nn / "last.pth"
        self.summaries = folder / "summaries"
        self.summary = folder / "summary.json"
        self.videos = folder / "videos"
        self.faults = folder / "faults.pt"

    @property
    def exists(self) -> bool:
        """Whether a run has left something here."""
        return self.config.exists() or self.newest_checkpoint is not None

    @property
    def newest_checkpoint(self) -> Path | None:
        """The checkpoint that is furthest in training; None before the first."""
        files = [path for path in (self.best, self.last) if path.exists()]
        return max(files, key=lambda path: path.stat().st_mtime_ns, default=None)

    def make(self) -> None:
        """Create the folder and its parts."""
        self.nn.mkdir(parents=True, exist_ok=True)
        self.summaries.mkdir(exist_ok=True)


def named(experiment: str, task: str) -> Run:
    """The run called `experiment`."""
    return Run(RUNS / experiment, task)


def dated(task: str) -> Run:
    """A new run named after the task and the time; its folder is made at once, so that no two runs share it."""
    RUNS.mkdir(exist_ok=True)
    stem = f"{task}_{datetime.now():%Y-%m-%d_%H-%M-%S}"
    number = 1
    while True:
        folder = RUNS / (stem if number == 1 else f"{stem}_{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return Run(folder, task)


def newest(task: str) -> Run | None:
    """The run of `task` that was written to last."""
    found = [(path.stat().st_mtime_ns, path.parents[1]) for path in RUNS.glob("*/nn/*.pth")]
    for _, folder in sorted(found, reverse=True):
        if task_of(folder) == task:
            return Run(folder, task)
    return None


def holding(checkpoint: Path) -> Run | None:
    """The run that the checkpoint file lies in; None where it lies elsewhere."""
    folder = checkpoint.parent.parent
    task = task_of(folder)
    return Run(folder, task) if checkpoint.parent.name == "nn" and task else None


def find_checkpoint(spec: str, task: str) -> Path:
    """The file that `checkpoint=<spec>` means: a file, a run folder or its name, or the latest run of `task`."""
    if spec == LATEST:
        run = newest(task)
        if run is None:
            raise ConfigError(
                "checkpoint", [f"checkpoint: latest, but there is no run of {task} in {RUNS}/; give a file or a folder"]
            )
        return run.newest_checkpoint or run.last
    for folder in (Path(spec), RUNS / spec):
        if folder.is_dir():
            found = Run(folder, task_of(folder) or task).newest_checkpoint
            if found is None:
                raise ConfigError("checkpoint", [f"checkpoint: no checkpoint in '{folder}/nn'; {_there_are(task)}"])
            return found
    if not Path(spec).is_file():
        raise ConfigError("checkpoint", [f"checkpoint: no file or folder '{spec}'; {_there_are(task)}"])
    return Path(spec)


def task_of(folder: Path) -> str | None:
    """The task whose run `folder` holds; None if it holds none."""
    try:
        return str(yaml.safe_load((folder / "config.yaml").read_text())["task"]["name"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return None


def _there_are(task: str) -> str:
    run = newest(task)
    return f"the latest of {task} is '{run.folder}'" if run else f"there is no run of {task} in {RUNS}/ yet"
