"""What a policy's episodes came to, in figures: those of evaluation.json, and the lines that people read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from learning.tally import Results, Rows

Figures = dict[str, Any]

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
UNITS = {"energy": "J", "power": "W", "distance": "m", "displacement": "m", "speed": "m/s"}


class Trial(NamedTuple):
    """One policy's episodes in one mode."""

    policy: str  # its name among those that are compared
    mode: str  # deterministic or stochastic
    results: Results
    dt: float  # one control step [s]

    @property
    def seconds(self) -> Tensor:
        """(E,) length of each episode [s]."""
        return self.results.lengths * self.dt


class Line(NamedTuple):
    """One figure of every trial, side by side."""

    section: str
    name: str
    cells: list[str]


def figures(trial: Trial) -> Figures:
    """The trial's part of evaluation.json."""
    results = trial.results
    return {
        "episodes": len(results),
        "return": spread(results.returns),
        "length": spread(results.lengths),
        "seconds": spread(trial.seconds),
        "success": None if results.successes is None else _share(results.successes),
        "ends": {cause: _share(ended) for cause, ended in results.ends.items()},
        "reward_terms": {name: spread(sums) for name, sums in results.terms.items()},
        "motion": {name: spread(values) for name, values in motion(trial).items()},
    }


def motion(trial: Trial) -> Rows:
    """(E,) what the robot spent and how far and fast it got in each episode, in UNITS; what the task measured of it."""
    measured = trial.results.measures
    rates = {"power": "energy", "speed": "distance"}
    return measured | {rate: measured[of] / trial.seconds for rate, of in rates.items() if of in measured}


def spread(values: Tensor) -> Figures:
    """Mean, its standard error, deviation and quantiles of a figure of E episodes (E,)."""
    values = values.double()
    deviation = float(values.std(correction=0))
    found = {
        "mean": float(values.mean()),
        "standard_error": deviation / math.sqrt(len(values)),
        "std": deviation,
        "min": float(values.min()),
        **{name: float(torch.quantile(values, share)) for name, share in QUANTILES.items()},
        "max": float(values.max()),
    }
    return {name: figure if math.isfinite(figure) else None for name, figure in found.items()}


def lines(found: Sequence[Figures]) -> Iterator[Line]:
    """The figures of several trials for people to read."""
    for name in ("return", "length"):
        title = "length [control steps]" if name == "length" else name
        yield Line(title, "mean ± its error", [_with_error(one[name]) for one in found])
        yield Line(title, "deviation", [number(one[name]["std"]) for one in found])
        for label, keys in (("5 % – 95 %", ("q05", "q95")), ("25 % – 75 %", ("q25", "q75"))):
            yield Line(title, label, [" – ".join(number(one[name][key]) for key in keys) for one in found])
        yield Line(title, "median", [number(one[name]["median"]) for one in found])
        yield Line(title, "least – most", [f"{number(one[name]['min'])} – {number(one[name]['max'])}" for one in found])
    if any(one["success"] for one in found):
        yield Line("success", "share of episodes", [_percent(one["success"]) for one in found])
    for cause in _names(found, "ends"):
        yield Line("ended by", cause, [_percent(one["ends"].get(cause)) for one in found])
    for term in _names(found, "reward_terms"):
        yield Line("mean of reward", term, [_mean(one["reward_terms"].get(term)) for one in found])
    for name in _names(found, "motion"):
        title = f"{name} [{UNITS[name]}]" if name in UNITS else name
        yield Line("mean of motion", title, [_mean(one["motion"].get(name)) for one in found])


def number(value: float | None) -> str:
    """A figure in few digits."""
    if value is None:
        return "not finite"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _share(flags: Tensor) -> Figures:
    return {"episodes": int(flags.sum()), "share": float(flags.double().mean())}


def _names(found: Sequence[Figures], section: str) -> list[str]:
    """The names in a section of any trial, in their order."""
    return list(dict.fromkeys(name for one in found for name in one[section]))


def _with_error(figure: Figures) -> str:
    return f"{number(figure['mean'])} ± {number(figure['standard_error'])}"


def _mean(figure: Figures | None) -> str:
    return "–" if figure is None else number(figure["mean"])


def _percent(share: Figures | None) -> str:
    return "–" if share is None else f"{share['share']:.1%}"
