"""Replaying faults.pt: what becomes of each recorded state when it is simulated once more, told and filmed."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from omegaconf import DictConfig
from rich import box
from rich.console import Console
from rich.table import Table

from learning import faults, recording
from learning.devices import chosen, sim_devices
from learning.play_config import EPISODES, OWNER
from learning.seeding import chosen_seed, seed_everything
from learning.stopping import StopRequest
from learning.train import make_task
from tasks.base.config import ConfigError

if TYPE_CHECKING:
    from learning.film import Film

SECONDS = 1.0  # that a state is simulated for, if it does not fail before
ENGINES = {"mujoco": "MuJoCo's CPU engine", "warp": "MuJoCo Warp"}
MOTION = ("qpos", "qvel", "mocap_pos", "mocap_quat")


class Outcome(NamedTuple):
    """What became of a recorded state."""

    env: int  # in which it was met
    frame: int  # how often that had been simulated
    speed: float  # largest of `qvel` as recorded [m/s] or [rad/s]
    failed: int | None  # the simulate call that it did not survive, 0: none was tried; None: it stays finite
    met: tuple[str, ...]  # what the engine counted
    shown: float | None  # where it begins in the video [s]


def replay(config: DictConfig) -> list[Outcome]:
    """Simulate the first `episodes` states of the faults.pt in `config.checkpoint`, each for a second or to its end."""
    path, engine = Path(config.checkpoint), _engine(config)
    recorded = _load(path, config.task.name)
    if config.video is not False:
        recording.require()
    console = Console(highlight=False, soft_wrap=True)
    total = len(recorded["states"]["env"])
    count = min(total, config.episodes or EPISODES)
    origin = f"{count} of {total} states of {path}, from epoch {recorded['epoch']}"
    _say(console, f"{config.task.name}: replaying {origin}, on {engine}")
    seed_everything(chosen_seed(config.seed), config.torch_deterministic)
    task = make_task(config)
    try:
        again = Replay(task, recorded["states"], path)
        with _filming(config, path, again, count) as film:
            outcomes = _outcomes(again, count, film, console)
        console.print(table(outcomes, again.dt))
        _say(console, f"{config.task.name}: {summary(outcomes, engine)}")
        if film is not None and film.frames:
            _say(console, f"Video of {film.seconds:.1f} s: {film.path}")
        return outcomes
    finally:
        task.close()


def _outcomes(again: Replay, count: int, film: Film | None, console: Console) -> list[Outcome]:
    """What becomes of the first `count` states; of fewer after Ctrl-C."""
    outcomes: list[Outcome] = []
    live = console.status("") if console.is_terminal else contextlib.nullcontext()
    with StopRequest(lambda: _say(console, "Stopping; once more stops at once.")) as stop, live as status:
        while len(outcomes) < count and not stop.requested:
            outcomes.append(again.run(len(outcomes), film))
            if status is not None:
                status.update(f"{len(outcomes)} of {count} states")
    return outcomes


class Replay:
    """Recorded states in the one environment of `task`."""

    def __init__(self, task: Any, states: faults.States, path: Path) -> None:
        self.task, self._states, self._path = task, states, path
        self.dt = float(task.gym.get_sim_params(task.sim).dt)  # one simulate call [s]
        self.steps = max(1, round(SECONDS / self.dt))

    def run(self, row: int, film: Film | None) -> Outcome:
        """Simulate the state in this row for a second, or until it fails."""
        state = {name: rows[row : row + 1] for name, rows in self._states.items()}
        shown, before = None, self._counts()
        failed: int | None = 0
        if _finite(state):
            self._put({name: rows for name, rows in state.items() if name not in ("env", "frame")})
            shown = film.begin() if film is not None else None
            failed = self._simulate(film)
        met = tuple(name for name, count in self._counts().items() if count > before[name])
        env, frame = int(state["env"]), int(state["frame"])
        return Outcome(env, frame, float(state["qvel"].abs().max()), failed, met, shown)

    def _put(self, state: faults.States) -> None:
        try:
            self.task.gym.set_sim_state(self.task.sim, state)
        except ValueError as error:
            raise _refusal(f"'{self._path}' does not fit the task, which has changed since the run: {error}") from error

    def _simulate(self, film: Film | None) -> int | None:
        """The simulate call that the present state does not survive; None if it survives its second."""
        failed: int | None = None
        for step in range(1, self.steps + 1):
            if film is not None:
                film.show(step - 1, moved=failed is None)
            if failed is None:
                failed = step if self._fails() else None
        return failed

    def _fails(self) -> bool:
        """Simulate once; whether the state did not survive it."""
        gym, sim = self.task.gym, self.task.sim
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it fails is what is asked for
            gym.simulate(sim)
        return bool(gym.get_unstable_tensor(sim)[0]) or not _finite(gym.get_sim_state(sim))

    def _counts(self) -> dict[str, int]:
        return {name: int(count.sum()) for name, count in self.task.gym.get_sim_health(self.task.sim).items()}


@contextlib.contextmanager
def _filming(config: DictConfig, path: Path, again: Replay, count: int) -> Iterator[Film | None]:
    """The film that the config asks for, as long as all states take."""
    if config.video is False:
        yield None
        return
    from learning.film import Film

    with recording.drawing(again.task.sim, 1) as renderer:
        film = Film(recording.video_file(path), renderer.draw, again.dt, again.steps, count)
        with film:
            yield film


def _engine(config: DictConfig) -> str:
    device = chosen(config.sim_device, sim_devices(config.physics))
    return ENGINES[config.physics or ("mujoco" if device == "cpu" else "warp")]


def _finite(state: faults.States) -> bool:
    return all(bool(torch.isfinite(state[name]).all()) for name in MOTION if name in state)


def _load(path: Path, task: str) -> dict[str, Any]:
    try:
        found = faults.load(path)
    except ValueError as error:
        raise _refusal(str(error)) from error
    if found["task"] != task:
        raise _refusal(f"'{path}' is of {found['task']}, and the run's config of {task}; give a run as it was left")
    return found


def table(outcomes: list[Outcome], dt: float) -> Table:
    """A line for each state; `dt` is one simulate call [s]."""
    shown = Table("env", "frame", "largest |qvel|", "what happens", "step", "\\[s]", box=box.SIMPLE_HEAD)
    if any(outcome.shown is not None for outcome in outcomes):
        shown.add_column("video \\[s]", justify="right")
    for column in (*shown.columns[:3], *shown.columns[4:6]):
        column.justify = "right"
    for one in outcomes:
        when = ("", "") if not one.failed else (str(one.failed), f"{one.failed * dt:.2g}")
        place = "" if one.shown is None else f"{one.shown:.1f}"
        cells = [str(one.env), str(one.frame), f"{one.speed:.3g}", _said(one), *when, place]
        shown.add_row(*cells[: len(shown.columns)])
    return shown


def summary(outcomes: list[Outcome], engine: str) -> str:
    """What became of all states."""
    failed = [outcome.failed for outcome in outcomes if outcome.failed is not None]
    finite = len(outcomes) - len(failed)
    said = f"{len(failed)} of {len(outcomes)} states fail here too"
    if failed:
        said += f", the last after {max(failed)} step{'' if max(failed) == 1 else 's'}"
    return f"{said}; {finite} stay{'s' if finite == 1 else ''} finite on {engine}"


def _said(one: Outcome) -> str:
    if one.failed == 0:
        return "not finite as recorded"
    if one.failed is not None:
        return ", ".join(one.met) or "not finite"
    return ", ".join(("stays finite", *one.met))


def _refusal(fault: str) -> ConfigError:
    return ConfigError(OWNER, [f"faults: {fault}"])


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False)
