"""The window, on a virtual screen: what it shows, and what keys and mouse do. Skipped where there is no Xvfb."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import glfw, mujoco, numpy as np, torch
import tasks
from learning.player import Player
from learning.poses import Poses
from learning.tally import Tally
from learning.view.session import Session
from learning.view.window import Window
from tests.composed import task_config

task = tasks.make(task_config("Go1"), num_envs=4)
poses = Poses(task.sim, 4)
still = type("Still", (), {"__call__": lambda self, obs: torch.zeros(4, 12), "forget": lambda self, done: None})()
player = Player(task, still, Tally(1000, 4, "cpu"), None)
window = Window(poses, "Go1", task.commands())
session = Session(player, window, poses)


def run(pictures):
    left = [pictures]

    def ended():
        left[0] -= 1
        return left[0] < 0

    session.run(ended)


def picture():
    width, height = glfw.get_framebuffer_size(window._window)
    pixels = np.empty((height, width, 3), np.uint8)
    mujoco.mjr_readPixels(pixels, None, mujoco.MjrRect(0, 0, width, height), window._context)
    return pixels[::-1].astype(int)


def type_(key):
    window._typed(window._window, key, 0, glfw.PRESS, 0)


run(60)
all_of_them = picture()
assert all_of_them.std() > 10, "nothing is drawn"
type_(glfw.KEY_RIGHT_BRACKET)
type_(glfw.KEY_UP)
run(40)
one = picture()
assert np.abs(one - all_of_them).mean() > 3, "the chosen environment looks like all of them"
assert window.controls.env == 0
assert task.command[:, 0].eq(window.controls.command["ahead [m/s]"]).all(), "keys do not steer"
type_(glfw.KEY_SPACE)
run(3)
before, time = picture(), session.time
run(5)
assert session.time == time, "paused, and time goes on"
assert np.abs(picture() - before).max() <= 8, "paused, and something moves"
window._dragged(None, 0.0, 0.0)
window._orbit.move(0.5, 0.0, turns=True, shifts=False)
run(2)
assert np.abs(picture() - before).mean() > 3, "the mouse does not turn the view"
glfw.set_window_should_close(window._window, True)
run(2)
assert window.closed
window.close()
print("done")
"""


@pytest.fixture
def screen() -> str:
    if shutil.which("xvfb-run") is None:
        pytest.skip("no Xvfb on this machine")
    return "-screen 0 1400x900x24"


def shell(screen: str, *command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """`command` on a screen of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in ("WAYLAND_DISPLAY", "MUJOCO_GL")}
    return subprocess.run(
        ["xvfb-run", "-a", "-s", screen, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_window_shows_environments_and_answers_keys_and_mouse(screen: str) -> None:
    said = shell(screen, sys.executable, "-c", SCRIPT)
    if "viewer: no window" in said.stderr or "WindowError" in said.stderr:
        pytest.skip(said.stderr.splitlines()[-1])
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith("done\n")


def test_play_shows_a_window_and_films_beside_it(screen: str, tmp_path: Path) -> None:
    sizes = ("num_envs=8", "train.params.config.minibatch_size=128", "max_iterations=1", "experiment=one")
    train = [sys.executable, str(ROOT / "train.py"), "task=Cartpole", *sizes]
    subprocess.run(train, cwd=tmp_path, check=True, capture_output=True)
    short = ("num_envs=2", "episodes=2", "task.episode_length=20", "video=true", "video_seconds=0.3")
    said = shell(screen, sys.executable, str(ROOT / "play.py"), "viewer=window", *short, folder=tmp_path)
    if "viewer: no window" in said.stderr:
        pytest.skip(said.stderr)
    assert (said.returncode, said.stderr) == (0, "")
    assert "Cartpole: 2 episodes have ended" in said.stdout
    assert "Video of 0.3 s" in said.stdout
