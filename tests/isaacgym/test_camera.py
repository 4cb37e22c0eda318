"""Camera sensors: matrices in closed form, images held to the matrices, and both ways to draw held to each other."""

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
from isaacgym._src import ray_studio
from isaacgym._src.ray_studio import RayStudio
from isaacgym._src.studio import Studio
from tests.isaacgym.world import GYM, Spawn, World, close

WIDTH, HEIGHT = 80, 45
PLACE = (0.3, 0.2, 0.5)  # of a cube of 0.2 m
SHAPES = """<mujoco><worldbody><body name="base"><freejoint/>
  <geom type="sphere" size=".1" pos="0 -.4 0"/><geom type="capsule" size=".06 .1" pos="0 -.1 0" euler="30 0 0"/>
  <geom type="cylinder" size=".08 .1" pos="0 .2 0" euler="0 40 0"/><geom type="box" size=".1 .05 .1" pos="0 .5 0"/>
  <geom type="ellipsoid" size=".1 .06 .15" pos=".1 .1 .4"/></body></worldbody></mujoco>"""

Draws = Callable[..., World]


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


def tensor(w: World, kind: Any, env: int = 1, camera: int = 0) -> torch.Tensor:
    return gymtorch.wrap_tensor(GYM.get_camera_image_gpu_tensor(w.sim, w.envs[env], camera, kind))


def look_down(w: World, env: gymapi.Env, above: float, **fields: Any) -> int:
    down = gymapi.Transform(gymapi.Vec3(0.01, 0, above), gymapi.Quat.from_euler_zyx(0.0, math.pi / 2, 0.0))
    camera = GYM.create_camera_sensor(env, properties(**fields))
    GYM.set_camera_transform(camera, env, down)
    return camera


def test_a_known_point_is_where_the_matrices_say_in_depth_and_segmentation(draws: Draws) -> None:
    w = build(draws())
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
    assert abs(columns.mean() + 0.5 - column) < 0.7
    assert abs(rows.mean() + 0.5 - row) < 0.7
    depth = image(w, gymapi.IMAGE_DEPTH)
    surface = seen[2] * (1 - 0.1 / 2.3)  # the ray to the centre, 2.3 m along x, comes through the side at 0.1 m
    assert close(depth[int(row), int(column)], surface, 0.02)
    assert set(np.unique(image(w, gymapi.IMAGE_SEGMENTATION))) == {0, 7}


def test_depth_is_the_distance_along_the_view_axis_and_infinite_in_the_sky(draws: Draws) -> None:
    w = build(draws())
    turn = gymapi.Quat.from_euler_zyx(0.0, math.pi / 2, 0.0)
    GYM.set_camera_transform(0, w.envs[0], gymapi.Transform(gymapi.Vec3(5, 5, 3), turn))
    assert close(image(w, gymapi.IMAGE_DEPTH, env=0), -3.0, 2e-3)
    GYM.set_camera_location(0, w.envs[0], gymapi.Vec3(0, 0, 3), gymapi.Vec3(0, 1, 9))
    assert np.isneginf(image(w, gymapi.IMAGE_DEPTH, env=0)).all()


def test_nothing_is_seen_before_the_near_plane_and_beyond_the_far_one(draws: Draws) -> None:
    w = build(draws(), camera=False)
    GYM.set_rigid_body_segmentation_id(w.envs[0], 0, 0, 1)
    root = w.root
    root[:, 0, :3] = torch.tensor([0.0, 0.0, 1.0])
    w.set_root(root)
    for near, far, cube in ((0.01, 10.0, True), (1.2, 10.0, False), (0.01, 0.8, False)):  # its top is at 0.9 m
        camera = look_down(w, w.envs[0], 2.0, near_plane=near, far_plane=far, width=9, height=9)
        assert (image(w, gymapi.IMAGE_SEGMENTATION, 0, camera)[4, 4] == 1) == cube
    assert np.isneginf(image(w, gymapi.IMAGE_DEPTH, 0, camera)).all()
    seen = look_down(w, w.envs[0], 2.0, near_plane=1.2, width=9, height=9)
    assert close(image(w, gymapi.IMAGE_DEPTH, 0, seen)[4, 4], -2.0, 2e-3)


