"""What ISAACGYM_COMPAT=1 gives back to client code of Isaac Gym's time, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import imageio.v2 as imageio

ROOT = Path(__file__).parents[2]


def run(code: str, compat: str | None, *path: Path, arguments: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """`code` in a fresh interpreter that finds this package and what lies in `path`."""
    env = {key: value for key, value in os.environ.items() if key != "ISAACGYM_COMPAT"}
    env["PYTHONPATH"] = os.pathsep.join(map(str, [ROOT, *path]))
    if compat is not None:
        env["ISAACGYM_COMPAT"] = compat
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=env)


NAMES = "import isaacgym, numpy as np; print(np.Inf, np.float(2), np.product([2, 3]), np.in1d([1, 2], [2]))"


def test_removed_names_of_numpy_are_back_only_where_they_are_asked_for() -> None:
    asked = run(NAMES, "1")
    assert asked.stdout.strip() == "inf 2.0 6 [False  True]", asked.stderr
    for compat in (None, "0"):
        assert "AttributeError" in run(NAMES, compat).stderr


def test_gym_is_gymnasium_where_there_is_no_gym() -> None:

    code = (
        "import isaacgym, gym, gymnasium\n"
        "from gym import spaces\n"
        "import gym.wrappers\n"
        "assert gym is gymnasium and spaces is gymnasium.spaces and gym.wrappers is gymnasium.wrappers\n"
        "assert gymnasium.__spec__.name == 'gymnasium'\n"
    )
    assert run(code, "1").returncode == 0
    assert "No module named 'gym'" in run(code, None).stderr


def test_a_wrapper_reads_from_the_environment_in_it_what_it_lacks() -> None:
    code = (
        "import isaacgym, gym\n"
        "env = gym.Env()\n"
        "env.num_obs = 70\n"
        "wrapper = gym.Wrapper(gym.Wrapper(env))\n"
        "assert wrapper.num_obs == 70\n"
        "assert not hasattr(wrapper, 'num_actions') and not hasattr(wrapper, '_private')\n"
    )
    assert run(code, "1").returncode == 0, run(code, "1").stderr


def test_a_wrapper_takes_an_environment_of_any_class() -> None:
    code = (
        "import isaacgym, gym\n"
        "class Task:\n"
        "    num_envs = 3\n"
        "    def reset(self): return 7\n"
        "class Wrapper(gym.Wrapper):\n"
        "    def __init__(self, env): super().__init__(env)\n"
        "wrapper = Wrapper(gym.Wrapper(Task()))\n"
        "assert wrapper.num_envs == 3 and wrapper.reset() == 7\n"
    )
    assert run(code, "1").returncode == 0, run(code, "1").stderr


def test_a_task_without_a_render_mode_is_filmed(tmp_path: Path) -> None:
    code = (
        "import isaacgym, gym, sys, numpy as np\n"
        "class Task:\n"
        "    def reset(self): return 0\n"
        "    def step(self, action): return 0, [1.0, 1.0], [False, False], {}\n"
        "    def render(self, mode): return np.full((33, 47, 3), 90, np.uint8)\n"
        "films = gym.wrappers.RecordVideo(Task(), sys.argv[1], step_trigger=lambda i: i % 4 == 0, video_length=3)\n"
        "films.reset()\n"
        "assert all(len(films.step(0)) == 4 for _ in range(9))\n"
    )
    done = run(code, "1", arguments=[str(tmp_path)])
    assert done.returncode == 0, done.stderr
    film = imageio.mimread(tmp_path / "rl-video-step-4.mp4")
    assert len(film) == 3
    assert film[0].shape == (32, 46, 3)


def test_a_wrapper_resets_an_environment_that_knows_no_seed() -> None:
    code = (
        "import isaacgym, gym\n"
        "class Old(gym.Env):\n"
        "    def reset(self): return 7\n"
        "assert gym.Wrapper(Old()).reset() == 7\n"
    )
    assert run(code, "1").returncode == 0, run(code, "1").stderr


def test_a_client_s_own_folder_comes_before_a_package_of_ours_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "learning").mkdir()
    (tmp_path / "learning" / "amp_agent.py").write_text("own = True\n")
    code = "import isaacgym, tasks; from learning import amp_agent; assert amp_agent.own"
    assert run(code, "1", tmp_path).returncode == 0, run(code, "1", tmp_path).stderr
    assert "cannot import name 'amp_agent'" in run(code, None, tmp_path).stderr


def test_a_gym_that_is_installed_stays(tmp_path: Path) -> None:
    (tmp_path / "gym.py").write_text("own = True\n")
    assert run("import isaacgym, gym; assert gym.own", "1", tmp_path).returncode == 0


def test_a_submodule_that_gymnasium_lacks_is_not_found() -> None:
    found = run("import isaacgym, gym.no_such_part", "1")
    assert "ModuleNotFoundError: No module named 'gym.no_such_part'" in found.stderr
