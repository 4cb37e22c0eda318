"""Running means and variances as rl-games keeps them, written in place and shared by all processes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from learning.distributed import mean_, world_size

CLIP = 5.0  # rl-games clips what it normalises there


def over_ranks(mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance over equally many numbers of every process, from each one's own; float64."""
    mean, var = mean.double(), var.double()
    if world_size() == 1:
        return mean, var
    whole = mean_(mean.clone())
    return whole, mean_(var + (mean - whole).square())


def add_(statistics: Any, mean: Tensor, var: Tensor, count: int) -> None:
    """Let rl-games' `RunningMeanStd` take in `count` numbers of each process that have this mean and variance."""
    count *= world_size()
    total = statistics.count + count
    delta = mean - statistics.running_mean
    spread = statistics.running_var * statistics.count + var * count
    spread += delta.square() * statistics.count * count / total
    statistics.running_mean.add_(delta * count / total)
    statistics.running_var.copy_(spread / total)
    statistics.count.copy_(total)


def deviation(statistics: Any) -> Tensor:
    """The standard deviation that rl-games divides by."""
    return torch.sqrt(statistics.running_var.float() + statistics.epsilon)


def normalized(statistics: Any, values: Tensor) -> Tensor:
    """`values`, all numbers of one quantity, taken in and then normalised."""
    var, mean = torch.var_mean(values, correction=0)
    add_(statistics, *over_ranks(mean, var), values.numel())
    return values.sub(statistics.running_mean.float()).div_(deviation(statistics)).clamp_(-CLIP, CLIP)


def denormalized(statistics: Any, values: Tensor) -> Tensor:
    """What normalised `values` mean."""
    return values.clamp(-CLIP, CLIP).mul_(deviation(statistics)).add_(statistics.running_mean.float())


def standardized(values: Tensor) -> Tensor:
    """`values` shifted and scaled to mean 0 and standard deviation 1 over all processes."""
    count = values.numel() * world_size()
    var, mean = torch.var_mean(values, correction=0)
    mean, var = over_ranks(mean, var)
    scale = (var * (count / (count - 1))).sqrt_().float().add_(1e-8)
    return values.sub(mean.float()).div_(scale)
