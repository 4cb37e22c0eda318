"""rl-games' own update, and the one of the CPU, made one update of all processes."""

from __future__ import annotations

from typing import Any

import torch

from learning.distributed import mean_
from learning.statistics import over_ranks


class SharedSchedule:
    """rl-games' learning rate schedule, fed with the divergence of all processes."""

    def __init__(self, scheduler: Any) -> None:
        self.scheduler = scheduler

    def update(self, lr: float, entropy_coef: float, epoch: int, frames: int, kl: float) -> tuple[float, float]:
        """The learning rate and the entropy coefficient from now on."""
        return self.scheduler.update(lr, entropy_coef, epoch, frames, float(mean_(torch.tensor(kl))))


def share(agent: Any, statistics: bool) -> None:
    """Average the agent's gradients and divergence over all processes and, if asked to, its running statistics."""
    step, epoch = agent.trancate_gradients_and_step, agent.train_epoch

    def step_together() -> None:
        grads = [p.grad for p in agent.model.parameters() if p.grad is not None]
        whole = mean_(torch.cat([grad.reshape(-1) for grad in grads]))
        for grad, part in zip(grads, whole.split([grad.numel() for grad in grads]), strict=True):
            grad.copy_(part.view(grad.shape))
        step()

    def epoch_together() -> Any:
        result = epoch()
        for module in agent.model.modules():
            if hasattr(module, "running_mean"):
                mean, var = over_ranks(module.running_mean, module.running_var)
                module.running_mean.copy_(mean)
                module.running_var.copy_(var)
        return result

    agent.scheduler = SharedSchedule(agent.scheduler)
    agent.trancate_gradients_and_step = step_together
    if statistics:
        agent.train_epoch = epoch_together
