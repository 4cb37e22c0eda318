"""PPO's loss as rl-games defines it, with its derivative written out, for a Gaussian policy."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

SOFT_BOUND = 1.1  # mean actions beyond it are penalised


class LossConfig(NamedTuple):
    """The coefficients of the loss."""

    e_clip: float
    clip_value: bool
    critic_coef: float
    entropy_coef: float
    bounds_loss_coef: float


class Samples(NamedTuple):
    """B samples as rl-games prepares them for an update."""

    obs: Tensor  # (B, O) before normalisation
    actions: Tensor  # (B, A)
    mu: Tensor  # (B, A) mean action when last visited
    neglogp: Tensor  # (B,)
    advantages: Tensor  # (B,)
    values: Tensor  # (B, 1) normalised
    returns: Tensor  # (B, 1) normalised

    def rows(self, start: int, stop: int) -> Samples:
        """Views of some of the rows."""
        return Samples(*(tensor[start:stop] for tensor in self))


class Gradient(NamedTuple):
    """Derivatives of the summed loss at the network's outputs, and the sums of its parts."""

    mu: Tensor  # (B, A)
    value: Tensor  # (B, 1)
    log_sigma: Tensor  # (A,)
    actor_loss: Tensor  # ()
    critic_loss: Tensor  # ()
    bounds_loss: Tensor  # ()


def neglogp(noise: Tensor, log_sigma: Tensor) -> Tensor:
    """Negative log-probability (B,) of actions that lie `noise` (B, A) deviations from the mean."""
    constant = 0.5 * math.log(2.0 * math.pi) * noise.shape[-1]
    # A GPU would take a matrix product per row for vecdot.
    squares = noise.square().sum(-1) if noise.is_cuda else torch.linalg.vecdot(noise, noise)
    return squares.mul_(0.5).add_(log_sigma.sum() + constant)


def loss_gradient(
    samples: Samples,
    mu: Tensor,
    value: Tensor,
    log_sigma: Tensor,
    config: LossConfig,
    scale: float,
    out: tuple[Tensor | None, Tensor | None] = (None, None),
) -> Gradient:
    """The loss at the network's outputs `mu` (B, A) and `value` (B, 1), and `scale` times its derivatives.

    `out` is where to put the derivatives at the outputs.
    """
    inverse_sigma = torch.exp(-log_sigma)
    noise = (samples.actions - mu).mul_(inverse_sigma)  # (B, A) deviations
    pull, actor_loss = _actor(neglogp(noise, log_sigma), samples, config.e_clip)
    push = pull.mul_(-scale).unsqueeze(-1)
    log_sigma_grad = noise.square().sub_(1.0).mul_(push).sum(0)
    mu_grad = noise.mul_(inverse_sigma).mul_(push)
    mu_grad, bounds_loss = _with_bounds(mu_grad, mu, config.bounds_loss_coef * scale, out[0])
    error, critic_loss = _critic(value, samples, config)
    value_grad = torch.mul(error, scale * config.critic_coef, out=out[1])
    return Gradient(mu_grad, value_grad, log_sigma_grad, actor_loss, critic_loss, bounds_loss)


def drift(mu: Tensor, last_mu: Tensor) -> Tensor:
    """Summed squared change (A,) of the mean action, which `kl` needs."""
    return (mu - last_mu).square_().sum(0)


def kl(mean_drift: Tensor, sigma: Tensor, last_sigma: Tensor) -> Tensor:
    """Mean divergence of the policy from its last visit; mean_drift, sigma and last_sigma are (A,)."""
    ratio = torch.log(last_sigma / sigma + 1e-5)
    spread = (sigma.square() + mean_drift) / (2.0 * (last_sigma.square() + 1e-5))
    return (ratio + spread - 0.5).sum()


def _actor(new_neglogp: Tensor, samples: Samples, e_clip: float) -> tuple[Tensor, Tensor]:
    ratio = torch.exp(samples.neglogp - new_neglogp)
    gain = samples.advantages * ratio
    clipped = ratio.clamp_(1.0 - e_clip, 1.0 + e_clip).mul_(samples.advantages)
    worse = torch.minimum(gain, clipped)
    return gain.masked_fill_(gain > clipped, 0.0), -worse.sum()


def _with_bounds(mu_grad: Tensor, mu: Tensor, weight: float, out: Tensor | None) -> tuple[Tensor, Tensor]:
    beyond = mu - mu.clamp(-SOFT_BOUND, SOFT_BOUND)
    total = torch.add(mu_grad, beyond, alpha=2.0 * weight, out=mu_grad if out is None else out)
    return total, beyond.square_().sum()


def _critic(value: Tensor, samples: Samples, config: LossConfig) -> tuple[Tensor, Tensor]:
    """Half the derivative at the values, and the summed loss."""
    error = value - samples.returns
    if not config.clip_value:
        return error, error.square().sum()
    change = value - samples.values
    # What clipping takes off the change is exactly nothing within the bounds.
    clipped_error = change.clamp(-config.e_clip, config.e_clip).sub_(change).add_(error)
    square, clipped_square = error.square(), clipped_error.square_()
    loss = torch.maximum(square, clipped_square).sum()
    return error.masked_fill_(square < clipped_square, 0.0), loss
