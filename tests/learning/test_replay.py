"""play.py faults=true: which file it finds, what becomes of each recorded state, what it leaves and says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg  # type: ignore[import-untyped]
import pytest
import torch
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import OmegaConf

from learning import faults
from learning.play import play
from learning.play_config import compose
from learning.replay import Outcome, replay
from tasks.base.config import ConfigError

ROOT = Path(__file__).parents[2]
STILL, SPINNING, HUGE, NAN = 0.0, 1.0, 1e12, float("nan")  # velocities of the pole [rad/s]


def states(*speeds: float, effort: float = 0.0) -> faults.States:
    """Cartpoles whose poles stand 0.1 rad from upright and turn at `speeds`."""
    k = len(speeds)
    qpos, qvel = torch.tensor([[0.0, 0.1]]).repeat(k, 1), torch.tensor([[0.0, speed] for speed in speeds])
    found = {"env": torch.arange(k) + 40, "frame": torch.arange(k) * 10, "qpos": qpos, "qvel": qvel}
    return found | {
        "ctrl": torch.tensor([[effort, 0.0]]).repeat(k, 1),
        "mocap_pos": torch.tensor([[[0.0, 0.0, 2.0]]]).repeat(k, 1, 1),
        "mocap_quat": torch.tensor([[[1.0, 0.0, 0.0, 0.0]]]).repeat(k, 1, 1),
    }


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of Cartpole on a GPU that was stopped before its first checkpoint."""
    monkeypatch.chdir(tmp_path)
    folder = Path("runs/one")
    folder.mkdir(parents=True)
    with initialize_config_dir(str(ROOT / "cfg"), version_base="1.3"):
        config = hydra_compose("config", ["task=Cartpole", "physics=warp", "sim_device=cuda:0"])
    OmegaConf.save(config, folder / "config.yaml")
    return folder


def written(run: Path, found: faults.States) -> Path:
    faults.save(run / "faults.pt", found, "Cartpole", epoch=3, env_steps=1000)
    return run


def replayed(*args: str) -> list[Outcome]:
    return replay(compose(["faults=true", "video=false", *args]))


def refusal(*args: str) -> str:
    with pytest.raises(ConfigError) as caught:
        replay(compose(["faults=true", "video=false", *args]))
    return str(caught.value)


# What becomes of a state.


def test_each_state_is_simulated_until_it_fails_again_or_its_second_is_over(run: Path) -> None:
    written(run, states(STILL, HUGE, SPINNING, NAN))
    still, huge, spinning, nan = replayed()
    assert (still.env, still.frame, still.failed, still.met) == (40, 0, None, ())
    assert (huge.env, huge.frame, huge.failed, huge.met) == (41, 10, 1, ("unstable",))
    assert (spinning.failed, nan.failed) == (None, 0)
    assert huge.speed == pytest.approx(1e12)


def test_a_state_ends_the_same_whatever_was_replayed_before(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from isaacgym.gymapi import Gym

    ends: list[torch.Tensor] = []
    original = Gym.simulate

    def remember(gym: Any, sim: Any) -> None:
        original(gym, sim)
        ends.append(sim.backend.data("qpos").clone())

    monkeypatch.setattr(Gym, "simulate", remember)
    written(run, states(SPINNING, HUGE, SPINNING))
    replayed()
    steps = (len(ends) - 1) // 2
    assert steps == 60
    assert torch.equal(ends[steps - 1], ends[-1])


def test_the_command_of_the_state_acts(run: Path) -> None:
    written(run, states(STILL, effort=NAN))
    (outcome,) = replayed()
    assert (outcome.failed, outcome.met) == (None, ("bad_control",))


def test_no_more_states_than_episodes_are_replayed(run: Path) -> None:
    written(run, states(*[HUGE] * 20))
    assert len(replayed()) == 16
    assert len(replayed("episodes=3")) == 3


def test_every_state_has_a_line_and_the_summary_counts_them(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(run, states(STILL, HUGE, NAN))
    assert len(play(compose(["faults=true", "video=false"]))) == 0
    said = capsys.readouterr().out
    assert "Cartpole: replaying 3 of 3 states of runs/one/faults.pt, from epoch 3, on MuJoCo's CPU engine" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["40", "0", "0", "stays", "finite"] in lines
    assert ["41", "10", "1e+12", "unstable", "1", "0.017"] in lines
    assert ["42", "20", "nan", "not", "finite", "as", "recorded"] in lines
    assert "Cartpole: 2 of 3 states fail here too, the last after 1 step; 1 stays finite on MuJoCo's CPU engine" in said


def test_another_engine_may_be_asked_for(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(run, states(HUGE))
    assert compose(["faults=true"]).physics == "mujoco"
    (outcome,) = replayed("physics=warp")
    assert outcome.failed == 1
    assert "on MuJoCo Warp" in capsys.readouterr().out


# Which file is meant, and what is wrong.


def test_a_run_its_name_its_file_and_the_newest_mean_the_same(run: Path) -> None:
    written(run, states(HUGE))
    for args in (["checkpoint=runs/one"], ["checkpoint=one"], ["checkpoint=runs/one/faults.pt"], ["task=Cartpole"], []):
        config = compose(["faults=true", *args])
        assert (config.checkpoint, config.num_envs, config.sim_device) == ("runs/one/faults.pt", 1, "cpu")


def test_without_faults_the_message_names_the_runs_that_have_some(run: Path) -> None:
    said = refusal("checkpoint=one")
    assert "faults: no faults.pt in 'runs/one'; a run leaves one when its physics becomes unstable" in said
    assert "no run in runs/ has one" in said
    other = Path("runs/other")
    other.mkdir()
    (other / "config.yaml").write_text((run / "config.yaml").read_text())
    written(other, states(HUGE))
    assert "runs with one: runs/other" in refusal("checkpoint=one")
    assert "no run of Ant has left a faults.pt; runs with one: runs/other" in refusal("task=Ant")
    assert "'runs/other' is of Cartpole, given task=Ant" in refusal("task=Ant", "checkpoint=other")
    assert "no file or folder 'nowhere'" in refusal("checkpoint=nowhere")


def test_a_damaged_file_and_one_of_another_task_are_refused(run: Path) -> None:
    (run / "faults.pt").write_bytes(b"nothing")
    assert "does not hold faults" in refusal()
    found = states(HUGE)
    faults.save(run / "faults.pt", found, "Ant", epoch=1, env_steps=1)
    assert "'runs/one/faults.pt' is of Ant, and the run's config of Cartpole" in refusal()
    written(run, found | {"qpos": torch.zeros(1, 9)})
    assert "needs qpos of shape (1, 2), given (1, 9)" in refusal()
    assert "num_envs: 4; states are replayed one at a time" in refusal("num_envs=4")


# From the shell.


def test_what_happens_is_filmed_one_state_after_the_other(run: Path) -> None:
    written(run, states(STILL, NAN, HUGE))
    command = [sys.executable, str(ROOT / "play.py"), "checkpoint=runs/one", "faults=true"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if "no OpenGL" in said.stderr:
        pytest.skip(said.stderr)
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    (video,) = (run / "videos").iterdir()
    assert f"Video of 2.0 s: {video}" in said.stdout
    assert imageio_ffmpeg.count_frames_and_secs(str(video))[0] == 60
    assert any(line.split()[-1] == "1.0" for line in said.stdout.splitlines() if line.strip().startswith("42"))
