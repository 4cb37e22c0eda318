"""The usual policy, an MLP with a Gaussian head, run and differentiated by hand on all CPU cores.

Autograd is what costs on a CPU: each operation passes once over tensors that are larger than the caches, and waits
for all cores at its end. Here each core takes blocks of rows that fit its cache through the whole network, forward
and backward, in buffers allocated once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from learning.devices import useful_threads
from learning.ppo_gradient import LossConfig, Samples, drift, loss_gradient
from learning.statistics import CLIP

CACHE = 2**19  # numbers in a block of the widest layer; about half of a core's second-level cache


class Activation(NamedTuple):
    """A function in place, and its derivative, in place of the gradient, from its output."""

    forward: Callable[[Tensor, Tensor], Any]  # (values, scratch)
    backward: Callable[[Tensor, Tensor], Any]  # (gradient, output)
    plain: Callable[[Tensor], Any]  # the function in place, without scratch


class Normal(NamedTuple):
    """How observations are normalised."""

    mean: Tensor  # (O,)
    scale: Tensor  # (O,) reciprocal of the deviation


class Sums(NamedTuple):
    """Sums over a minibatch."""

    actor_loss: Tensor
    critic_loss: Tensor
    bounds_loss: Tensor
    drift: Tensor  # (A,) squared change of the mean action since the last visit


def _elu(values: Tensor, scratch: Tensor) -> None:
    # torch's own ELU takes three times as long: it computes expm1, whose last digits training does not need.
    torch.clamp_max(values, 0.0, out=scratch)
    torch.maximum(values, scratch.exp_().sub_(1.0), out=values)


def _elu_backward(grad: Tensor, output: Tensor) -> None:
    torch.ops.aten.elu_backward.grad_input(grad, 1.0, 1.0, 1.0, True, output, grad_input=grad)


def _relu_backward(grad: Tensor, output: Tensor) -> None:
    torch.ops.aten.threshold_backward.grad_input(grad, output, 0.0, grad_input=grad)


def _tanh_backward(grad: Tensor, output: Tensor) -> None:
    torch.ops.aten.tanh_backward.grad_input(grad, output, grad_input=grad)


ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.ELU: Activation(_elu, _elu_backward, functional.elu_),
    nn.ReLU: Activation(lambda values, _: values.relu_(), _relu_backward, torch.relu_),
    nn.Tanh: Activation(lambda values, _: values.tanh_(), _tanh_backward, torch.tanh_),
}


class Mlp:
    """Runs the network of an rl-games `continuous_a2c_logstd` model where `fits` says it can."""

    def __init__(self, network: Any, threads: int | None = None) -> None:
        layers = list(network.actor_mlp)
        self.hidden: list[nn.Linear] = layers[::2]
        self.activations = [ACTIVATIONS[type(activation)] for activation in layers[1::2]]
        self.mu, self.value, self.log_sigma = network.mu, network.value, network.sigma
        self.params: list[nn.Parameter] = list(network.parameters())
        self.block = max(64, CACHE // max(layer.out_features for layer in self.hidden))  # rows
        self.threads = threads or useful_threads()
        self.workers = [_Worker(self, index) for index in range(self.threads)]
        self.pool = ThreadPoolExecutor(self.threads, "policy", initializer=torch.set_num_threads, initargs=(1,))

    @staticmethod
    def fits(network: Any) -> bool:
        """Whether this class knows the network: one plain MLP, and a deviation that ignores the state."""
        mlp = getattr(network, "actor_mlp", None)
        layers = list(mlp) if isinstance(mlp, nn.Sequential) else []
        return (
            bool(layers)
            and all(type(layer) is nn.Linear for layer in layers[::2])
            and all(type(layer) in ACTIVATIONS for layer in layers[1::2])
            and all(getattr(layer, "alpha", 1.0) == 1.0 for layer in layers[1::2])
            and type(network.value) is nn.Linear
            and isinstance(getattr(network, "sigma", None), nn.Parameter)
            and not (network.separate or network.has_rnn or network.has_cnn)
            and all(type(a) is nn.Identity for a in (network.mu_act, network.sigma_act, network.value_act))
        )

    @torch.no_grad()
    def forward(self, obs: Tensor, normal: Normal | None, mu: Tensor, value: Tensor) -> None:
        """The network's outputs for obs (B, O), into `mu` (B, A) and `value` (B, 1)."""

        def run(worker: _Worker, start: int, stop: int) -> None:
            worker.forward(obs[start:stop], normal)
            worker.heads(mu[start:stop], value[start:stop])

        self._run(run, len(obs))

    @torch.no_grad()
    def backward(self, samples: Samples, normal: Normal | None, config: LossConfig) -> tuple[Sums, list[Tensor]]:
        """The sums of the losses and each parameter's gradient of the mean loss; samples.mu becomes the present mean.

        The entropy's part is left to the caller, because it does not depend on the samples.
        """
        scale = 1.0 / len(samples.obs)
        for worker in self.workers:
            worker.clear()

        def run(worker: _Worker, start: int, stop: int) -> None:
            worker.backward(samples.rows(start, stop), normal, config, scale)

        self._run(run, len(samples.obs))
        first, *others = self.workers
        for other in others:
            torch._foreach_add_(first.accumulated, other.accumulated)
        return Sums(*first.sums), first.grads

    @torch.no_grad()
    def moments(self, obs: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance (O,) of obs (B, O)."""
        sums = [torch.zeros_like(obs[0]) for _ in self.workers]

        def add(worker: _Worker, start: int, stop: int) -> None:
            sums[worker.index] += obs[start:stop].sum(0)

        def add_squares(worker: _Worker, start: int, stop: int) -> None:
            sums[worker.index] += (obs[start:stop] - mean).square_().sum(0)

        self._run(add, len(obs))
        mean = torch.stack(sums).sum(0) / len(obs)
        torch._foreach_zero_(sums)
        self._run(add_squares, len(obs))
        return mean, torch.stack(sums).sum(0) / len(obs)

    def _run(self, work: Callable[[_Worker, int, int], None], rows: int) -> None:
        """Give each worker its blocks; which is whose is fixed, so that sums come out the same every time."""
        block = min(self.block, -(-rows // self.threads))
        starts = range(0, rows, block)

        def mine(index: int) -> None:
            for start in starts[index :: self.threads]:
                work(self.workers[index], start, min(start + block, rows))

        list(self.pool.map(mine, range(min(self.threads, len(starts)))))


class _Worker:
    """One core's buffers: activations of a block of rows, and its share of the gradient."""

    def __init__(self, mlp: Mlp, index: int) -> None:
        self.mlp, self.index = mlp, index
        self.inputs = torch.empty(0)
        self.outputs = [torch.empty(mlp.block, layer.out_features) for layer in mlp.hidden]
        self.scratch = [torch.empty_like(output) for output in self.outputs]
        self.grads = [torch.zeros_like(p) for p in mlp.params]
        self.sums = [torch.zeros(()), torch.zeros(()), torch.zeros(()), torch.zeros(len(mlp.log_sigma))]
        self.accumulated = [*self.grads, *self.sums]
        self.grad_of: dict[Tensor, Tensor] = dict(zip(mlp.params, self.grads, strict=True))

    def clear(self) -> None:
        torch._foreach_zero_(self.accumulated)

    @torch.no_grad()
    def forward(self, obs: Tensor, normal: Normal | None) -> list[Tensor]:
        """The input of every layer and the features (B, F) last, for obs (B, O)."""
        if self.inputs.shape != (self.mlp.block, obs.shape[1]):
            self.inputs = torch.empty(self.mlp.block, obs.shape[1])
        rows = len(obs)
        x = obs
        if normal is not None:
            x = torch.sub(obs, normal.mean, out=self.inputs[:rows]).mul_(normal.scale).clamp_(-CLIP, CLIP)
        flow = [x]
        for layer, activation, output, scratch in zip(
            self.mlp.hidden, self.mlp.activations, self.outputs, self.scratch, strict=True
        ):
            x = torch.addmm(layer.bias, x, layer.weight.t(), out=output[:rows])
            activation.forward(x, scratch[:rows])
            flow.append(x)
        self.features = x
        return flow

    @torch.no_grad()
    def heads(self, mu: Tensor, value: Tensor) -> None:
        """Mean action (B, A) and value (B, 1) of the block that `forward` saw last."""
        for head, out in ((self.mlp.mu, mu), (self.mlp.value, value)):
            torch.addmm(head.bias, self.features, head.weight.t(), out=out)

    @torch.no_grad()
    def backward(self, samples: Samples, normal: Normal | None, config: LossConfig, scale: float) -> None:
        """Add a block's losses and gradients to this worker's share."""
        mlp = self.mlp
        flow = self.forward(samples.obs, normal)
        mu, value = torch.empty_like(samples.mu), torch.empty_like(samples.values)
        self.heads(mu, value)
        at = loss_gradient(samples, mu, value, mlp.log_sigma, config, scale)
        parts = at.actor_loss, at.critic_loss, at.bounds_loss, drift(mu, samples.mu)
        torch._foreach_add_(self.sums, parts)
        samples.mu.copy_(mu)
        self.grad_of[mlp.log_sigma] += at.log_sigma
        self._layer(mlp.mu, at.mu, flow[-1])
        self._layer(mlp.value, at.value, flow[-1])
        grad = torch.mm(at.mu, mlp.mu.weight, out=self.scratch[-1][: len(mu)]).addmm_(at.value, mlp.value.weight)
        for i in range(len(mlp.hidden) - 1, -1, -1):
            mlp.activations[i].backward(grad, flow[i + 1])
            self._layer(mlp.hidden[i], grad, flow[i])
            if i:
                grad = torch.mm(grad, mlp.hidden[i].weight, out=self.scratch[i - 1][: len(mu)])

    def _layer(self, layer: nn.Linear, grad: Tensor, inputs: Tensor) -> None:
        self.grad_of[layer.weight].addmm_(grad.t(), inputs)
        self.grad_of[layer.bias].add_(grad.sum(0))
