"""The benchmark of camera sensors prints what it measured."""

from __future__ import annotations

import pytest

from benchmarks import cameras
from isaacgym._src import gym_cameras


def test_every_kind_of_image_is_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gym_cameras, "TRACED_PIXELS", gym_cameras.TRACED_PIXELS)
    cameras.main(["num_envs=2", "size=8", "repeat=1", "way=rays"])
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "ant, 2 cameras of 8 x 8 pixels, cpu, rays"
    assert all(row.strip().startswith(what) for row, what in zip(rows, ["step", *cameras.KINDS], strict=True))
    assert all(row.endswith("cameras a second") for row in rows[1:])


def test_a_misspelt_setting_is_named() -> None:
    with pytest.raises(SystemExit, match=r"no setting \['envs'\]; settings: num_envs, size"):
        cameras.main(["envs=3"])
