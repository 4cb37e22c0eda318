"""A new task is four new files and no edit elsewhere: one is added to a copy of the project, trained and tested."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.tasks.base.indexed_cartpole import CONFIG

ROOT = Path(__file__).parents[2]
PARTS = ["isaacgym", "tasks", "learning", "cfg", "assets", "train.py", "pyproject.toml"]
TESTS = ["test_every_task.py", "composed.py", "graph_safe.py"]

NEW = {
    "assets/mjcf/swing.xml": """
<mujoco model="swing">
  <worldbody>
    <body name="pivot">
      <geom size="0.05" contype="0" conaffinity="0"/>
      <body name="arm">
        <joint name="hinge" axis="1 0 0" damping="0.1"/>
        <geom type="capsule" size="0.03" fromto="0 0 0 0 0 -0.6" contype="0" conaffinity="0"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor name="hinge" joint="hinge" gear="2"/></actuator>
</mujoco>
""",
    "tasks/swing.py": '''
"""Swing: a pendulum is pushed up from hanging."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.base.articulation import Placement
from tasks.base.config import TaskConfig
from tasks.base.task import Task, Terms


@dataclass(frozen=True)
class SwingConfig(TaskConfig):
    """Swing's own values."""

    spin_limit: float  # ends the episode [rad/s]


class Swing(Task):
    """One hinge with a weak motor."""

    config_class = SwingConfig
    config: SwingConfig

    def setup(self) -> None:
        self.robot = self.add_actor("swing", Placement(position=(0.0, 0.0, 1.0), fixed=True))

    def act(self) -> None:
        self.robot.apply_effort(self.action * self.robot.motor_efforts)

    def observe(self) -> Terms:
        angle = self.robot.joint_pos[:, 0]
        return {"angle": torch.stack([angle.sin(), angle.cos()], -1), "spin": self.robot.joint_vel}

    def reward(self) -> Terms:
        return {"height": -self.robot.joint_pos[:, 0].cos(), "effort": self.action.square().sum(-1)}

    def terminate(self) -> Tensor:
        return self.robot.joint_vel[:, 0].abs() > self.config.spin_limit

    def reset(self, mask: Tensor) -> None:
        self.robot.write(mask, self.robot.default_root, self.uniform(-1.0, 1.0, 1), self.uniform(-0.5, 0.5, 1))
''',
    "cfg/task/Swing.yaml": """
# @package _global_
defaults:
  - base
  - _self_

num_envs: 32

task:
  _target_: tasks.swing.Swing
  name: Swing
  asset: mjcf/swing.xml
  episode_length: 20
  spin_limit: 30.0
  observations: {angle: 1.0, spin: 0.1}
  reward: {height: 1.0, effort: -0.01}
""",
    "cfg/train/SwingPPO.yaml": """
defaults:
  - PPO
  - _self_

params:
  network: {mlp: {units: [16]}}
  config: {horizon_length: 16, minibatch_size: 256, mini_epochs: 2, max_epochs: 3}
""",
}

INDEXED = {
    "cfg/task/IndexedCartpole.yaml": "# @package _global_\nnum_envs: 16\n" + OmegaConf.to_yaml({"task": CONFIG}),
    "cfg/train/IndexedCartpolePPO.yaml": NEW["cfg/train/SwingPPO.yaml"],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the four files."""
    project = tmp_path_factory.mktemp("project")
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, project / part)
    (project / "tests").mkdir()
    for name in TESTS:
        shutil.copy2(ROOT / "tests" / name, project / "tests" / name)
    shutil.copytree(ROOT / "tests/tasks/base", project / "tests/tasks/base")
    for path, text in (NEW | INDEXED).items():
        assert not (project / path).exists()
        (project / path).write_text(text.removeprefix("\n"))
    return project


def run(project: Path, *arguments: str) -> str:
    """What a command prints, run in the project."""
    done = subprocess.run([sys.executable, *arguments], cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_task_is_trained_by_its_name(project: Path) -> None:
    said = run(project, "train.py", "task=Swing", "experiment=first", "max_iterations=2", "task.spin_limit=25")
    assert "Swing" in said
    assert (project / "runs/first/summary.json").is_file()
    assert list((project / "runs/first/nn").glob("*.pth"))


def test_a_new_task_is_visited_by_the_tests_that_visit_every_task(project: Path) -> None:
    said = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "Swing", "tests/test_every_task.py")
    passed = int(said.split(" passed")[0].split()[-1])
    assert passed >= 15
    assert "failed" not in said


def test_a_task_in_the_style_of_isaacgymenvs_is_trained_by_its_name(project: Path) -> None:
    said = run(project, "train.py", "task=IndexedCartpole", "experiment=indexed", "max_iterations=2")
    assert "IndexedCartpole: 4 observations, 1 actions" in said
    assert (project / "runs/indexed/summary.json").is_file()


def test_a_task_in_the_style_of_isaacgymenvs_is_visited_too(project: Path) -> None:
    said = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "Indexed", "tests/test_every_task.py")
    assert "failed" not in said
