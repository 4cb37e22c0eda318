"""The fake task as a user's own: a folder with its two config files, composed as train.py composes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from learning.train import train

CFG = Path(__file__).parents[2] / "cfg"

TASK = """\
# @package _global_
num_envs: 8
task:
  _target_: tests.learning.fake_task.FakeTask
  name: Fake
  gain: 1
"""
TRAIN = """\
defaults: [PPO, _self_]
params:
  network: {mlp: {units: [16, 8]}}
  config:
    minibatch_size: 64
    max_epochs: 4
    save_best_after: 1
    save_frequency: 1
thresholds: [-1000, 1.0e+9]
"""


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    """A --config-dir that holds the task Fake."""
    folder = tmp_path / "own_cfg"
    for name, text in (("task/Fake.yaml", TASK), ("train/FakePPO.yaml", TRAIN)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def config(config_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., DictConfig]:
    """Composes `task=Fake` with overrides; the working folder is a temporary one."""
    monkeypatch.chdir(tmp_path)

    def make(*overrides: str) -> DictConfig:
        search = f"hydra.searchpath=[file://{config_dir}]"
        with initialize_config_dir(str(CFG), version_base="1.3"):
            return compose("config", [search, "task=Fake", *overrides])

    return make


@pytest.fixture
def run(config: Callable[..., DictConfig]) -> Path:
    """A short run of the fake task."""
    overrides = ("experiment=one", "max_iterations=2")
    train(config(*overrides), overrides)
    return Path("runs/one")
