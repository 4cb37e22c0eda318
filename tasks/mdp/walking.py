"""What walkers share: which way the target lies, and rewards for going there upright and without waste."""

from __future__ import annotations

import torch
from torch import Tensor


def distance_xy(pos: Tensor, target: Tensor) -> Tensor:
    """(N,) horizontal distance [m] of positions (N, 3) from a target (3,)."""
    return torch.linalg.vector_norm((target - pos)[:, :2], dim=-1)


def heading_to(forward: Tensor, pos: Tensor, target: Tensor) -> Tensor:
    """(N,) cosine between the forward axis (N, 3) and the horizontal direction to the target (3,)."""
    to_target = (target - pos)[:, :2]
    return (forward[:, :2] * to_target).sum(-1) / torch.linalg.vector_norm(to_target, dim=-1).clamp_min(1e-9)


def bearing_xz(pos: Tensor, target: Tensor) -> Tensor:
    """(N,) angle [rad] of the target in the x-z plane; IsaacGymEnvs takes z where y would be expected."""
    return torch.atan2(target[2] - pos[:, 2], target[0] - pos[:, 0])


def heading_reward(heading: Tensor) -> Tensor:
    """1 within 37 degrees of the target, falling in proportion to the cosine beyond."""
    return torch.clamp_max(heading / 0.8, 1.0)


def upright(up_z: Tensor) -> Tensor:
    """1 while the body's z axis is within 22 degrees of the vertical, else 0."""
    return (up_z > 0.93).float()
