"""summary.json: what a run was and what it reached, for people and scripts that compare runs."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import learning

PACKAGES = ("myriad", "torch", "mujoco", "mujoco-warp", "warp-lang", "rl-games", "numpy")


class Summary:
    """The figures of a run so far; they go into checkpoints and, by `write`, into a file."""

    def __init__(self, path: Path, about: dict[str, Any], thresholds: Iterable[float]) -> None:
        self.path, self.about = path, about
        self.pending = sorted(thresholds)
        self.passed: dict[str, dict[str, float]] = {}
        self.epochs = self.env_steps = 0
        self.best_reward: float | None = None
        self.final_reward: float | None = None
        self.train_seconds = 0.0
        self.earlier_wall_seconds = 0.0  # of the processes that this one continues

    @property
    def wall_seconds(self) -> float:
        """Time since the start of the program, over all processes of the run."""
        return self.earlier_wall_seconds + time.monotonic() - learning.STARTED

    def note(self, epochs: int, env_steps: int, reward: float | None, train_seconds: float) -> None:
        """An epoch has ended with this mean reward."""
        self.epochs, self.env_steps, self.train_seconds = epochs, env_steps, train_seconds
        if reward is None:
            return
        self.final_reward = reward
        while self.pending and reward >= self.pending[0]:
            key = f"{self.pending.pop(0):g}"
            self.passed[key] = {"env_steps": env_steps, "seconds": round(train_seconds, 3)}

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on counting."""
        return {
            "best_reward": self.best_reward,
            "final_reward": self.final_reward,
            "train_seconds": self.train_seconds,
            "wall_seconds": self.wall_seconds,
            "thresholds": {key: dict(when) for key, when in self.passed.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on counting from `state_dict`."""
        self.best_reward, self.final_reward = state["best_reward"], state["final_reward"]
        self.train_seconds, self.earlier_wall_seconds = state["train_seconds"], state["wall_seconds"]
        self.passed = dict(state["thresholds"])
        self.pending = [reward for reward in self.pending if f"{reward:g}" not in self.passed]

    def figures(self) -> dict[str, Any]:
        """The contents of the file."""
        return self.about | {
            "versions": versions(),
            "env_steps": self.env_steps,
            "epochs": self.epochs,
            "best_reward": self.best_reward,
            "final_reward": self.final_reward,
            "wall_seconds": round(self.wall_seconds, 3),
            "train_seconds": round(self.train_seconds, 3),
            "env_steps_per_second": round(self.env_steps / max(self.train_seconds, 1e-9), 1),
            "thresholds": self.passed,
        }

    def write(self) -> None:
        """Put the figures into the file, at once or not at all."""
        temporary = self.path.with_name(f".{self.path.name}.tmp")
        temporary.write_text(json.dumps(self.figures(), indent=2) + "\n")
        os.replace(temporary, self.path)


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide the numbers."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
