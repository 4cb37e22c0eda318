"""How environments, horizon and minibatches must fit together, and the nearest values that do."""

from __future__ import annotations

import math


def batch_faults(num_envs: int, horizon: int, minibatch: int, sequence: int | None = None) -> list[str]:
    """What is wrong with the sizes; `sequence` is the length that recurrent networks are trained on."""
    batch = num_envs * horizon
    found = []
    if batch % minibatch:
        found.append(
            f"train.params.config.minibatch_size: {minibatch} does not divide num_envs * horizon_length = "
            f"{num_envs} * {horizon} = {batch}; use minibatch_size={_either(_divisors_near(batch, minibatch))} "
            f"or num_envs={_either(_multiples_near(num_envs, minibatch // math.gcd(minibatch, horizon)))}"
        )
    if sequence and (horizon % sequence or minibatch % sequence):
        found.append(
            f"train.params.config.seq_length: {sequence} does not divide horizon_length {horizon} and "
            f"minibatch_size {minibatch}; use {_either(_divisors_near(math.gcd(horizon, minibatch), sequence))}"
        )
    return found


def _divisors_near(number: int, wanted: int) -> list[int]:
    """The nearest divisors of `number` below and above `wanted`."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    divisors = sorted({*small, *(number // d for d in small)})
    below = [d for d in divisors if d <= wanted][-1:]
    above = [d for d in divisors if d > wanted][:1]
    return below + above


def _multiples_near(number: int, unit: int) -> list[int]:
    """The nearest positive multiples of `unit` at or below, and above `number`."""
    below = number // unit * unit
    return [n for n in (below, below + unit) if n > 0]


def _either(numbers: list[int]) -> str:
    return " or ".join(map(str, numbers))
