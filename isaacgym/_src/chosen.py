"""Which actors a setter reaches."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Chosen(NamedTuple):
    """All actors, those where `mask` (N*A,) says so, or those in the first `number` of `indices`, in any order."""

    mask: Tensor | None = None
    indices: Tensor | None = None
    number: int = 0


EVERYONE = Chosen()
