"""Calls of a viewer run where there is no window; lights, textures and segmentation numbers are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest

from isaacgym import gymapi, gymutil
from isaacgym._src.lines import line_arrays
from tests.isaacgym.world import GYM, Spawn, World


@pytest.fixture
def boxes(tmp_path: Path) -> World:
    w = World(tmp_path)
    return w.populate(Spawn(w.box()))


def test_the_loop_of_a_client_with_a_viewer_runs_without_a_window(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    w = world()
    w.populate(Spawn(w.box()))
    viewer: Any = GYM.create_viewer(w.sim, gymapi.CameraProperties())
    assert viewer == None  # noqa: E711
    assert not viewer
    assert GYM.subscribe_viewer_keyboard_event(viewer, gymapi.KEY_ESCAPE, "QUIT")
    assert GYM.subscribe_viewer_mouse_event(viewer, gymapi.MOUSE_LEFT_BUTTON, "shoot")
    GYM.viewer_camera_look_at(viewer, None, gymapi.Vec3(1, 1, 1), gymapi.Vec3())
    assert not GYM.query_viewer_has_closed(viewer)
    assert GYM.query_viewer_action_events(viewer) == []
    w.step()
    GYM.clear_lines(viewer)
    gymutil.draw_lines(gymutil.AxesGeometry(0.1), GYM, viewer, w.envs[0], gymapi.Transform())
    GYM.step_graphics(w.sim)
    GYM.draw_viewer(viewer, w.sim, True)
    GYM.sync_frame_time(w.sim)
    GYM.poll_viewer_events(viewer)
    assert GYM.get_viewer_camera_handle(viewer) == gymapi.INVALID_HANDLE
    assert GYM.get_viewer_camera_transform(viewer, w.envs[0]).r.w == 1.0
    GYM.destroy_viewer(viewer)


def test_a_viewer_of_another_make_is_refused() -> None:
    with pytest.raises(TypeError, match="draw_viewer: needs what create_viewer gave, a viewer or None, given int 3"):
        GYM.draw_viewer(3, None, True)  # type: ignore[arg-type]


@pytest.mark.parametrize("vertices", [[0.0] * 12, [[0.0] * 6] * 2, np.zeros((2, 2, 3)), [gymapi.Vec3()] * 4])
def test_lines_come_in_every_form_of_numbers(vertices: Any) -> None:
    GYM.add_lines(None, None, 2, vertices, np.zeros((2, 3)))


def test_lines_of_too_few_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"add_lines: 2 lines need 12 numbers in vertices \(6 a line\), given 6"):
        GYM.add_lines(None, None, 2, [0.0] * 6, [0.0] * 6)


def test_numbers_beyond_those_of_the_lines_are_left_out() -> None:
    ends, colors = line_arrays(1, [0.0] * 6 + [9.0] * 6, [0.1, 0.2, 0.3, 1.0])
    assert (ends.shape, ends.max()) == ((1, 2, 3), 0.0)
    assert colors.tolist() == [pytest.approx([0.1, 0.2, 0.3])]


def test_a_picture_of_no_viewer_is_refused() -> None:
    with pytest.raises(RuntimeError, match="write_viewer_image_to_file: there is no viewer"):
        GYM.write_viewer_image_to_file(None, "a.png")


def test_textures_are_numbers_that_bodies_keep(boxes: World, tmp_path: Path) -> None:
    imageio.imwrite(tmp_path / "wood.png", np.zeros((2, 2, 3), np.uint8))
    texture = GYM.create_texture_from_file(boxes.sim, str(tmp_path / "wood.png"))
    other = GYM.create_texture_from_buffer(boxes.sim, 2, 2, np.zeros((2, 8), np.uint8))
    assert GYM.get_texture_count(boxes.sim) == 2
    GYM.set_rigid_body_texture(boxes.envs[1], 0, 0, gymapi.MESH_VISUAL, other)
    assert GYM.get_rigid_body_texture(boxes.envs[1], 0, 0, gymapi.MESH_VISUAL) == other
    assert GYM.get_rigid_body_texture(boxes.envs[0], 0, 0, gymapi.MESH_VISUAL) == gymapi.INVALID_HANDLE
    GYM.free_texture(boxes.sim, texture)
    with pytest.raises(IndexError, match=f"there is no texture {texture}; handles: "):
        GYM.set_rigid_body_texture(boxes.envs[0], 0, 0, gymapi.MESH_VISUAL, texture)


def test_a_texture_without_a_file_is_refused(boxes: World) -> None:
    with pytest.raises(FileNotFoundError, match="there is no file 'nowhere.png'"):
        GYM.create_texture_from_file(boxes.sim, "nowhere.png")


def test_segmentation_numbers_belong_to_one_body_of_one_environment(boxes: World) -> None:
    GYM.set_rigid_body_segmentation_id(boxes.envs[0], 0, 0, 7)
    assert [GYM.get_rigid_body_segmentation_id(env, 0, 0) for env in boxes.envs] == [7, 0]
    with pytest.warns(gymapi.SimulationWarning, match="'box' has no body 1; it has 1: nothing looks different"):
        GYM.set_rigid_body_segmentation_id(boxes.envs[0], 0, 1, 7)


def test_there_are_four_lights(boxes: World) -> None:
    one = gymapi.Vec3(1, 1, 1)
    GYM.set_light_parameters(boxes.sim, 3, one, one, one)
    with pytest.raises(IndexError, match="there is no light 4; lights are 0 to 3"):
        GYM.set_light_parameters(boxes.sim, 4, one, one, one)