def test_a_scene_of_nothing_to_see_is_seen_as_nothing(draws: Draws) -> None:
    w = draws()
    hidden = '<inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/><geom size=".1" group="3"/>'
    w.populate(Spawn(w.asset(f"<mujoco><worldbody><body><freejoint/>{hidden}</body></worldbody></mujoco>")))
    camera = look_down(w, w.envs[0], 2.0, width=9, height=9)
    assert np.isneginf(image(w, gymapi.IMAGE_DEPTH, 0, camera)).all()
    assert not image(w, gymapi.IMAGE_SEGMENTATION, 0, camera).any()
    assert image(w, gymapi.IMAGE_COLOR, 0, camera).shape == (9, 36)


def test_images_show_the_state_of_the_last_rendering(world: Callable[..., World]) -> None:
    w = build(world())
    live = tensor(w, gymapi.IMAGE_DEPTH)
    before = image(w, gymapi.IMAGE_DEPTH).copy()
    root = w.root
    root[..., 1] += 0.3
    w.set_root(root)
    assert np.array_equal(image(w, gymapi.IMAGE_DEPTH), before)
    GYM.render_all_camera_sensors(w.sim)
    after = image(w, gymapi.IMAGE_DEPTH)
    assert not np.array_equal(after, before)
    assert torch.equal(live, torch.from_numpy(after))


def test_tensors_of_all_kinds_and_sizes_are_renewed_together(draws: Draws) -> None:
    w = build(draws())
    for env in w.envs:
        GYM.set_camera_location(GYM.create_camera_sensor(env, properties(width=24, height=16)), env, *points())
    kinds = (gymapi.IMAGE_COLOR, gymapi.IMAGE_DEPTH, gymapi.IMAGE_SEGMENTATION)
    given = {(e, c, kind): tensor(w, kind, e, c) for e in (0, 1) for c in (0, 1) for kind in kinds}
    assert given[0, 1, gymapi.IMAGE_COLOR].shape == (16, 24, 4)
    GYM.render_all_camera_sensors(w.sim)
    for (index, camera, kind), found in given.items():
        assert np.array_equal(found.flatten(1).numpy(), image(w, kind, index, camera))
        assert kind == gymapi.IMAGE_SEGMENTATION or len(found.unique()) > 10


def points() -> tuple[gymapi.Vec3, gymapi.Vec3]:
    return gymapi.Vec3(1.5, 0.5, 1.0), gymapi.Vec3(0, 0, 0.3)


def test_a_camera_that_is_added_leaves_the_images_of_others_as_they_are(draws: Draws) -> None:
    w = build(draws())
    before = image(w, gymapi.IMAGE_DEPTH)
    other = GYM.create_camera_sensor(w.envs[0], properties(width=24, height=16))
    GYM.set_camera_location(other, w.envs[0], *points())
    assert image(w, gymapi.IMAGE_DEPTH, 0, other).shape == (16, 24)
    assert np.array_equal(image(w, gymapi.IMAGE_DEPTH), before)


def test_one_camera_of_many_is_drawn_alone_and_two_with_all_others(tmp_path: Path) -> None:
    w = build(World(tmp_path, num_envs=4))
    before = {env: image(w, gymapi.IMAGE_DEPTH, env) for env in (0, 1)}
    studio = w.sim.graphics.studio = RayStudio(w.sim)
    GYM.render_all_camera_sensors(w.sim)
    root = w.root
    root[..., 1] += 0.3
    w.set_root(root)
    for env, drawn in ((0, 1), (1, 4)):
        assert np.array_equal(image(w, gymapi.IMAGE_DEPTH, env), before[env])
        assert [len(roll.keys) for roll in studio._rolls.values()] == [drawn]
    GYM.render_all_camera_sensors(w.sim)
    assert not np.array_equal(image(w, gymapi.IMAGE_DEPTH, 1), before[1])
    GYM.render_all_camera_sensors(w.sim)
    assert [roll.keys for roll in studio._rolls.values()] == [[(1, 0)]]


def test_a_camera_sees_the_shapes_that_collide_if_it_is_asked_to(draws: Draws) -> None:
    w = draws()
    two = """<mujoco><worldbody><body><freejoint/><geom type="box" size=".1 .1 .1" contype="0" conaffinity="0"/>
        <geom type="box" size=".2 .2 .1" group="3"/></body></worldbody></mujoco>"""
    w.populate(Spawn(w.asset(two), position=(0, 0, 0.5)))
    GYM.set_rigid_body_segmentation_id(w.envs[0], 0, 0, 1)
    for collision, edge in ((False, 0.2), (True, 0.4)):
        camera = look_down(w, w.envs[0], 2.6, width=64, height=64, use_collision_geometry=collision)
        width = (image(w, gymapi.IMAGE_SEGMENTATION, 0, camera) == 1).sum() ** 0.5
        assert close(width, 64 * edge / 2 / 2.0, 1.0)


