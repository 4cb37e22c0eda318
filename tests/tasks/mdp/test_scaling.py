"""Values seen as parts of their range."""

from __future__ import annotations

import torch

from tasks.mdp import scaling

LOWER, UPPER = torch.tensor([-2.0, 1.0]), torch.tensor([2.0, 4.0])


def test_to_unit_puts_the_limits_at_minus_one_and_one() -> None:
    for value, unit in ((LOWER, -1.0), (UPPER, 1.0), ((LOWER + UPPER) / 2, 0.0)):
        assert scaling.to_unit(value, LOWER, UPPER).eq(unit).all()


def test_from_unit_is_the_inverse() -> None:
    value = torch.rand(50, 2) * 10.0 - 5.0
    torch.testing.assert_close(scaling.from_unit(scaling.to_unit(value, LOWER, UPPER), LOWER, UPPER), value)


def test_values_outside_the_limits_are_not_clipped() -> None:
    assert scaling.to_unit(torch.tensor([4.0, 7.0]), LOWER, UPPER).tolist() == [2.0, 3.0]
