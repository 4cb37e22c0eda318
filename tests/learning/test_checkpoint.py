"""Checkpoint files."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from learning import checkpoint
from tasks.base.config import ConfigError

ROOT = Path(__file__).parents[2]

SAVER = """
import sys
from pathlib import Path
import torch
from learning import checkpoint
path = Path(sys.argv[1])
value = 0
while True:
    value += 1
    checkpoint.save(path, {"numbers": torch.full((200_000,), float(value)), "value": value})
    if value == 1:
        print("saved", flush=True)
"""


def test_a_process_killed_while_saving_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "last.pth"
    seen = set()
    for attempt in range(4):
        command = [sys.executable, "-c", SAVER, str(path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "."})
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.037 * attempt)
        process.kill()
        process.wait()
        state = checkpoint.load(path)
        assert (state["numbers"] == state["value"]).all()
        seen.add(state["value"])
    assert max(seen) > 1
    checkpoint.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_save_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "last.pth"
    checkpoint.save(path, {"value": 1})
    with pytest.raises(AttributeError):
        checkpoint.save(path, {"value": lambda: 2})
    assert checkpoint.load(path)["value"] == 1
    assert list(tmp_path.iterdir()) == [path]


def test_all_generators_continue_where_they_were(tmp_path: Path) -> None:
    def draw() -> list[float]:
        return [random.random(), float(np.random.rand()), float(np.random.randn()), float(torch.rand(()))]

    random.gauss(0.0, 1.0)
    np.random.randn()
    checkpoint.save(tmp_path / "rng.pth", {"rng": checkpoint.rng_state()})
    expected = draw()
    checkpoint.set_rng_state(checkpoint.load(tmp_path / "rng.pth")["rng"])
    assert draw() == expected


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no file '.*nothing\.pth'"):
        checkpoint.load(tmp_path / "nothing.pth")


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "last.pth"
    checkpoint.save(path, {"numbers": torch.zeros(10_000)})
    whole = path.read_bytes()
    path.write_bytes({"truncated": whole[: len(whole) // 2], "garbage": b"x" * 100, "empty": b""}[damage])
    with pytest.raises(ConfigError, match="is damaged or was not written by Myriad"):
        checkpoint.load(path)


def test_a_file_that_could_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.pth"
    torch.save({"format": checkpoint.FORMAT, "path": Path("x")}, path)
    with pytest.raises(ConfigError, match="not written by Myriad"):
        checkpoint.load(path)


def test_a_checkpoint_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.pth"
    torch.save({"model": {}}, path)
    with pytest.raises(ConfigError, match="was not written by Myriad; give a checkpoint"):
        checkpoint.load(path)


def test_a_newer_format_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "new.pth"
    torch.save({"format": checkpoint.FORMAT, "version": 99}, path)
    with pytest.raises(ConfigError, match="update Myriad"):
        checkpoint.load(path)


def test_misfits_name_both_values(tmp_path: Path) -> None:
    (fault,) = checkpoint.misfits({"task": "Ant", "obs_size": 60}, tmp_path, task="Humanoid", obs_size=60)
    assert "has task Ant, this run Humanoid" in fault
