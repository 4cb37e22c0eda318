"""Fixtures of isaacgym's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.isaacgym.world import World


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds whose files lie in the test's own folder."""

    def make(**settings: Any) -> World:
        return World(tmp_path, **settings)

    return make
