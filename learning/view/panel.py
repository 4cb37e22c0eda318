"""What can be clicked and read beside the picture of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import viser
from viser import uplot

from learning.view.controls import SPEEDS, Controls, News
from tasks.base.task import Command

ALL = "all"
COLORS = ("#2b6cb0", "#dd6b20", "#2f855a", "#c53030", "#6b46c1", "#975a16", "#0987a0", "#b83280", "#4a5568", "#718096")


class Panel:
    """Fills a viser GUI with controls of `envs` environments; `turn` is called with the one that is chosen."""

    def __init__(
        self,
        gui: viser.GuiApi,
        controls: Controls,
        envs: int,
        commands: list[Command],
        live: bool,
        turn: Callable[[int | None], None],
    ) -> None:
        self._gui, self._controls, self._turn = gui, controls, turn
        self._plot: Any = None
        self._envs: Any = None
        if not live:
            self._add_simulation()
        self._add_camera(envs)
        if commands:
            self._add_commands(commands)
        self._text = gui.add_markdown("")

    def tell(self, news: News) -> None:
        """Bring figures and plots up to date."""
        if news.history is not None:
            times, values = news.history.series(self._controls.env)
            self._draw(news.history.names, times, values)
        self._text.content = "  \n".join(f"**{title}** {value}" for title, value in news.lines.items())
        self._show_paused()

    def choose(self, env: int) -> None:
        """Choose an environment, as if in the list."""
        self._envs.value = str(env)

    def _add_simulation(self) -> None:
        gui, controls = self._gui, self._controls
        with gui.add_folder("Simulation"):
            self._pause = gui.add_button("Pause", icon=viser.Icon.PLAYER_PAUSE)
            step = gui.add_button("Step", icon=viser.Icon.PLAYER_TRACK_NEXT, hint="One control step, then pause")
            reset = gui.add_button("Reset", icon=viser.Icon.REFRESH, hint="New episodes in all environments")
            speed = gui.add_dropdown("Speed", [f"{speed:g}" for speed in SPEEDS], initial_value="1")
        self._pause.on_click(lambda _: self._toggle())
        step.on_click(lambda _: controls.step_once())
        reset.on_click(lambda _: controls.reset())
        speed.on_update(lambda _: setattr(controls, "speed", float(speed.value)))

    def _toggle(self) -> None:
        self._controls.paused = not self._controls.paused
        self._show_paused()

    def _show_paused(self) -> None:
        if hasattr(self, "_pause"):
            self._pause.label = "Go on" if self._controls.paused else "Pause"

    def _add_camera(self, envs: int) -> None:
        gui, controls = self._gui, self._controls
        with gui.add_folder("Camera"):
            self._envs = gui.add_dropdown("Environment", [ALL, *map(str, range(envs))], initial_value=ALL)
            follow = gui.add_checkbox("Follow", initial_value=True)
            again = gui.add_button("Back to the start", hint="The view that the page began with")
        self._envs.on_update(lambda _: self._choose())
        follow.on_update(lambda _: setattr(controls, "follow", follow.value))
        again.on_click(lambda _: self._turn(controls.env))

    def _choose(self) -> None:
        value = self._envs.value
        self._controls.env = None if value == ALL else int(value)
        self._turn(self._controls.env)

    def _add_commands(self, commands: list[Command]) -> None:
        gui, controls = self._gui, self._controls
        with gui.add_folder("Command"):
            steer = gui.add_checkbox("Steer", initial_value=False, hint="These go to the policy, in every environment")
            for command in commands:
                self._add_command(command)
        steer.on_update(lambda _: setattr(controls, "steering", steer.value))

    def _add_command(self, command: Command) -> None:
        wanted, name = self._controls.command, command.name
        slider = self._gui.add_slider(name, command.low, command.high, 0.01, wanted[name])
        slider.on_update(lambda _: wanted.__setitem__(name, float(slider.value)))

    def _draw(self, names: list[str], times: np.ndarray, values: np.ndarray) -> None:
        if len(times) < 2:
            return
        columns = (times, *(column.astype(np.float64) for column in values.T))
        if self._plot is not None:
            self._plot.data = columns
            return
        lines = [
            uplot.Series(label=name, stroke=COLORS[number % len(COLORS)], width=1.5)
            for number, name in enumerate(names)
        ]
        with self._gui.add_folder("Reward terms"):
            self._plot = self._gui.add_uplot(
                columns, (uplot.Series(label="s"), *lines), scales={"x": uplot.Scale(time=False)}, aspect=1.2
            )
