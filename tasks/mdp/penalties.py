"""Costs of moving, positive numbers (N,) for negative weights."""

from __future__ import annotations

import torch
from torch import Tensor


def l2(action: Tensor) -> Tensor:
    """Sum of squares of (N, k)."""
    return action.square().sum(-1)


def power(action: Tensor, joint_vel: Tensor) -> Tensor:
    """Sum of the absolute products of action and joint velocity, (N, J) each."""
    return (action * joint_vel).abs().sum(-1)


def count_above(unit_pos: Tensor, threshold: float) -> Tensor:
    """How many of the joints, in [-1, 1] of their range (N, J), are above the threshold."""
    return (unit_pos > threshold).sum(-1, dtype=torch.float32)


def near_limits(unit_pos: Tensor, threshold: float, weight: Tensor) -> Tensor:
    """Sum over joints of how far into the last part of its range, on either side, each is: 0 at `threshold`, 1 at 1."""
    depth = (unit_pos.abs() - threshold).clamp_min(0.0) / (1.0 - threshold)
    return (depth * weight).sum(-1)
