"""Training in several processes, here two on the CPU."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from learning import checkpoint, distributed
from learning.episodes import EpisodeStats
from learning.launch import VARIABLES
from tests.learning.rank import ENVS, agent_with, episodes, learn_from

ROOT = Path(__file__).parents[2]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
CPU = ["sim_device=cpu", "rl_device=cpu"]
CARTPOLE = ["task=Cartpole", "num_envs=16", "train.params.config.minibatch_size=128", *CPU]
GPUS = ["sim_device=cuda:0", "rl_device=cuda:0"]  # of the first process; each takes its own
ENDLESS = ["max_iterations=1000000", "train.params.config.save_frequency=1", "train.params.config.score_to_win=1e9"]


def start(folder: Path, script: str, *args: str, torchrun: bool = True) -> subprocess.Popen[str]:
    command = [*(TORCHRUN if torchrun else [sys.executable]), str(ROOT / script), *args]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def together(folder: Path, *args: str) -> list[Any]:
    """What both processes found out about a claim of rank.py."""
    process = start(folder, "tests/learning/rank.py", *args)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return [torch.load(folder / f"rank{rank}.pt", map_location="cpu") for rank in range(2)]


def test_alone_nothing_changes() -> None:
    tensor = torch.ones(2)
    assert distributed.mean_(tensor) is distributed.sum_(tensor) is distributed.broadcast_(tensor) is tensor
    assert tensor.tolist() == [1.0, 1.0]
    assert (distributed.rank(), distributed.world_size(), distributed.is_main()) == (0, 1, True)
    assert distributed.gathered("a") == ["a"]


def test_collectives_give_all_processes_the_same(tmp_path: Path) -> None:
    first, second = together(tmp_path, "collectives")
    assert (first.pop("main"), second.pop("main")) == (True, False)
    for found in (first, second):
        tensors = {name: found[name].tolist() for name in ("sum", "mean", "broadcast")}
        assert tensors == {"sum": [3.0, 3.0], "mean": [0.5, 0.5], "broadcast": [1.0, 1.0]}
        assert (found["size"], found["any"], found["none"], found["gathered"]) == (2, True, False, [0, 1])
    alone = EpisodeStats(4, "cpu")  # the episodes of all processes count as those of one
    for reward, done in episodes():
        alone.step(reward, done, {})
    expected = alone.read()
    assert first["statistics"] == second["statistics"]
    for name in ("finished", "reward", "length"):
        assert first["statistics"][name] == pytest.approx(getattr(expected, name))


def test_the_first_update_of_processes_is_that_of_one_with_all_their_samples(tmp_path: Path) -> None:
    batch = agent_with(ENVS, tmp_path / "play").play_steps()
    torch.save(batch, tmp_path / "batch.pt")
    first, second = together(tmp_path, "update")
    expected = learn_from(agent_with(ENVS, tmp_path / "alone"), batch)
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        torch.testing.assert_close(value, expected[name], rtol=2e-4, atol=2e-6, msg=name)


@pytest.mark.parametrize(("claim", "algo"), [("training", "ppo"), ("on_device", "ppo"), ("training", "a2c_continuous")])
def test_processes_learn_one_policy_and_the_first_keeps_it(tmp_path: Path, claim: str, algo: str) -> None:
    changes = ["max_iterations=2", "experiment=one", f"train.params.algo.name={algo}"]
    first, second = together(tmp_path, claim, *CARTPOLE, *changes)
    for when in ("before", "after"):
        for name, value in first[when].items():
            assert torch.equal(value, second[when][name]), (when, name)
    assert any(not torch.equal(value, first["after"][name]) for name, value in first["before"].items())
    assert not torch.equal(first["noise"], second["noise"])
    assert first["frame"] == second["frame"] == 2 * 2 * 16 * 16
    assert first["reward"] == second["reward"]
    run = tmp_path / "runs/one"
    saved = checkpoint.load(run / "nn/last.pth")
    assert saved["frame"] == first["frame"]
    assert all(torch.equal(value, first["after"][name]) for name, value in saved["model"].items())
    assert len(list((run / "summaries").iterdir())) == 1
    assert json.loads((run / "summary.json").read_text())["processes"] == 2
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["one"]


def test_a_run_of_processes_is_resumed_by_processes_or_by_one(tmp_path: Path) -> None:
    together(tmp_path, "training", *CARTPOLE, "max_iterations=1", "experiment=one")
    first, second = together(tmp_path, "training", "checkpoint=runs/one", "max_iterations=2")
    assert all(torch.equal(value, second["after"][name]) for name, value in first["after"].items())
    alone = ["checkpoint=runs/one", "max_iterations=3", "multi_gpu=false"]
    process = start(tmp_path, "train.py", *alone, torchrun=False)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert checkpoint.load(tmp_path / "runs/one/nn/last.pth")["epoch"] == 3


@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two GPUs")
def test_gpus_learn_one_policy(tmp_path: Path) -> None:
    first, second = together(tmp_path, "training", *CARTPOLE, *GPUS, "max_iterations=8", "experiment=one")
    assert all(torch.equal(value, second["after"][name]) for name, value in first["after"].items())
    assert not torch.equal(first["noise"], second["noise"])
    assert json.loads((tmp_path / "runs/one/summary.json").read_text())["rl_device"] == "cuda:0"


def running(folder: Path, *changes: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A run that goes on for ever and has saved, and its processes' numbers by rank."""
    launcher = start(folder, "train.py", *CARTPOLE, *ENDLESS, *changes, "multi_gpu=true", "experiment=one")
    last = folder / "runs/one/nn/last.pth"
    while not last.exists():
        assert launcher.poll() is None, launcher.communicate()[1]
        time.sleep(0.05)
    return launcher, sorted(children(launcher.pid), key=rank_of)


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def rank_of(pid: int) -> int:
    variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return next(int(text.partition("=")[2]) for text in variables if text.startswith("RANK="))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the processes in /proc")
