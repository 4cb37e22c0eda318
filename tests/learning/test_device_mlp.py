"""The network on a device against autograd."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from learning.adam import FlatAdam
from learning.device_mlp import DeviceMlp
from learning.mlp import Normal

OBS, UNITS, ACTIONS, ROWS = 5, (20, 11), 3, 64
KINDS = [nn.ELU, nn.ReLU, nn.Tanh]


class Network(nn.Module):
    """As rl-games lays a plain one out."""

    def __init__(self, kind: type[nn.Module]) -> None:
        super().__init__()
        self.sigma = nn.Parameter(torch.linspace(-0.5, 0.5, ACTIONS))
        sizes = (OBS, *UNITS)
        layers = [part for i in range(len(UNITS)) for part in (nn.Linear(sizes[i], sizes[i + 1]), kind())]
        self.actor_mlp = nn.Sequential(*layers)
        self.value, self.mu = nn.Linear(UNITS[-1], 1), nn.Linear(UNITS[-1], ACTIONS)

    def forward(self, x: Tensor) -> Tensor:
        features = self.actor_mlp(x)
        return torch.cat([self.mu(features), self.value(features)], 1)


def make(kind: type[nn.Module], half: bool) -> SimpleNamespace:
    torch.manual_seed(0)
    network: Any = Network(kind)
    optimizer = FlatAdam(network.parameters(), 1e-3)
    net = DeviceMlp(network, optimizer, ROWS, half)
    net.refresh()
    normal = Normal(torch.randn(OBS), torch.rand(OBS) + 0.5)
    obs, towards = torch.randn(ROWS, OBS) * 4, torch.randn(ROWS, ACTIONS + 1)
    expected = network(((obs - normal.mean) * normal.scale).clamp(-5.0, 5.0))
    (expected * towards).sum().backward()
    head = net.forward(obs, normal)
    net.head_grad[:, : ACTIONS + 1] = towards
    net.backward(ROWS)
    grads = dict(zip(optimizer.params, optimizer.views(optimizer.grad), strict=True))
    return SimpleNamespace(network=network, optimizer=optimizer, net=net, head=head, expected=expected, grads=grads)


@pytest.mark.parametrize("kind", KINDS)
def test_its_outputs_and_gradients_are_those_of_autograd(kind: type[nn.Module]) -> None:
    at = make(kind, half=False)
    torch.testing.assert_close(at.head[:, : ACTIONS + 1], at.expected)
    for name, p in at.network.named_parameters():
        if name != "sigma":  # which does not enter the outputs
            torch.testing.assert_close(at.grads[p], p.grad, rtol=1e-4, atol=1e-4, msg=name)


@pytest.mark.parametrize("kind", [nn.ELU, nn.Tanh])
def test_with_bfloat16_they_are_near(kind: type[nn.Module]) -> None:
    at = make(kind, half=True)
    assert (at.head[:, : ACTIONS + 1] - at.expected).abs().max() < 0.02
    for name, p in at.network.named_parameters():
        if name != "sigma":
            assert (at.grads[p] - p.grad).norm() < 0.02 * p.grad.norm(), name


@pytest.mark.parametrize("half", [False, True])
def test_what_only_fills_up_the_products_stays_nothing(half: bool) -> None:
    at = make(nn.ELU, half)
    at.optimizer.apply(0.1)
    assert int((at.optimizer.flat != 0).sum()) <= sum(p.numel() for p in at.network.parameters())
    assert not at.net.head[:, ACTIONS + 1 :].any()
