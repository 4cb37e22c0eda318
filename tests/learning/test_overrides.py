"""Faults of a command line and of a composed config, all in one message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from omegaconf import DictConfig

from learning import checkpoint
from learning.overrides import override_faults

Faults = Callable[..., list[str]]


@pytest.fixture
def faults(config_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """The faults of `task=Fake` with further overrides."""
    monkeypatch.chdir(tmp_path)
    return lambda *overrides, **more: override_faults(["task=Fake", *overrides], str(config_dir), **more)


def the_one(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_a_good_command_line_has_no_faults(faults: Faults) -> None:
    assert faults("seed=3", "train.params.config.gamma=0.9", "+train.params.config.use_diagnostics=true") == []


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("task=Atn", "task: no task 'Atn'; did you mean Ant?"),
        ("task=ant", "did you mean Ant?"),
        ("train=AntPP", "train: no train 'AntPP'; did you mean AntPPO"),
    ],
)
def test_an_unknown_choice_names_the_nearest(override: str, said: str) -> None:
    assert said in the_one(override_faults([override]))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("num_env=3", "num_env: no such key; did you mean 'num_envs'?"),
        ("train.params.config.gama=0.9", "did you mean 'train.params.config.gamma'?"),
        ("train.params.config.learningrate=1e-3", "did you mean 'train.params.config.learning_rate'?"),
        ("task.env.numEnvs=3", "did you mean 'num_envs'?"),
        ("gamma=0.9", "did you mean 'train.params.config.gamma'?"),
        ("+train.params.config.gama=0.9", "train.params.config.gama: no such key; did you mean 'gamma'?"),
        ("seed=abc", "seed: given 'abc' (text); needs a whole number"),
        ("headless=3", "headless: given 3 (a whole number); needs true or false"),
        ("train.params.config.gamma=high", "train.params.config.gamma: given 'high'"),
        ("train.params.config.schedule_type=old", "use one of legacy, standard"),
        ("train.params.algo.name=sac", "use one of ppo, a2c_continuous"),
        ("train.params.network.mlp.units=64", "train.params.network.mlp.units: given 64; needs a list of widths"),
        ("train.params.network.mlp.activation=gulu", "train.params.network.mlp.activation: given 'gulu'"),
        ("train.params.config.mini_epochs=0", "train.params.config.mini_epochs: 0; must be above 0"),
        ("num_envs=0", "num_envs: 0; must be above 0"),
        ("num_envs=9", "minibatch_size: 64 does not divide num_envs * horizon_length = 9 * 16 = 144"),
        ("max_iterations=-3", "max_iterations: -3; must be above 0"),
        ("task.gain=2", "task.gain: given 2; must be 1"),
        ("task._target_=tasks.none.None", "task._target_: no class 'tasks.none.None'"),
        ("physics=bullet", "use one of mujoco, warp"),
        ("sim_device=cuda:7", "sim_device: 'cuda:7' is not available; available: cpu"),
        ("rl_device=tpu", "rl_device: 'tpu' is not available; available: cpu"),
        ("multi_gpu=true", "multi_gpu: true, but train.py was not started by torchrun"),
        ("viewer=window", "viewer: window; training is watched with viewer=web, or not at all with viewer=none"),
        ("checkpoint=nowhere.pth", "checkpoint: no file or folder 'nowhere.pth'"),
        ("checkpoint=latest", "there is no run of Fake in runs/"),
        ("seed=1,2", "seed=1,2: several values; a sweep needs --multirun"),
        ("experiment=a b=c", "not an override; write key=value"),
    ],
)
def test_a_fault_is_said_with_what_would_do(faults: Faults, override: str, said: str) -> None:
    assert said in the_one(faults(override))


def test_all_faults_come_in_one_message(faults: Faults) -> None:
    wrong = ["num_env=3", "sed=1", "headless=3", "num_envs=9", "checkpoint=nowhere.pth", "rl_device=tpu", "task.gain=2"]
    found = "\n".join(faults(*wrong))
    for name in ("num_env:", "sed:", "headless:", "minibatch_size:", "checkpoint:", "rl_device:", "task.gain:"):
        assert name in found


def test_an_unknown_task_hides_no_other_fault() -> None:
    found = "\n".join(override_faults(["task=Atn", "task.reward.x=1", "sed=1", "seed=abc"]))
    assert "task: no task" in found
    assert "sed: no such key" in found
    assert "seed: given 'abc'" in found
    assert "task.reward.x" not in found


def test_every_job_of_a_sweep_is_looked_at_before_the_first(faults: Faults) -> None:
    found = faults("num_envs=8,9", "seed=1,2", multirun=True)
    assert "9 * 16" in the_one(found)


def test_a_checkpoint_of_another_task_is_refused(faults: Faults, tmp_path: Path) -> None:
    path = tmp_path / "ant.pth"
    checkpoint.save(path, {"task": "Ant", "algo": "ppo", "epoch": 1})
    assert "has task Ant, this run Fake" in the_one(faults(f"checkpoint={path}"))


def test_a_finished_run_asks_for_more_epochs(faults: Faults, tmp_path: Path) -> None:
    path = tmp_path / "done.pth"
    checkpoint.save(path, {"task": "Fake", "algo": "ppo", "epoch": 4})
    assert "has finished its 4 epochs" in the_one(faults(f"checkpoint={path}"))
    assert faults(f"checkpoint={path}", "max_iterations=5") == []


def test_a_damaged_checkpoint_is_refused(faults: Faults, tmp_path: Path) -> None:
    path = tmp_path / "torn.pth"
    torch.save({"a": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:500])
    assert "is damaged" in the_one(faults(f"checkpoint={path}"))


def test_wandb_without_its_package_says_how_to_get_it(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install myriad[wandb]" in the_one(faults("wandb_activate=true"))


def test_an_experiment_that_exists_is_not_overwritten(faults: Faults, tmp_path: Path) -> None:
    (tmp_path / "runs/mine").mkdir(parents=True)
    (tmp_path / "runs/mine/config.yaml").write_text("task: {name: Fake}\n")
    assert "continue it with checkpoint=runs/mine" in the_one(faults("experiment=mine"))


def test_the_shipped_configs_have_no_faults() -> None:
    for task in ("Cartpole", "Ant", "Humanoid"):
        assert override_faults([f"task={task}"]) == []


def test_a_composed_config_keeps_its_references(config: Callable[..., DictConfig]) -> None:
    assert config("num_envs=32").train.params.config.num_actors == 32


def test_playing_does_not_mind_a_number_of_environments_that_training_would(faults: Faults) -> None:
    assert "minibatch_size" in the_one(faults("num_envs=7"))
    assert faults("num_envs=7", "test=true") == []
