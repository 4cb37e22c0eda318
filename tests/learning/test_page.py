"""The page: what a browser receives, and what its clicks do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest
import torch

import tasks
from benchmarks.page_client import PageClient
from learning.player import Player
from learning.poses import Poses
from learning.tally import Tally
from learning.view.page import Page, linear
from learning.view.session import Session
from tests.composed import task_config

N = 4


class Still:
    """A policy that does nothing."""

    def __init__(self, actions: int) -> None:
        self._action = torch.zeros(N, actions)

    def __call__(self, obs: torch.Tensor) -> torch.Tensor:
        return self._action

    def forget(self, done: torch.Tensor) -> None:
        """There is nothing to forget."""


class Stage:
    """A page of a task, and the loop behind it."""

    def __init__(self, name: str) -> None:
        self.task = tasks.make(task_config(name), num_envs=N)
        poses = Poses(self.task.sim, N)
        self.changes: list[bool] = []
        self.player = Player(self.task, Still(self.task.action_size), Tally(10**6, N, "cpu"), None)  # type: ignore[arg-type]
        self.page = Page(poses, name, ("localhost", 0), self.task.commands(), changed=self._changed)
        self.session = Session(self.player, self.page, poses)

    def _changed(self, url: str, watched: bool) -> None:
        self.changes.append(watched)

    def run(self, seconds: float) -> None:
        """Simulate and serve for so long."""
        end = time.perf_counter() + seconds
        self.session.run(lambda: time.perf_counter() > end)

    def until(self, there: Any, seconds: float = 10.0) -> None:
        """Simulate and serve until something is there."""
        end = time.perf_counter() + seconds
        self.session.run(lambda: there() or time.perf_counter() > end)
        assert there()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    found = Stage("Go1")
    yield found
    found.page.close()
    found.task.close()


@pytest.fixture
def browser(stage: Stage) -> Iterator[PageClient]:
    stage.page.controls.paused = False
    with PageClient(stage.page.url) as client:
        stage.until(lambda: stage.page.watched)
        yield client
    stage.until(lambda: not stage.page.watched)


def test_shapes_come_once_and_then_move_many_times_a_second(stage: Stage, browser: PageClient) -> None:
    stage.run(1.5)
    meshes = browser.received["BatchedMeshesMessage"]
    assert len(meshes) == len(stage.page._handles)
    late = [moment for moment in browser.frames if moment > browser.frames[-1] - 1.0]
    assert len(late) >= 10  # 30 where the machine has nothing else to do
    assert {one["name"] for one in browser.moved()} == {one["name"] for one in meshes}


def test_a_click_pauses_and_another_goes_on(stage: Stage, browser: PageClient) -> None:
    browser.set("Pause", True)
    stage.until(lambda: stage.page.controls.paused)
    before = stage.session.time
    stage.run(0.2)
    assert stage.session.time == before
    browser.set("Step", True)
    stage.until(lambda: stage.session.time > before)
    assert stage.session.time == pytest.approx(before + stage.task.dt)
    browser.set("Pause", True)  # which now says "Go on"
    stage.until(lambda: stage.session.time > before + 0.2)


def test_reset_begins_new_episodes_that_alone_count(stage: Stage, browser: PageClient) -> None:
    stage.run(0.3)
    assert int(stage.task.progress.max()) > 5
    browser.set("Pause", True)
    stage.until(lambda: stage.page.controls.paused)
    browser.set("Reset", True)
    stage.until(lambda: int(stage.task.progress.max()) == 0)
    assert all(not bool(value.any()) for value in stage.player.tally._now.values())


def test_the_speed_is_that_of_simulated_time(stage: Stage, browser: PageClient) -> None:
    browser.set("Speed", "0.25")
    stage.until(lambda: stage.page.controls.speed == 0.25)
    before = stage.session.time
    stage.run(0.8)
    assert 0.03 <= stage.session.time - before <= 0.25
    browser.set("Speed", "1")
    stage.until(lambda: stage.page.controls.speed == 1.0)


def test_sliders_override_the_commands(stage: Stage, browser: PageClient) -> None:
    browser.set("ahead [m/s]", 0.8)
    browser.set("Steer", True)
    stage.until(lambda: stage.page.controls.steering and stage.page.controls.command["ahead [m/s]"] == 0.8)
    stage.run(0.2)
    assert stage.task.command[:, 0].eq(0.8).all()
    assert stage.task.command[:, 2].eq(0.0).all()
    browser.set("Steer", False)
    stage.until(lambda: not stage.page.controls.steering)


def test_a_chosen_environment_is_in_the_middle_and_is_told_about(stage: Stage, browser: PageClient) -> None:
    browser.set("Environment", "2")
    stage.until(lambda: stage.page.controls.env == 2)
    stage.until(lambda: "**Episode**" in browser.texts())
    place = stage.page._lineup.offsets[2] + stage.task.robot.root_pos[2].numpy()
    assert abs(place - stage.page._centre)[:2].max() < 1.0
    assert "GuiUplotMessage" in browser.received
    browser.set("Environment", "all")
    stage.until(lambda: stage.page.controls.env is None)


def test_coming_and_leaving_is_noticed_and_nobody_is_missed(stage: Stage) -> None:
    for _ in range(2):
        stage.changes.clear()
        with PageClient(stage.page.url):
            stage.until(lambda: stage.changes == [True])
        stage.until(lambda: stage.changes == [True, False])
    before = stage.session.time
    stage.run(0.2)
    assert stage.session.time > before


def test_a_page_says_nothing_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    task = tasks.make(task_config("Cartpole"), num_envs=1)
    with closing(task), closing(Page(Poses(task.sim, 1), "x", ("localhost", 0))):
        pass
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_playing_needs_no_browser_that_looks(stage: Stage) -> None:
    assert not stage.page.watched
    stage.run(0.1)


def test_colours_are_sent_in_proportion_to_light() -> None:
    assert linear(np.array([0, 128, 255], np.uint8)).tolist() == [0, 56, 255]
