"""Statistics of finished episodes, gathered on the device with masks and read once an epoch."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from learning import distributed

TERM = "term/"  # begins the row name of a reward term


class EpisodeSummary(NamedTuple):
    """Means over recent finished episodes; None until one has finished."""

    finished: int  # episodes that ended in the last epoch
    reward: float | None  # undiscounted return
    length: float | None  # [steps]
    success: float | None  # fraction; None also where the task defines no success
    terms: dict[str, float]  # weighted reward term, summed over the episode


class EpisodeStats:
    """Adds up what each environment earns and, where its episode ends, moves it to the totals.

    The means are over the most recent `track` finished episodes, or over all that finished in the last epoch
    where these are more. What enters the window is exact; what leaves it leaves as the average of the older
    ones, as in rl-games' meter. An episode is a success if the task said so at any step of it.
    """

    def __init__(self, num_envs: int, device: torch.device | str, track: int = 100) -> None:
        self.num_envs, self.device, self.track = num_envs, torch.device(device), track
        self.rows: list[str] = []  # known at the first step
        self.sums = torch.zeros(0)  # (R, N) of the running episodes
        self.totals = torch.zeros(0, device=self.device)  # (R,) of the episodes finished since the last read
        self.ended = torch.zeros((), dtype=torch.int64, device=self.device)
        self.window: dict[str, float] = {}
        self.window_size = 0

    @torch.no_grad()
    def step(self, reward: Tensor, done: Tensor, info: dict[str, Any]) -> None:
        """Account for one step: reward (N,), done (N,) bool, info as the task returned it."""
        terms: dict[str, Tensor] = info.get("reward_terms") or {}
        success: Tensor | None = info.get("success")
        if not self.rows:
            self._allocate([*(["success"] if success is not None else []), *(TERM + name for name in terms)])
        self.sums[0] += 1.0
        self.sums[1] += reward
        if success is not None:
            torch.maximum(self.sums[2], success.to(self.sums.dtype), out=self.sums[2])
        if terms:
            self.sums[-len(terms) :] += torch.stack(list(terms.values()))
        self.totals += self.sums.masked_fill(~done, 0.0).sum(1)
        self.ended += done.sum()
        self.sums.masked_fill_(done, 0.0)

    def read(self) -> EpisodeSummary:
        """The means as of now, over all processes; begins a new epoch. The one place that waits for the device."""
        *totals, ended = distributed.sum_(torch.cat([self.totals.double(), self.ended.double().view(1)])).tolist()
        finished = int(ended)
        if finished:
            self._enter_window(dict(zip(self.rows, totals, strict=True)), finished)
            self.totals.zero_()
            self.ended.zero_()
        mean = self.window
        return EpisodeSummary(
            finished,
            mean.get("reward"),
            mean.get("length"),
            mean.get("success"),
            {row.removeprefix(TERM): value for row, value in mean.items() if row.startswith(TERM)},
        )

    def state_dict(self) -> dict[str, Any]:
        """The window; running episodes are not kept, because a resumed run begins new ones."""
        return {"window": dict(self.window), "window_size": self.window_size}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue with the window that `state_dict` returned."""
        self.window, self.window_size = dict(state["window"]), int(state["window_size"])

    def _allocate(self, optional: list[str]) -> None:
        self.rows = ["length", "reward", *optional]
        self.sums = torch.zeros(len(self.rows), self.num_envs, device=self.device)
        self.totals = torch.zeros(len(self.rows), device=self.device)

    def _enter_window(self, totals: dict[str, float], finished: int) -> None:
        kept = max(0, min(self.window_size, self.track - finished))
        size = kept + finished
        self.window = {row: (self.window.get(row, 0.0) * kept + total) / size for row, total in totals.items()}
        self.window_size = size
