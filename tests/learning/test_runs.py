"""Run folders and how a checkpoint is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from learning import runs
from tasks.base.config import ConfigError


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make_run(name: str, task: str, *files: str, age: int = 0) -> Path:
    folder = Path("runs") / name
    (folder / "nn").mkdir(parents=True)
    (folder / "config.yaml").write_text(f"task:\n  name: {task}\n")
    for number, file in enumerate(files):
        (folder / "nn" / file).write_bytes(b"")
        os.utime(folder / "nn" / file, (1000 - age + number, 1000 - age + number))
    return folder


def test_latest_is_the_run_of_the_task_that_was_written_to_last() -> None:
    make_run("old", "Ant", "last.pth", age=100)
    new = make_run("new", "Ant", "Ant.pth", "last.pth", age=50)
    make_run("other", "Humanoid", "last.pth")
    (Path("runs") / "sweeps").mkdir()
    assert runs.find_checkpoint("latest", "Ant") == new / "nn/last.pth"


def test_a_run_is_found_by_folder_name_or_file() -> None:
    folder = make_run("mine", "Ant", "last.pth")
    for spec in ("mine", "runs/mine", "runs/mine/nn/last.pth"):
        assert runs.find_checkpoint(spec, "Ant") == folder / "nn/last.pth"


def test_the_checkpoint_that_is_further_is_taken() -> None:
    folder = make_run("killed", "Ant", "last.pth", "Ant.pth")
    assert runs.find_checkpoint("killed", "Ant") == folder / "nn/Ant.pth"


def test_a_wrong_name_is_answered_with_the_latest() -> None:
    make_run("mine", "Ant", "last.pth")
    with pytest.raises(ConfigError, match="no file or folder 'yours'; the latest of Ant is 'runs/mine'"):
        runs.find_checkpoint("yours", "Ant")


def test_a_run_without_a_checkpoint_is_said_to_have_none() -> None:
    make_run("mine", "Ant")
    with pytest.raises(ConfigError, match="no checkpoint in 'runs/mine/nn'"):
        runs.find_checkpoint("mine", "Ant")


def test_two_runs_of_one_second_have_two_folders() -> None:
    assert runs.dated("Ant").folder != runs.dated("Ant").folder


def test_a_checkpoint_outside_a_run_belongs_to_none(tmp_path: Path) -> None:
    (tmp_path / "nn").mkdir()
    assert runs.holding(tmp_path / "nn/last.pth") is None
