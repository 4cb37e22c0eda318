"""What somebody who watches asks for, and what they are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from learning.poses import Snapshot
from learning.view.history import History
from tasks.base.task import Command

SPEEDS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # of simulated to real time


@dataclass
class Controls:
    """Wishes of those who watch; a viewer's threads write them, the loop that simulates reads them."""

    paused: bool = False
    speed: float = 1.0  # one of SPEEDS
    env: int | None = None  # that is looked at; None: all of them
    follow: bool = True  # the camera moves with the robots
    steering: bool = False  # the policy gets `command`, and not what the task draws
    command: dict[str, float] = field(default_factory=dict)
    _steps: int = 0
    _reset: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step_once(self) -> None:
        """One control step, and then pause."""
        with self._lock:
            self.paused = True
            self._steps += 1

    def reset(self) -> None:
        """New episodes everywhere."""
        with self._lock:
            self._reset = True

    def faster(self, by: int) -> None:
        """`by` places up in SPEEDS."""
        place = SPEEDS.index(self.speed) + by
        self.speed = SPEEDS[max(0, min(len(SPEEDS) - 1, place))]

    def take_steps(self) -> int:
        """How many single steps were asked for since the last call."""
        with self._lock:
            steps, self._steps = self._steps, 0
        return steps

    def take_reset(self) -> bool:
        """Whether new episodes were asked for since the last call."""
        with self._lock:
            reset, self._reset = self._reset, False
        return reset


class News(NamedTuple):
    """What a viewer tells beside the picture."""

    lines: dict[str, str]  # a value for each title
    history: History | None  # None before the first step


class Viewer(Protocol):
    """Shows environments of a simulation to people, as `controls` say."""

    controls: Controls
    closed: bool  # nobody can look any more

    @property
    def watched(self) -> bool:
        """Whether anybody looks."""
        ...

    def show(self, snapshot: Snapshot, seconds: float, news: Callable[[], News]) -> None:
        """Show a snapshot, `seconds` of simulated time after the last one; `news` is asked now and then."""
        ...

    def close(self) -> None:
        """End it."""
        ...


def standing(commands: list[Command]) -> dict[str, float]:
    """For each command by name its value closest to zero."""
    return {command.name: min(max(0.0, command.low), command.high) for command in commands}
