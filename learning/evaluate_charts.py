"""What a policy's episodes came to, in pictures."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from learning.evaluate_figures import UNITS, Trial, motion
from learning.plot_style import INK, STYLE, colour
from learning.tally import Rows

MODES = {"deterministic": "-", "stochastic": (0, (3, 1.5))}  # one line style for each mode
BINS = 40  # at most
COLUMNS, WIDTH, HEIGHT = 2, 5.2, 3.0  # of panels, and of a panel [inch]

Panel = Callable[[Axes, Sequence[Trial]], None]


def charts(trials: Sequence[Trial]) -> str:
    """All panels that the trials have something to show in, as one SVG."""
    panels: list[Panel] = [returns, survival, terms, ends]
    panels += [_measure(name) for name in ("speed", "energy") if any(name in motion(trial) for trial in trials)]
    rows = -(-len(panels) // COLUMNS)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(COLUMNS * WIDTH, rows * HEIGHT), layout="constrained")
        axes = figure.subplots(rows, COLUMNS, squeeze=False).flatten()
        for draw, place in zip(panels, axes, strict=False):
            draw(place, trials)
        for empty in axes[len(panels) :]:
            empty.set_axis_off()
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=4, frameon=False)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def returns(axes: Axes, trials: Sequence[Trial]) -> None:
    """How returns are distributed."""
    _histograms(axes, trials, [trial.results.returns for trial in trials])
    axes.set(title="Return", xlabel="of an episode", ylabel="episodes")


def survival(axes: Axes, trials: Sequence[Trial]) -> None:
    """How many episodes go on for how long."""
    longest = max(float(trial.seconds.max()) for trial in trials)
    for trial, look in zip(trials, _looks(trials), strict=True):
        at = np.sort(trial.seconds.numpy())
        left = 1.0 - np.arange(1, len(at) + 1) / len(at)
        axes.step([0.0, *at, longest], [1.0, *left, left[-1]], where="post", **look)
    axes.set(title="Episodes that still go on", xlabel="after [s]", ylabel="share", ylim=(0.0, 1.03), xlim=(0.0, None))
    axes.grid(axis="y")


def terms(axes: Axes, trials: Sequence[Trial]) -> None:
    """What each reward term adds up to in an episode."""
    _bars(axes, trials, [trial.results.terms for trial in trials])
    axes.set(title="Reward terms", xlabel="mean sum over an episode")


def ends(axes: Axes, trials: Sequence[Trial]) -> None:
    """Why episodes ended."""
    met = [{name: ended for name, ended in trial.results.ends.items() if ended.any()} for trial in trials]
    _bars(axes, trials, met)
    axes.set(title="Why episodes ended", xlabel="share of episodes", xlim=(0.0, 1.0))


def _measure(name: str) -> Panel:
    """A panel of how a figure of the motion is distributed."""

    def draw(axes: Axes, trials: Sequence[Trial]) -> None:
        measured = [(trial, motion(trial)[name]) for trial in trials if name in motion(trial)]
        _histograms(axes, [trial for trial, _ in measured], [values for _, values in measured])
        axes.set(title=name.capitalize(), xlabel=f"of an episode [{UNITS[name]}]", ylabel="episodes")

    return draw


def _histograms(axes: Axes, trials: Sequence[Trial], values: Sequence[Tensor]) -> None:
    """Outlines over common bins."""
    rows = [row[row.isfinite()].numpy() for row in values]
    low, high = min(row.min(initial=np.inf) for row in rows), max(row.max(initial=-np.inf) for row in rows)
    if not low < high:  # one and the same number, or none
        low, high = (low - 0.5, low + 0.5) if np.isfinite(low) else (0.0, 1.0)
    bins = np.linspace(low, high, min(BINS, 5 + math.isqrt(4 * max(map(len, rows)))) + 1)
    for row, look in zip(rows, _looks(trials), strict=True):
        count, _ = np.histogram(row, bins)
        axes.stairs(count, bins, **look)
        axes.stairs(count, bins, fill=True, color=look["color"], alpha=0.12)
    axes.grid(axis="y")


def _bars(axes: Axes, trials: Sequence[Trial], rows: Sequence[Rows]) -> None:
    """The means as horizontal bars, the first name at the top; a stochastic mode's are pale."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    thick = 0.8 / len(trials)
    for i, (trial, look, row) in enumerate(zip(trials, _looks(trials), rows, strict=True)):
        means = [float(row[name].double().mean()) if name in row else 0.0 for name in names]
        at = np.arange(len(names)) + (i - (len(trials) - 1) / 2) * thick
        solid = trial.mode == "deterministic"
        axes.barh(at, means, thick * 0.9, color=look["color"], alpha=1.0 if solid else 0.45)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.grid(axis="x")
    axes.set_axisbelow(True)


def _looks(trials: Sequence[Trial]) -> list[dict]:
    policies = list(dict.fromkeys(trial.policy for trial in trials))
    return [
        {
            "label": f"{trial.policy}, {trial.mode}",
            "color": colour(policies.index(trial.policy)),
            "linestyle": MODES[trial.mode],
            "linewidth": 1.5,
        }
        for trial in trials
    ]
