"""Playing a policy: episodes counted and summed up, and a video of some environments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig
from rich.console import Console

from learning import checkpoint, opengl, recording
from learning.play_config import EPISODES, OWNER, completed
from learning.player import Player
from learning.replay import replay
from learning.seeding import chosen_seed, seed_everything
from learning.stopping import StopRequest
from learning.tally import Results, Tally, table
from learning.train import make_task
from learning.view.choice import NONE, WINDOW, chosen_viewer
from tasks.base.config import ConfigError

if TYPE_CHECKING:
    from learning.policy import Policy
    from learning.poses import Poses
    from learning.video import Video
    from learning.view.controls import Viewer

LEAST = 5.0  # length of a video of which the episodes fill less [s]
SHOWN = 64  # environments at most that a viewer shows
ENDLESS = 10**6  # episodes of each environment, where somebody watches


def play(config: DictConfig) -> Results:
    """Play what `config` says, of play.py or of train.py; what has ended is summed up, also after Ctrl-C.

    With `faults` it replays what went wrong instead, and no episode ends.
    """
    config = completed(config)
    if config.faults:
        replay(config)
        return Tally(0, 1, "cpu").results()
    path, viewer = Path(config.checkpoint), chosen_viewer(config.viewer)
    state = _load(path, config.task.name)
    films = config.video if config.video is not None else viewer == NONE
    if viewer == WINDOW:
        opengl.use("glfw")  # where a window has the thread's OpenGL, no other library can draw
    if films:
        recording.require()
    console = Console(highlight=False, soft_wrap=True)
    how = "mean actions" if config.deterministic else "actions drawn as in training"
    _say(console, f"{config.task.name}: playing {path}, epoch {state['epoch']}, {how}, {config.num_envs} environments")
    seed_everything(chosen_seed(config.seed), config.torch_deterministic)
    task = make_task(config)
    try:
        policy = _policy(config, state, task)
        tally = Tally(config.episodes or _many(config, viewer), config.num_envs, task.device)
        stopping = StopRequest(lambda: _say(console, "Stopping; once more stops at once."))
        with _recording(config, path, task, films) as video, stopping as stop:
            player = Player(task, policy, tally, video)
            if viewer == NONE:
                _play_all(player, console, stop)
            else:
                _play_watched(player, config, viewer, console, stop)
        _report(console, config, tally, video, task.dt)
        return tally.results()
    finally:
        task.close()


def _many(config: DictConfig, viewer: str) -> int:
    return EPISODES if viewer == NONE else ENDLESS * config.num_envs


def _play_all(player: Player, console: Console, stop: StopRequest) -> None:
    """Play, as fast as the machine can, until all episodes have ended and the video is long enough."""
    tally = player.tally
    live = console.status("") if console.is_terminal else contextlib.nullcontext()
    with live as status:
        while not stop.requested and not (tally.complete and player.filmed(LEAST)):
            player.step()
            if status is not None:
                status.update(f"{tally.finished} of {tally.wanted} episodes")


def _play_watched(player: Player, config: DictConfig, viewer: str, console: Console, stop: StopRequest) -> None:
    """Play in real time until nobody can watch any more, or all episodes have ended."""
    from learning.poses import Poses
    from learning.view.session import Session

    poses = Poses(player.task.sim, SHOWN)
    with contextlib.closing(_viewer(config, viewer, poses, player.task, console)) as shown:
        Session(player, shown, poses).run(lambda: stop.requested or player.tally.complete)
        if shown.closed:
            _say(console, f"{config.task.name}: the window was closed")


def _viewer(config: DictConfig, viewer: str, poses: Poses, task: Any, console: Console) -> Viewer:
    if viewer == WINDOW:
        from learning.view.window import Window

        return Window(poses, f"Myriad {config.task.name}", task.commands())
    from learning.view.page import Page

    name = config.task.name

    def changed(url: str, watched: bool) -> None:
        left = f"{name}: the page was closed; open {url} again, or end with Ctrl-C"
        _say(console, f"{name}: a browser shows the page" if watched else left)

    page = Page(poses, f"Myriad {name}", (config.web_host, config.web_port), task.commands(), changed=changed)
    _say(console, f"{name}: watch it at {page.url}; Ctrl-C ends")
    return page


def _load(path: Path, task: str) -> dict[str, Any]:
    state = checkpoint.load(path)
    found = checkpoint.misfits(state, path, task=task)
    if found:
        raise ConfigError(OWNER, found)
    return state


def _policy(config: DictConfig, state: dict[str, Any], task: Any) -> Policy:
    from learning.policy import trained  # rl-games, and with it a second of imports

    return trained(config, state, task, config.deterministic)


@contextlib.contextmanager
def _recording(config: DictConfig, path: Path, task: Any, films: bool) -> Iterator[Video | None]:
    """The video in the run's folder, if it `films` one."""
    if not films:
        yield None
        return
    file = Path(config.video_file) if config.video_file else recording.video_file(path)
    with (
        recording.drawing(task.sim, config.video_envs) as renderer,
        recording.kind_of(file)(file, renderer.draw, task.dt, config.video_seconds) as video,
    ):
        yield video


def _report(console: Console, config: DictConfig, tally: Tally, video: Video | None, step: float) -> None:
    results = tally.results()
    limited = config.episodes is not None and len(results) < tally.wanted
    count = f"{len(results)} of {tally.wanted}" if limited else str(len(results))
    _say(console, f"{config.task.name}: {count} episodes have ended")
    if len(results):
        console.print(table(results, step))
    if video is not None and video.frames:
        _say(console, f"Video of {video.seconds:.1f} s: {video.path}")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False)
