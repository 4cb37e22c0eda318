"""summary.json."""

from __future__ import annotations

import json
from pathlib import Path

from learning.summary import Summary


def test_a_threshold_is_noted_when_it_is_first_passed(tmp_path: Path) -> None:
    summary = Summary(tmp_path / "summary.json", {"task": "Ant"}, [5000, 3000])
    for epoch, reward in enumerate((None, 2999.0, 3000.0, 2000.0, 3500.0), start=1):
        summary.note(epoch, 100 * epoch, reward, float(epoch))
    summary.write()
    figures = json.loads((tmp_path / "summary.json").read_text())
    assert figures["thresholds"] == {"3000": {"env_steps": 300, "seconds": 3.0}}
    assert figures["final_reward"] == 3500.0
    assert figures["env_steps_per_second"] == 100.0


def test_a_resumed_summary_keeps_what_was_passed_and_counts_on(tmp_path: Path) -> None:
    first = Summary(tmp_path / "one.json", {}, [10, 20])
    first.note(1, 100, 15.0, 1.0)
    second = Summary(tmp_path / "two.json", {}, [10, 20])
    second.load_state_dict(first.state_dict())
    second.note(2, 200, 25.0, 2.0)
    assert second.passed == {"10": {"env_steps": 100, "seconds": 1.0}, "20": {"env_steps": 200, "seconds": 2.0}}
    assert second.wall_seconds > first.wall_seconds
