"""Fixtures of isaacgym's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.isaacgym.world import World


@pytest.fixture(params=["mujoco", "warp"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., World]:
    """Makes worlds whose files lie in the test's own folder, on either engine; warp on its CPU device, or gpu."""
    engine = {"engine": "warp", "gpu": True} if request.param == "gpu" else {"engine": request.param}

    def make(**settings: Any) -> World:
        return World(tmp_path, **(engine | settings))

    return make
