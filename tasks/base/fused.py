"""Tensor operations of a function, fused into few kernels by torch.compile."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch

log = logging.getLogger(__name__)


class Fused:
    """`work`, compiled at its first call; as it is, and slower, where it cannot be compiled, which is logged."""

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self._plain, self._name = work, name
        self._work = torch.compile(work, dynamic=False)

    def __call__(self) -> None:
        try:
            self._work()
        except Exception as error:  # torch's compiler raises whatever its back ends raise
            if self._work is self._plain:
                raise
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            log.warning("%s: not fused, going on without, slower: %s", self._name, reason)
            self._work = self._plain
            self._work()
