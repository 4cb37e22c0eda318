"""A window that shows environments on this machine's screen, drawn by MuJoCo and moved by mouse and keys."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from typing import Any

import glfw
import mujoco

from learning.poses import Poses, Snapshot
from learning.render import SAMPLES
from learning.scenery import Scenery
from learning.view import keys
from learning.view.chart import Chart
from learning.view.controls import Controls, News, standing
from learning.view.orbit import Orbit
from tasks.base.task import Command

WIDTH, HEIGHT = 1280, 720
CHART = (0.36, 0.42)  # of the window's width and height
NEWS = 0.25  # between two looks at plots and figures [s]


class WindowError(RuntimeError):
    """No window can be opened."""


class Window:
    """Shows the environments of `poses`; what is typed there stands in `controls`. To be used in the main thread."""

    watched = True

    def __init__(self, poses: Poses, title: str, commands: list[Command]) -> None:
        self.controls = Controls(command=standing(commands))
        self.closed, self._help, self._told = False, True, 0.0
        self._commands, self._envs, self._env = commands, poses.count, self.controls.env
        self._lines: dict[str, str] = {}
        self._orbit = Orbit()
        self._window = _open(title, visible=True)
        self._scenery = Scenery(poses.sim, poses.count, WIDTH, HEIGHT, SAMPLES)
        self._context = mujoco.MjrContext(self._scenery.model, int(mujoco.mjtFontScale.mjFONTSCALE_100))
        self._chart = Chart()
        glfw.set_key_callback(self._window, self._typed)
        glfw.set_cursor_pos_callback(self._window, self._dragged)
        glfw.set_scroll_callback(self._window, lambda _, dx, dy: self._orbit.zoom(dy))

    def show(self, snapshot: Snapshot, seconds: float, news: Callable[[], News]) -> None:
        """Draw a snapshot, and answer what was typed and moved."""
        glfw.poll_events()
        self.closed = bool(glfw.window_should_close(self._window))
        if self.closed:
            return
        if self._env != self.controls.env:
            self._env = self.controls.env
            self._scenery.follow(self._env)
            self._orbit = Orbit()
        if time.perf_counter() - self._told > NEWS:
            self._told = time.perf_counter()
            self._tell(news())
        glfw.make_context_current(self._window)
        self._orbit.held = not self.controls.follow
        self._scenery.compose(seconds, snapshot, self._orbit.turned)
        self._draw()
        glfw.swap_buffers(self._window)

    def close(self) -> None:
        """Close the window and free what OpenGL holds."""
        glfw.make_context_current(self._window)
        self._context.free()
        glfw.destroy_window(self._window)

    def _tell(self, news: News) -> None:
        self._lines = news.lines
        if news.history is not None:
            self._chart.update(news.history, self.controls.env)

    def _draw(self) -> None:
        width, height = glfw.get_framebuffer_size(self._window)
        whole = mujoco.MjrRect(0, 0, width, height)
        mujoco.mjr_render(whole, self._scenery.scene, self._context)
        size = int(width * CHART[0]), int(height * CHART[1])
        self._chart.draw(mujoco.MjrRect(width - size[0], 0, *size), self._context)
        rows = {**self._state(), **self._lines, **(keys.help_of(self._commands) if self._help else {"F1": "help"})}
        font, corner = int(mujoco.mjtFont.mjFONT_NORMAL), int(mujoco.mjtGridPos.mjGRID_TOPLEFT)
        mujoco.mjr_overlay(font, corner, whole, "\n".join(rows), "\n".join(rows.values()), self._context)

    def _state(self) -> dict[str, str]:
        controls = self.controls
        speed = "paused" if controls.paused else f"{controls.speed:g} x real time"
        rows = {"Speed": speed, "Environment": "all" if controls.env is None else str(controls.env)}
        if controls.steering:
            rows |= {name: f"{value:+.2f}" for name, value in controls.command.items()}
        return rows

    def _typed(self, window: Any, key: int, code: int, action: int, modifiers: int) -> None:
        if action == glfw.RELEASE:
            return
        if key == glfw.KEY_ESCAPE:
            glfw.set_window_should_close(self._window, True)
        elif key == glfw.KEY_F1:
            self._help = not self._help
        else:
            keys.typed(key, self.controls, self._commands, self._envs)

    def _dragged(self, window: Any, x: float, y: float) -> None:
        _, height = glfw.get_window_size(self._window)
        buttons = (glfw.MOUSE_BUTTON_LEFT, glfw.MOUSE_BUTTON_RIGHT)
        turns, shifts = (glfw.get_mouse_button(self._window, button) == glfw.PRESS for button in buttons)
        self._orbit.move(x / height, y / height, turns, shifts)


def require_window() -> None:
    """Raise WindowError unless a window can be opened and drawn into."""
    glfw.destroy_window(_open("Myriad", visible=False))


def _open(title: str, visible: bool) -> Any:
    """A window whose OpenGL is current."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        window = glfw.init() and _created(title, visible)
    if not window:
        raise WindowError(str(said[-1].message) if said else "GLFW opens none here")
    glfw.make_context_current(window)
    glfw.swap_interval(0)
    os.environ["MUJOCO_GL"] = "glfw"  # MuJoCo's C library looks there for whom to ask for OpenGL's functions
    return window


def _created(title: str, visible: bool) -> Any:
    glfw.default_window_hints()
    glfw.window_hint(glfw.SAMPLES, SAMPLES)
    glfw.window_hint(glfw.VISIBLE, visible)
    return glfw.create_window(WIDTH, HEIGHT, title, None, None)
