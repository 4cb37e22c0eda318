"""Costs of moving against sums done by hand."""

from __future__ import annotations

import torch

from tasks.mdp import penalties


def test_l2_is_the_sum_of_squares() -> None:
    assert penalties.l2(torch.tensor([[1.0, -2.0], [0.0, 3.0]])).tolist() == [5.0, 9.0]


def test_power_does_not_let_braking_pay_for_driving() -> None:
    action, vel = torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0, 3.0]])
    assert penalties.power(action, vel).tolist() == [5.0]


def test_count_above_counts_the_upper_side_only() -> None:
    pos = torch.tensor([[0.995, -1.0, 0.99], [1.0, 1.0, 0.0]])
    assert penalties.count_above(pos, 0.99).tolist() == [1.0, 2.0]


def test_near_limits_grows_from_the_threshold_to_the_limit_on_both_sides() -> None:
    pos = torch.tensor([[0.98, 0.0], [0.99, 0.0], [-1.0, 0.0], [1.0, -1.0]])
    cost = penalties.near_limits(pos, 0.98, torch.tensor([1.0, 0.5]))
    torch.testing.assert_close(cost, torch.tensor([0.0, 0.5, 1.0, 1.5]), atol=1e-5, rtol=0)
