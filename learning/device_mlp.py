"""The usual policy, an MLP with a Gaussian head, as few launches on a GPU, forward and backward, into fixed buffers.

Gradients go straight to where Adam reads them: nothing is allocated, zeroed or copied, and a CUDA graph can hold all
of it. With `half`, hidden layers compute in bfloat16 from copies of the parameters; the head does not, because the
policy's ratio of old and new probabilities would drown in the rounding.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from learning.adam import FlatAdam
from learning.mlp import ACTIVATIONS, Normal
from learning.statistics import CLIP

EIGHT = 8  # bfloat16 numbers in 16 bytes, by which fast matrix products read


class DeviceMlp:
    """Runs the network of an rl-games `continuous_a2c_logstd` model that `Mlp.fits`, for up to `rows` rows at once."""

    def __init__(self, network: Any, optimizer: FlatAdam, rows: int, half: bool = False) -> None:
        layers: list[nn.Linear] = list(network.actor_mlp)[::2]
        self.activations = [ACTIVATIONS[type(activation)] for activation in list(network.actor_mlp)[1::2]]
        self.half, self.actions = half, network.mu.out_features
        features, outputs = layers[-1].out_features, -(-(self.actions + 1) // 4) * 4
        hidden: list[list[Any]] = [[p] for layer in layers for p in (layer.weight, layer.bias)]
        head = [[network.mu.weight, network.value.weight], [network.mu.bias, network.value.bias]]
        sizes = [*(0 for _ in hidden), outputs * features, outputs, 0]
        optimizer.arrange([*hidden, *head, [network.sigma]], sizes)
        values, grads = optimizer.blocks(optimizer.flat), optimizer.blocks(optimizer.grad)
        self.layers = [
            _Layer(layer, values[2 * i : 2 * i + 2], grads[2 * i : 2 * i + 2], rows, half)
            for i, layer in enumerate(layers)
        ]
        # One product gives means and value; columns beyond these are zero and stay it.
        self.weight, self.weight_grad = (b[-3][: outputs * features].view(outputs, features) for b in (values, grads))
        self.bias, self.bias_grad = values[-2][:outputs], grads[-2][:outputs]
        self.log_sigma, self.log_sigma_grad = (b[-1][: self.actions] for b in (values, grads))
        device = values[0].device
        self.inputs = torch.empty(rows, layers[0].in_features, device=device)  # normalised
        self.half_inputs = torch.zeros(rows, self.layers[0].weight.shape[1], dtype=torch.bfloat16, device=device)
        self.features = torch.empty(rows, features, device=device) if half else self.layers[-1].output
        self.features_grad = torch.empty(rows, features, device=device) if half else self.layers[-1].grad
        self.head = torch.empty(rows, outputs, device=device)
        self.head_grad = torch.zeros(rows, outputs, device=device)  # its used columns are the caller's to write
        if half:
            torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False

    @torch.no_grad()
    def refresh(self) -> None:
        """Follow a change of the parameters."""
        if self.half:
            for layer in self.layers:
                layer.refresh()

    @torch.no_grad()
    def forward(self, obs: Tensor, normal: Normal | None) -> Tensor:
        """Mean actions and, in column A, the value, for obs (B, O); a view of a buffer (B, at least A + 1)."""
        rows = len(obs)
        x = self.inputs[:rows]
        if normal is None:
            x.copy_(obs)
        else:
            torch.sub(obs, normal.mean, out=x).mul_(normal.scale).clamp_(-CLIP, CLIP)
        if self.half:
            self.half_inputs[:rows, : x.shape[1]].copy_(x)
            x = self.half_inputs[:rows]
        for layer, activation in zip(self.layers, self.activations, strict=True):
            x = torch.addmm(layer.bias, x, layer.weight.t(), out=layer.output[:rows])
            activation.plain(x)
        if self.half:
            x = self.features[:rows].copy_(x[:, : self.features.shape[1]])
        return torch.addmm(self.bias, x, self.weight.t(), out=self.head[:rows])

    @torch.no_grad()
    def backward(self, rows: int) -> None:
        """All gradients but that of the deviation, from the first `rows` of `head_grad`, after `forward` of as many."""
        head_grad, features = self.head_grad[:rows], self.features[:rows]
        torch.mm(head_grad.t(), features, out=self.weight_grad)
        torch.sum(head_grad, 0, out=self.bias_grad)
        grad = torch.mm(head_grad, self.weight, out=self.features_grad[:rows])
        self.activations[-1].backward(grad, features)
        if self.half:
            self.layers[-1].grad[:rows, : grad.shape[1]].copy_(grad)
        for i in range(len(self.layers) - 1, 0, -1):
            below = self.layers[i - 1]
            grad = self.layers[i].backward(below.output[:rows], below.grad[:rows])
            self.activations[i - 1].backward(grad, below.output[:rows])
        self.layers[0].backward((self.half_inputs if self.half else self.inputs)[:rows], None)


class _Layer:
    """A hidden layer: its parameters as it computes with them, its output and the gradient there."""

    def __init__(self, layer: nn.Linear, values: list[Tensor], grads: list[Tensor], rows: int, half: bool) -> None:
        size, shape = layer.weight.numel(), layer.weight.shape
        self.master, self.master_bias = values[0][:size].view(shape), values[1][: shape[0]]
        self.master_grad, self.bias_grad = grads[0][:size].view(shape), grads[1][: shape[0]]
        self.half, self.width = half, shape[0]
        self.weight, self.bias, self.weight_grad = self.master, self.master_bias, self.master_grad
        outputs, dtype = shape[0], torch.float32
        if half:
            outputs, inputs, dtype = _padded(shape[0]), _padded(shape[1]), torch.bfloat16
            self.weight = torch.zeros(outputs, inputs, dtype=dtype, device=self.master.device)
            self.weight_grad, self.bias = torch.zeros_like(self.weight), torch.zeros_like(self.weight[:, 0])
        self.output = torch.empty(rows, outputs, dtype=dtype, device=self.master.device)
        self.grad = torch.zeros_like(self.output)

    def refresh(self) -> None:
        self.weight[: self.width, : self.master.shape[1]].copy_(self.master)
        self.bias[: self.width].copy_(self.master_bias)

    def backward(self, inputs: Tensor, below: Tensor | None) -> Tensor:
        """The parameters' gradients from `grad`, and into `below` the gradient at the inputs (B, I)."""
        grad = self.grad[: len(inputs)]
        torch.sum(grad[:, : self.width], 0, dtype=torch.float32, out=self.bias_grad)
        torch.mm(grad.t(), inputs, out=self.weight_grad)
        if self.half:
            self.master_grad.copy_(self.weight_grad[: self.width, : self.master.shape[1]])
        return grad if below is None else torch.mm(grad, self.weight, out=below)


def _padded(size: int) -> int:
    return -(-size // EIGHT) * EIGHT
