"""Camera sensors: matrices in closed form, and images held to the matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest
import torch

from isaacgym import gymapi, gymtorch
from isaacgym._src import opengl
from tests.isaacgym.world import GYM, Spawn, World, close

WIDTH, HEIGHT = 160, 90
PLACE = (0.3, 0.2, 0.5)  # of a cube of 0.2 m


@pytest.fixture(scope="module")
def _needs_opengl() -> None:
    try:
        opengl.open_context(8, 8).free()
    except RuntimeError as error:
        pytest.skip(str(error))


def build(w: World, camera: bool = True) -> World:
    w.add_ground(1.0)
    w.populate(Spawn(w.box(0.2), position=PLACE))
    if camera:
        for env in w.envs:
            assert GYM.create_camera_sensor(env, properties()) == 0
            GYM.set_camera_location(0, env, gymapi.Vec3(-2, 0.5, 1.5), gymapi.Vec3(0, 0, 0.3))
    return w


def properties(**fields: Any) -> gymapi.CameraProperties:
    props = gymapi.CameraProperties()
    for name, value in ({"width": WIDTH, "height": HEIGHT, "enable_tensors": True} | fields).items():
        setattr(props, name, value)
    return props


def image(w: World, kind: Any, env: int = 1, camera: int = 0) -> np.ndarray:
    return GYM.get_camera_image(w.sim, w.envs[env], camera, kind)


@pytest.mark.usefixtures("_needs_opengl")
def test_a_known_point_is_where_the_matrices_say_in_depth_and_segmentation(world: Callable[..., World]) -> None:
    w = build(world())
    env = w.envs[1]
    GYM.set_rigid_body_segmentation_id(env, 0, 0, 7)
    GYM.render_all_camera_sensors(w.sim)
    origin = GYM.get_env_origin(env)
    assert origin.x != 0
    point = np.array([*PLACE, 1.0]) + [origin.x, origin.y, origin.z, 0.0]
    seen = point @ GYM.get_camera_view_matrix(w.sim, env, 0)
    clip = seen @ GYM.get_camera_proj_matrix(w.sim, env, 0)
    column, row = (clip[0] / clip[3] + 1) / 2 * WIDTH, (1 - clip[1] / clip[3]) / 2 * HEIGHT
    cube = image(w, gymapi.IMAGE_SEGMENTATION) == 7
    rows, columns = np.nonzero(cube)
    assert abs(columns.mean() + 0.5 - column) < 1
    assert abs(rows.mean() + 0.5 - row) < 1
    depth = image(w, gymapi.IMAGE_DEPTH)
    surface = seen[2] * (1 - 0.1 / 2.3)  # the ray to the centre, 2.3 m along x, comes through the side at 0.1 m
    assert close(depth[int(row), int(column)], surface, 0.02)
    assert set(np.unique(image(w, gymapi.IMAGE_SEGMENTATION))) == {0, 7}


@pytest.mark.usefixtures("_needs_opengl")
def test_depth_is_the_distance_along_the_view_axis_and_infinite_in_the_sky(tmp_path: Path) -> None:
    w = build(World(tmp_path))
    turn = gymapi.Quat.from_euler_zyx(0.0, math.pi / 2, 0.0)
    GYM.set_camera_transform(0, w.envs[0], gymapi.Transform(gymapi.Vec3(5, 5, 3), turn))
    assert close(image(w, gymapi.IMAGE_DEPTH, env=0), -3.0, 2e-3)
    GYM.set_camera_location(0, w.envs[0], gymapi.Vec3(0, 0, 3), gymapi.Vec3(0, 1, 9))
    assert np.isneginf(image(w, gymapi.IMAGE_DEPTH, env=0)).all()


@pytest.mark.usefixtures("_needs_opengl")
def test_images_show_the_state_of_the_last_rendering(world: Callable[..., World]) -> None:
    w = build(world())
    tensor = gymtorch.wrap_tensor(GYM.get_camera_image_gpu_tensor(w.sim, w.envs[1], 0, gymapi.IMAGE_DEPTH))
    before = image(w, gymapi.IMAGE_DEPTH).copy()
    root = w.root
    root[..., 1] += 0.3
    w.set_root(root)
    assert np.array_equal(image(w, gymapi.IMAGE_DEPTH), before)
    GYM.render_all_camera_sensors(w.sim)
    after = image(w, gymapi.IMAGE_DEPTH)
    assert not np.array_equal(after, before)
    assert torch.equal(tensor, torch.from_numpy(after))


@pytest.mark.usefixtures("_needs_opengl")
def test_colours_are_rows_of_red_green_blue_alpha(tmp_path: Path) -> None:
    w = build(World(tmp_path))
    GYM.set_rigid_body_color(w.envs[1], 0, 0, gymapi.MESH_VISUAL, gymapi.Vec3(1, 0, 0))
    packed = image(w, gymapi.IMAGE_COLOR)
    assert packed.shape == (HEIGHT, 4 * WIDTH)
    assert packed.dtype == np.uint8
    picture = packed.reshape(HEIGHT, WIDTH, 4).astype(int)
    assert (picture[..., 3] == 255).all()
    assert (picture[..., 0] - picture[..., 1:3].max(-1) > 80).sum() > 10
    GYM.write_camera_image_to_file(w.sim, w.envs[1], 0, gymapi.IMAGE_COLOR, str(tmp_path / "a.png"))
    assert np.array_equal(imageio.imread(tmp_path / "a.png"), picture[..., :3])


@pytest.mark.usefixtures("_needs_opengl")
@pytest.mark.parametrize(
    ("mode", "ahead"), [(gymapi.FOLLOW_POSITION, (0.4, 0.2, 0.5)), (gymapi.FOLLOW_TRANSFORM, (0.3, 0.3, 0.5))]
)
def test_a_camera_follows_its_body_with_its_rotation_or_without(
    tmp_path: Path, mode: Any, ahead: tuple[float, float, float]
) -> None:
    w = World(tmp_path)
    turned = (0.0, 0.0, math.sqrt(0.5), math.sqrt(0.5))  # a quarter about z
    w.populate(Spawn(w.box(0.2), position=PLACE, rotation=turned))
    camera = GYM.create_camera_sensor(w.envs[0], properties())
    GYM.attach_camera_to_body(camera, w.envs[0], 0, gymapi.Transform(gymapi.Vec3(0.1, 0, 0)), mode)
    place = GYM.get_camera_transform(w.sim, w.envs[0], camera).p
    assert close((place.x, place.y, place.z), ahead, 1e-6)


def test_the_view_of_a_camera_at_rest_looks_along_x(tmp_path: Path) -> None:
    w = build(World(tmp_path), camera=False)
    env = w.envs[0]
    camera = GYM.create_camera_sensor(env, properties(horizontal_fov=90.0))
    GYM.set_camera_transform(camera, env, gymapi.Transform(gymapi.Vec3(1, 0, 0)))
    seen = np.array([3.0, 0.5, 0.25, 1.0]) @ GYM.get_camera_view_matrix(w.sim, env, camera)
    assert close(seen, [-0.5, 0.25, -2.0, 1.0], 1e-6)
    assert close(GYM.get_camera_proj_matrix(w.sim, env, camera).diagonal()[:2].copy(), [1.0, WIDTH / HEIGHT], 1e-6)


def test_a_camera_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    w = build(World(tmp_path))
    with pytest.raises(IndexError, match=r"set_camera_transform: environment 0 has no camera 2; handles: \[0\]"):
        GYM.set_camera_transform(2, w.envs[0], gymapi.Transform())
    GYM.destroy_camera_sensor(w.sim, w.envs[0], 0)
    with pytest.raises(IndexError, match=r"has no camera 0; handles: \[\]"):
        GYM.get_camera_transform(w.sim, w.envs[0], 0)


def test_without_opengl_the_first_image_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    w = build(World(tmp_path))
    monkeypatch.setenv("MUJOCO_GL", "nonesuch")
    with pytest.raises(RuntimeError, match=r"no OpenGL to draw with \(nonesuch: .*install libegl1"):
        image(w, gymapi.IMAGE_COLOR)


@pytest.mark.usefixtures("_needs_opengl")
def test_every_environment_sees_the_global_terrain_from_where_it_is(tmp_path: Path) -> None:
    w = World(tmp_path)
    field = gymapi.HeightFieldParams()
    field.nbColumns, field.nbRows, field.row_scale, field.column_scale = 9, 9, 1.0, 1.0
    field.transform.p = gymapi.Vec3(-4, -4, 0)
    heights = np.repeat(np.arange(9, dtype=np.int16)[:, None], 9, axis=1)  # x + 4 at global x
    GYM.add_heightfield(w.sim, heights, field)
    w.populate(Spawn(w.box(0.2), position=(0.0, 0.0, 20.0)))
    down = gymapi.Transform(gymapi.Vec3(0.01, 0, 12), gymapi.Quat.from_euler_zyx(0.0, math.pi / 2, 0.0))
    for env in w.envs:
        GYM.set_camera_transform(GYM.create_camera_sensor(env, properties(width=9, height=9)), env, down)
        height = 4.01 + GYM.get_env_origin(env).x
        assert close(image(w, gymapi.IMAGE_DEPTH, env=env.index)[4, 4], height - 12, 0.02)
