"""How bodies look in pictures: textures and lights, in both ways to draw, and that physics does not see them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest
import torch

from isaacgym import gymapi, gymtorch
from isaacgym._src import textures
from isaacgym._src.backend.pictures import reduced
from isaacgym._src.studio import Studio
from tests.isaacgym.world import GYM, Spawn, World, close

SIZE = 48  # of pictures [pixels]
RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)
Draws = Callable[..., World]
Color = tuple[int, int, int]


def picture(left: Color = RED, right: Color = GREEN) -> np.ndarray:
    """(8, 8, 4) of two halves side by side."""
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[:, :4, :3], pixels[:, 4:, :3] = left, right
    return pixels


def texture(w: World, left: Color = RED, right: Color = GREEN) -> int:
    return int(GYM.create_texture_from_buffer(w.sim, 8, 8, picture(left, right).reshape(8, 32)))


def boxes(w: World, asset: gymapi.Asset | None = None) -> World:
    """A cube of 0.4 m in each environment, and cameras on its sides -y, +x, -x and +z."""
    w.populate(Spawn(asset or w.box(0.4), position=(0, 0, 1)))
    for env in w.envs:
        for eye in ((0.0, -1.0, 1.0), (1.0, 0.0, 1.0), (-1.0, 0.0, 1.0), (0.0, -0.001, 2.0)):
            props = gymapi.CameraProperties()
            props.width, props.height, props.horizontal_fov, props.enable_tensors = SIZE, SIZE, 25.0, True
            camera = GYM.create_camera_sensor(env, props)
            GYM.set_camera_location(camera, env, gymapi.Vec3(*eye), gymapi.Vec3(0, 0, 1))
    return w


def cover(w: World, number: int, env: int = 0) -> None:
    GYM.set_rigid_body_texture(w.envs[env], 0, 0, gymapi.MESH_VISUAL_AND_COLLISION, number)


def seen(w: World, side: int = 0, env: int = 0) -> np.ndarray:
    """(H, W, 3) of a side of a cube, which fills the picture."""
    GYM.render_all_camera_sensors(w.sim)
    image = GYM.get_camera_image(w.sim, w.envs[env], side, gymapi.IMAGE_COLOR)
    return np.asarray(image.reshape(SIZE, SIZE, 4)[..., :3].astype(int))


def halves(w: World, side: int = 0, env: int = 0) -> list[list[int]]:
    """For the left and the right half of a side which of red, green and blue is there, as zeros and ones."""
    whole = seen(w, side, env)
    middles = (whole[8:-8, 6 : SIZE // 2 - 6], whole[8:-8, SIZE // 2 + 6 : -6])
    return [(half.mean((0, 1)) > 0.6 * half.mean((0, 1)).max()).astype(int).tolist() for half in middles]


def light(w: World, index: int = 0, intensity: float = 0.0, ambient: float = 0.0, to: Any = (0, 0, 0)) -> None:
    color, everywhere = (gymapi.Vec3(part, part, part) for part in (intensity, ambient))
    GYM.set_light_parameters(w.sim, index, color, everywhere, gymapi.Vec3(*to))


def test_a_picture_on_a_box_is_seen_upright_on_its_sides(draws: Draws) -> None:
    w = boxes(draws())
    number = texture(w)
    grey = halves(w)
    cover(w, number)
    assert grey == [[1, 1, 1], [1, 1, 1]]
    for side in range(4):
        assert halves(w, side) == [[1, 0, 0], [0, 1, 0]], side
    assert halves(w, env=1) == grey


def test_environments_have_textures_of_their_own_which_may_change_at_any_time(draws: Draws) -> None:
    w = boxes(draws())
    cover(w, texture(w))
    cover(w, texture(w, GREEN, RED), env=1)
    assert (halves(w), halves(w, env=1)) == ([[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [1, 0, 0]])
    cover(w, texture(w, WHITE, RED))
    assert (halves(w), halves(w, env=1)) == ([[1, 1, 1], [1, 0, 0]], [[0, 1, 0], [1, 0, 0]])


def test_a_colour_multiplies_a_texture(draws: Draws) -> None:
    w = boxes(draws())
    cover(w, texture(w, WHITE, GREEN))
    GYM.set_rigid_body_color(w.envs[0], 0, 0, gymapi.MESH_VISUAL, gymapi.Vec3(0.1, 0.1, 1.0))
    left, right = seen(w)[:, : SIZE // 2 - 4], seen(w)[:, SIZE // 2 + 4 :]
    assert left.mean((0, 1)).argmax() == 2
    assert right.mean() < 0.3 * left.mean()


def test_a_body_looks_as_before_without_its_texture(draws: Draws) -> None:
    w = boxes(draws())
    before, number = seen(w), texture(w)
    cover(w, number)
    cover(w, number, env=1)
    assert np.abs(seen(w) - before).max() > 100
    GYM.reset_actor_materials(w.envs[1], 0, gymapi.MESH_VISUAL)
    assert np.array_equal(seen(w, env=1), before)
    GYM.free_texture(w.sim, number)
    assert np.array_equal(seen(w), before)
    assert GYM.get_rigid_body_texture(w.envs[0], 0, 0, gymapi.MESH_VISUAL) == gymapi.INVALID_HANDLE


def test_many_textures_come_and_go(draws: Draws) -> None:
    w = boxes(draws())
    for turn in range(3):
        numbers = [texture(w, WHITE, (RED, GREEN)[i % 2]) for i in range(20)]
        cover(w, numbers[turn])
        assert halves(w) == [[1, 1, 1], [[1, 0, 0], [0, 1, 0]][turn % 2]]
        for number in numbers:
            GYM.free_texture(w.sim, number)


def test_opengl_has_room_for_as_many_textures_as_pictures_need(
    tmp_path: Path, needs_opengl: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("isaacgym._src.gym_cameras.TRACED_PIXELS", 0)
    w = boxes(World(tmp_path))
    seen(w)
    assert isinstance(studio := w.sim.graphics.studio, Studio)
    first = studio._textures._first
    monkeypatch.setattr("isaacgym._src.opengl_textures.MOST_TEXTURES", first + 1)
    cover(w, texture(w))
    cover(w, texture(w, GREEN, RED), env=1)
    for _ in range(2):
        assert (halves(w), halves(w, env=1)) == ([[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [1, 0, 0]])
    monkeypatch.setattr("isaacgym._src.opengl_textures.MOST_TEXTURES", first)
    cover(w, texture(w))
    with pytest.raises(NotImplementedError, match="1 textures in one picture, OpenGL here takes 0 at most"):
        seen(w)


def test_tensors_show_textures_and_lights_as_images_do(draws: Draws) -> None:
    w = boxes(draws())
    live = gymtorch.wrap_tensor(GYM.get_camera_image_gpu_tensor(w.sim, w.envs[0], 0, gymapi.IMAGE_COLOR))
    cover(w, texture(w))
    light(w, ambient=0.5)
    assert np.array_equal(seen(w), live[..., :3].numpy().astype(int))
    assert close(live[SIZE // 2, SIZE // 4, :3].numpy().astype(float), [127, 0, 0], 2)


def test_lights_shine_from_their_direction_in_place_of_the_sun(draws: Draws) -> None:
    w = boxes(draws())
    sun = seen(w, 1).mean()
    light(w, intensity=0.8, ambient=0.2, to=(3, 0, 0))
    plus, minus, side = seen(w, 1).mean(), seen(w, 2).mean(), seen(w).mean()
    assert plus > 3 * minus
    assert close(minus, side, 1.0)
    assert abs(plus - sun) > 5
    light(w, intensity=0.8, ambient=0.2, to=(-3, 0, 0))
    assert close([seen(w, 1).mean(), seen(w, 2).mean()], [minus, plus], 1.0)


def test_a_light_without_direction_makes_all_sides_alike_and_lights_add(draws: Draws) -> None:
    w = boxes(draws())
    GYM.set_rigid_body_color(w.envs[0], 0, 0, gymapi.MESH_VISUAL, gymapi.Vec3(1, 1, 1))
    light(w, intensity=0.9, ambient=0.4)
    assert close([seen(w, side).mean() for side in range(4)], [0.4 * 255] * 4, 1.0)
    light(w, index=3, ambient=0.2)
    assert close(seen(w).mean(), 0.6 * 255, 1.0)


def test_lights_may_be_set_before_there_is_anything_to_draw(draws: Draws) -> None:
    w = draws()
    light(w, ambient=0.3)
    boxes(w)
    GYM.set_rigid_body_color(w.envs[0], 0, 0, gymapi.MESH_VISUAL, gymapi.Vec3(1, 1, 1))
    assert close(seen(w, 1).mean(), 0.3 * 255, 1.0)


def test_physics_does_not_see_looks(tmp_path: Path) -> None:
    states = []
    for dressed in (False, True):
        w = World(tmp_path, ground=1.0)
        w.populate(Spawn(w.box(0.4), position=(0, 0, 0.25), rotation=(0.1, 0.2, 0.3, 0.9)))
        if dressed:
            cover(w, texture(w))
            light(w, ambient=0.5)
        w.step(50)
        states.append(w.root)
    assert torch.equal(*states)


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "grey", "16 bits", "gif"])
def test_files_of_all_kinds_of_pixels_are_read(kind: str, tmp_path: Path) -> None:
    pixels = picture(WHITE, (0, 0, 0))
    written = {
        "RGB": pixels[..., :3],
        "RGBA": pixels,
        "grey": pixels[..., 0],
        "gif": np.stack([pixels[..., 0]] * 2),
        "16 bits": pixels[..., 0].astype(np.uint16) * 257,
    }[kind]
    path = tmp_path / ("a.gif" if kind == "gif" else "a.png")
    imageio.imwrite(path, written)
    assert np.array_equal(textures.texture_from_file(path).pixels, pixels[..., :3])


def test_a_file_is_read_once_for_all_its_handles(tmp_path: Path) -> None:
    w = World(tmp_path)
    imageio.imwrite(tmp_path / "a.png", picture())
    handles = [GYM.create_texture_from_file(w.sim, str(tmp_path / "a.png")) for _ in range(3)]
    assert len(set(handles)) == 3
    assert len(set(w.sim.graphics.textures.values())) == 1


def test_large_pictures_are_reduced_by_taking_means() -> None:
    large = np.zeros((2000, 3000, 3), np.uint8)
    large[:, 1500:] = 200
    small = reduced(large, 1024)
    assert small.shape == (683, 1024, 3)
    assert set(np.unique(small)) <= {0, 100, 200}
    assert close(small.mean(), 100, 0.5)


def test_what_is_no_picture_is_refused_with_what_would_do(tmp_path: Path) -> None:
    w = World(tmp_path)
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"create_texture_from_file: '.*bad.png' cannot be read as a picture"):
        GYM.create_texture_from_file(w.sim, str(tmp_path / "bad.png"))
    with pytest.raises(ValueError, match=r"10 x 10 pixels of red, green, blue and alpha are 400 bytes .* given 4"):
        GYM.create_texture_from_buffer(w.sim, 10, 10, np.ones(4, np.uint8))
    with pytest.raises(TypeError, match=r"needs bytes \(uint8, 0 to 255\), given float64"):
        GYM.create_texture_from_buffer(w.sim, 1, 1, [0.5, 0.5, 0.5, 1.0])
    assert GYM.create_texture_from_buffer(w.sim, 1, 1, bytes(4)) >= 0
    assert GYM.create_texture_from_buffer(w.sim, 1, 1, [255, 255, 0, 255]) >= 0


def test_a_light_of_other_types_is_refused(tmp_path: Path) -> None:
    some: Any = (1.0, 1.0, 1.0)
    with pytest.raises(TypeError, match=r"set_light_parameters: ambient needs a Vec3, given \(1.0, 1.0, 1.0\)"):
        GYM.set_light_parameters(World(tmp_path).sim, 0, gymapi.Vec3(), some, gymapi.Vec3())


def test_lights_of_assets_go_on_shining_beside_those_that_are_set(draws: Draws) -> None:
    w = draws()
    lamp = '<light type="directional" dir="-1 0 0" diffuse=".5 .5 .5" specular="0 0 0"/>'
    body = f'<body><freejoint/><geom type="box" size=".2 .2 .2" rgba="1 1 1 1"/>{lamp}</body>'
    boxes(w, w.asset(f"<mujoco><worldbody>{body}</worldbody></mujoco>"))
    light(w, ambient=0.1)
    assert close([seen(w, side).mean() for side in (1, 2)], [0.6 * 255, 0.1 * 255], 1.5)


@pytest.mark.gpu
def test_a_gpu_draws_textures_and_lights_as_the_cpu_does(tmp_path: Path) -> None:
    found = []
    for gpu in (False, True):
        w = boxes(World(tmp_path, gpu=gpu))
        cover(w, texture(w))
        cover(w, texture(w, GREEN, WHITE), env=1)
        light(w, intensity=0.5, ambient=0.3, to=(1, 2, 3))
        found.append(np.stack([seen(w, side, env) for side in range(4) for env in (0, 1)]))
    assert (np.abs(found[0] - found[1]) > 2).mean() < 0.01


@pytest.mark.gpu
def test_a_captured_step_draws_what_was_painted_since(tmp_path: Path) -> None:
    w = boxes(World(tmp_path, gpu=True, gravity=0.0))
    live = gymtorch.wrap_tensor(GYM.get_camera_image_gpu_tensor(w.sim, w.envs[0], 0, gymapi.IMAGE_COLOR))

    def frame() -> None:
        GYM.simulate(w.sim)
        GYM.render_all_camera_sensors(w.sim)

    step = GYM.capture_step(w.sim, frame, "frame")

    def now() -> list[int]:
        for _ in range(12):
            step()
        assert step.replays
        return (live[SIZE // 2, SIZE // 4, :3] > 60).int().tolist()

    assert now() == [1, 1, 1]
    for left, expected in ((RED, [1, 0, 0]), (GREEN, [0, 1, 0])):
        cover(w, texture(w, left, WHITE))
        assert now() == expected
    light(w, ambient=0.1)
    assert now() == [0, 0, 0]
    light(w, ambient=0.9)
    assert now() == [0, 1, 0]
