"""What a training run shows: one live table on a terminal, a line now and then in a file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

INTERVAL = 10.0  # between lines in a file [s]


class Row(NamedTuple):
    """An epoch as the user sees it."""

    epoch: int
    epochs: int  # -1: no limit
    reward: float | None
    best: float | None
    length: float | None
    success: float | None
    rate: float  # env-steps/s with training
    seconds_left: float | None


class Progress:
    """Shows rows and messages on `console`; use it as a context."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._last_line = -INTERVAL
        self._row: Row | None = None
        self._printed: Row | None = None

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            from rich.live import Live

            self._live = Live(console=self.console, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
        elif self._row is not None and self._row is not self._printed:
            self._print(self._row)

    def say(self, text: str) -> None:
        """A message above the table, or a line of its own."""
        self.console.print(text, markup=False)

    def show(self, row: Row) -> None:
        """The newest epoch."""
        self._row = row
        if self._live is not None:
            self._live.update(_table(row), refresh=True)
        elif time.monotonic() - self._last_line >= INTERVAL:
            self._print(row)

    def _print(self, row: Row) -> None:
        self._last_line, self._printed = time.monotonic(), row
        self.say("  ".join(f"{name} {value}" for name, value in _cells(row).items()))


def silent() -> Progress:
    """A progress that shows nothing, for the processes that do not speak to the user."""
    return Progress(Console(quiet=True, force_terminal=False))


def _table(row: Row) -> Table:
    from rich.table import Table

    cells = _cells(row)
    table = Table(*cells)
    table.add_row(*cells.values())
    return table


def _cells(row: Row) -> dict[str, str]:
    cells = {
        "epoch": f"{row.epoch}/{row.epochs}" if row.epochs > 0 else str(row.epoch),
        "reward": _number(row.reward),
        "best": _number(row.best),
        "length": _number(row.length),
    }
    if row.success is not None:
        cells["success"] = f"{row.success:.0%}"
    cells["env-steps/s"] = f"{row.rate:,.0f}"
    cells["left"] = _duration(row.seconds_left)
    return cells


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
