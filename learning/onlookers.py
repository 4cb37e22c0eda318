"""Those who see what a training run does while it learns: videos now and then, and a page with live environments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from omegaconf import DictConfig

from learning import distributed

if TYPE_CHECKING:
    from learning.trainer import Trainer

LIVE_ENVS = 16  # on the page
TAG = "policy"  # of the videos in TensorBoard


@contextlib.contextmanager
def onlookers(config: DictConfig, trainer: Trainer, say: Callable[[str], None]) -> Iterator[None]:
    """Whoever `config` lets look on, while this is open."""
    with contextlib.ExitStack() as stack:
        if distributed.is_main():
            if config.capture_video:
                _film(config, trainer, say, stack)
            if config.viewer == "web":
                _serve(config, trainer, say, stack)
        yield


def _film(config: DictConfig, trainer: Trainer, say: Callable[[str], None], stack: contextlib.ExitStack) -> None:
    from learning.capture import Capture
    from learning.gif import animation

    agent = trainer.agent

    def show(pictures: list[np.ndarray], seconds: float, frame: int) -> None:
        add_animation(agent.writer, TAG, animation(pictures, seconds), pictures[0].shape[:2], frame)

    capture = Capture(
        trainer.task,
        trainer.run.videos,
        config.capture_video_freq,
        config.capture_video_len,
        lambda: int(agent.frame),
        show,
        say,
    )
    stack.callback(agent.writer.close)  # after the last film, which it may still have to write
    stack.callback(capture.close)
    agent.vec_env.onlookers.append(lambda info: capture.stepped())


def _serve(config: DictConfig, trainer: Trainer, say: Callable[[str], None], stack: contextlib.ExitStack) -> None:
    from learning.poses import Poses
    from learning.view.live import Live
    from learning.view.page import Page

    task, name = trainer.task, trainer.run.task
    poses = Poses(task.sim, LIVE_ENVS)
    page = Page(poses, f"Myriad {name}, training", (config.web_host, config.web_port), live=True)
    live = Live(poses, page, task.dt, lambda: _progress(trainer))
    stack.callback(live.close)
    agent = trainer.agent
    agent.vec_env.onlookers.append(lambda info: live.stepped(info["reward_terms"]))
    say(f"{name}: watch it learn at {page.url}")


def _progress(trainer: Trainer) -> dict[str, str]:
    reward = trainer.summary.final_reward
    lines = {"Epoch": str(trainer.agent.epoch_num), "Env-steps": f"{trainer.agent.frame:,}"}
    return lines | ({} if reward is None else {"Mean reward": f"{reward:.5g}"})


def add_animation(writer: Any, tag: str, gif: bytes, size: tuple[int, int], env_steps: int) -> None:
    """Put a GIF of this size (height, width) among TensorBoard's images."""
    from tensorboardX.proto.summary_pb2 import Summary

    image = Summary.Image(height=size[0], width=size[1], colorspace=3, encoded_image_string=gif)
    writer.file_writer.add_summary(Summary(value=[Summary.Value(tag=tag, image=image)]), env_steps)
