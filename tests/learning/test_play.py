"""play.py: which run it finds, what it counts, what it leaves and says."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg  # type: ignore[import-untyped]
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from learning import checkpoint, opengl
from learning.play import play
from learning.play_config import compose
from learning.policy import Policy
from learning.tally import Tally
from learning.train import train
from tasks.base.config import ConfigError

ROOT = Path(__file__).parents[2]
Config = Callable[..., DictConfig]


def refusal(*args: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(args)
    return str(caught.value)


# What is counted.


def ends(tally: Tally, *done: bool, reward: float = 1.0, **info: Any) -> None:
    tally.step(torch.full((len(done),), reward), torch.tensor(done), info)


def test_every_environment_is_counted_as_often_as_every_other() -> None:
    tally = Tally(4, num_envs=2, device="cpu")
    for step in range(1, 11):
        ends(tally, True, step % 5 == 0)
    assert tally.complete
    assert sorted(tally.results().lengths.tolist()) == [1, 1, 5, 5]


def test_fewer_episodes_than_environments_are_those_of_the_first_environments() -> None:
    tally = Tally(2, num_envs=3, device="cpu")
    ends(tally, False, False, True)
    assert tally.finished == 0
    ends(tally, True, True, True)
    assert tally.complete
    assert tally.results().lengths.tolist() == [2, 2]


def test_returns_and_terms_are_sums_and_a_success_counts_at_any_step() -> None:
    tally = Tally(2, num_envs=2, device="cpu")
    for done in (False, True):
        success = torch.tensor([not done, False])
        ends(tally, done, done, reward=2.0, success=success, reward_terms={"near": torch.tensor([1.5, 0.5])})
    results = tally.results()
    assert results.returns.tolist() == [4.0, 4.0]
    assert results.successes is not None
    assert results.successes.tolist() == [True, False]
    assert results.terms["near"].tolist() == [3.0, 1.0]


def test_what_has_ended_so_far_can_be_read() -> None:
    tally = Tally(4, num_envs=2, device="cpu")
    assert len(tally.results()) == 0
    ends(tally, True, False)
    assert not tally.complete
    assert len(tally.results()) == 1


# The policy.


def policy_of(run: Path, **options: Any) -> Policy:
    params: Any = OmegaConf.to_container(OmegaConf.load(run / "config.yaml"), resolve=True)
    return Policy(params["train"]["params"], checkpoint.load(run / "nn/last.pth"), 8, "cpu", **options)


def test_a_policy_acts_within_bounds_and_repeats_itself_only_if_deterministic(run: Path) -> None:
    obs = 10 * torch.randn(8, 6)
    mean, drawn = policy_of(run), policy_of(run, deterministic=False)
    assert torch.equal(mean(obs), mean(obs))
    assert not torch.equal(drawn(obs), drawn(obs))
    assert mean(obs).shape == (8, 2)
    assert drawn(obs).abs().max() <= 1.0


def test_playing_leaves_the_statistics_of_the_policy_alone(run: Path) -> None:
    policy = policy_of(run)
    before = {name: value.clone() for name, value in policy.model.state_dict().items()}
    policy(100 * torch.randn(8, 6))
    assert all(torch.equal(value, before[name]) for name, value in policy.model.state_dict().items())


def test_a_policy_is_the_one_that_was_trained(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from learning.trainer import Trainer

    seen: dict[str, Any] = {}
    original = Trainer.train

    def remember(trainer: Trainer) -> bool:
        seen["agent"] = trainer.agent
        return original(trainer)

    monkeypatch.setattr(Trainer, "train", remember)
    overrides = ("experiment=one", "max_iterations=2")
    train(config(*overrides), overrides)
    obs = torch.randn(8, 6)
    agent = seen["agent"]
    agent.set_eval()
    expected = agent.get_action_values({"obs": obs})["mus"].clamp(-1.0, 1.0)
    assert torch.allclose(policy_of(Path("runs/one"))(obs), expected, atol=1e-5)


def test_memory_is_forgotten_where_an_episode_ends(config: Config) -> None:
    rnn = "{name: gru, units: 4, layers: 1, before_mlp: false}"
    overrides = ("experiment=one", "max_iterations=1", f"+train.params.network.rnn={rnn}")
    train(config(*overrides), overrides)
    policy, obs = policy_of(Path("runs/one")), torch.ones(8, 6)
    first, second = policy(obs), policy(obs)
    assert not torch.equal(first, second)
    policy.forget(torch.arange(8) < 4)
    third = policy(obs)
    assert torch.allclose(third[:4], first[:4])
    assert not torch.allclose(third[4:], first[4:])


# Playing.


def test_a_run_is_played_with_its_own_config_and_summed_up(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = play(compose(["task=Fake", "video=false", "episodes=6", "num_envs=4"]))
    said = capsys.readouterr().out
    assert len(results) == 6
    assert "6 episodes have ended" in said
    for word in ("return", "length", "success", "reward near", "reward effort"):
        assert word in said
    assert not (run / "videos").exists()


def test_the_same_seed_gives_the_same_numbers(run: Path) -> None:
    one, other = (play(compose(["video=false", "deterministic=false", "seed=3"])).returns for _ in range(2))
    assert torch.equal(one, other)


def test_train_with_test_plays(config: Config, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    play(config("test=true", "checkpoint=runs/one", "+video=false"))
    assert "16 episodes have ended" in capsys.readouterr().out


def test_ctrl_c_ends_with_the_summary_so_far(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Tally.step

    def interrupt(tally: Tally, *args: Any) -> None:
        original(tally, *args)
        if tally.finished:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Tally, "step", interrupt)
    results = play(compose(["video=false", "episodes=1000"]))
    said = capsys.readouterr().out
    assert 0 < len(results) < 1000
    assert f"{len(results)} of 1000 episodes have ended" in said
    assert "return" in said


# Which run is meant, and what is wrong.


def test_the_best_checkpoint_of_the_newest_run_is_played(run: Path) -> None:
    assert compose(["task=Fake"]).checkpoint == "runs/one/nn/Fake.pth"
    assert compose([]).checkpoint == compose(["checkpoint=latest"]).checkpoint == "runs/one/nn/Fake.pth"
    assert compose(["checkpoint=one"]).checkpoint == "runs/one/nn/Fake.pth"
    assert compose(["--checkpoint=runs/one/nn/last.pth"]).checkpoint == "runs/one/nn/last.pth"
    (run / "nn/Fake.pth").unlink()
    assert compose(["task=Fake"]).checkpoint == "runs/one/nn/last.pth"


def test_the_command_line_wins_over_the_run_and_the_run_over_the_defaults(run: Path) -> None:
    changed = compose(["--num_envs=3", "train.params.config.gamma=0.5"])
    assert (changed.num_envs, changed.train.params.config.gamma, changed.train.params.config.num_actors) == (3, 0.5, 3)
    assert (changed.episodes, changed.train.params.config.minibatch_size) == (None, 64)


def test_without_a_run_the_message_names_the_command_that_trains_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no run of Ant yet; there are no runs in runs/ yet; train one with python train.py task=Ant" in refusal(
        "task=Ant"
    )
    assert "train one with python train.py task=Cartpole" in refusal()


def test_a_task_without_runs_names_the_runs_there_are(run: Path) -> None:
    assert "no run of Ant yet; the newest runs are runs/one" in refusal("task=Ant")
    assert "did you mean Humanoid?" in refusal("task=humanoid")


def test_all_faults_are_in_one_message(run: Path) -> None:
    said = refusal(
        "epsiodes=3", "video_envs=x", "episodes=0", "task.gain=2", "rl_device=cuda:77", "video_file=film.avi"
    )
    for fault in (
        "epsiodes: no such key; did you mean 'episodes'?",
        "video_envs: given 'x'",
        "episodes: 0; must be above 0",
        "task.gain: given 2",
        "rl_device: 'cuda:77' is not available",
        "video_file: 'film.avi'; must end with .mp4 or .gif",
    ):
        assert fault in said


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["checkpoint=nowhere"], "no file or folder 'nowhere'; the newest runs are runs/one"),
        (["checkpoint=empty"], "no checkpoint in 'empty/nn' yet"),
        (["checkpoint=stray.pth"], "'stray.pth' lies in no run folder"),
        (["task=Ant", "checkpoint=runs/one"], "is of Fake, given task=Ant"),
        (["num_envs=1,2"], "num_envs=1,2: play.py plays one run"),
        (["~seed"], "nothing can be left out"),
        (["nonsense"], "nonsense: not an override"),
    ],
)
def test_a_wrong_command_line_says_what_would_do(run: Path, args: list[str], fault: str) -> None:
    Path("empty").mkdir()
    shutil.copy(run / "nn/last.pth", "stray.pth")
    assert fault in refusal(*args)


def test_a_damaged_checkpoint_and_one_of_another_network_are_refused(run: Path) -> None:
    with pytest.raises(ConfigError, match="weights do not fit the network"):
        play(compose(["video=false", "train.params.network.mlp.units=[16, 9]"]))
    (run / "nn/Fake.pth").write_bytes(b"no checkpoint")
    with pytest.raises(ConfigError, match="damaged"):
        play(compose(["video=false"]))


def test_without_opengl_nothing_is_simulated(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opengl, "candidates", lambda: ("missing",))
    monkeypatch.setattr("tasks.make", None)
    with pytest.raises(ConfigError, match=r"video: no OpenGL .*video=false"):
        play(compose([]))


def test_without_ffmpeg_nothing_is_simulated(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    monkeypatch.setattr("tasks.make", None)
    with pytest.raises(ConfigError, match=r"video: no ffmpeg .*video=false"):
        play(compose([]))


def test_a_port_in_use_is_refused_where_a_page_is_to_be_served(run: Path) -> None:
    with socket.create_server(("localhost", 0)) as server:
        port = f"web_port={server.getsockname()[1]}"
        assert f"{port.replace('=', ': ')} is in use" in refusal("viewer=web", port)
        assert compose(["viewer=none", port]).viewer == "none"
    assert "viewer: given 'page'; use one of auto, window, web, none" in refusal("viewer=page")


# From the shell.


def shell(folder: Path, script: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / script), *args]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=os.environ | environment, check=False
    )


def test_a_trained_cartpole_is_played_and_filmed(tmp_path: Path) -> None:
    sizes = ("num_envs=8", "train.params.config.minibatch_size=128", "max_iterations=1", "experiment=one")
    assert shell(tmp_path, "train.py", "task=Cartpole", *sizes).returncode == 0
    args = ("--task=Cartpole", "num_envs=2", "episodes=2", "video_seconds=0.3", "task.episode_length=20")
    played = shell(tmp_path, "play.py", *args)
    if "no OpenGL" in played.stderr:
        pytest.skip(played.stderr)
    assert played.returncode == 0, played.stderr
    assert not played.stderr
    assert "Cartpole: 2 episodes have ended" in played.stdout
    (video,) = (tmp_path / "runs/one/videos").iterdir()
    assert f"Video of 0.3 s: {video.relative_to(tmp_path)}" in played.stdout
    assert imageio_ffmpeg.count_frames_and_secs(str(video))[0] == 9


def test_a_mistake_is_one_message_without_a_traceback(tmp_path: Path) -> None:
    said = shell(tmp_path, "play.py", "task=Ant", MUJOCO_GL="nonsense")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("play.py: 1 fault in the config\n  task: no run of Ant yet")
    assert "Traceback" not in said.stderr


def test_help_names_the_keys_of_playing(tmp_path: Path) -> None:
    said = shell(tmp_path, "play.py", "--help")
    assert said.returncode == 0
    for key in ("episodes:", "deterministic:", "video:", "num_envs:"):
        assert key in said.stdout
