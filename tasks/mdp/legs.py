"""Legs of three joints (abduction about x, then two pitches about y): where the feet are, and where they should be.

Legs are in the order of the joints. N environments, L legs.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class LegGeometry(NamedTuple):
    """Lengths [m]; joints at zero stretch a leg straight down."""

    hips: Tensor  # (L, 3) abduction joints in the trunk's frame
    offset: Tensor  # (L,) along y from the abduction joint to the leg's plane, positive to the left
    upper: float  # hip pitch to knee
    lower: float  # knee to foot


def foot_positions(joint_pos: Tensor, geometry: LegGeometry) -> Tensor:
    """(N, L, 3) feet in the trunk's frame [m] from joint positions (N, 3 L) [rad]."""
    joints = joint_pos.unflatten(-1, (-1, 3))
    pitch = torch.cumsum(joints[..., 1:], -1)  # of upper and lower leg against the trunk
    sine, cosine = torch.sin(pitch), torch.cos(pitch)
    forward = -geometry.upper * sine[..., 0] - geometry.lower * sine[..., 1]
    up = -geometry.upper * cosine[..., 0] - geometry.lower * cosine[..., 1]
    roll = joints[..., 0]
    sine, cosine = torch.sin(roll), torch.cos(roll)
    left = geometry.offset * cosine - up * sine
    return geometry.hips + torch.stack((forward, left, geometry.offset * sine + up * cosine), -1)


def foot_heights(height: Tensor, down: Tensor, feet: Tensor) -> Tensor:
    """(N, L) heights [m] of feet (N, L, 3) in the frame of a trunk at `height` (N,), which sees down as (N, 3)."""
    return height.unsqueeze(-1) - (feet * down.unsqueeze(-2)).sum(-1)


def trot_heights(phase: Tensor, lift: Tensor) -> Tensor:
    """(N, L) heights that feet should have above the ground [m] at the phase (N,) [rad] of a trot.

    `lift` (L,) is the highest point of each swing, positive for the legs that swing in the first half of the cycle,
    negative for those that swing in the second.
    """
    return torch.clamp_min(torch.sin(phase).unsqueeze(-1) * lift, 0.0)
