"""Pictures and videos: they show the robots, all of them, where they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import imageio_ffmpeg  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch

import tasks
from isaacgym import gymapi
from learning import opengl
from learning.gif import Gif
from learning.render import Renderer
from learning.staging import CUT, Box, Follower, Lens, stand, stands_in_row, view_of
from learning.video import Video, VideoError
from tests.composed import task_config

WIDTH, HEIGHT = 192, 108
LENS = Lens(45.0, 16 / 9)
ROBOT = Box(np.array([-0.5, -0.5, 0.0]), np.array([0.5, 0.5, 1.0]))


@pytest.fixture(scope="module")
def _needs_opengl() -> None:
    try:
        opengl.open_context(8, 8).free()
    except opengl.OpenGLError as error:
        pytest.skip(str(error))


@pytest.fixture
def cartpole(_needs_opengl: None) -> Iterator[Any]:
    task = tasks.make(task_config("Cartpole"), num_envs=2)
    task.start()
    yield task
    task.close()


def draw(task: Any, count: int = 2) -> np.ndarray:
    with closing(Renderer(task.sim, count, WIDTH, HEIGHT)) as renderer:
        return renderer.draw().astype(int)


def test_a_moving_robot_changes_its_pixels_and_the_ground_stays(cartpole: Any) -> None:
    with closing(Renderer(cartpole.sim, 2, WIDTH, HEIGHT)) as renderer:
        before = renderer.draw().astype(int)
        for _ in range(30):
            cartpole.step(torch.full((2, 1), 0.05))
        moved = np.abs(renderer.draw(0.5).astype(int) - before).max(-1) > 20
    assert before.shape == (HEIGHT, WIDTH, 3)
    assert before.std() > 10
    assert 20 < moved.sum() < 0.1 * moved.size


def test_a_picture_of_two_shows_both(cartpole: Any) -> None:
    with closing(Renderer(cartpole.sim, 2, WIDTH, HEIGHT)) as renderer:
        before = renderer.draw().astype(int)
        for env in range(2):
            mask = torch.arange(2) == env
            joints = torch.tensor([[1.0, 0.5]]).expand(2, 2)
            cartpole.robot.write(mask, cartpole.robot.default_root, joints, torch.zeros(2, 2))
            after = renderer.draw(0.1).astype(int)
            assert (np.abs(after - before).max(-1) > 20).sum() > 20
            before = after


def test_a_body_has_the_colour_it_was_given_in_its_environment(cartpole: Any) -> None:
    red = gymapi.Vec3(1.0, 0.0, 0.0)
    cartpole.gym.set_rigid_body_color(cartpole.sim.envs[1], 0, 1, gymapi.MESH_VISUAL, red)
    picture = draw(cartpole)
    reddest = picture[..., 0] - picture[..., 1:].max(-1)
    assert (reddest > 100).sum() > 10


@pytest.mark.usefixtures("_needs_opengl")
@pytest.mark.parametrize("name", ["Cartpole", "Ant", "Humanoid"])
def test_a_robot_casts_a_shadow(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = tasks.make(task_config(name), num_envs=1)
    with closing(task):
        task.start()
        lit = draw(task, 1)
        monkeypatch.setattr("learning.scenery.Shadow.of", lambda model: None)
        darker = draw(task, 1) - lit
    assert ((darker > 10).all(-1)).sum() > 10
    assert not (darker < -10).any()


def test_robots_stand_beside_each_other_and_all_are_in_view() -> None:
    offsets = stand(ROBOT, 4)
    assert stands_in_row(ROBOT)
    assert np.diff(offsets[:, 1]).min() > 1.0
    assert not offsets[:, 0].any()
    view = Follower(ROBOT, np.zeros((4, 3)), LENS).view(np.zeros((4, 3)), 0.0)
    assert in_view(ROBOT.moved(offsets), view)


def test_what_is_long_across_stands_one_behind_the_other() -> None:
    rail = Box(np.array([-0.1, -4.0, 0.0]), np.array([0.1, 4.0, 1.0]))
    assert not stands_in_row(rail)
    assert np.diff(stand(rail, 3)[:, 0]).min() > 0.2


def test_many_robots_stand_in_a_square() -> None:
    offsets = stand(ROBOT, 9)
    assert len(np.unique(offsets.round(6), axis=0)) == 9
    assert np.ptp(offsets[:, 0]) == pytest.approx(np.ptp(offsets[:, 1]))


def in_view(box: Box, view: Any) -> bool:
    az, el = np.radians(view.azimuth), np.radians(view.elevation)
    forward = np.array([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)])
    right = np.array([np.sin(az), -np.cos(az), 0.0])
    from_camera = box.corners - (view.lookat - view.distance * forward)
    depth, half = from_camera @ forward, np.tan(np.radians(LENS.fovy) / 2)
    inside = np.abs(from_camera @ right) <= depth * half * LENS.aspect
    return bool((inside & (np.abs(from_camera @ np.cross(right, forward)) <= depth * half)).all())


def test_a_view_is_as_near_as_the_box_allows() -> None:
    view = view_of(ROBOT, (148.0, -16.0), LENS)
    assert in_view(ROBOT, view)
    assert not in_view(ROBOT, view._replace(distance=0.8 * view.distance))


def test_the_camera_keeps_up_with_robots_that_run() -> None:
    roots = np.zeros((4, 3))
    follower = Follower(ROBOT, roots, LENS)
    start = follower.view(roots, 0.0).lookat
    for step in range(1, 31):
        view = follower.view(roots + (0.2 * step, 0.0, 0.0), 1 / 30)
    assert view.lookat - start == pytest.approx([6.0, 0.0, 0.0])


def test_one_robot_that_starts_anew_does_not_take_the_camera_along() -> None:
    ran = np.full((4, 3), (30.0, 0.0, 0.0))
    follower = Follower(ROBOT, np.zeros((4, 3)), LENS)
    together = follower.view(ran, 1.0)
    ran[0] = 0.0
    for _ in range(100):
        view = follower.view(ran, 1 / 30)
    assert view.lookat[0] == pytest.approx(together.lookat[0], abs=0.5)


def test_the_camera_glides_after_a_short_jump_and_cuts_after_a_long_one() -> None:
    for jump, cuts in ((3.0, False), (2 * CUT, True)):
        follower = Follower(ROBOT, np.zeros((2, 3)), LENS)
        there = float(follower.view(np.full((2, 3), (jump, 0.0, 0.0)), 1 / 30).lookat[0])
        assert there == pytest.approx(jump) if cuts else 0.0 < there < 0.2 * jump


def picture(_: float) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)


def test_a_video_is_as_long_as_the_time_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "videos/one.mp4"
    with Video(path, picture, step=1 / 60, seconds=100.0) as video:
        for _ in range(60):
            video.step()
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert frames == video.frames == 30
    assert seconds == pytest.approx(1.0, abs=0.05)
    assert [file.name for file in path.parent.iterdir()] == ["one.mp4"]


def test_a_video_ends_at_its_length_and_also_where_an_error_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "one.mp4"
    with pytest.raises(KeyboardInterrupt), Video(path, picture, step=1 / 30, seconds=0.5) as video:  # noqa: PT012
        for _ in range(100):
            video.step()
        raise KeyboardInterrupt
    assert video.full
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 15


def test_a_video_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "videos").write_text("a file, and no folder")
    video = Video(tmp_path / "videos/one.mp4", picture, step=1 / 30, seconds=1.0)
    with pytest.raises(VideoError, match=r"videos/one\.mp4' cannot be written"):
        video.step()


@pytest.mark.usefixtures("_needs_opengl")
def test_the_next_library_is_tried_where_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    working = opengl.candidates()
    monkeypatch.setattr(opengl, "candidates", lambda: ("missing", *working))
    opengl.open_context(8, 8).free()


def test_without_opengl_the_message_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opengl, "candidates", lambda: ("missing",))
    with pytest.raises(opengl.OpenGLError, match=r"missing: No module.*libegl1 .*libosmesa6"):
        opengl.open_context(8, 8)


def test_a_gif_holds_fewer_and_smaller_pictures(tmp_path: Path) -> None:
    grey = iter(range(0, 250, 5))
    with Gif(
        tmp_path / "new/film.gif", lambda seconds: np.full((HEIGHT, WIDTH, 3), next(grey), np.uint8), 0.02, 2.0
    ) as gif:
        for _ in range(200):
            gif.step()
    assert gif.full
    assert gif.seconds == pytest.approx(2.0)
    pictures = iio.imread(tmp_path / "new/film.gif", index=None)
    assert pictures.shape[1:] == (HEIGHT // 3, WIDTH // 3, 3)
    assert gif.frames == 20  # of which equal ones share a place in the file
    assert pictures[-1].mean() > pictures[0].mean() + 50
