"""The benchmark of API calls measures every call and builds its scene."""

from __future__ import annotations

import pytest

from benchmarks import api


def test_every_call_is_measured_and_the_scene_is_built(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "REPEATS", 2)
    monkeypatch.setattr(api, "SIZES", (1, 2))
    assert api.main(["envs=3"]) == 0
    printed = capsys.readouterr().out
    assert "| set_dof_state_tensor_indexed |" in printed
    assert "3 environments of four actors: " in printed


def test_an_argument_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert api.main(["sizes=3"]) == 2
    assert "no argument sizes" in capsys.readouterr().out
