"""Playing a policy: episodes counted and summed up, and a video of some environments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from learning import checkpoint, recording
from learning.devices import chosen, rl_devices
from learning.play_config import OWNER, completed
from learning.replay import replay
from learning.seeding import chosen_seed, seed_everything
from learning.stopping import StopRequest
from learning.tally import Results, Tally, table
from learning.train import make_task
from tasks.base.config import ConfigError

if TYPE_CHECKING:
    from learning.policy import Policy
    from learning.video import Video

LEAST = 5.0  # length of a video of which the episodes fill less [s]


def play(config: DictConfig) -> Results:
    """Play what `config` says, of play.py or of train.py; what has ended is summed up, also after Ctrl-C.

    With `faults` it replays what went wrong instead, and no episode ends.
    """
    config = completed(config)
    if config.faults:
        replay(config)
        return Tally(0, 1, "cpu").results()
    path = Path(config.checkpoint)
    state = _load(path, config.task.name)
    if config.video:
        recording.require()
    console = Console(highlight=False, soft_wrap=True)
    how = "mean actions" if config.deterministic else "actions drawn as in training"
    _say(console, f"{config.task.name}: playing {path}, epoch {state['epoch']}, {how}, {config.num_envs} environments")
    seed_everything(chosen_seed(config.seed), config.torch_deterministic)
    task = make_task(config)
    try:
        policy = _policy(config, state, path, task)
        tally = Tally(config.episodes, config.num_envs, task.device)
        live = console.status("") if console.is_terminal else contextlib.nullcontext()
        stopping = StopRequest(lambda: _say(console, "Stopping; once more stops at once."))
        with _recording(config, path, task) as video, stopping as stop, live as status:
            for _ in _steps(task, policy, tally, video):
                if status is not None:
                    status.update(f"{tally.finished} of {tally.wanted} episodes")
                if stop.requested:
                    break
        _report(console, config.task.name, tally, video, task.dt)
        return tally.results()
    finally:
        task.close()


def _steps(task: Any, policy: Policy, tally: Tally, video: Video | None) -> Iterator[None]:
    """Step until all episodes have ended and the video is long enough to be watched."""
    obs = task.start()
    if video is not None:
        video.step()
    while not tally.complete or (video is not None and not video.full and video.seconds < LEAST):
        obs, reward, done, info = task.step(policy(obs))
        policy.forget(done)
        tally.step(reward, done, info)
        if video is not None:
            video.step()
        yield


def _load(path: Path, task: str) -> dict[str, Any]:
    state = checkpoint.load(path)
    found = checkpoint.misfits(state, path, task=task)
    if found:
        raise ConfigError(OWNER, found)
    return state


def _policy(config: DictConfig, state: dict[str, Any], path: Path, task: Any) -> Policy:
    from learning.policy import Policy  # rl-games, and with it a second of imports

    found = checkpoint.misfits(state, path, obs_size=task.obs_size, action_size=task.action_size)
    if found:
        raise ConfigError(OWNER, found)
    params: Any = OmegaConf.to_container(config.train.params, resolve=True)
    return Policy(params, state, task.num_envs, chosen(config.rl_device, rl_devices()), config.deterministic)


@contextlib.contextmanager
def _recording(config: DictConfig, path: Path, task: Any) -> Iterator[Video | None]:
    """The video that the config asks for, in the run's folder."""
    if not config.video:
        yield None
        return
    from learning.video import Video

    with (
        recording.drawing(task.sim, config.video_envs) as renderer,
        Video(recording.video_file(path), renderer.draw, task.dt, config.video_seconds) as video,
    ):
        yield video


def _report(console: Console, name: str, tally: Tally, video: Video | None, step: float) -> None:
    results = tally.results()
    count = f"{len(results)} of {tally.wanted}" if len(results) < tally.wanted else str(len(results))
    _say(console, f"{name}: {count} episodes have ended")
    if len(results):
        console.print(table(results, step))
    if video is not None and video.frames:
        _say(console, f"Video of {video.seconds:.1f} s: {video.path}")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False)