@pytest.mark.parametrize(("victim", "devices"), [(0, CPU), (1, CPU), pytest.param(1, GPUS, marks=pytest.mark.gpu)])
def test_when_one_process_dies_the_others_end(tmp_path: Path, victim: int, devices: list[str]) -> None:
    if devices is GPUS and torch.cuda.device_count() < 2:
        pytest.skip("needs two GPUs")
    launcher, pids = running(tmp_path, *devices)
    os.kill(pids[victim], signal.SIGKILL)
    _, errors = launcher.communicate(timeout=20)
    assert launcher.returncode != 0
    assert errors.count(f"train.py: process {victim} of 2 has ended") == 1
    assert all(not Path(f"/proc/{pid}").exists() for pid in pids)
    assert checkpoint.load(tmp_path / "runs/one/nn/last.pth")["epoch"] > 0


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the processes in /proc")
def test_a_signal_to_any_process_finishes_the_epoch_in_all(tmp_path: Path) -> None:
    launcher, pids = running(tmp_path)
    os.kill(pids[1], signal.SIGINT)
    out, errors = launcher.communicate(timeout=30)
    assert launcher.returncode == 0, errors
    assert "Go on: python train.py task=Cartpole checkpoint=runs/one" in out
    summary = json.loads((tmp_path / "runs/one/summary.json").read_text())
    assert checkpoint.load(tmp_path / "runs/one/nn/last.pth")["epoch"] == summary["epochs"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (["multi_gpu=false"], "multi_gpu: false, but torchrun started 2 processes"),
        (["multi_gpu=true", "nun_envs=17"], "nun_envs"),
    ],
)
def test_what_is_wrong_is_said_once(tmp_path: Path, changes: list[str], fault: str) -> None:
    process = start(tmp_path, "train.py", *CARTPOLE, *changes)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert errors.count(fault) == 1
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Says what torchrun would say."""

    def say(rank: int, size: int) -> None:
        for name, value in zip(VARIABLES, (rank, rank, size, size), strict=True):
            monkeypatch.setenv(name, str(value))

    return say


def test_more_processes_than_gpus_are_refused(place: Any) -> None:
    from learning.launch import launch_faults, own_device

    place(3, 4)
    assert own_device("cuda:0") == "cuda:3"
    assert own_device("cpu") == "cpu"
    assert launch_faults(True, "cuda:0", 4, test=False) == []
    assert "4 processes on this machine need a GPU each, it has 2" in launch_faults(True, "cuda:0", 2, test=False)[0]
    assert launch_faults(True, "cpu", 0, test=False) == []


def test_several_gpus_need_torchrun() -> None:
    from learning.launch import launch_faults

    assert "torchrun --standalone" in launch_faults(True, "cuda:0", 2, test=False)[0]
    assert launch_faults(True, "cuda:0", 2, test=True) == []