def test_a_tensor_taken_after_a_rendering_holds_its_image(draws: Draws) -> None:
    w = build(draws())
    GYM.render_all_camera_sensors(w.sim)
    for env in (0, 1):
        assert np.array_equal(tensor(w, gymapi.IMAGE_DEPTH, env), image(w, gymapi.IMAGE_DEPTH, env))


def test_tensors_may_be_taken_while_the_scene_is_built(world: Callable[..., World]) -> None:
    w, live = world(), []
    w.add_ground(1.0)

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        GYM.set_camera_location(GYM.create_camera_sensor(env, properties()), env, *points())
        live.append(gymtorch.wrap_tensor(GYM.get_camera_image_gpu_tensor(w.sim, env, 0, gymapi.IMAGE_DEPTH)))

    w.populate(Spawn(w.box(0.2), position=PLACE), each=each)
    GYM.render_all_camera_sensors(w.sim)
    assert all(len(found.unique()) > 10 for found in live)


@pytest.mark.usefixtures("needs_opengl")
def test_both_ways_to_draw_see_the_same(tmp_path: Path) -> None:
    w = World(tmp_path)
    w.add_ground(1.0)
    w.populate(Spawn(w.asset(SHAPES), position=(0, 0, 0.3)))
    for env in w.envs:
        camera = GYM.create_camera_sensor(env, properties(width=160, height=120, horizontal_fov=50.0))
        GYM.set_camera_location(camera, env, *points())
        GYM.set_rigid_body_segmentation_id(env, 0, 0, 5)
    ways = Studio(w.sim, 160, 120), RayStudio(w.sim)
    seen = {kind: [way.draw(1, 0, kind).numpy() for way in ways] for kind in gymapi.ImageType if kind < 3}
    opengl_numbers, ray_numbers = seen[gymapi.IMAGE_SEGMENTATION]
    assert 1500 < (ray_numbers == 5).sum() < 6000
    assert (opengl_numbers != ray_numbers).mean() < 0.005  # round shapes have corners in OpenGL
    inside = (opengl_numbers == ray_numbers) & np.isfinite(seen[gymapi.IMAGE_DEPTH]).all(0)
    assert np.quantile(np.abs(np.subtract(*seen[gymapi.IMAGE_DEPTH]))[inside], 0.99) < 0.006
    colors = np.abs(np.subtract(*[picture.astype(int) for picture in seen[gymapi.IMAGE_COLOR]]))
    assert colors.mean() < 8


def test_colours_are_rows_of_red_green_blue_alpha(draws: Draws, tmp_path: Path) -> None:
    w = build(draws())
    before = image(w, gymapi.IMAGE_COLOR)
    GYM.set_rigid_body_color(w.envs[1], 0, 0, gymapi.MESH_VISUAL, gymapi.Vec3(1, 0, 0))
    GYM.render_all_camera_sensors(w.sim)
    packed = image(w, gymapi.IMAGE_COLOR)
    assert not np.array_equal(before, packed)
    assert packed.shape == (HEIGHT, 4 * WIDTH)
    assert packed.dtype == np.uint8
    picture = packed.reshape(HEIGHT, WIDTH, 4).astype(int)
    assert (picture[..., 3] == 255).all()
    assert (picture[..., 0] - picture[..., 1:3].max(-1) > 80).sum() > 5
    assert (image(w, gymapi.IMAGE_COLOR, env=0).reshape(HEIGHT, WIDTH, 4).astype(int)[..., 0] < 200).any()
    GYM.write_camera_image_to_file(w.sim, w.envs[1], 0, gymapi.IMAGE_COLOR, str(tmp_path / "a.png"))
    assert np.array_equal(imageio.imread(tmp_path / "a.png"), picture[..., :3])


def test_an_environment_s_own_scale_is_seen(draws: Draws) -> None:
    w = draws()

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        GYM.set_actor_scale(env, handles[0], 1.0 + i)

    w.populate(Spawn(w.box(0.2), position=(0, 0, 0.5)), each=each)
    widths = []
    for i, env in enumerate(w.envs):
        GYM.set_rigid_body_segmentation_id(env, 0, 0, 1)
        camera = look_down(w, env, 2.5, width=64, height=64)
        widths.append((image(w, gymapi.IMAGE_SEGMENTATION, i, camera) == 1).sum() ** 0.5)
    assert close(widths, [64 * 0.2 / 2 / 1.9, 64 * 0.4 / 2 / 1.8], 1.0)


