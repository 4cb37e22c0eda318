"""Adam over a flat vector."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from learning.adam import FlatAdam


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_it_steps_as_torchs_adam(weight_decay: float) -> None:
    torch.manual_seed(0)
    ours, theirs = (nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 2)) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    flat = FlatAdam(ours.parameters(), 1e-2, weight_decay=weight_decay)
    adam = torch.optim.Adam(theirs.parameters(), 1e-2, weight_decay=weight_decay)
    for _ in range(10):
        x = torch.randn(32, 5)
        for net, optimizer in ((ours, flat), (theirs, adam)):
            optimizer.zero_grad()
            net(x).square().sum().backward()
            optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_its_state_continues_where_it_stopped() -> None:
    def net() -> nn.Linear:
        torch.manual_seed(0)
        return nn.Linear(3, 2)

    def step(layer: nn.Linear, optimizer: FlatAdam) -> None:
        layer(torch.ones(1, 3)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    one, other = net(), net()
    first, second = FlatAdam(one.parameters(), 0.1), FlatAdam(other.parameters(), 0.1)
    step(one, first)
    other.load_state_dict(one.state_dict())
    second.load_state_dict(first.state_dict())
    step(one, first)
    step(other, second)
    assert torch.equal(one.weight, other.weight)


def test_it_refuses_the_state_of_another_network() -> None:
    state = FlatAdam(nn.Linear(3, 2).parameters(), 0.1).state_dict()
    with pytest.raises(ValueError, match="another network"):
        FlatAdam(nn.Linear(4, 2).parameters(), 0.1).load_state_dict(state)
