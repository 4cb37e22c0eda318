"""Isaac Gym's door between its tensor descriptors and torch tensors; both sides share one memory."""

from typing import Any

import torch

from isaacgym._src.backend.graph import capture as capture_graph
from isaacgym._src.tensor import Tensor, describe

__all__ = ["capture_graph", "unwrap_tensor", "wrap_tensor"]

NO_DOFS: Any = None


def wrap_tensor(tensor: Tensor | torch.Tensor) -> torch.Tensor:
    """The torch tensor behind a descriptor, without a copy; a torch tensor is handed back as it is.

    Of the state of no dofs it is None, which clients that may have none look for.
    """
    if isinstance(tensor, Tensor):
        return NO_DOFS if tensor.shape == (0, 2) else tensor.torch
    if isinstance(tensor, torch.Tensor):
        return tensor
    raise TypeError(f"wrap_tensor: needs what an acquire_* function gave, given {type(tensor).__name__}")


def unwrap_tensor(tensor: torch.Tensor | Tensor) -> Tensor:
    """The descriptor of a contiguous torch tensor, without a copy; a descriptor is handed back as it is."""
    return describe(tensor)