@pytest.mark.parametrize(
    ("mode", "ahead"), [(gymapi.FOLLOW_POSITION, (0.4, 0.2, 0.5)), (gymapi.FOLLOW_TRANSFORM, (0.3, 0.3, 0.5))]
)
def test_a_camera_follows_its_body_with_its_rotation_or_without(
    world: Callable[..., World], mode: Any, ahead: tuple[float, float, float]
) -> None:
    w = world()
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


def test_large_images_need_no_opengl_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    w = build(World(tmp_path), camera=False)
    GYM.set_camera_location(
        GYM.create_camera_sensor(w.envs[0], properties(width=300, height=240)), w.envs[0], *points()
    )
    monkeypatch.setenv("MUJOCO_GL", "nonesuch")
    assert len(np.unique(image(w, gymapi.IMAGE_DEPTH, env=0))) > 10
    assert "no OpenGL to draw with (nonesuch: " in caplog.text


@pytest.mark.usefixtures("needs_opengl")
def test_what_the_tracer_does_not_know_is_drawn_with_opengl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise NotImplementedError("Actuator plugins not supported.")

    w = build(World(tmp_path))
    monkeypatch.setattr(ray_studio, "device_model", refuse)
    assert len(np.unique(image(w, gymapi.IMAGE_DEPTH))) > 10
    assert "cannot trace this scene (Actuator plugins not supported.)" in caplog.text


def test_every_environment_sees_the_global_terrain_from_where_it_is(draws: Draws) -> None:
    w = draws()
    field = gymapi.HeightFieldParams()
    field.nbColumns, field.nbRows, field.row_scale, field.column_scale = 9, 9, 1.0, 1.0
    field.transform.p, field.segmentation_id = gymapi.Vec3(-4, -4, 0), 3
    heights = np.repeat(np.arange(9, dtype=np.int16)[:, None], 9, axis=1)  # x + 4 at global x
    GYM.add_heightfield(w.sim, heights, field)
    w.populate(Spawn(w.box(0.2), position=(0.0, 0.0, 20.0)))
    for env in w.envs:
        camera = look_down(w, env, 12.0, width=9, height=9)
        height = 4.01 + GYM.get_env_origin(env).x
        assert close(image(w, gymapi.IMAGE_DEPTH, env.index, camera)[4, 4], height - 12, 0.02)
        assert image(w, gymapi.IMAGE_SEGMENTATION, env.index, camera)[4, 4] == 3


@pytest.mark.gpu
def test_tensors_stay_on_the_gpu_and_hold_what_the_cpu_draws(tmp_path: Path) -> None:
    kinds = (gymapi.IMAGE_COLOR, gymapi.IMAGE_DEPTH, gymapi.IMAGE_SEGMENTATION)
    seen = []
    for gpu in (False, True):
        w = build(World(tmp_path, gpu=gpu))
        live = [tensor(w, kind) for kind in kinds]
        GYM.render_all_camera_sensors(w.sim)
        assert all(found.is_cuda == gpu for found in live)
        assert all(np.array_equal(f.flatten(1).cpu().numpy(), image(w, k)) for f, k in zip(live, kinds, strict=True))
        seen.append([found.cpu().float() for found in live])
    for cpu_image, gpu_image in zip(*seen, strict=True):
        assert ((cpu_image - gpu_image).nan_to_num().abs() > 1.01).float().mean() < 0.01


@pytest.mark.gpu
def test_cameras_may_be_rendered_in_a_captured_step(tmp_path: Path) -> None:
    w = build(World(tmp_path, gpu=True))
    camera = GYM.create_camera_sensor(w.envs[1], properties(width=32, height=24))
    GYM.attach_camera_to_body(camera, w.envs[1], 0, gymapi.Transform(gymapi.Vec3(-1, 0, 0)), gymapi.FOLLOW_POSITION)
    live = [tensor(w, kind, camera=camera) for kind in (gymapi.IMAGE_COLOR, gymapi.IMAGE_DEPTH)]

    def frame() -> None:
        GYM.simulate(w.sim)
        GYM.render_all_camera_sensors(w.sim)

    step = GYM.capture_step(w.sim, frame, "frame")
    for _ in range(12):
        step()
    assert step.replays
    captured = [found.clone() for found in live]
    GYM.render_all_camera_sensors(w.sim)
    assert all(torch.equal(a, b) for a, b in zip(captured, live, strict=True))
    assert len(live[1].unique()) > 10
