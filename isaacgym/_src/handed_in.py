"""Tensors that client code hands in: taken as they are, or refused with what was needed and what was given."""

from __future__ import annotations

from typing import Any

import torch

from isaacgym._src.chosen import Chosen
from isaacgym._src.sim import Sim
from isaacgym._src.tensor import Tensor

INDEX_TYPES = (torch.int32, torch.int64)


def like(buffer: torch.Tensor, given: Any, method: str) -> torch.Tensor:
    """A tensor that holds as many numbers of the same type in the same place as `buffer`, in any shape."""
    tensor = given.torch if type(given) is Tensor else _torch(given, method)
    if tensor is buffer:
        return tensor
    if tensor.numel() != buffer.numel() or tensor.dtype != buffer.dtype or tensor.device != buffer.device:
        raise ValueError(
            f"{method}: needs {buffer.numel()} {buffer.dtype} values on {buffer.device} (shape {tuple(buffer.shape)}), "
            f"given shape {tuple(tensor.shape)} {tensor.dtype} on {tensor.device}"
        )
    return tensor if tensor.is_contiguous() else tensor.contiguous()


def masked(sim: Sim, given: Any, method: str) -> Chosen:
    """The actors where a bool tensor says so."""
    mask, root = _torch(given, method), sim.require(method).state.root
    if mask.dtype != torch.bool or mask.numel() != root.shape[0] or mask.device != root.device:
        raise ValueError(
            f"{method}: needs a bool mask on {root.device} over {root.shape[0]} actors, one of every environment after "
            f"the other, given {tuple(mask.shape)} {mask.dtype} on {mask.device}"
        )
    return Chosen(mask=mask.contiguous())


def indexed(sim: Sim, given: Any, count: int, method: str) -> Chosen:
    """The actors in the first `count` entries of a tensor of indices."""
    indices = given.torch if type(given) is Tensor else _torch(given, method)
    root = sim.require(method).state.root
    if not 0 <= count <= indices.numel():
        raise ValueError(f"{method}: count is {count}, given {indices.numel()} indices")
    if indices.dtype not in INDEX_TYPES or indices.device != root.device:
        raise ValueError(
            f"{method}: needs int32 actor indices on {root.device}, given {indices.dtype} on {indices.device}"
        )
    return Chosen(None, indices.contiguous(), int(count))


def known_indices(sim: Sim, chosen: Chosen, method: str) -> bool:
    """True; raise where a setter has met an actor index that is out of range."""
    if chosen.indices is not None:
        sim.state.index_faults.check(method)
    return True


def _torch(given: Any, method: str) -> torch.Tensor:
    if isinstance(given, Tensor):
        return given.torch
    if isinstance(given, torch.Tensor):
        return given
    raise TypeError(f"{method}: needs gymtorch.unwrap_tensor(tensor), given {type(given).__name__}")
