"""Rotations of tensors: quaternions are (..., 4) in xyzw and of unit length, vectors (..., 3)."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def rotate(quat: Tensor, vec: Tensor) -> Tensor:
    """Body to world."""
    axis, w = quat[..., :3], quat[..., 3:]
    t = 2.0 * torch.linalg.cross(axis, vec)
    return vec + w * t + torch.linalg.cross(axis, t)


def rotate_inverse(quat: Tensor, vec: Tensor) -> Tensor:
    """World to body."""
    axis, w = quat[..., :3], quat[..., 3:]
    t = 2.0 * torch.linalg.cross(axis, vec)
    return vec - w * t + torch.linalg.cross(axis, t)


def forward(quat: Tensor) -> Tensor:
    """The body's x axis in the world."""
    x, y, z, w = quat.unbind(-1)
    return torch.stack((1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)), -1)


def up_z(quat: Tensor) -> Tensor:
    """(...,) world z of the body's z axis: 1 upright, -1 upside down."""
    return 1 - 2 * (quat[..., 0] ** 2 + quat[..., 1] ** 2)


def roll(quat: Tensor) -> Tensor:
    """(...,) angle about x of the x-y-z Euler angles, in (-pi, pi]."""
    x, y, z, w = quat.unbind(-1)
    return torch.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))


def yaw(quat: Tensor) -> Tensor:
    """(...,) angle about z of the x-y-z Euler angles, in (-pi, pi]."""
    x, y, z, w = quat.unbind(-1)
    return torch.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def wrap(angle: Tensor) -> Tensor:
    """The same angle in [-pi, pi)."""
    return torch.remainder(angle + math.pi, 2 * math.pi) - math.pi


def positive(angle: Tensor) -> Tensor:
    """The same angle in [0, 2 pi)."""
    return torch.remainder(angle, 2 * math.pi)
