"""Legs of three joints (abduction about x, then two pitches about y): where the feet are, and how long they swing.

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


def foot_heights(height: Tensor, up: Tensor, feet: Tensor) -> Tensor:
    """(N, L) heights [m] of feet (N, L, 3) in the frame of a trunk at `height` (N,) whose frame sees up as (N, 3)."""
    return height.unsqueeze(-1) + (feet * up.unsqueeze(-2)).sum(-1)


def air_time_reward(air_time: Tensor, contact: Tensor, threshold: float) -> Tensor:
    """(N,) for the feet (N, L) that land now, by how much their time in the air [s] was above the threshold."""
    return torch.where(contact & (air_time > 0.0), air_time - threshold, 0.0).sum(-1)
