"""PPO's loss in a few launches: what is done to each number alone becomes one kernel, compiled by PyTorch's jiterator.

The arithmetic is that of `ppo_gradient`, where it is explained. On a GPU fifty small launches for each minibatch cost
as much as a third of the network's products.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

import torch
from torch import Tensor

from learning.ppo_gradient import SOFT_BOUND, Gradient, LossConfig, Samples, drift, kl, loss_gradient

log = logging.getLogger(__name__)

SQUARES = """
template <typename T> T squared_noise(T action, T mu, T log_sigma) {
  T noise = (action - mu) * ::exp(-log_sigma);
  return noise * noise;
}
"""
ACTOR = """
template <typename T> void actor(T squares, T neglogp, T advantage, T shift, T e_clip, T scale, T& push, T& loss) {
  T ratio = ::exp(neglogp - squares * T(0.5) - shift);
  T low = T(1) - e_clip, high = T(1) + e_clip;
  T gain = advantage * ratio, clipped = advantage * (ratio < low ? low : (ratio > high ? high : ratio));
  push = gain > clipped ? T(0) : -scale * gain;
  loss = gain > clipped ? -clipped : -gain;
}
"""
POLICY = """
template <typename T> void policy(T action, T mu, T last_mu, T log_sigma, T push, T bound, T weight,
                                  T& mu_grad, T& log_sigma_grad, T& bounds_loss, T& drift) {
  T inverse = ::exp(-log_sigma), noise = (action - mu) * inverse;
  T beyond = mu > bound ? mu - bound : (mu < -bound ? mu + bound : T(0));
  mu_grad = noise * inverse * push + T(2) * weight * beyond;
  log_sigma_grad = (noise * noise - T(1)) * push;
  bounds_loss = beyond * beyond;
  drift = (mu - last_mu) * (mu - last_mu);
}
"""
CRITIC = """
template <typename T> void critic(T value, T last_value, T target, T e_clip, T factor, T& grad, T& loss) {
  T error = value - target, change = value - last_value;
  T clipped = (change > e_clip ? e_clip - change : (change < -e_clip ? -e_clip - change : T(0))) + error;
  bool counts = !(error * error < clipped * clipped);
  grad = counts ? factor * error : T(0);
  loss = counts ? error * error : clipped * clipped;
}
"""
DIVERGENCE = """
template <typename T> T divergence(T drift, T log_sigma, T last_log_sigma, T share) {
  T sigma = ::exp(log_sigma), last = ::exp(last_log_sigma);
  T spread = (sigma * sigma + drift * share) / (T(2) * (last * last + T(1e-5)));
  return ::log(last / sigma + T(1e-5)) + spread - T(0.5);
}
"""

Compiler = Callable[..., Callable[..., Tensor | list[Tensor]]]  # (code, number of outputs, **numbers)


def _jiterator(code: str, outputs: int, **numbers: float) -> Callable[..., Tensor | list[Tensor]]:
    from torch.cuda import jiterator

    if outputs == 1:
        return jiterator._create_jit_fn(code, **numbers)
    return jiterator._create_multi_output_jit_fn(code, outputs, **numbers)


class FusedLoss:
    """`loss_gradient`, `drift` and `kl` for minibatches of `size` samples."""

    def __init__(self, config: LossConfig, size: int, compiler: Compiler = _jiterator) -> None:
        scale = 1.0 / size
        value_clip = config.e_clip if config.clip_value else math.inf
        self._squares = compiler(SQUARES, 1)
        self._actor = compiler(ACTOR, 2, e_clip=config.e_clip, scale=scale)
        self._policy = compiler(POLICY, 4, bound=SOFT_BOUND, weight=config.bounds_loss_coef * scale)
        self._critic = compiler(CRITIC, 2, e_clip=value_clip, factor=config.critic_coef * scale)
        self._divergence = compiler(DIVERGENCE, 1, share=scale)

    def gradient(
        self, samples: Samples, mu: Tensor, value: Tensor, log_sigma: Tensor, out: tuple[Tensor, Tensor]
    ) -> tuple[Gradient, Tensor]:
        """What `loss_gradient` returns, with the derivatives at the outputs in `out`, and the drift (A,)."""
        shift = log_sigma.sum() + 0.5 * math.log(2.0 * math.pi) * len(log_sigma)
        squares = self._squares(samples.actions, mu, log_sigma).sum(-1)  # type: ignore[union-attr]
        push, actor_loss = self._actor(squares, samples.neglogp, samples.advantages, shift)
        at = self._policy(samples.actions, mu, samples.mu, log_sigma, push.unsqueeze(-1))
        value_grad, critic_loss = self._critic(value, samples.values, samples.returns)
        found = Gradient(
            out[0].copy_(at[0]),
            out[1].copy_(value_grad),
            at[1].sum(0),
            actor_loss.sum(),
            critic_loss.sum(),
            at[2].sum(),
        )
        return found, at[3].sum(0)

    def kl(self, moved: Tensor, log_sigma: Tensor, last_log_sigma: Tensor) -> Tensor:
        """The divergence () from the summed drift (A,) and the deviations now and before."""
        return self._divergence(moved, log_sigma, last_log_sigma).sum()  # type: ignore[union-attr]


def fused_loss(config: LossConfig, size: int, device: torch.device | str) -> FusedLoss | None:
    """The loss for a GPU, if there it computes what `ppo_gradient` does; None elsewhere."""
    if torch.device(device).type != "cuda":
        return None
    try:
        loss = FusedLoss(config, size)
        if agrees(loss, config, size, device):
            return loss
        reason = "its results differ from those of single operations"
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    log.warning("loss: no fused kernels, going on without, slower: %s", reason)
    return None


@torch.no_grad()
def agrees(loss: FusedLoss, config: LossConfig, size: int, device: torch.device | str) -> bool:
    """Whether `loss` computes what `ppo_gradient` does, on a few made-up samples."""
    rows, actions = 256, 3
    wave = (
        torch.arange(0.0, rows * (4 * actions + 6), device=device).mul_(0.37).sin_().view(rows, -1)
    )  # draws no number
    action, mu, last_mu = (wave[:, i * actions : (i + 1) * actions] * 2.0 for i in range(3))
    narrow = wave[:, 4 * actions :]
    neglogp = narrow[:, 0] * 0.3 + 5.0 + 0.5 * (action - mu).square().sum(-1) - 2.2
    samples = Samples(mu, action, last_mu, neglogp, narrow[:, 1] * 2.0, narrow[:, 2:3], narrow[:, 4:5])
    log_sigma, value = wave[0, :actions] * 0.2, narrow[:, 3:4]
    out = torch.empty(rows, actions, device=device), torch.empty(rows, 1, device=device)
    expected = loss_gradient(samples, mu, value, log_sigma, config, 1.0 / size)
    moved = drift(mu, last_mu)
    divergence = kl(moved / size, log_sigma.exp(), last_mu[0].exp())
    found, found_moved = loss.gradient(samples, mu, value, log_sigma, out)
    pairs = [*zip(found, expected, strict=True), (found_moved, moved)]
    pairs.append((loss.kl(moved, log_sigma, last_mu[0]), divergence))
    return all(torch.allclose(one, other, rtol=1e-3, atol=1e-4 * float(other.abs().max())) for one, other in pairs)
