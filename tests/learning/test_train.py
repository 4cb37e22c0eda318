"""Training runs of the fake task: what they leave, how they stop, how they go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from learning import checkpoint
from learning.train import train
from tasks.base.config import ConfigError

ROOT = Path(__file__).parents[2]
SUMMARY = (
    "task seed sim_device rl_device engine versions num_envs processes env_steps epochs best_reward final_reward "
    "wall_seconds train_seconds env_steps_per_second thresholds"
)

Config = Callable[..., DictConfig]


def run(config: Config, *overrides: str) -> None:
    train(config(*overrides), overrides)


def state_of(name: str, file: str = "last.pth") -> dict[str, Any]:
    return checkpoint.load(Path("runs") / name / "nn" / file)


def assert_same(one: Any, other: Any, path: str = "") -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for key in one:
            assert_same(one[key], other[key], f"{path}.{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), path
        for index, parts in enumerate(zip(one, other, strict=True)):
            assert_same(*parts, f"{path}[{index}]")
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other), path
    else:
        assert one == other, path


@pytest.mark.parametrize("algo", ["ppo", "a2c_continuous"])
def test_a_run_leaves_all_its_files(config: Config, algo: str) -> None:
    run(config, "experiment=one", f"train.params.algo.name={algo}")
    folder = Path("runs/one")
    assert {"config.yaml", "nn", "summaries", "summary.json"} == {path.name for path in folder.iterdir()}
    assert {path.name for path in (folder / "nn").iterdir()} == {"Fake.pth", "last.pth"}
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary) == set(SUMMARY.split())
    assert summary["epochs"] == 4
    assert summary["env_steps"] == 4 * 8 * 16
    assert set(summary["thresholds"]) == {"-1000"}
    assert set(summary["thresholds"]["-1000"]) == {"env_steps", "seconds"}
    assert summary["best_reward"] >= summary["final_reward"]
    assert 0 < summary["train_seconds"] < summary["wall_seconds"]


def test_a_run_without_a_name_is_named_by_task_and_time(config: Config) -> None:
    run(config, "max_iterations=1")
    run(config, "max_iterations=1")
    names = sorted(path.name for path in Path("runs").iterdir())
    assert len(names) == 2
    assert all(name.startswith("Fake_20") for name in names)


@pytest.mark.parametrize("algo", ["ppo", "a2c_continuous"])
def test_a_resumed_run_equals_an_uninterrupted_one(config: Config, algo: str) -> None:
    choice = f"train.params.algo.name={algo}"
    run(config, choice, "experiment=whole")
    run(config, choice, "experiment=halves", "max_iterations=2")
    run(config, "checkpoint=runs/halves", "max_iterations=4")
    whole, halves = state_of("whole"), state_of("halves")
    for clock in ("train_seconds", "wall_seconds", "thresholds", "episodes", "best_reward", "final_reward"):
        del whole[clock], halves[clock]
    assert_same(whole, halves)


def test_resuming_goes_on_with_the_settings_of_the_run(config: Config) -> None:
    run(config, "experiment=one", "max_iterations=2", "num_envs=16", "train.params.config.gamma=0.9")
    run(config, "checkpoint=latest", "max_iterations=3")
    kept = OmegaConf.load("runs/one/config.yaml")
    assert (kept.num_envs, kept.train.params.config.gamma, kept.max_iterations) == (16, 0.9, 3)
    assert state_of("one")["frame"] == 3 * 16 * 16


def test_a_resumed_run_can_go_to_another_folder(config: Config) -> None:
    run(config, "experiment=one", "max_iterations=2")
    before = state_of("one")
    run(config, "checkpoint=runs/one/nn/last.pth", "experiment=two", "max_iterations=3")
    assert_same(before, state_of("one"))
    assert state_of("two")["epoch"] == 3
    assert state_of("two", "Fake.pth")["best_reward"] >= before["best_reward"]


def test_the_best_checkpoint_is_never_replaced_by_a_worse_one(config: Config) -> None:
    run(config, "experiment=one", "max_iterations=2")
    best = Path("runs/one/nn/Fake.pth")
    checkpoint.save(best, checkpoint.load(best) | {"best_reward": 1e6})
    bytes_before = best.read_bytes()
    os.utime(best, (0, 0))  # the last one is the newer
    run(config, "checkpoint=runs/one", "max_iterations=4")
    assert best.read_bytes() == bytes_before
    assert json.loads(Path("runs/one/summary.json").read_text())["best_reward"] == 1e6


def test_curves_of_a_resumed_run_go_on_at_its_step(config: Config) -> None:
    from tensorboard.backend.event_processing import event_accumulator

    run(config, "experiment=one", "max_iterations=2")
    run(config, "checkpoint=runs/one", "max_iterations=4")
    curves = event_accumulator.EventAccumulator("runs/one/summaries")
    curves.Reload()
    assert [point.step for point in curves.Scalars("info/kl")] == [128, 256, 384, 512]
    names = set(curves.Tags()["scalars"])
    assert {"rewards/step", "episode_lengths/step", "success/step", "reward_terms/near"} <= names
    assert {"losses/a_loss", "losses/c_loss", "losses/bounds_loss", "losses/entropy", "info/last_lr"} <= names
    assert {"performance/step_fps", "performance/step_inference_fps"} <= names


def test_a_checkpoint_of_other_sizes_is_refused(config: Config) -> None:
    run(config, "experiment=one", "max_iterations=2")
    path = Path("runs/one/nn/last.pth")
    checkpoint.save(path, checkpoint.load(path) | {"obs_size": 7})
    with pytest.raises(ConfigError, match="has obs_size 7, this run 6"):
        run(config, f"checkpoint={path}", "max_iterations=3")


def test_seed_minus_one_is_a_new_seed_that_is_written_down(config: Config) -> None:
    for name in ("one", "two"):
        run(config, f"experiment={name}", "seed=-1", "max_iterations=1")
    one, two = (json.loads(Path(f"runs/{name}/summary.json").read_text())["seed"] for name in ("one", "two"))
    assert one != two
    assert OmegaConf.load("runs/one/config.yaml").seed == one


def test_losses_that_are_no_numbers_end_the_run_and_save_nothing(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learning.trainer import DivergenceError

    run(config, "experiment=one", "max_iterations=2")
    monkeypatch.setattr("tests.learning.fake_task.FakeTask.start", lambda task: task.obs.fill_(float("nan")))
    monkeypatch.setattr("tests.learning.fake_task.FakeTask.load_state_dict", lambda task, state: None)
    with pytest.raises(DivergenceError, match="diverged in epoch 3.*runs/one/nn/last.pth"):
        run(config, "checkpoint=runs/one", "max_iterations=4")
    assert state_of("one")["epoch"] == 2


def start(config_dir: Path, *overrides: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "train.py"), "task=Fake", f"--config-dir={config_dir}", *overrides]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        cwd=config_dir.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_epoch_and_says_how_to_go_on(config_dir: Path, number: signal.Signals) -> None:
    process = start(config_dir, "max_iterations=1000000", "experiment=one")
    last = config_dir.parent / "runs/one/nn/last.pth"
    while not last.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Go on: python train.py task=Fake checkpoint=runs/one" in out
    summary = json.loads((config_dir.parent / "runs/one/summary.json").read_text())
    assert checkpoint.load(last)["epoch"] == summary["epochs"] < 1000000


def test_the_command_says_all_faults_and_leaves_nothing(config_dir: Path) -> None:
    process = start(config_dir, "num_env=3", "sed=1", "rl_device=tpu")
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert all(name in errors for name in ("num_env:", "sed:", "rl_device:"))
    assert "Traceback" not in errors + out
    assert not (config_dir.parent / "runs").exists()


def test_a_run_goes_on_in_its_folder_wherever_that_was_moved(config: Config) -> None:
    run(config, "experiment=one", "max_iterations=2")
    Path("elsewhere").mkdir()
    Path("runs/one").rename("elsewhere/kept")
    run(config, "checkpoint=elsewhere/kept", "max_iterations=3")
    assert not Path("runs/one").exists()
    assert checkpoint.load(Path("elsewhere/kept/nn/last.pth"))["epoch"] == 3
