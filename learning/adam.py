"""Adam over one flat vector, so that a step is a handful of operations however many layers there are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

ALIGNMENT = 8  # numbers; matrix products want their operands to begin at 16 bytes, in bfloat16 as well
CHUNKS = 32  # that a GPU updates side by side; it would give a single vector to a single block of threads


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
        self.steps = torch.zeros((), device=self.params[0].device)  # taken so far
        self.arrange([[p] for p in self.params])

    @torch.no_grad()
    def arrange(self, blocks: Sequence[Sequence[torch.nn.Parameter]], sizes: Sequence[int] | None = None) -> None:
        """Lay the parameters out anew, before any step: each block without gaps, in at least its given size."""
        given = sizes or [0] * len(blocks)
        lengths = [
            -(-max(size, sum(p.numel() for p in block)) // ALIGNMENT) * ALIGNMENT
            for block, size in zip(blocks, given, strict=True)
        ]
        self._starts: dict[torch.nn.Parameter, int] = {}
        self._blocks: list[tuple[int, int]] = []
        at = 0
        for block, length in zip(blocks, lengths, strict=True):
            self._blocks.append((at, at + length))
            begin, at = at, at + length
            for p in block:
                self._starts[p] = begin
                begin += p.numel()
        self.flat = torch.zeros(at, device=self.params[0].device)  # (P,)
        self.grad = torch.zeros_like(self.flat)  # (P,)
        self.mean = torch.zeros_like(self.flat)
        self.square = torch.zeros_like(self.flat)
        for p, value in zip(self.params, self.views(self.flat), strict=True):
            value.copy_(p)
            p.data = value
        self._grads = self.views(self.grad)
        chunk = max(2048, -(-at // CHUNKS))
        self._chunks = [list(v.split(chunk)) for v in (self.flat, self.grad, self.mean, self.square)]

    def views(self, flat: Tensor) -> list[Tensor]:
        """`flat` (P,) cut into one view per parameter, in the parameters' order and shapes."""
        return [flat[self._starts[p] : self._starts[p] + p.numel()].view(p.shape) for p in self.params]

    def blocks(self, flat: Tensor) -> list[Tensor]:
        """`flat` (P,) cut into the blocks that `arrange` was given."""
        return [flat[begin:end] for begin, end in self._blocks]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """One update from the parameters' gradients."""
        for p, grad in zip(self.params, self._grads, strict=True):
            grad.zero_() if p.grad is None else grad.copy_(p.grad)
        self.apply(self.param_groups[0]["lr"])

    @torch.no_grad()
    def apply(self, lr: float | Tensor, divisor: Tensor | None = None) -> None:
        """One update from `self.grad`, first divided by `divisor` (); a graph can hold it if `lr` is a tensor ()."""
        self.steps += 1
        first, second = self.betas
        flat, grad, mean, square = self._chunks
        torch._fused_adam_(
            flat,
            grad,
            mean,
            square,
            [],
            [self.steps] * len(flat),
            lr=lr,
            beta1=first,
            beta2=second,
            weight_decay=self.weight_decay,
            eps=self.eps,
            amsgrad=False,
            maximize=False,
            grad_scale=divisor,
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything a later step depends on, other than the parameters; it does not show their layout."""
        return {
            "steps": int(self.steps),
            "lr": float(self.param_groups[0]["lr"]),
            "mean": self._joined(self.mean),
            "square": self._joined(self.square),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned."""
        if not math.isfinite(state["lr"]) or state["mean"].numel() != sum(p.numel() for p in self.params):
            raise ValueError("FlatAdam: the saved state belongs to another network")
        self.steps.fill_(int(state["steps"]))
        self.param_groups[0]["lr"] = float(state["lr"])
        for name in ("mean", "square"):
            pieces = state[name].split([p.numel() for p in self.params])
            for view, piece in zip(self.views(getattr(self, name)), pieces, strict=True):
                view.copy_(piece.view(view.shape))

    def _joined(self, flat: Tensor) -> Tensor:
        return torch.cat([view.reshape(-1) for view in self.views(flat)])
