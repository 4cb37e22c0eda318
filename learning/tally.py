"""What the played episodes came to: each environment counted as often as every other."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from rich import box
from rich.table import Table
from torch import Tensor

from learning.episodes import TERM

Rows = dict[str, Tensor]

END, MEASURE = "end/", "measure/"  # begin the row names of why an episode ended, and of what its task measured
TIME_LIMIT, FAILURE = "time limit", "failure"


class Results(NamedTuple):
    """E finished episodes, (E,) each."""

    returns: Tensor  # undiscounted
    lengths: Tensor  # [control steps]
    successes: Tensor | None  # bool; None where the task defines no success
    terms: Rows  # weighted reward terms, summed over the episode
    ends: Rows = {}  # bool, whether each cause ended the episode; several may have at once
    measures: Rows = {}  # summed over the episode, where the task was asked to measure

    def __len__(self) -> int:
        return len(self.returns)


class Tally:
    """Counts the first `episodes` episodes, spread over the environments beforehand.

    Taking whichever end first would count short episodes more often than long ones.
    """

    def __init__(self, episodes: int, num_envs: int, device: torch.device | str) -> None:
        self.wanted = episodes
        env = torch.arange(num_envs, device=device)
        self._left = episodes // num_envs + (env < episodes % num_envs).int()  # (N,) still to be counted
        self._now: Rows = {}  # (N,) of the running episodes
        self._ended: list[Rows] = []

    @property
    def finished(self) -> int:
        """Episodes counted so far."""
        return sum(len(rows["return"]) for rows in self._ended)

    @property
    def complete(self) -> bool:
        """Whether all that were wanted have ended."""
        return not bool(self._left.any())

    @torch.no_grad()
    def step(self, reward: Tensor, done: Tensor, info: dict[str, Any]) -> None:
        """Account for one control step: reward (N,), done (N,), info as the task returned it."""
        for name, value in _rows(reward, info).items():
            before = self._now.setdefault(name, torch.zeros_like(value))
            torch.maximum(before, value, out=before) if name == "success" else before.add_(value)
        counted = done & (self._left > 0)
        if bool(counted.any()):
            self._ended.append({name: value[counted] for name, value in self._now.items()})
            self._left -= counted.int()
        for value in self._now.values():
            value.masked_fill_(done, 0.0)

    def abandon(self) -> None:
        """Forget the running episodes; new ones begin with the next step."""
        for value in self._now.values():
            value.zero_()

    def results(self) -> Results:
        """The episodes counted so far."""
        names = self._now if self._ended else ()
        rows = {name: torch.cat([ended[name] for ended in self._ended]).cpu() for name in names}
        none = torch.zeros(0)
        success = rows.pop("success", None)
        return Results(
            rows.pop("return", none),
            rows.pop("length", none),
            None if success is None else success > 0,
            _named(TERM, rows),
            {name: row > 0 for name, row in _named(END, rows).items()},
            _named(MEASURE, rows),
        )


def table(results: Results, step: float) -> Table:
    """The results for people to read; `step` is the control step [s]."""
    shown = Table("an episode's", "mean", "std", "min", "max", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in shown.columns[1:]:
        column.justify = "right"
    _add_row(shown, "return", results.returns)
    _add_row(shown, "length \\[steps]", results.lengths)
    _add_row(shown, "length \\[s]", results.lengths * step)
    if results.successes is not None:
        shown.add_row("success", f"{results.successes.double().mean():.0%}")
    shown.add_section()
    for name, sums in results.terms.items():
        _add_row(shown, f"reward {name}", sums)
    return shown


def _add_row(shown: Table, name: str, values: Tensor) -> None:
    figures = values.mean(), values.std(correction=0), values.min(), values.max()
    shown.add_row(name, *(f"{float(figure):,.2f}" for figure in figures))


def _named(kind: str, rows: Rows) -> Rows:
    return {name.removeprefix(kind): row for name, row in rows.items() if name.startswith(kind)}


def _rows(reward: Tensor, info: dict[str, Any]) -> Rows:
    """What a step adds to the running episode."""
    rows = {"return": reward, "length": torch.ones_like(reward)}
    if info.get("success") is not None:
        rows["success"] = info["success"]
    rows |= {TERM + name: term for name, term in (info.get("reward_terms") or {}).items()}
    rows |= {END + name: cause for name, cause in _ends(info).items()}
    rows |= {MEASURE + name: measure for name, measure in (info.get("measures") or {}).items()}
    return {name: row.double() for name, row in rows.items()}


def _ends(info: dict[str, Any]) -> Rows:
    """Why the step ended an episode, each (N,); true in no step that ends none."""
    limit = {TIME_LIMIT: info["time_outs"]} if info.get("time_outs") is not None else {}
    causes = info.get("causes")
    if causes is None and info.get("terminated") is not None:
        causes = {FAILURE: info["terminated"]}
    return limit | (causes or {})
