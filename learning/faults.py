"""faults.pt: the states from which the engine met something it cannot simulate, kept so that they can be looked at.

The file is a dict that `torch.load(weights_only=True)` reads: `format` and `version`; `task`, its name; `epoch` and
`env_steps`, when in the run it was written; and `states`, a dict of CPU tensors with one row per state: `env` (k,),
the environment, counted on over the processes of a run; `frame` (k,), how often that simulation had been stepped;
and (k, n) tensors of MuJoCo's fields `qpos`, `qvel`, `ctrl`, `mocap_pos`, `mocap_quat`, as they were before the
step that failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from learning import checkpoint

FORMAT = "myriad-faults"
VERSION = 1
MOST = 64  # states in a file

States = dict[str, Tensor]


def states_of(task: Any) -> States:
    """What the task's engine recorded, on the CPU; empty where it records nothing or has met nothing."""
    read = getattr(getattr(task, "gym", None), "get_sim_faults", None)
    found = read(task.sim) if read is not None else {}
    return {name: rows.detach().cpu() for name, rows in found.items()}


def joined(parts: Sequence[States], num_envs: int) -> States:
    """The states of all processes, each with `num_envs` environments, as those of one."""
    numbered = [
        part | {"env": part["env"] + rank * num_envs} for rank, part in enumerate(parts) if len(part.get("env", ()))
    ]
    if not numbered:
        return {}
    return {name: torch.cat([part[name] for part in numbered])[:MOST] for name in numbered[0]}


def save(path: Path, states: States, task: str, epoch: int, env_steps: int) -> None:
    """Write the file, at once or not at all."""
    about = {"format": FORMAT, "version": VERSION, "task": task, "epoch": epoch, "env_steps": env_steps}
    checkpoint.write(path, about | {"states": states})


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote; ValueError if it is another file."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, UnpicklingError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or found["version"] > VERSION:
        raise ValueError(f"'{path}' does not hold faults that this Myriad reads; give a run's faults.pt")
    return found
