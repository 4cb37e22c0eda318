"""The page that says what each call means names tests, and these tests exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_named_in_the_documentation_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "isaacgym.md").read_text()))
    written = "".join(path.read_text() for path in (ROOT / "tests" / "isaacgym").glob("test_*.py"))
    assert named
    assert not [name for name in sorted(named) if f"def {name}(" not in written]
