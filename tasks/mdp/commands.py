"""Commanded velocities: drawing them, knowing when new ones are due, and rewards for following them."""

from __future__ import annotations

import torch
from torch import Tensor


def scatter(unit: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Commands (N, k) between `low` and `high` (k,) from numbers in [0, 1) (N, k)."""
    return low + (high - low) * unit


def stand_still(command: Tensor, unit: Tensor, share: float) -> Tensor:
    """The commands (N, k), those of a `share` of the numbers in [0, 1) (N,) set to zero."""
    return command.masked_fill((unit < share).unsqueeze(-1), 0.0)


def due(progress: Tensor, interval: int) -> Tensor:
    """(N,) bool: whether another `interval` control steps of the episode are over."""
    return torch.remainder(progress, interval) == 0


def moving(command: Tensor, threshold: float) -> Tensor:
    """(N,) one where the command (N, k) is longer than `threshold`, else zero."""
    return (command.square().sum(-1) > threshold**2).float()


def following(error: Tensor, width: float) -> Tensor:
    """(N,) one without error (N, k), falling as a bell to 1/e where the error's length is `width`."""
    return torch.exp(error.square().sum(-1) * (-1.0 / width**2))
