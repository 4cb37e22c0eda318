"""Tensors on their way to the host: asked for now, read later, with nobody waiting in between."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor


class Fetch:
    """Copies of tensors as they are when this is made, in the order of the device's work.

    Once `ready` was true, `arrays` asks nothing of the device, so that a thread may call it while a graph is captured.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._copies = {name: _copy(tensor) for name, tensor in tensors.items()}
        self._there: torch.cuda.Event | None = None
        if any(tensor.is_cuda for tensor in tensors.values()):
            self._there = torch.cuda.Event()
            self._there.record()

    @property
    def ready(self) -> bool:
        """Whether `arrays` need not wait."""
        if self._there is not None and self._there.query():
            self._there = None
        return self._there is None

    def arrays(self) -> dict[str, np.ndarray]:
        """The copies, after waiting for them."""
        if self._there is not None:
            self._there.synchronize()
        return {name: copy.numpy() for name, copy in self._copies.items()}


def _copy(tensor: Tensor) -> Tensor:
    if not tensor.is_cuda:
        return tensor.clone()
    pinned = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return pinned.copy_(tensor, non_blocking=True)
