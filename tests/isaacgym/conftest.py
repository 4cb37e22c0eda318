"""Fixtures of isaacgym's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isaacgym._src import gym_cameras, opengl
from tests.isaacgym.world import World


@pytest.fixture(params=["mujoco", "warp"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., World]:
    """Makes worlds whose files lie in the test's own folder, on either engine; warp on its CPU device, or gpu."""
    engine = {"engine": "warp", "gpu": True} if request.param == "gpu" else {"engine": request.param}

    def make(**settings: Any) -> World:
        return World(tmp_path, **(engine | settings))

    return make


@pytest.fixture(scope="session")
def needs_opengl() -> None:
    """Skips where nothing can be drawn with OpenGL."""
    try:
        opengl.open_context(8, 8).free()
    except RuntimeError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["opengl", "rays"])
def draws(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    """Makes worlds whose images are drawn in one of the two ways, whatever their size."""
    if request.param == "opengl":
        request.getfixturevalue("needs_opengl")
    monkeypatch.setattr(gym_cameras, "TRACED_PIXELS", 0 if request.param == "opengl" else 10**9)
    return lambda **settings: World(tmp_path, **settings)
