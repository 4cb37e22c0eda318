"""Where feet are and should be, against poses and phases whose answer is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tasks.mdp import legs

HIPS = torch.tensor([[0.2, -0.05, 0.0], [0.2, 0.05, 0.0]])
GEOMETRY = legs.LegGeometry(HIPS, torch.tensor([-0.08, 0.08]), 0.2, 0.25)


def feet(*joints: float) -> Tensor:
    """(2, 3) feet of a right and a left leg with the same joint positions, seen from their hips."""
    return legs.foot_positions(torch.tensor([joints * 2]), GEOMETRY)[0] - HIPS


def test_a_straight_leg_points_down() -> None:
    torch.testing.assert_close(feet(0.0, 0.0, 0.0), torch.tensor([[0.0, -0.08, -0.45], [0.0, 0.08, -0.45]]))


def test_a_thigh_turned_forwards_takes_the_foot_backwards() -> None:
    x, _, z = feet(0.0, math.pi / 2, 0.0)[0].tolist()
    assert (x, z) == pytest.approx((-0.45, 0.0), abs=1e-6)


def test_a_bent_knee_lifts_the_foot_ahead_of_the_knee() -> None:
    x, _, z = feet(0.0, 0.0, -math.pi / 2)[0].tolist()
    assert (x, z) == pytest.approx((0.25, -0.2), abs=1e-6)


def test_positive_abduction_swings_both_legs_to_the_left() -> None:
    right, left = feet(math.pi / 2, 0.0, 0.0).tolist()
    assert right == pytest.approx([0.0, 0.45, -0.08], abs=1e-6)
    assert left == pytest.approx([0.0, 0.45, 0.08], abs=1e-6)


def test_mirrored_joints_give_mirrored_feet() -> None:
    joints = torch.tensor([[0.3, 0.7, -1.5, -0.3, 0.7, -1.5]])
    right, left = legs.foot_positions(joints, GEOMETRY)[0]
    torch.testing.assert_close(right * torch.tensor([1.0, -1.0, 1.0]), left)


def test_heights_of_an_upright_trunk_are_those_of_its_feet() -> None:
    positions = torch.tensor([[[0.2, 0.1, -0.3], [-0.2, 0.1, -0.25]]])
    heights = legs.foot_heights(torch.tensor([0.32]), torch.tensor([[0.0, 0.0, -1.0]]), positions)
    torch.testing.assert_close(heights, torch.tensor([[0.02, 0.07]]))


def test_a_trunk_that_looks_down_has_its_front_feet_lower() -> None:
    nose_down = torch.tensor([[math.sin(0.3), 0.0, -math.cos(0.3)]])
    positions = torch.tensor([[[0.2, 0.0, -0.3], [-0.2, 0.0, -0.3]]])
    front, back = legs.foot_heights(torch.tensor([0.4]), nose_down, positions)[0].tolist()
    assert back - front == pytest.approx(0.4 * math.sin(0.3), rel=1e-5)


def test_in_a_trot_legs_swing_in_turns_and_stay_down_in_between() -> None:
    phase = torch.tensor([0.0, math.pi / 2, math.pi, 1.5 * math.pi])
    heights = legs.trot_heights(phase, torch.tensor([0.08, -0.08]))
    expected = torch.tensor([[0.0, 0.0], [0.08, 0.0], [0.0, 0.0], [0.0, 0.08]])
    torch.testing.assert_close(heights, expected, atol=1e-6, rtol=0)
