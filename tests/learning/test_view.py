"""Watching: how fast time passes, what is remembered, where a page can be, what keys and mouse do."""

from __future__ import annotations

import socket
import sys
from typing import Any

import glfw
import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from learning.staging import View
from learning.view import choice, keys
from learning.view.address import port_faults
from learning.view.controls import Controls, standing
from learning.view.history import History
from learning.view.orbit import Orbit
from learning.view.session import BUSY, Pacer
from tasks.base.task import Command

DT = 0.02
VIEW = View(np.array([1.0, 2.0, 0.5]), 4.0, 90.0, -20.0)


# How fast time passes.


def steps(controls: Controls, seconds: float, interval: float = 0.04) -> int:
    """Control steps that are due in so many seconds of real time."""
    pacer = Pacer(DT, 0.0)
    return sum(pacer.due((i + 1) * interval, controls) for i in range(round(seconds / interval)))


@pytest.mark.parametrize("speed", [0.125, 1.0, 4.0])
def test_simulated_time_passes_at_the_speed_that_is_asked_for(speed: float) -> None:
    assert steps(Controls(speed=speed), 4.0) == pytest.approx(4.0 * speed / DT, abs=1)


def test_what_a_slow_machine_could_not_do_is_forgotten() -> None:
    assert Pacer(DT, 0.0).due(100.0, Controls()) == pytest.approx(BUSY / DT, abs=1)


def test_single_steps_are_taken_while_paused_and_nothing_is_made_up_for() -> None:
    controls, pacer = Controls(), Pacer(DT, 0.0)
    controls.step_once()
    controls.step_once()
    assert controls.paused
    assert [pacer.due(now, controls) for now in (0.1, 0.2)] == [2, 0]
    controls.paused = False
    assert pacer.due(0.25, controls) == 2


def test_a_reset_is_taken_once() -> None:
    controls = Controls()
    controls.reset()
    assert [controls.take_reset(), controls.take_reset()] == [True, False]


# What is remembered.


def test_the_history_holds_the_last_seconds_of_each_term() -> None:
    history = History(["one", "two"], envs=2, step=DT, span=1.0)
    assert len(history.series(None)[0]) == 0
    for i in range(80):
        history.add(np.array([[i, 0.0], [i + 2.0, 1.0]]))
    times, values = history.series(1)
    assert (times[0], times[-1]) == pytest.approx((-1.0 + DT, 0.0))
    assert values[:, 0].tolist() == [i + 2.0 for i in range(30, 80)]
    assert history.series(None)[1][-1].tolist() == [80.0, 0.5]
    history.forget()
    assert len(history.series(None)[0]) == 0


def test_a_long_history_is_thinned_and_ends_with_now() -> None:
    history = History(["one"], envs=1, step=0.001, span=10.0)
    history.add(np.array([[7.0]]))
    times, values = history.series(0)
    assert (times.tolist(), values.tolist()) == ([0.0], [[7.0]])


# Where a page can be.


def test_a_port_in_use_is_a_fault_that_names_another() -> None:
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
        (fault,) = port_faults("localhost", port)
        assert fault.startswith(f"web_port: {port} is in use")
        assert f"web_port={port + 1}" in fault
    assert port_faults("localhost", port) == []


def test_addresses_that_are_none_are_faults() -> None:
    assert "web_port: 70000; must be between 0 and 65535" in port_faults("localhost", 70000)
    assert "is not this machine; use localhost" in port_faults("192.0.2.1", 8080)[0]
    assert "is unknown" in port_faults("no.such.host.invalid", 8080)[0]


# Which viewer.


class Terminal:
    """A standard output that somebody reads."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.__stdout__, name)

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_display")
def test_without_a_display_a_page_is_served_where_somebody_sits_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice.chosen_viewer("auto") == "none"  # pytest reads what is printed
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert choice.chosen_viewer("auto") == "web"
    assert choice.chosen_viewer("none") == "none"


@pytest.mark.usefixtures("no_display")
def test_a_window_without_a_display_is_a_fault_that_names_the_others() -> None:
    config = OmegaConf.create({"viewer": "window", "web_host": "localhost", "web_port": 0})
    (fault,) = choice.viewer_faults(config)
    assert fault.startswith("viewer: no display for a window, DISPLAY is not set; viewer=web serves a page")


def test_a_display_that_does_not_answer_is_a_fault_and_auto_serves_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    config = OmegaConf.create({"viewer": "window", "web_host": "localhost", "web_port": 0})
    assert "viewer: no window: " in choice.viewer_faults(config)[0]
    assert choice.chosen_viewer("auto") == "web"


# Keys and mouse.


COMMANDS = [Command("ahead [m/s]", -1.0, 1.0, torch.zeros(2)), Command("height [m]", 0.2, 0.4, torch.zeros(2))]


def test_keys_do_what_the_help_says() -> None:
    controls = Controls(command=standing(COMMANDS))
    for key in (glfw.KEY_SPACE, glfw.KEY_EQUAL, glfw.KEY_LEFT_BRACKET, glfw.KEY_F):
        keys.typed(key, controls, COMMANDS, envs=4)
    assert (controls.paused, controls.speed, controls.env, controls.follow) == (True, 2.0, 3, False)
    keys.typed(glfw.KEY_RIGHT_BRACKET, controls, COMMANDS, envs=4)
    assert controls.env == 0
    keys.typed(glfw.KEY_A, controls, COMMANDS, envs=4)
    assert controls.env is None


def test_command_keys_stay_in_range_and_begin_to_steer() -> None:
    controls = Controls(command=standing(COMMANDS))
    assert controls.command == {"ahead [m/s]": 0.0, "height [m]": 0.2}
    keys.typed(glfw.KEY_UP, controls, COMMANDS, envs=1)
    assert controls.steering
    assert controls.command["ahead [m/s]"] == pytest.approx(0.1)
    for _ in range(30):
        keys.typed(glfw.KEY_RIGHT, controls, COMMANDS, envs=1)
    assert controls.command["height [m]"] == pytest.approx(0.2)
    assert keys.help_of(COMMANDS)["Left Right"] == "height [m]"


def test_the_speed_has_ends() -> None:
    controls = Controls()
    controls.faster(99)
    assert controls.speed == 8.0
    controls.faster(-99)
    assert controls.speed == 0.125


def test_a_mouse_turns_shifts_and_zooms_the_view() -> None:
    orbit = Orbit()
    assert orbit.turned(VIEW)[1:] == VIEW[1:]
    orbit.move(0.5, 0.5, turns=False, shifts=False)
    orbit.move(0.75, 0.5, turns=True, shifts=False)
    assert orbit.turned(VIEW).azimuth == 45.0
    orbit.move(0.75, 0.0, turns=True, shifts=False)
    assert orbit.turned(VIEW).elevation == pytest.approx(70.0)
    orbit.zoom(1.0)
    assert orbit.turned(VIEW).distance < 4.0
    orbit.move(0.85, 0.0, turns=False, shifts=True)
    assert np.linalg.norm(orbit.turned(VIEW).lookat - VIEW.lookat) == pytest.approx(0.36)


def test_a_held_view_stays_where_it_was() -> None:
    orbit = Orbit()
    orbit.turned(VIEW)
    orbit.held = True
    later = View(VIEW.lookat + 5.0, *VIEW[1:])
    assert orbit.turned(later).lookat.tolist() == VIEW.lookat.tolist()
