"""Sizes that must fit together."""

from __future__ import annotations

import re

import pytest

from learning.batches import batch_faults


def test_sizes_that_fit_are_accepted() -> None:
    assert batch_faults(4096, 16, 32768) == []


@pytest.mark.parametrize(("num_envs", "horizon", "minibatch"), [(64, 16, 32768), (1000, 16, 8192), (7, 3, 5)])
def test_the_message_names_values_that_do(num_envs: int, horizon: int, minibatch: int) -> None:
    (fault,) = batch_faults(num_envs, horizon, minibatch)
    minibatches, environments = re.findall(r"=(\d+(?: or \d+)?)(?: or num_envs|$)", fault)
    for value in map(int, minibatches.split(" or ")):
        assert batch_faults(num_envs, horizon, value) == []
    for value in map(int, environments.split(" or ")):
        assert batch_faults(value, horizon, minibatch) == []


def test_the_nearest_values_are_named() -> None:
    (fault,) = batch_faults(1000, 16, 8192)
    assert "minibatch_size=8000 or 16000 or num_envs=512 or 1024" in fault


def test_sequences_must_divide_horizon_and_minibatch() -> None:
    (fault,) = batch_faults(8, 16, 64, sequence=5)
    assert "seq_length: 5" in fault
    assert "use 4 or 8" in fault
