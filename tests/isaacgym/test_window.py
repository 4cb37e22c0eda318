"""The viewer: what its window shows, what its user does, how its camera moves; on a display of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import mujoco
import numpy as np
import pytest

from isaacgym import gymapi, gymutil
from isaacgym._src import gym_cameras
from isaacgym._src.lines import MOST_LINES, Lines, line_arrays
from isaacgym._src.viewer_camera import ViewerCamera
from tests.isaacgym.world import GYM, Spawn, World, close

WIDTH, HEIGHT = 320, 240
RED, BLUE, YELLOW = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9), (1.0, 1.0, 0.0)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A display without a screen."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    glfw = pytest.importorskip("glfw")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    number = server.stdout.readline().strip()
    yield f":{number}"
    glfw.terminate()
    server.terminate()
    server.wait(10)


@pytest.fixture
def watched(tmp_path: Path, display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Any]]:
    """Two environments with a red and a blue cube, and their viewer."""
    monkeypatch.setenv("DISPLAY", display)
    w = World(tmp_path, ground=1.0)
    viewer = opened(w)

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        GYM.set_rigid_body_color(env, handles[0], 0, gymapi.MESH_VISUAL, gymapi.Vec3(*(RED, BLUE)[i]))

    w.populate(Spawn(w.box(0.4), position=(0, 0, 0.2)), each=each)
    GYM.viewer_camera_look_at(viewer, w.envs[0], gymapi.Vec3(1, -4, 3), gymapi.Vec3(1, 0, 0.2))
    yield w, viewer
    GYM.destroy_sim(w.sim)


def opened(w: World) -> Any:
    props = gymapi.CameraProperties()
    props.width, props.height, props.horizontal_fov = WIDTH, HEIGHT, 60.0
    viewer = GYM.create_viewer(w.sim, props)
    if viewer is None:
        pytest.skip("the display has no OpenGL")
    return viewer


def shot(viewer: Any, folder: Path) -> np.ndarray:
    GYM.write_viewer_image_to_file(viewer, str(folder / "shot.png"))
    picture: np.ndarray = imageio.imread(folder / "shot.png").astype(int)
    return picture


def pixel(viewer: Any, point: tuple[float, float, float]) -> tuple[int, int]:
    """Row and column of a global point in the picture."""
    seen = GYM.get_viewer_camera_transform(viewer, None).inverse().transform_point(gymapi.Vec3(*point))
    scale = WIDTH / 2 / np.tan(np.radians(30))
    return round(HEIGHT / 2 - scale * seen.z / seen.x), round(WIDTH / 2 - scale * seen.y / seen.x)


def hue(picture: np.ndarray, row: int, column: int) -> int:
    """Which of red, green and blue is strongest about a pixel."""
    return int(picture[row - 1 : row + 2, column - 1 : column + 2].mean((0, 1)).argmax())


def test_every_environment_is_seen_at_its_place_in_its_colours(watched: tuple[World, Any], tmp_path: Path) -> None:
    w, viewer = watched
    assert GYM.get_env_origin(w.envs[1]).x == 2
    picture = shot(viewer, tmp_path)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert hue(picture, *pixel(viewer, (0, 0, 0.2))) == 0
    assert hue(picture, *pixel(viewer, (2, 0, 0.2))) == 2
    ground = picture[pixel(viewer, (1, 0, 0))]
    assert np.ptp(ground) < 30


def test_the_window_shows_the_present_state(watched: tuple[World, Any], tmp_path: Path) -> None:
    w, viewer = watched
    root = w.root
    root[0, 0, 1] += 1.0
    w.set_root(root)
    GYM.draw_viewer(viewer, w.sim, True)
    picture = shot(viewer, tmp_path)
    assert hue(picture, *pixel(viewer, (0, 1, 0.2))) == 0
    assert np.ptp(picture[pixel(viewer, (0, -0.19, 0.2))]) < 30


def test_textures_and_lights_are_seen_in_the_window(watched: tuple[World, Any], tmp_path: Path) -> None:
    w, viewer = watched
    places = [pixel(viewer, (x, 0, 0.2)) for x in (0.0, 2.0)]
    assert [hue(shot(viewer, tmp_path), *place) for place in places] == [0, 2]
    green = np.tile(np.array([0, 255, 0, 255], np.uint8), (4, 4))
    texture = GYM.create_texture_from_buffer(w.sim, 4, 4, green)
    for env in w.envs:
        GYM.set_rigid_body_color(env, 0, 0, gymapi.MESH_VISUAL, gymapi.Vec3(1, 1, 1))
    GYM.set_rigid_body_texture(w.envs[1], 0, 0, gymapi.MESH_VISUAL, texture)
    picture = shot(viewer, tmp_path)
    assert np.ptp(picture[places[0]]) < 30
    assert hue(picture, *places[1]) == 1
    none, half = gymapi.Vec3(0, 0, 0), gymapi.Vec3(0.5, 0.5, 0.5)
    GYM.set_light_parameters(w.sim, 0, none, half, none)
    picture = shot(viewer, tmp_path)
    assert close(picture[places[0]].astype(float), [127.5] * 3, 2)
    assert close(picture[places[1]].astype(float), [0, 127.5, 0], 2)
    GYM.free_texture(w.sim, texture)
    assert close(shot(viewer, tmp_path)[places[1]].astype(float), [127.5] * 3, 2)


def test_lines_are_drawn_in_their_environment_until_they_are_cleared(
    watched: tuple[World, Any], tmp_path: Path
) -> None:
    w, viewer = watched
    gymutil.draw_line(gymapi.Vec3(0, 0, 1), gymapi.Vec3(0, 0, 2), gymapi.Vec3(*YELLOW), GYM, viewer, w.envs[1])
    middle = pixel(viewer, (2, 0, 1.5))
    seen = shot(viewer, tmp_path)[middle[0], middle[1] - 2 : middle[1] + 3]
    assert (seen[:, :2].min(1) - seen[:, 2]).max() > 100
    GYM.clear_lines(viewer)
    seen = shot(viewer, tmp_path)[middle[0], middle[1] - 2 : middle[1] + 3]
    assert (seen[:, :2].min(1) - seen[:, 2]).max() < 30


def test_what_was_subscribed_to_is_reported_once_in_order(watched: tuple[World, Any]) -> None:
    import glfw

    _, viewer = watched
    window = viewer.window
    GYM.subscribe_viewer_keyboard_event(viewer, gymapi.KEY_ESCAPE, "QUIT")
    GYM.subscribe_viewer_keyboard_event(viewer, gymapi.KEY_NUMPAD_DEL, "drop")
    GYM.subscribe_viewer_mouse_event(viewer, gymapi.MOUSE_LEFT_BUTTON, "shoot")
    GYM.subscribe_viewer_mouse_event(viewer, gymapi.MOUSE_SCROLL_UP, "closer")
    GYM.query_viewer_action_events(viewer)
    window._on_key(None, glfw.KEY_ESCAPE, 0, glfw.PRESS, 0)
    window._on_key(None, glfw.KEY_ESCAPE, 0, glfw.REPEAT, 0)
    window._on_key(None, glfw.KEY_V, 0, glfw.PRESS, 0)
    window._on_key(None, glfw.KEY_ESCAPE, 0, glfw.RELEASE, 0)
    window._on_key(None, glfw.KEY_KP_DECIMAL, 0, glfw.PRESS, 0)
    window._on_button(None, glfw.MOUSE_BUTTON_LEFT, glfw.PRESS, 0)
    window._on_scroll(None, 0.0, 2.0)
    events = GYM.query_viewer_action_events(viewer)
    assert [(e.action, e.value) for e in events] == [
        ("QUIT", 1.0),
        ("QUIT", 0.0),
        ("drop", 1.0),
        ("shoot", 1.0),
        ("closer", 2.0),
    ]
    assert GYM.query_viewer_action_events(viewer) == []


def test_the_pointer_turns_the_camera_unless_its_button_is_subscribed_to(watched: tuple[World, Any]) -> None:
    import glfw

    _, viewer = watched
    window, places = viewer.window, []
    for subscribe in (False, True):
        if subscribe:
            GYM.subscribe_viewer_mouse_event(viewer, gymapi.MOUSE_LEFT_BUTTON, "shoot")
        window._on_button(None, glfw.MOUSE_BUTTON_LEFT, glfw.PRESS, 0)
        window._on_pointer(None, 10.0, 20.0)
        window._on_pointer(None, 42.0, 20.0)
        window._on_button(None, glfw.MOUSE_BUTTON_LEFT, glfw.RELEASE, 0)
        places.append(viewer.camera.eye.copy())
    position = GYM.get_viewer_mouse_position(viewer)
    assert close((position.x, position.y), (42 / WIDTH, 20 / HEIGHT), 1e-6)
    assert np.linalg.norm(places[0] - (1, -4, 3)) > 0.5
    assert np.array_equal(places[0], places[1])


def test_a_window_that_its_user_closes_ends_the_loop_and_not_the_program(watched: tuple[World, Any]) -> None:
    import glfw

    w, viewer = watched
    size = GYM.get_viewer_size(viewer)
    assert (size.x, size.y) == (WIDTH, HEIGHT)
    GYM.draw_viewer(viewer, w.sim, True)
    assert not GYM.query_viewer_has_closed(viewer)
    glfw.set_window_should_close(viewer.window._handle, True)
    assert GYM.query_viewer_has_closed(viewer)
    GYM.draw_viewer(viewer, w.sim, True)
    GYM.destroy_viewer(viewer)
    GYM.destroy_viewer(viewer)
    assert not GYM.query_viewer_has_closed(viewer)
    assert GYM.query_viewer_action_events(viewer) == []


def test_somebody_who_watches_sees_simulated_time_pass_as_real_time(watched: tuple[World, Any]) -> None:
    w, _ = watched
    GYM.sync_frame_time(w.sim)
    begin = time.perf_counter()
    for _ in range(20):
        w.step()
        GYM.sync_frame_time(w.sim)
    assert 0.95 * 20 * w.dt < time.perf_counter() - begin < 3.0


def test_camera_sensors_and_the_window_draw_in_turns(
    watched: tuple[World, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, viewer = watched
    monkeypatch.setattr(gym_cameras, "TRACED_PIXELS", 0)
    props = gymapi.CameraProperties()
    props.width, props.height = 32, 24
    camera = GYM.create_camera_sensor(w.envs[0], props)
    GYM.set_camera_location(camera, w.envs[0], gymapi.Vec3(1, -2, 2), gymapi.Vec3(0, 0, 0.2))
    seen = []
    for _ in range(2):
        GYM.draw_viewer(viewer, w.sim, True)
        seen.append(GYM.get_camera_image(w.sim, w.envs[0], camera, gymapi.IMAGE_DEPTH))
    assert len(np.unique(seen[0])) > 10
    assert np.array_equal(seen[0], seen[1])
    assert hue(shot(viewer, tmp_path), *pixel(viewer, (0, 0, 0.2))) == 0


def test_of_many_environments_the_nearest_are_shown(
    tmp_path: Path, display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    w = World(tmp_path, num_envs=6)
    viewer = opened(w)
    w.populate(Spawn(w.box(0.4), position=(0, 0, 0.2)))
    shot(viewer, tmp_path)
    assert viewer._stage.scene.ngeom == 6
    viewer._stage.most = 2
    GYM.viewer_camera_look_at(viewer, w.envs[5], gymapi.Vec3(0, -4, 1), gymapi.Vec3(0, 0, 0))
    picture = shot(viewer, tmp_path)
    assert viewer._stage.scene.ngeom == 2
    origin = GYM.get_env_origin(w.envs[5])
    sky = picture[0, 0]
    assert np.abs(picture[pixel(viewer, (origin.x, origin.y, 0.2))] - sky).max() > 20
    GYM.destroy_sim(w.sim)


def test_a_display_without_the_opengl_that_is_needed_opens_no_window(
    tmp_path: Path, display: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise mujoco.FatalError("OpenGL ARB_framebuffer_object required")

    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr(mujoco, "MjrContext", refuse)
    w = World(tmp_path)
    assert GYM.create_viewer(w.sim, gymapi.CameraProperties()) is None
    assert "no window opens (the display's OpenGL is not what MuJoCo needs: OpenGL ARB" in caplog.text


# The camera and the lines need no display.


@pytest.mark.parametrize("vertical", [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0)])
def test_the_camera_s_moves_keep_what_they_promise(vertical: tuple[float, float, float]) -> None:
    camera = ViewerCamera(vertical)
    moves: list[tuple[Callable[[], None], tuple[bool, bool]]] = [
        (lambda: camera.orbit(0.1, 0.05), (False, True)),
        (lambda: camera.turn(0.1, -0.05), (True, False)),
        (lambda: camera.zoom(2), (False, True)),
    ]
    for move, kept in moves:
        eye, target, distance = camera.eye.copy(), camera.target.copy(), camera.distance
        move()
        assert (np.allclose(camera.eye, eye), np.allclose(camera.target, target)) == kept
        _, left, up = camera.axes()
        assert abs(left @ np.array(vertical)) < 1e-9
        assert up @ np.array(vertical) > 0
        assert np.isclose(camera.distance, distance) or kept == (False, True)
    for _ in range(50):
        camera.orbit(0.03, 0.1)
    assert camera.axes()[2] @ np.array(vertical) > 0  # never upside down
    eye, target = camera.eye.copy(), camera.target.copy()
    camera.pan(0.1, 0.2)
    camera.fly(1, 2, 3)
    assert np.allclose(camera.eye - eye, camera.target - target)


def test_lines_beyond_what_a_viewer_draws_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    lines = Lines()
    for _ in range(3):
        lines.add(np.zeros((MOST_LINES // 2 + 1, 2, 3)), np.zeros((MOST_LINES // 2 + 1, 3)))
    assert len(lines.rows()) == MOST_LINES
    assert caplog.text.count("those beyond are left out") == 1
    lines.clear()
    assert len(lines.rows()) == 0


def test_lines_mean_the_same_in_every_form_of_numbers() -> None:
    numbers = np.arange(12.0).reshape(2, 2, 3)
    vectors = [gymapi.Vec3(*point) for point in numbers.reshape(4, 3).tolist()]
    records = np.array([tuple(p) for p in numbers.reshape(4, 3)], gymapi.Vec3.dtype)
    for form in (numbers, numbers.tolist(), numbers.ravel().tolist(), vectors, records, np.array(vectors, object)):
        ends, colors = line_arrays(2, form, np.ones((2, 3)))
        assert np.array_equal(ends, numbers)
        assert colors.shape == (2, 3)
