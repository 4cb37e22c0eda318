"""States to begin an episode from, and writing them where a mask says so."""

from __future__ import annotations

import torch
from torch import Tensor


def put(dst: Tensor, mask: Tensor, value: Tensor) -> None:
    """dst[mask] = value[mask], with fixed shapes and no host sync; mask (N,) counts the first axis."""
    dst.copy_(torch.where(mask.view(-1, *[1] * (dst.dim() - 1)), value, dst))


def noisy_joints(default: Tensor, limits: Tensor, noise: Tensor) -> Tensor:
    """Joint positions (N, J) around `default` plus `noise`, kept within `limits` (2, J)."""
    lower, upper = limits
    start = torch.clamp(default, lower, upper)
    return torch.clamp(start + noise, lower, upper)
