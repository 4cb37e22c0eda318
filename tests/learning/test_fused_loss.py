"""The loss in few kernels against the one in single operations."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from learning.fused_loss import FusedLoss, agrees, fused_loss
from learning.ppo_gradient import LossConfig
from tests.learning.agents import OnDevice, make_agent, train
from tests.learning.cpu_jiterator import compiler

CONFIG = LossConfig(e_clip=0.2, clip_value=True, critic_coef=2.0, entropy_coef=0.0, bounds_loss_coef=1e-2)
CHANGES: list[dict] = [{"e_clip": 0.3}, {"clip_value": False}, {"critic_coef": 1.0}, {"bounds_loss_coef": 0.0}]
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@needs_compiler
@pytest.mark.parametrize("change", [{}, *CHANGES])
def test_it_is_the_same_loss(change: dict) -> None:
    config = CONFIG._replace(**change)
    assert agrees(FusedLoss(config, 256, compiler), config, 256, "cpu")


@needs_compiler
@pytest.mark.parametrize("change", CHANGES)
def test_another_loss_is_noticed(change: dict) -> None:
    assert not agrees(FusedLoss(CONFIG._replace(**change), 256, compiler), CONFIG, 256, "cpu")


@needs_compiler
def test_a_policy_learns_the_same_with_it(tmp_path: Path) -> None:
    fused, plain = (make_agent(OnDevice, tmp_path / name) for name in ("fused", "plain"))
    update = fused.device_ppo.update
    update.fused = FusedLoss(update.loss, update.size, compiler)
    for agent in (fused, plain):
        train(agent, 3)
    for name, value in plain.model.state_dict().items():
        torch.testing.assert_close(fused.model.state_dict()[name], value, rtol=2e-4, atol=2e-6, msg=name)
    assert fused.last_lr == plain.last_lr


@pytest.mark.gpu
def test_a_gpu_has_it() -> None:
    assert fused_loss(CONFIG, 256, "cuda:0") is not None
