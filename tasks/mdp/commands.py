"""Commanded velocities: drawing them, knowing when new ones are due, and rewards for following them."""

from __future__ import annotations

import torch
from torch import Tensor


def scatter(unit: Tensor, low: Tensor, span: Tensor) -> Tensor:
    """Commands (N, k) from `low` (k,) up to `span` (k,) above it, from numbers in [0, 1) (N, k)."""
    return torch.addcmul(low, unit, span)


def stand_still(command: Tensor, unit: Tensor, share: float) -> Tensor:
    """The commands (N, k), those of a `share` of the numbers in [0, 1) (N,) set to zero."""
    return command.masked_fill((unit < share).unsqueeze(-1), 0.0)


def due(progress: Tensor, interval: int) -> Tensor:
    """(N,) bool: whether another `interval` control steps of the episode are over."""
    return torch.remainder(progress, interval) == 0


def moving(command: Tensor, threshold: float) -> Tensor:
    """(N,) one where the command (N, k) is longer than `threshold`, else zero."""
    return (command.square().sum(-1) > threshold**2).float()


def following(squared_error: Tensor, width: float) -> Tensor:
    """One without error, falling as a bell to 1/e where the error is `width`; of squared errors, any shape."""
    return torch.exp(squared_error * (-1.0 / width**2))
