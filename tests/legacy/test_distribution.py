"""Packages that require a distribution called isaacgym install beside ours, without an index to ask."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CLIENT = """from setuptools import find_packages, setup
setup(name="legged_client", version="1.0", packages=find_packages(), install_requires=["{requirement}", "numpy"])
"""


def environment(folder: Path) -> Path:
    """The interpreter of a new environment that also sees this one's packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "outer.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin" / "python"


def install(python: Path, *what: str) -> subprocess.CompletedProcess[str]:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--no-build-isolation"]
    return subprocess.run([*pip, "--disable-pip-version-check", *what], capture_output=True, text=True)


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A source tree in the manner of legged_gym."""
    package = tmp_path / "client" / "legged_client"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from isaacgym import gymapi\n")
    return package.parent


@pytest.mark.parametrize("requirement", ["isaacgym", "isaacgym==1.0rc4", "isaacgym>=1.0rc3"])
def test_a_client_that_requires_isaacgym_installs(tmp_path: Path, client: Path, requirement: str) -> None:
    (client / "setup.py").write_text(CLIENT.format(requirement=requirement))
    python = environment(tmp_path / "venv")
    assert "No matching distribution found for isaacgym" in install(python, str(client)).stderr
    source = shutil.copytree(ROOT / "distributions" / "isaacgym", tmp_path / "isaacgym")  # a build writes beside it
    beside = install(python, str(source))
    assert beside.returncode == 0, beside.stderr
    installed = install(python, str(client))
    assert installed.returncode == 0, installed.stderr
    code = "import legged_client, isaacgym; print(isaacgym.__file__)"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert Path(found.stdout.strip()).parent == ROOT / "isaacgym", found.stderr
