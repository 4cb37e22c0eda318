"""Tensors on their way to the host."""

from __future__ import annotations

import pytest
import torch

from learning.fetch import Fetch

DEVICES = ["cpu", pytest.param("cuda:0", marks=pytest.mark.gpu)]


@pytest.mark.parametrize("device", DEVICES)
def test_what_is_fetched_is_as_it_was_when_asked_for(device: str) -> None:
    live = torch.arange(6.0, device=device).view(2, 3)
    fetch = Fetch({"rows": live[1:]})
    live.zero_()
    assert fetch.arrays()["rows"].tolist() == [[3.0, 4.0, 5.0]]
    assert fetch.ready
