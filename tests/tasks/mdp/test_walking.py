"""What walkers share, against distances and angles known by construction."""

from __future__ import annotations

import math

import pytest
import torch

from tasks.mdp import walking

TARGET = torch.tensor([3.0, 4.0, 0.0])


def test_distance_is_horizontal() -> None:
    pos = torch.tensor([[0.0, 0.0, 7.0], [3.0, 0.0, -1.0], [3.0, 4.0, 2.0]])
    torch.testing.assert_close(walking.distance_xy(pos, TARGET), torch.tensor([5.0, 4.0, 0.0]))


@pytest.mark.parametrize("angle", [0.0, 0.5, math.pi / 2, 2.0, math.pi])
def test_heading_is_the_cosine_of_the_angle_to_the_target(angle: float) -> None:
    to_target = math.atan2(4.0, 3.0)
    forward = torch.tensor([[math.cos(to_target + angle), math.sin(to_target + angle), 0.0]])
    heading = walking.heading_to(forward, torch.tensor([[0.0, 0.0, 9.0]]), TARGET)
    assert heading.item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_heading_counts_the_horizontal_part_of_the_forward_axis() -> None:
    forward = torch.tensor([[0.0, 0.0, 1.0]])
    assert walking.heading_to(forward, torch.zeros(1, 3), TARGET).item() == 0.0


def test_heading_is_finite_at_the_target() -> None:
    assert walking.heading_to(torch.tensor([[1.0, 0.0, 0.0]]), TARGET.unsqueeze(0), TARGET).item() == 0.0


def test_bearing_is_taken_in_the_xz_plane() -> None:
    pos = torch.tensor([[2.0, 100.0, -1.0], [4.0, 0.0, 0.0], [3.0, 0.0, 2.0]])
    expected = [math.pi / 4, math.pi, -math.pi / 2]
    torch.testing.assert_close(walking.bearing_xz(pos, TARGET), torch.tensor(expected))


def test_heading_reward_is_full_above_four_fifths_and_proportional_below() -> None:
    heading = torch.tensor([1.0, 0.81, 0.8, 0.4, 0.0, -0.8])
    torch.testing.assert_close(walking.heading_reward(heading), torch.tensor([1.0, 1.0, 1.0, 0.5, 0.0, -1.0]))


def test_upright_is_a_step() -> None:
    assert walking.upright(torch.tensor([1.0, 0.94, 0.93, 0.5, -1.0])).tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]
