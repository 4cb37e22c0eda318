"""What torchrun tells a process about its place among the others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

VARIABLES = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")
HOW = "run torchrun --standalone --nproc_per_node=<number of GPUs> train.py task=<Task> multi_gpu=true"


class Launch(NamedTuple):
    """A process's place; local means on this machine."""

    rank: int
    local_rank: int
    world_size: int
    local_world_size: int


def launched(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """This process's place; None if torchrun did not start it."""
    if not all(environment.get(name, "").isdigit() for name in VARIABLES):
        return None
    return Launch(*(int(environment[name]) for name in VARIABLES))


def own_device(device: str) -> str:
    """`device`, or this process's own GPU where several share the machine."""
    here = launched()
    return f"cuda:{here.local_rank}" if here and here.world_size > 1 and device.startswith("cuda") else device


def launch_faults(multi_gpu: bool, device: str, gpus: int, test: bool) -> list[str]:
    """What does not fit between `multi_gpu`, how the process was started, and the GPUs of the machine."""
    here = launched()
    count = here.world_size if here else 1
    if count > 1 and test:
        return [f"test: true plays in one process, torchrun started {count}; start train.py without torchrun"]
    if count > 1 and not multi_gpu:
        return [f"multi_gpu: false, but torchrun started {count} processes; add multi_gpu=true, or leave torchrun out"]
    if multi_gpu and here is None and not test:
        return [f"multi_gpu: true, but train.py was not started by torchrun; {HOW}, or multi_gpu=false"]
    if here and multi_gpu and device.startswith("cuda") and here.local_world_size > gpus:
        return [
            f"multi_gpu: {here.local_world_size} processes on this machine need a GPU each, it has {gpus}; use "
            f"--nproc_per_node={gpus}, or sim_device=cpu rl_device=cpu"
        ]
    return []
