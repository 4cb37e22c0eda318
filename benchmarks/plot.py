"""Curves of env-steps per second over numbers of environments, as an SVG that reads well on white and on black."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

Points = list[tuple[float, float]]

TEXT, GRID = "#757d88", "#757d8840"  # both in between the two backgrounds
COLOURS = ("#9a6bf0", "#2f81f7", "#2da44e", "#d9730d")
COLUMNS = 2
WIDTH, HEIGHT = 420, 280  # of a panel [px]
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 34, 44  # of a panel, around its axes [px]
LEGEND = 40  # above all panels [px]


class Panel(NamedTuple):
    """One pair of axes; a curve's place in `curves` decides its colour and marker."""

    title: str
    curves: dict[str, Points]


class _Axis(NamedTuple):
    """A logarithmic scale from `low` to `high`, laid out from pixel `start` to pixel `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        span = math.log(self.high / self.low)
        return self.start + (self.end - self.start) * math.log(value / self.low) / span


def svg(panels: list[Panel], x_label: str, y_label: str) -> str:
    """The panels side by side, each on its own scales, with one legend."""
    columns, rows = min(COLUMNS, len(panels)), -(-len(panels) // COLUMNS)
    width, height = columns * WIDTH, LEGEND + rows * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12" fill="{TEXT}">',
        f"<title>{escape(y_label)} over {escape(x_label)}: {escape(', '.join(p.title for p in panels))}</title>",
        *_legend(list(panels[0].curves)),
    ]
    for i, panel in enumerate(panels):
        parts.append(f'<g transform="translate({i % COLUMNS * WIDTH} {LEGEND + i // COLUMNS * HEIGHT})">')
        parts += [*_panel(panel, x_label, y_label), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, x_label: str, y_label: str) -> Iterable[str]:
    points = [point for curve in panel.curves.values() for point in curve]
    x = _Axis(*_around([x for x, _ in points], 1.15), LEFT, WIDTH - RIGHT)
    y = _Axis(*_around([y for _, y in points], 1.3), HEIGHT - BOTTOM, TOP)
    yield from _axes(panel.title, x, y, sorted({x for x, _ in points}), x_label, y_label)
    yield from _curves(panel, x, y)


def _around(values: list[float], margin: float) -> tuple[float, float]:
    return min(values) / margin, max(values) * margin


def _legend(names: list[str]) -> Iterable[str]:
    left = LEFT
    for i, name in enumerate(names):
        yield f'<path d="M{left} 20h24" stroke="{COLOURS[i]}" stroke-width="2"/>' + _marker(i, left + 12, 20)
        yield f'<text x="{left + 31}" y="24">{escape(name)}</text>'
        left += 31 + 7 * len(name) + 20


def _axes(title: str, x: _Axis, y: _Axis, ticks: list[float], x_label: str, y_label: str) -> Iterable[str]:
    middle = (x.start + x.end) / 2
    yield f'<text x="{x.start}" y="{TOP - 12}" font-weight="600" font-size="13">{escape(title)}</text>'
    for value in _decades(y):
        at = y.at(value)
        yield f'<path d="M{x.start} {at:.1f}H{x.end}" stroke="{GRID}"/>'
        yield f'<text x="{x.start - 7}" y="{at + 4:.1f}" text-anchor="end">{_short(value)}</text>'
    yield f'<path d="M{x.start} {y.start}H{x.end}" stroke="{TEXT}"/>'
    for value in _apart(ticks, x):
        yield f'<path d="M{x.at(value):.1f} {y.start}v4" stroke="{TEXT}"/>'
        yield f'<text x="{x.at(value):.1f}" y="{y.start + 17}" text-anchor="middle">{value:g}</text>'
    yield f'<text x="{middle}" y="{y.start + 35}" text-anchor="middle">{escape(x_label)}</text>'
    across = (y.start + y.end) / 2
    yield f'<text transform="translate(13 {across}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'


def _curves(panel: Panel, x: _Axis, y: _Axis) -> Iterable[str]:
    for i, curve in enumerate(panel.curves.values()):
        places = [(x.at(a), y.at(b)) for a, b in sorted(curve)]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        yield f'<polyline points="{line}" fill="none" stroke="{COLOURS[i]}" stroke-width="2" stroke-linejoin="round"/>'
        yield "".join(_marker(i, a, b) for a, b in places)


def _marker(i: int, x: float, y: float) -> str:
    """A shape of its own for each curve, so that colour is not needed to tell them apart."""
    shapes = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.5-3.5h7v7h-7z", "M0-4.8l4.6 8h-9.2z", "M0-5l5 5l-5 5l-5-5z")
    return f'<path transform="translate({x:.1f} {y:.1f})" d="{shapes[i]}" fill="{COLOURS[i]}"/>'


def _decades(axis: _Axis) -> list[float]:
    """Round values within the axis: 1, 2 and 5 of each decade, or 1 alone where there are many."""
    decades = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    steps = (1, 2, 5) if len(decades) < 6 else (1,)
    return [step * 10.0**d for d in decades for step in steps if axis.low <= step * 10.0**d <= axis.high]


def _apart(ticks: list[float], axis: _Axis) -> list[float]:
    """Those of the ticks whose labels do not run into each other."""
    kept: list[float] = []
    for value in ticks:
        if not kept or axis.at(value) - axis.at(kept[-1]) > 40:
            kept.append(value)
    return kept


def _short(value: float) -> str:
    for unit, name in ((1e6, " M"), (1e3, " k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"
