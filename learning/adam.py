"""Adam over one flat vector, so that a step is a handful of operations however many layers there are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class FlatAdam:
    """Adam with the call signature of `torch.optim.Adam`, whose parameters become views of one vector.

    `torch.optim` imports the compiler on first use, which costs a second or two of every start; and its update
    launches work for each parameter, which costs more than the arithmetic where networks are small.
    """

    def __init__(
        self,
        params: Iterable[torch.nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **_: Any,
    ) -> None:
        self.params = [p for p in params if p.requires_grad]
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.param_groups: list[dict[str, Any]] = [{"params": self.params, "lr": lr}]
        with torch.no_grad():
            self.flat = torch.cat([p.reshape(-1) for p in self.params])  # (P,)
        self.grad = torch.zeros_like(self.flat)  # (P,)
        self.mean = torch.zeros_like(self.flat)
        self.square = torch.zeros_like(self.flat)
        self.steps = 0
        for p, value in zip(self.params, self.views(self.flat), strict=True):
            p.data = value
        self._grads = self.views(self.grad)

    def views(self, flat: Tensor) -> list[Tensor]:
        """`flat` (P,) cut into one view per parameter, in the parameters' shapes."""
        pieces = flat.split([p.numel() for p in self.params])
        return [piece.view(p.shape) for piece, p in zip(pieces, self.params, strict=True)]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """One update from the parameters' gradients."""
        for p, grad in zip(self.params, self._grads, strict=True):
            grad.zero_() if p.grad is None else grad.copy_(p.grad)
        gradient = self.grad.add(self.flat, alpha=self.weight_decay) if self.weight_decay else self.grad
        self.steps += 1
        first, second = self.betas
        self.mean.lerp_(gradient, 1 - first)
        self.square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        root = (self.square / (1 - second**self.steps)).sqrt_().add_(self.eps)
        self.flat.addcdiv_(self.mean, root, value=-self.param_groups[0]["lr"] / (1 - first**self.steps))

    def state_dict(self) -> dict[str, Any]:
        """Everything a later step depends on, other than the parameters."""
        return {
            "steps": self.steps,
            "lr": float(self.param_groups[0]["lr"]),
            "mean": self.mean,
            "square": self.square,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned."""
        if not math.isfinite(state["lr"]) or state["mean"].shape != self.mean.shape:
            raise ValueError("FlatAdam: the saved state belongs to another network")
        self.steps = int(state["steps"])
        self.param_groups[0]["lr"] = float(state["lr"])
        self.mean.copy_(state["mean"])
        self.square.copy_(state["square"])
