"""What torchrun tells a process about its place among the others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

VARIABLES = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")


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
