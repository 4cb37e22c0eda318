"""Values within limits, seen as numbers in [-1, 1], and back."""

from __future__ import annotations

from torch import Tensor


def to_unit(value: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """-1 at the lower limit, 1 at the upper one."""
    return (2.0 * value - upper - lower) / (upper - lower)


def from_unit(value: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """The inverse of `to_unit`."""
    return 0.5 * (value * (upper - lower) + upper + lower)
