"""Task configs as the command line composes them, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

CFG = Path(__file__).parents[1] / "cfg"


def task_names() -> list[str]:
    """Every task that has a file in cfg/task/."""
    return sorted(path.stem for path in (CFG / "task").glob("*.yaml") if path.stem != "base")


def task_config(name: str, *overrides: str) -> dict[str, Any]:
    """The `task:` section of `python train.py task=<name> <overrides>`."""
    with initialize_config_dir(str(CFG), version_base="1.3"):
        config = compose("config", overrides=[f"task={name}", *overrides])
    return OmegaConf.to_container(config.task, resolve=True, throw_on_missing=True)  # type: ignore[return-value]
