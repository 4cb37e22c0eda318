"""Simulating in real time for somebody who watches: how many steps are due, and what is told beside the picture."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from learning.player import Player
from learning.poses import Poses
from learning.view.controls import Controls, News, Viewer
from learning.view.history import History

RATE = 30.0  # pictures a second
BUSY = 0.1  # longest time between pictures, however many steps are due [s]


class Pacer:
    """Control steps of `step` seconds that are due, so that simulated time passes as fast as somebody wants."""

    def __init__(self, step: float, now: float) -> None:
        self._step, self._owed, self._last = step, 0.0, now

    def due(self, now: float, controls: Controls) -> int:
        """Control steps to take at time `now` [s]; what a slow machine could not take is forgotten."""
        elapsed, self._last = now - self._last, now
        single = controls.take_steps()
        if controls.paused:
            self._owed = 0.0
            return single
        self._owed += min(elapsed, BUSY) * controls.speed / self._step
        steps = int(self._owed)
        self._owed -= steps
        return steps


class Session:
    """A player watched through `viewer`, which shows the environments of `poses`."""

    def __init__(self, player: Player, viewer: Viewer, poses: Poses) -> None:
        self.player, self.viewer, self._poses = player, viewer, poses
        task = player.task
        self._step_seconds, self._commands = task.dt, task.commands()
        self._history: History | None = None  # from the first step on, which names the terms
        self._returns = torch.zeros(task.num_envs, device=task.device)  # of the running episodes
        self._lengths, self.time = torch.zeros_like(self._returns), 0.0  # control steps; since the start [s]

    def run(self, ended: Callable[[], bool]) -> None:
        """Simulate and show until nobody can watch any more, or `ended` says so."""
        pacer, shown = Pacer(self._step_seconds, time.perf_counter()), self.time
        while not (self.viewer.closed or ended()):
            begin = time.perf_counter()
            if self.viewer.controls.take_reset():
                self._restart()
            for _ in range(pacer.due(begin, self.viewer.controls)):
                self._step()
                if time.perf_counter() - begin > BUSY or ended():
                    break
            if self.viewer.watched:
                self.viewer.show(self._poses.read(), self.time - shown, self._news)
            shown = self.time
            time.sleep(max(0.0, 1.0 / RATE - (time.perf_counter() - begin)))

    def _restart(self) -> None:
        self.player.restart()
        for sums in (self._returns, self._lengths):
            sums.zero_()
        if self._history is not None:
            self._history.forget()

    def _step(self) -> None:
        controls = self.viewer.controls
        if controls.steering:
            for command in self._commands:
                command.values.fill_(controls.command[command.name])
        reward, done, info = self.player.step()
        self._returns.add_(reward).masked_fill_(done, 0.0)
        self._lengths.add_(1.0).masked_fill_(done, 0.0)
        self._note(info["reward_terms"])
        self.time += self._step_seconds

    def _note(self, terms: dict[str, Tensor]) -> None:
        if self._history is None:
            self._history = History(list(terms), self._poses.count, self._step_seconds)
        self._history.add(torch.stack(list(terms.values()), -1)[: self._poses.count].cpu().numpy())

    def _news(self) -> News:
        env = self.viewer.controls.env
        if env is None:
            done, returns = self.player.tally.finished, self.player.tally.results().returns
            mean = f", return {float(returns.mean()):.4g} on average" if done else ""
            lines = {"Episodes ended": f"{done}{mean}"}
        else:
            seconds = float(self._lengths[env]) * self._step_seconds
            lines = {"Episode": f"{seconds:.1f} s, return {float(self._returns[env]):.4g}"}
        return News({"Simulated": f"{self.time:.1f} s", **lines}, self._history)
