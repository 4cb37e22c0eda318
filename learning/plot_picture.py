"""A picture of learning curves: a row for each tag, a column for each thing that they are drawn over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from learning.plot_curves import PlotError
from learning.plot_groups import Group, band
from learning.plot_style import STYLE, colour

LABELS = {"steps": "env-steps", "seconds": "seconds of training"}
WIDTH, HEIGHT = 5.2, 3.1  # of a panel [inch]
DPI = 150


def check_format(path: Path) -> None:
    """Raise where nothing can be written under this name, before anything is read."""
    known = Figure().canvas.get_supported_filetypes()
    if path.suffix.removeprefix(".") not in known:
        raise PlotError(f"--output: '{path}' ends in no picture format; use .png, .svg or .pdf")


def draw(path: Path, groups: Sequence[Group], tags: Sequence[str], over: Sequence[str]) -> None:
    """Write the picture to `path`; the suffix says in which format."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(len(over) * WIDTH, len(tags) * HEIGHT), layout="constrained")
        axes = figure.subplots(len(tags), len(over), squeeze=False)
        for row, tag in zip(axes, tags, strict=True):
            for place, axis in zip(row, over, strict=True):
                _panel(place, groups, tag, axis)
        if any(len(group.members) > 1 for group in groups):
            figure.supxlabel("lines: mean over seeds; bands: one standard deviation to either side", fontsize=8)
        figure.legend(*_legend(list(axes.flatten())), loc="outside upper left", ncols=2, frameon=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=DPI)
        except OSError as error:
            raise PlotError(f"--output: '{path}' cannot be written: {error.strerror}") from error


def _panel(axes: Axes, groups: Sequence[Group], tag: str, over: str) -> None:
    for i, group in enumerate(groups):
        curves = [member.curves[tag] for member in group.members if tag in member.curves]
        if not curves:
            continue
        found = band(curves, over)
        axes.plot(found.x, found.mean, color=colour(i), linewidth=1.5, label=group.name)
        if found.deviation is not None:
            low, high = found.mean - found.deviation, found.mean + found.deviation
            axes.fill_between(found.x, low, high, color=colour(i), alpha=0.2, linewidth=0.0)
    axes.set(title=tag, xlabel=LABELS[over], xlim=(0.0, None))
    axes.xaxis.set_major_formatter(EngFormatter(sep="\N{THIN SPACE}") if over == "steps" else "{x:g}")
    axes.grid()
    axes.set_axisbelow(True)


def _legend(panels: Sequence[Axes]) -> tuple[list, list]:
    """A handle for every group that any panel shows."""
    found: dict[str, Any] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)
