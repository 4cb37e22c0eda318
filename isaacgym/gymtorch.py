"""Isaac Gym's door between its tensor descriptors and torch tensors; both sides share one memory."""

from typing import Any

import torch

from isaacgym._src.backend.graph import capture as capture_graph
from isaacgym._src.tensor import Tensor, describe

__all__ = ["capture_graph", "unwrap_tensor", "wrap_tensor"]

NOTHING: Any = None


def wrap_tensor(tensor: Tensor | torch.Tensor) -> torch.Tensor:
    """The torch tensor behind a descriptor, without a copy; a torch tensor is handed back as it is.

    Of a descriptor without numbers, such as the state of no dofs, it is None.
    """
    if isinstance(tensor, Tensor):
        return tensor.torch if tensor.torch.numel() else NOTHING
    if isinstance(tensor, torch.Tensor):
        return tensor
    raise TypeError(f"wrap_tensor: needs what an acquire_* function gave, given {type(tensor).__name__}")


def unwrap_tensor(tensor: torch.Tensor | Tensor) -> Tensor:
    """The descriptor of a contiguous torch tensor, without a copy; a descriptor is handed back as it is."""
    return describe(tensor)
