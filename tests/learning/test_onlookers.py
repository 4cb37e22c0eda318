"""Looking on while a policy learns: films now and then, a page with live environments, and the same training."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import imageio_ffmpeg  # type: ignore[import-untyped]
import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from benchmarks.page_client import PageClient, entered
from learning import capture, opengl
from learning.check import config_faults
from learning.gif import animation
from learning.train import train
from learning.video import VideoError
from tests.composed import CFG

SIZES = ("num_envs=8", "train.params.config.minibatch_size=128", "max_iterations=4", "seed=1", "sim_device=cpu")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(CFG), version_base="1.3"):
        return compose("config", ["task=Cartpole", *SIZES, *overrides])


def losses(run: str) -> list[float]:
    events = EventAccumulator(f"runs/{run}/summaries")
    events.Reload()
    return [event.value for event in events.Scalars("losses/a_loss")]


@pytest.fixture
def _needs_opengl() -> None:
    try:
        opengl.open_context(8, 8).free()
    except opengl.OpenGLError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_needs_opengl")
def test_films_are_left_in_the_run_and_in_tensorboard_and_learning_is_the_same() -> None:
    train(config("experiment=plain"))
    train(config("experiment=filmed", "capture_video=true", "capture_video_freq=100", "capture_video_len=20"))
    films = sorted(Path("runs/filmed/videos").iterdir())
    assert films[0].name == "training_000000000000.mp4"
    assert imageio_ffmpeg.count_frames_and_secs(str(films[0]))[0] == 10
    events = EventAccumulator("runs/filmed/summaries")
    events.Reload()
    first = events.Images("policy")[0]
    assert (first.step, first.width, first.height) == (0, 320, 180)
    assert iio.imread(first.encoded_image_string, extension=".gif", index=None).shape == (5, 180, 320, 3)
    assert losses("filmed") == losses("plain")


@pytest.mark.gpu
@pytest.mark.usefixtures("_needs_opengl")
def test_films_are_made_of_what_a_gpu_simulates() -> None:
    films = ("capture_video=true", "capture_video_freq=100", "capture_video_len=20")
    train(config("experiment=filmed", *films, "sim_device=cuda:0", "rl_device=cuda:0"))
    film = Path("runs/filmed/videos/training_000000000000.mp4")
    assert imageio_ffmpeg.count_frames_and_secs(str(film))[0] == 10


def test_a_film_that_cannot_be_written_is_told_once_and_training_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*args: Any) -> Any:
        raise VideoError("the disk is full")

    monkeypatch.setattr(capture.Capture, "_draw", fail)
    monkeypatch.setattr("learning.recording.video_fault", lambda: None)
    assert train(config("experiment=one", "capture_video=true", "capture_video_freq=8", "capture_video_len=4"))
    said = capsys.readouterr().out
    assert said.count("capture_video: the disk is full; training goes on without") == 1
    assert json.loads(Path("runs/one/summary.json").read_text())["epochs"] == 4


def test_an_animation_is_a_gif_that_moves() -> None:
    pictures = [np.full((8, 16, 3), 40 * i, np.uint8) for i in range(4)]
    read = iio.imread(animation(pictures, 0.05), extension=".gif", index=None)
    assert read.shape == (4, 8, 16, 3)
    assert read[3].mean() > read[0].mean() + 50


def test_a_page_shows_training_and_can_be_left_and_entered_again(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    done: list[bool] = []
    seen: list[int] = []

    def look() -> None:
        for _ in range(2):
            browser = entered(f"http://localhost:{port}", lambda: bool(done))
            seen.append(_moved(browser))
            browser.close()
        if not done:
            os.kill(os.getpid(), signal.SIGINT)  # ends training after its epoch

    onlooker = threading.Thread(target=look)
    onlooker.start()
    try:
        assert not train(config("experiment=one", "viewer=web", f"web_port={port}", "max_iterations=100000"))
    finally:
        done.append(True)
        onlooker.join()
    assert len(seen) == 2
    assert f"Cartpole: watch it learn at http://localhost:{port}" in capsys.readouterr().out


def _moved(browser: PageClient) -> int:
    """How often shapes have moved, once they did and something was told."""
    browser.wait_for(lambda: len(browser.moved()) > 20 and "**Epoch**" in browser.texts())
    return len(browser.moved())


# What is wrong.


def the_fault(*overrides: str) -> str:
    (fault,) = config_faults(config(*overrides))
    return fault


def test_a_port_in_use_and_a_window_are_refused_before_anything_is_simulated() -> None:
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
        assert f"web_port: {port} is in use" in the_fault("viewer=web", f"web_port={port}")
    assert "viewer: window; training is watched with viewer=web" in the_fault("viewer=window")


def test_without_opengl_or_ffmpeg_filming_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opengl, "candidates", lambda: ("missing",))
    assert "capture_video: no OpenGL" in the_fault("capture_video=true")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "")

    def missing() -> str:
        raise RuntimeError("No ffmpeg exe could be found.\nInstall it.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    said = the_fault("capture_video=true")
    assert "capture_video: no ffmpeg to encode with (No ffmpeg exe could be found.)" in said
    assert "capture_video=false trains without" in said


@pytest.mark.usefixtures("_needs_opengl")
def test_intervals_must_be_above_zero() -> None:
    assert the_fault("capture_video=true", "capture_video_freq=0") == "capture_video_freq: 0; must be above 0"
