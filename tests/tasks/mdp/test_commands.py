"""Commands against their ranges, and tracking against the bell it is."""

from __future__ import annotations

import math

import pytest
import torch

from tasks.mdp import commands


def test_commands_fill_their_ranges_evenly() -> None:
    low, high = torch.tensor([-1.0, 2.0]), torch.tensor([1.0, 2.5])
    drawn = commands.scatter(torch.tensor([[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]), low, high - low)
    torch.testing.assert_close(drawn, torch.tensor([[-1.0, 2.0], [0.0, 2.25], [1.0, 2.5]]))


def test_a_share_of_the_commands_stands_still() -> None:
    command = torch.ones(4, 3)
    stood = commands.stand_still(command, torch.tensor([0.0, 0.09, 0.1, 0.9]), 0.1)
    assert stood.tolist() == [[0.0] * 3, [0.0] * 3, [1.0] * 3, [1.0] * 3]
    assert command.eq(1.0).all()


def test_a_new_command_is_due_after_every_interval() -> None:
    progress = torch.arange(1, 13, dtype=torch.int32)
    assert progress[commands.due(progress, 5)].tolist() == [5, 10]


def test_moving_counts_the_length_of_the_command() -> None:
    command = torch.tensor([[0.0, 0.0, 0.0], [0.06, 0.06, 0.0], [0.06, 0.06, 0.06], [0.0, 0.0, -0.2]])
    assert commands.moving(command, 0.1).tolist() == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("width", [0.25, 0.5])
def test_following_is_one_without_error_and_1_over_e_at_the_width(width: float) -> None:
    reward = commands.following(torch.tensor([0.0, width**2, 4 * width**2]), width)
    torch.testing.assert_close(reward, torch.tensor([1.0, math.exp(-1), math.exp(-4)]))


def test_a_width_of_one_half_is_legged_gyms_sigma_of_a_quarter() -> None:
    squared = torch.rand(10)
    torch.testing.assert_close(commands.following(squared, 0.5), torch.exp(-squared / 0.25))
