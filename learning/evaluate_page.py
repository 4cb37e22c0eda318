"""evaluation.html: one page with everything that an evaluation found, without any other file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from learning.evaluate_charts import charts
from learning.evaluate_figures import Figures, Trial, lines, number

CSS = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, Helvetica, Arial, sans-serif; color: #3c4550; background: #fff;
       margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
p { margin: .3rem 0; } .pale { color: #757d88; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .15rem .9rem .15rem 0; vertical-align: bottom; }
th:first-child, td:first-child, .who :nth-child(2) { text-align: left; }
thead th { border-bottom: 1px solid #c5cad1; font-weight: 600; }
tbody th { padding-top: .7rem; font-weight: 600; }
.warn { background: #fff4de; border-left: 4px solid #d9730d; padding: .4rem .8rem; }
svg { width: 100%; height: auto; }
"""


def page(report: Figures, trials: Sequence[Trial]) -> str:
    """The page, from what evaluation.json holds and the episodes themselves."""
    return "\n".join(_parts(report, trials)) + "\n"


def _parts(report: Figures, trials: Sequence[Trial]) -> Iterator[str]:
    title = f"{report['task']}: evaluation"
    yield f"<!doctype html>\n<html lang=en><meta charset=utf-8><title>{escape(title)}</title><style>{CSS}</style>"
    yield f"<h1>{escape(title)}</h1>"
    yield f'<p class="pale">{escape(_about(report))}</p>'
    yield "<h2>Policies</h2>"
    who = [[escape(cell) for cell in row] for row in _who(report)]
    yield _table(["policy", "checkpoint", "epoch", "env-steps"], who, "who")
    for difference in report["differences"]:
        yield f'<p class="warn">The runs differ: {escape(difference)}</p>'
    yield "<h2>Episodes</h2>"
    yield _drawing(charts(trials))
    yield "<h2>Figures</h2>"
    yield _figures(report)


def _about(report: Figures) -> str:
    where = f"{report['engine']} on {report['sim_device']}"
    packages = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    changed = f"; changed: {' '.join(report['overrides'])}" if report["overrides"] else ""
    return (
        f"{report['episodes']} episodes of each policy and mode, {report['num_envs']} environments, seed "
        f"{report['seed']}, {where}, control step {report['control_step']:.4g} s{changed}; {packages}"
    )


def _who(report: Figures) -> list[list[str]]:
    return [
        [policy["name"], policy["checkpoint"], str(policy["epoch"]), number(policy["env_steps"])]
        for policy in report["policies"]
    ]


def _drawing(svg: str) -> str:
    """Without what stands before the picture in a file of its own."""
    return svg[svg.index("<svg") :]


def _figures(report: Figures) -> str:
    modes = [(policy["name"], mode, found) for policy in report["policies"] for mode, found in policy["modes"].items()]
    rows, section = [], ""
    for line in lines([found for *_, found in modes]):
        if line.section != section:
            section = line.section
            rows.append([f"<th>{escape(section)}"])
        rows.append([escape(cell) for cell in (line.name, *line.cells)])
    return _table(["", *(f"{name}, {mode}" for name, mode, _ in modes)], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Cells are HTML; a cell that begins a section brings its own tag."""
    top = "".join(f"<th>{escape(cell)}" for cell in head)
    body = "\n".join("<tr>" + "".join(c if c.startswith("<th>") else f"<td>{c}" for c in row) for row in rows)
    return f"<table class='{kind}'><thead><tr>{top}<tbody>\n{body}\n</table>"
