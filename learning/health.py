"""The engine's faults during training: counted once an epoch, said by name, and the end of a run with too many."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from learning import distributed

OVERFLOWS = ("contacts_dropped", "constraints_dropped")  # wrong sizes, not wrong physics: they end no run
REMIND = 2  # a fault is said again when there are so many times as many as when it was last said


class UnstableError(RuntimeError):
    """The engine meets more states that it cannot simulate than is allowed."""


class Found(NamedTuple):
    """The faults of one epoch."""

    new: dict[str, int]  # of every fault that ever occurred in this process's part of the run
    rate: float  # of the most frequent one that is no overflow, per env-step


class Health:
    """Reads the fault counters of `task`'s engine, summed over environments and processes.

    `max_rate` is how many faults an env-step of an epoch may have.
    """

    def __init__(self, task: Any, max_rate: float) -> None:
        self.task, self.max_rate = task, max_rate
        self.totals: dict[str, int] = {}
        self._said: dict[str, int] = {}

    def read(self, env_steps: int) -> Found:
        """The faults since the last call, which is `env_steps` ago; waits for the device."""
        totals = self._read()
        new = {name: total - self.totals.get(name, 0) for name, total in totals.items() if total}
        self.totals = totals
        worst = max((count for name, count in new.items() if name not in OVERFLOWS), default=0)
        return Found(new, worst / env_steps)

    def news(self, found: Found, epoch: int) -> list[str]:
        """A line for each fault that is new or has become much more frequent."""
        lines = []
        for name, count in found.new.items():
            if count and self.totals[name] >= REMIND * self._said.get(name, 0):
                self._said[name] = self.totals[name]
                lines.append(f"epoch {epoch}: {count} x {name}; {self._meaning(name)}")
        return lines

    def _read(self) -> dict[str, int]:
        read = getattr(getattr(self.task, "gym", None), "get_sim_health", None)
        counters = read(self.task.sim) if read is not None else {}
        if not counters:
            return {}
        sums = distributed.sum_(torch.stack([count.sum(dtype=torch.int64) for count in counters.values()]))
        return dict(zip(counters, sums.tolist(), strict=True))

    def _meaning(self, name: str) -> str:
        """What a fault means and what helps, in the engine's words where it has some."""
        message = getattr(self.task.gym, "get_sim_health_message", None)
        if message is None:
            return f"{self.totals[name]} so far"
        where = "in the first process " if distributed.world_size() > 1 else ""
        return where + str(message(self.task.sim, name))
