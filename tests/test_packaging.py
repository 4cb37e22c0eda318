"""The lock, the declared dependencies and the README's commands agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
LOCKED: dict[str, Version] = {
    canonicalize_name(name): Version(version)
    for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text())
}


@pytest.mark.parametrize("requirement", DECLARED, ids=lambda requirement: requirement.name)
def test_lock_satisfies_the_declared_range(requirement: Requirement) -> None:
    assert LOCKED[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("engine", ["mujoco", "mujoco-warp"])
def test_wrong_physics_of_mujoco_4_0_0_is_kept_out(engine: str) -> None:
    (requirement,) = [r for r in DECLARED if r.name == engine]
    assert Version("4.0.0") not in requirement.specifier


def test_both_engines_have_the_same_minor_version() -> None:
    assert LOCKED["mujoco"].release[:2] == LOCKED["mujoco-warp"].release[:2]


def test_lock_serves_cpu_and_gpu_builds_alike() -> None:
    assert LOCKED["torch"].local is None
    assert not [name for name in LOCKED if name.startswith(("nvidia-", "cuda-")) or name == "triton"]


def test_readme_begins_with_the_two_set_up_commands() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    commands = [block.strip() for block in blocks[:2]]
    assert all("\n" not in command and "-c constraints.txt" in command for command in commands)
    assert commands[0].endswith("python train.py task=Cartpole")
    assert "-m pytest" in commands[1]
