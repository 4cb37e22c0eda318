"""Drawing learning curves: what a command line of plot.py means, and what it prints beside the picture."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from learning.plot_curves import PlotError, smoothed
from learning.plot_groups import Group, Recorded, band, grouped, record

REWARD = "rewards/step"
PICTURE = "curves.png"
MANY = 12  # tags that an error names


def plot(argv: Sequence[str]) -> Path | None:
    """Draw what `argv` asks for; the picture, or None where only the tags were listed."""
    asked = _parser().parse_args(argv)
    if not 0.0 <= asked.smooth < 1.0:
        raise PlotError(f"--smooth: given {asked.smooth:g}; must be from 0 (not at all) to below 1")
    folders = dict.fromkeys(os.path.normpath(run) for run in asked.runs)
    recorded = [record(folder) for folder in folders]
    if asked.list:
        print("\n".join(_all_tags(recorded)))
        return None
    from learning.plot_picture import check_format, draw  # matplotlib, and with it a second of imports

    path = Path(asked.output) if asked.output else _beside(recorded)
    check_format(path)
    tags = _chosen(asked.tags, _all_tags(recorded))
    groups = grouped([_smoothed(one, asked.smooth) for one in recorded], asked.each)
    draw(path, groups, tags, asked.over)
    _tell(groups, tags[0])
    print(f"Curves: {path}")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plot.py",
        description="Draw the learning curves of runs, the mean over seeds of the same config.",
        epilog="python plot.py runs/A runs/B --tags rewards/step 'reward_terms/*'",
    )
    parser.add_argument("runs", nargs="+", help="run folders, names in runs/, or any folders with TensorBoard files")
    parser.add_argument("--tags", nargs="+", default=[REWARD], metavar="TAG", help="curves to draw; * stands for any")
    parser.add_argument("--list", action="store_true", help="print the tags that there are, and draw nothing")
    parser.add_argument(
        "--over", nargs="+", choices=["steps", "seconds"], default=["steps", "seconds"], help="what to draw them over"
    )
    parser.add_argument("--each", action="store_true", help="every run by itself, no means")
    parser.add_argument("--smooth", type=float, default=0.0, metavar="W", help="TensorBoard's smoothing, 0 to 1")
    parser.add_argument("--output", metavar="FILE", help=f"PNG, SVG or PDF; {PICTURE} beside the runs otherwise")
    return parser


def _all_tags(recorded: Sequence[Recorded]) -> list[str]:
    return sorted({tag for one in recorded for tag in one.curves})


def _chosen(patterns: Sequence[str], known: Sequence[str]) -> list[str]:
    """The tags that match, in the order of the patterns."""
    found: list[str] = []
    for pattern in patterns:
        matching = [tag for tag in known if fnmatchcase(tag, pattern)]
        if not matching:
            more = f" and {len(known) - MANY} more, see --list" if len(known) > MANY else ""
            raise PlotError(f"--tags: no curve '{pattern}'; there are {', '.join(known[:MANY])}{more}")
        found += matching
    return list(dict.fromkeys(found))


def _smoothed(one: Recorded, weight: float) -> Recorded:
    return one._replace(curves={tag: smoothed(curve, weight) for tag, curve in one.curves.items()})


def _beside(recorded: Sequence[Recorded]) -> Path:
    """In the run, or where several lie."""
    return Path(os.path.relpath(os.path.commonpath([one.folder.resolve() for one in recorded]))) / PICTURE


def _tell(groups: Sequence[Group], tag: str) -> None:
    """How far each group came."""
    shown = Table("", "runs", "env-steps", "seconds", f"last {tag}", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in shown.columns[1:]:
        column.justify = "right"
    for group in groups:
        curves = [member.curves[tag] for member in group.members if tag in member.curves]
        if not curves:
            shown.add_row(Text(group.name), str(len(group.members)), "–", "–", "–")
            continue
        steps, seconds = band(curves, "steps"), band(curves, "seconds")
        last = f"{steps.mean[-1]:,.5g}" + ("" if steps.deviation is None else f" ± {steps.deviation[-1]:,.3g}")
        shown.add_row(Text(group.name), str(len(group.members)), f"{steps.x[-1]:,.0f}", f"{seconds.x[-1]:,.1f}", last)
    Console(highlight=False, soft_wrap=True).print(shown)
