"""Learning curves as TensorBoard files hold them, over env-steps and over seconds of training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

EVENTS = "events.out.tfevents.*"
RATE = "performance/step_inference_rl_update_fps"  # env-steps per second of the epoch that ends with the point


class PlotError(ValueError):
    """What keeps a picture from being drawn."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"plot.py: {fault}")


class Curve(NamedTuple):
    """P points."""

    steps: np.ndarray  # (P,) env-steps
    seconds: np.ndarray  # (P,) of training, without what lay between a run and its resumption
    values: np.ndarray  # (P,)


class Point(NamedTuple):
    """A number that a process wrote."""

    tag: str
    step: int
    time: float  # of the clock [s]
    value: float


class Part(NamedTuple):
    """What one process wrote."""

    opened: float  # by the clock [s]
    resumes: int | None  # the env-steps that it went on from; what others wrote beyond is void
    points: list[Point]

    def start(self, begins: int) -> float:
        """When training began, by the clock, if the first epoch began at `begins` env-steps and noted its rate."""
        for point in self.points:
            if point.tag == RATE and point.value > 0.0:
                return point.time - (point.step - begins) / point.value
        return self.opened


def read_curves(folder: Path) -> dict[str, Curve]:
    """Every curve in the event files of `folder`, by its tag; what a resumed run took back is left out."""
    kept: list[tuple[Point, float]] = []
    for part in map(_read, sorted(folder.glob(EVENTS))):
        if part.points:
            begins = _begins(part, [point.step for point, _ in kept])
            kept = [(point, seconds) for point, seconds in kept if point.step <= begins]
            earlier, start = max((seconds for _, seconds in kept), default=0.0), part.start(begins)
            kept += [(point, earlier + point.time - start) for point in part.points]
    tags: dict[str, list[tuple[float, float, float]]] = {}
    for point, seconds in kept:
        tags.setdefault(point.tag, []).append((point.step, seconds, point.value))
    return {tag: Curve(*np.array(rows).T) for tag, rows in sorted(tags.items())}


def smoothed(curve: Curve, weight: float) -> Curve:
    """The curve with each value averaged with those before it, as TensorBoard does with a weight in [0, 1)."""
    if weight <= 0.0:
        return curve
    values, last = np.empty_like(curve.values), 0.0
    for i, value in enumerate(curve.values):
        last = last * weight + (1.0 - weight) * value
        values[i] = last / (1.0 - weight ** (i + 1))
    return curve._replace(values=values)


def _begins(part: Part, earlier: list[int]) -> int:
    """The env-steps after which the points of this part are what counts."""
    if part.resumes is not None:
        return part.resumes
    first = min(point.step for point in part.points)
    return max((step for step in earlier if step < first), default=0)


def _read(file: Path) -> Part:
    """What is in the file, up to where it breaks off or is damaged."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    part = Part(0.0, None, [])
    for event in EventFileLoader(str(file)).Load():
        if not part.opened:
            part = part._replace(opened=event.wall_time)
        if event.HasField("session_log"):
            part = part._replace(resumes=event.step - 1)
        part.points.extend(_scalars(event))
    return part


def _scalars(event: Any) -> Iterator[Point]:
    from tensorboard.util import tensor_util

    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == "scalars":
            number = float(tensor_util.make_ndarray(value.tensor))
            yield Point(value.tag, event.step, event.wall_time, number)
