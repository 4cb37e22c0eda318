"""The whole way, for real: a command is typed, and a policy is learned."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TRAIN = Path(__file__).resolve().parents[1] / "train.py"


def test_cartpole_is_balanced_after_one_command(tmp_path: Path) -> None:
    command = [sys.executable, str(TRAIN), "task=Cartpole", "seed=1", "experiment=balance"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=600)
    summary = json.loads((tmp_path / "runs/balance/summary.json").read_text())
    assert summary["final_reward"] >= 480.0
    assert summary["thresholds"]["480"]["env_steps"] <= summary["env_steps"]
