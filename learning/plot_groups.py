"""Runs and what they have in common: seeds of one config belong together, under a name that says what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from learning import runs
from learning.plot_curves import EVENTS, Curve, PlotError, read_curves

# What two runs may differ in and still be the same experiment.
ALIKE = (
    "seed", "experiment", "checkpoint", "test", "headless", "viewer", "web_port", "web_host",
    "capture_video", "capture_video_freq", "capture_video_len",
    "wandb_activate", "wandb_project", "wandb_entity", "wandb_group", "wandb_name", "wandb_tags",
)  # fmt: skip
MOST_DIFFERENCES = 3  # in a name
GRID = 400  # points of a mean
OTHERS = 5  # runs that an error names


class Recorded(NamedTuple):
    """A run and its curves."""

    folder: Path
    config: dict[str, Any] | None  # None for a folder that is no run of ours
    curves: dict[str, Curve]

    @property
    def task(self) -> str:
        section = (self.config or {}).get("task")
        return str(section.get("name", "")) if isinstance(section, dict) else ""


class Group(NamedTuple):
    """Runs of one config."""

    name: str
    members: list[Recorded]


class Band(NamedTuple):
    """The mean of several curves and their spread around it; P points."""

    x: np.ndarray  # (P,) env-steps or seconds
    mean: np.ndarray  # (P,)
    deviation: np.ndarray | None  # (P,) between seeds; None for one run


def record(spec: str) -> Recorded:
    """The run that `spec` names: a run folder, its name in runs/, or any folder with TensorBoard files."""
    folders = [folder for folder in (Path(spec), runs.RUNS / spec) if folder.is_dir()]
    if not folders:
        raise PlotError(f"no folder '{spec}'; {_there_are()}")
    for folder in folders:
        for place in (folder / "summaries", folder):
            if any(place.glob(EVENTS)):
                curves = read_curves(place)
                if curves:
                    return Recorded(folder, _config(folder), curves)
                raise PlotError(f"no curve can be read from '{place}': its files are empty or damaged")
    raise PlotError(
        f"no TensorBoard file in '{folders[0]}' or its summaries/; a run writes one in its first epoch; {_there_are()}"
    )


def grouped(recorded: Sequence[Recorded], each: bool = False) -> list[Group]:
    """The runs by their configs, in the order given; `each` run by itself if asked for."""
    kept: list[list[Recorded]] = []
    for one in recorded:
        same = next((members for members in kept if not each and _alike(members[0], one)), None)
        kept.append([one]) if same is None else same.append(one)
    return [Group(name, members) for name, members in zip(_names(kept), kept, strict=True)]


def band(curves: Sequence[Curve], over: str) -> Band:
    """Mean and deviation of curves over "steps" or "seconds", as far as all of them reach."""
    xs = [getattr(curve, over) for curve in curves]
    if len(curves) == 1:
        return Band(xs[0], curves[0].values, None)
    first, last = max(x[0] for x in xs), min(x[-1] for x in xs)
    if first > last:
        raise PlotError(f"the seeds of a config have no {over} in common to take a mean over; draw them with --each")
    grid = np.linspace(first, last, GRID)
    rows = np.stack([np.interp(grid, x, curve.values) for x, curve in zip(xs, curves, strict=True)])
    return Band(grid, rows.mean(0), rows.std(0, ddof=1))


def _config(folder: Path) -> dict[str, Any] | None:
    try:
        found = yaml.safe_load((folder / "config.yaml").read_text())
    except (OSError, yaml.YAMLError):
        return None
    return found if isinstance(found, dict) else None


def _alike(one: Recorded, other: Recorded) -> bool:
    return one.config is not None and other.config is not None and _essence(one) == _essence(other)


def _essence(run: Recorded) -> dict[str, Any]:
    """The leaves of the config that make an experiment, by their paths."""
    return dict(_leaves({key: value for key, value in (run.config or {}).items() if key not in ALIKE}))


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _leaves(child, f"{path}.{name}" if path else str(name))
    else:
        yield path, node


def _names(groups: Sequence[Sequence[Recorded]]) -> list[str]:
    """What tells each group from the others: its task, and what its config has that others of the task have not."""
    names = []
    for members in groups:
        rivals = [other[0] for other in groups if other[0].task == members[0].task]
        names.append(_name(members, rivals))
    several = {name for name in names if names.count(name) > 1}
    folders = [members[0].folder.resolve().name for members in groups]
    return [f"{name} {own}" if name in several else name for name, own in zip(names, folders, strict=True)]


def _name(members: Sequence[Recorded], rivals: Sequence[Recorded]) -> str:
    first, seeds = members[0], f" ({len(members)} seeds)" if len(members) > 1 else ""
    essences = [_essence(rival) for rival in rivals]
    keys = dict.fromkeys(key for essence in essences for key in essence)
    own = _essence(first)
    differing = [key for key in keys if len({repr(essence.get(key)) for essence in essences}) > 1]
    if first.config is None or (not seeds and not differing) or len(differing) > MOST_DIFFERENCES:
        return first.folder.resolve().name + seeds
    return " ".join([first.task, *(f"{key.rpartition('.')[2]}={own.get(key)}" for key in differing)]) + seeds


def _there_are() -> str:
    files = runs.RUNS.glob(f"*/summaries/{EVENTS}")
    newest = sorted({file.parents[1] for file in files}, key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
    if not newest:
        return f"there are no runs in {runs.RUNS}/ yet"
    return f"the newest runs are {', '.join(map(str, newest[:OTHERS]))}"
