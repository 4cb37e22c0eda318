"""Tasks: what a robot observes, what it is rewarded for, when an episode ends and how the next begins."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from tasks.base.config import ConfigError

__all__ = ["ConfigError", "check", "make", "task_class"]


def task_class(config: Mapping[str, Any]) -> Any:
    """The class that `config`'s `_target_` names."""
    target = str(config.get("_target_", ""))
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        if isinstance(error, ImportError) and error.name and not module.startswith(error.name):
            raise
        raise ConfigError(
            "task",
            [f"task._target_: no class '{target}'; it names the module and class of the task: tasks.ant.Ant"],
        ) from None


def check(config: Mapping[str, Any]) -> list[str]:
    """Every fault of a task's config, without building anything."""
    try:
        return list(task_class(config).check(config))
    except ConfigError as error:
        return error.faults


def make(
    config: Mapping[str, Any],
    num_envs: int,
    sim_device: str = "cpu",
    rl_device: str = "cpu",
    headless: bool = True,
    measured: bool = False,
) -> Any:
    """The task that `config` (the composed `task:` section) describes, ready to be stepped.

    Its random numbers come from torch's generator: `torch.manual_seed` before this call makes it repeatable. If
    `measured`, its info has the robot's energy and way of each control step under "measures".
    """
    kind = task_class(config)
    build = getattr(kind, "create", kind)  # a VecTask is built behind the members that training knows
    known = inspect.signature(build).parameters  # a class of a user's need not know how to measure
    options = {"measured": True} if measured and "measured" in known else {}
    return build(config, num_envs, sim_device, rl_device, headless, **options)
