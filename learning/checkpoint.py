"""Checkpoint files: written atomically, read with `weights_only=True`, refused by name when they do not fit."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tasks.base.config import ConfigError

FORMAT = "myriad-checkpoint"
VERSION = 1


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint of `state`."""
    write(path, {"format": FORMAT, "version": VERSION, **state})


def write(path: Path, content: dict[str, Any]) -> None:
    """Write `content` so that, whenever the process or machine dies, `path` holds the old or the new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _fsync_folder(path.parent)


def load(path: Path) -> dict[str, Any]:
    """The state in `path`, on the CPU; ConfigError if the file is missing, damaged or not a checkpoint of ours."""
    if not path.is_file():
        raise _refusal(f"no file '{path}'; give a .pth file, a run folder or latest")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise _refusal(
            f"'{path}' cannot be read: it is damaged or was not written by Myriad; give another checkpoint"
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise _refusal(f"'{path}' was not written by Myriad; give a checkpoint from a folder in runs/")
    if state["version"] > VERSION:
        raise _refusal(f"'{path}' has version {state['version']}, this Myriad reads {VERSION}; update Myriad")
    return state


def misfits(state: Mapping[str, Any], path: Path | str, **needed: Any) -> list[str]:
    """What in a checkpoint differs from what a run needs, such as `task="Ant"` or `obs_size=60`, one line each."""
    return [
        f"checkpoint: '{path}' has {name} {state.get(name)}, this run {value}; give a checkpoint with the same"
        for name, value in needed.items()
        if state.get(name) != value
    ]


def _refusal(reason: str) -> ConfigError:
    return ConfigError("checkpoint", [f"checkpoint: {reason}"])


def rng_state() -> dict[str, Any]:
    """The state of every global random number generator, in types that `weights_only` accepts."""
    kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    return {
        "python": random.getstate(),
        "numpy": [kind, torch.from_numpy(np.asarray(keys, dtype=np.int64)), position, has_gauss, gauss],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def set_rng_state(state: dict[str, Any]) -> None:
    """Put every global random number generator back; GPUs that this machine lacks are left out."""
    version, internal, gauss_next = state["python"]
    random.setstate((version, tuple(internal), gauss_next))
    kind, keys, position, has_gauss, gauss = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), position, has_gauss, gauss))
    torch.set_rng_state(state["torch"])
    for device, cuda in enumerate(state["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(cuda, device)


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files that a killed process left in `folder`."""
    for path in folder.glob(".*.pth.*.tmp"):
        path.unlink(missing_ok=True)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
