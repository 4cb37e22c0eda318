"""Height fields and triangle meshes: where the ground is, how it is collided with, and what is refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import mujoco
import numpy as np
import pytest

from isaacgym import gymapi, terrain_utils
from isaacgym._src import capacity, terrain_mesh
from isaacgym._src.terrain_mesh import Grid, Hull, grid_triangles, pieces_of
from tests.isaacgym.world import GRAVITY, GYM, Spawn, World, asset_options, close

MakeWorld = Callable[..., World]
SPACING, UNIT = 0.1, 0.005  # of the grounds' samples [m]


def relief(rows: int = 40, columns: int = 30) -> np.ndarray:
    """Heights in units with a different slope along x and y."""
    rng = np.random.default_rng(0)
    return (rng.integers(-6, 7, (rows, columns)) + np.arange(rows)[:, None] * 4).astype(np.int16)


def field_params(heights: np.ndarray, x: float = 0.0, y: float = 0.0) -> gymapi.HeightFieldParams:
    params = gymapi.HeightFieldParams()
    params.nbColumns, params.nbRows = heights.shape
    params.column_scale = params.row_scale = SPACING
    params.vertical_scale = UNIT
    params.transform.p.x, params.transform.p.y = x, y
    return params


def add_mesh(w: World, vertices: np.ndarray, triangles: np.ndarray, x: float = 0.0, y: float = 0.0) -> None:
    """As legged_gym and AnymalTerrain do."""
    params = gymapi.TriangleMeshParams()
    params.nb_vertices, params.nb_triangles = len(vertices), len(triangles)
    params.transform.p.x, params.transform.p.y = x, y
    GYM.add_triangle_mesh(w.sim, vertices.flatten(order="C"), triangles.flatten(order="C"), params)


def model_of(w: World) -> mujoco.MjModel:
    w.populate(Spawn(w.box(), (1.0, 1.0, 9.0)))
    return w.sim.backend.model


def ground_at(model: mujoco.MjModel, x: float, y: float) -> float:
    """Height of what a ray from above meets first."""
    data = mujoco.MjData(model)
    data.qpos[:3] = 1e3
    mujoco.mj_forward(model, data)
    geom = np.zeros(1, np.int32)
    far = mujoco.mj_ray(model, data, np.array([x, y, 50.0]), np.array([0.0, 0.0, -1.0]), None, 1, -1, geom, None)
    return 50.0 - far


@pytest.mark.parametrize("kind", ["field", "mesh"])
def test_a_sample_lies_where_its_index_says_in_global_coordinates(world: MakeWorld, kind: str) -> None:
    w, heights = world(engine="mujoco", num_envs=1), relief()
    if kind == "field":
        GYM.add_heightfield(w.sim, heights, field_params(heights, -1.0, -0.5))
    else:
        add_mesh(w, *terrain_utils.convert_heightfield_to_trimesh(heights, SPACING, UNIT, 0.75), -1.0, -0.5)
    model = model_of(w)
    for i, j in ((1, 1), (20, 7), (7, 20), (38, 28)):
        assert ground_at(model, i * SPACING - 1.0, j * SPACING - 0.5) == pytest.approx(heights[i, j] * UNIT, abs=1e-5)


def test_a_field_may_be_flat_and_its_samples_of_any_type(world: MakeWorld) -> None:
    w = world(engine="mujoco", num_envs=1)
    params = field_params(np.zeros((4, 6)))
    params.transform.p.z = 0.3
    GYM.add_heightfield(w.sim, np.full(24, 20.0), params)
    assert ground_at(model_of(w), 0.17, 0.26) == pytest.approx(0.4, abs=1e-6)


def test_a_turned_field_turns_about_its_first_sample(world: MakeWorld) -> None:
    w, heights = world(engine="mujoco", num_envs=1), relief()
    params = field_params(heights, 2.0, 0.0)
    params.transform.r = gymapi.Quat(0, 0, 0.5**0.5, 0.5**0.5)
    GYM.add_heightfield(w.sim, heights, params)
    assert ground_at(model_of(w), 2.0 - 0.7, 2.0) == pytest.approx(heights[20, 7] * UNIT, abs=1e-5)


def test_a_body_rests_on_a_field_and_on_the_mesh_over_it(world: MakeWorld) -> None:
    heights = np.zeros((30, 30), np.int16)
    heights[15:] = 40
    for mesh in (False, True):
        w = world(dt=0.005, num_envs=1)
        if mesh:
            add_mesh(w, *terrain_utils.convert_heightfield_to_trimesh(heights, SPACING, UNIT, 0.75))
        else:
            GYM.add_heightfield(w.sim, heights, field_params(heights))
        w.populate(Spawn(w.box(), (0.8, 1.5, 0.11)), Spawn(w.box(), (2.2, 1.5, 0.31)))
        w.seconds(0.6)
        assert close(w.root[0, :, 2], [0.1, 0.3], 0.002)
        assert close(w.root[0, :, 0], [0.8, 2.2], 0.002)


def test_the_contact_force_on_a_field_is_the_weight(world: MakeWorld) -> None:
    w = world(dt=0.005, num_envs=1)
    GYM.add_heightfield(w.sim, np.zeros((30, 30)), field_params(np.zeros((30, 30))))
    w.populate(Spawn(w.box(), (1.53, 1.47, 0.1)))
    w.seconds(0.5)
    assert close(w.contact, 0.0, 0.0)
    w.step()
    assert close(w.contact[0, 0, 2], 8.0 * GRAVITY, 0.8)


@pytest.mark.parametrize(("ground", "plate"), [(0.3, 0.1), (0.1, 0.3)])
def test_a_plate_slides_down_a_slope_of_the_field_with_the_average_friction(
    world: MakeWorld, ground: float, plate: float
) -> None:
    slope, friction = 0.4, 0.2
    angle = float(np.arctan(slope))
    w, heights = world(dt=0.005, num_envs=16), -np.arange(50.0)[:, None] * np.ones((1, 20)) * SPACING * slope / UNIT
    params = field_params(heights)
    params.static_friction = ground
    GYM.add_heightfield(w.sim, heights, params)
    asset = GYM.create_box(w.sim, 0.4, 0.4, 0.1, asset_options())
    props = GYM.get_asset_rigid_shape_properties(asset)
    props[0].friction = plate
    GYM.set_asset_rigid_shape_properties(asset, props)
    turn = (0, float(np.sin(angle / 2)), 0, float(np.cos(angle / 2)))
    for x, y in np.random.default_rng(0).uniform(0.98, 1.08, (w.num_envs, 2)):
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 4))
        w.spawn(w.envs[-1], Spawn(asset, (x + 0.05 * np.sin(angle), y, -x * slope + 0.05 * np.cos(angle)), turn))
    w.prepare()
    w.seconds(0.4)
    expected = GRAVITY * (np.sin(angle) - friction * np.cos(angle)) * 0.4
    catches = 0.15 if w.sim.backend.name == "mujoco" else 0.03  # MuJoCo's cells slow an edge that slides over them
    assert float(w.root[:, 0, 7:10].norm(dim=-1).median()) == pytest.approx(expected, rel=catches)


@pytest.mark.parametrize("kind", ["BOX", "SPHERE", "CAPSULE", "CYLINDER"])
def test_a_shape_in_the_ground_is_pushed_out_no_faster_than_it_is_deep(world: MakeWorld, kind: str) -> None:
    w = world(engine="warp", num_envs=20, nconmax=20, njmax=80)
    heights = np.full((30, 20), 40, np.int16)
    heights[:5] = 0
    GYM.add_heightfield(w.sim, heights, field_params(heights))
    body = f'<body><freejoint/><geom type="{kind.lower()}" size=".1 .1 .1"/></body>'
    shape = w.asset(f"<mujoco><worldbody>{body}</worldbody></mujoco>")
    rng = np.random.default_rng(0)
    for _ in range(w.num_envs):
        env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 5)
        w.envs.append(env)
        half = 0.2 if kind == "CAPSULE" else 0.1
        w.spawn(env, Spawn(shape, (*rng.uniform(0.8, 1.2, 2), 0.2 + half - 0.01)))
    w.prepare()
    w.step()
    assert float(w.root[:, 0, 9].max()) < 0.3  # what 1 cm leads to; a depth of the shape's size leads to ten times more


def test_environments_on_a_grid_of_their_own_meet_one_global_ground(world: MakeWorld) -> None:
    heights = np.zeros((40, 20), np.int16)
    heights[20:] = 60  # 0.3 m from x = 1.95 on
    w = world(dt=0.005, num_envs=2)
    GYM.add_heightfield(w.sim, heights, field_params(heights, -1.0, -1.0))
    w.populate(Spawn(w.box(), (0.3, 0.05, 0.45)))
    assert [GYM.get_env_origin(env).x for env in w.envs] == [0.0, 2.0]
    w.seconds(0.8)
    assert close(w.root[:, 0, 2], [0.1, 0.4], 0.005)


def test_a_ground_around_the_global_origin_is_where_it_is_for_every_environment(world: MakeWorld) -> None:
    heights = np.zeros((41, 41), np.int16)
    heights[31:] = 60  # 0.3 m from x = 1.05 on
    w = world(dt=0.005, num_envs=2)
    GYM.add_heightfield(w.sim, heights, field_params(heights, -2.0, -2.0))
    w.populate(Spawn(w.box(), (-0.5, 0.05, 0.45)))
    w.seconds(0.8)
    assert close(w.root[:, 0, 2], [0.1, 0.4], 0.005)


def test_a_shape_that_covers_more_triangles_than_the_engines_look_at_is_named(world: MakeWorld) -> None:
    for size, warned in ((0.4, False), (0.6, True)):
        w = world(engine="mujoco")
        GYM.add_heightfield(w.sim, relief(), field_params(relief()))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            w.populate(Spawn(w.box(size), (1.0, 1.0, 9.0)))
        assert [str(c.message).startswith("prepare_sim: flat shapes of box can cover") for c in caught] == [
            True
        ] * warned


def test_the_probe_drops_robots_on_the_terrain_and_counts_what_warp_would_keep(world: MakeWorld) -> None:
    w, heights = world(engine="mujoco", num_envs=1), np.full((40, 30), 600, np.int16)
    GYM.add_heightfield(w.sim, heights, field_params(heights))
    w.populate(Spawn(w.box(0.4), (2.0, 1.5, 3.5)))
    model = w.sim.backend.model
    start = w.sim.layout.start_qpos(w.sim.scene.poses()[0])[None]
    assert capacity._floor(model, start)[0, 0] == pytest.approx(3.0)
    data = mujoco.MjData(model)
    data.qpos[:7] = [2.03, 1.52, 3.199, 1, 0, 0, 0]
    mujoco.mj_forward(model, data)
    spare, rows = capacity._spare(model, data)
    assert (data.ncon - spare, data.nefc - rows) == (4, 16)
    assert capacity.probed(model, start, 4).njmax <= 64


# Which pieces a mesh becomes.


def grid_mesh(heights: np.ndarray, threshold: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    return terrain_utils.convert_heightfield_to_trimesh(heights, SPACING, UNIT, threshold)


def box_mesh(x: float = 0.0, size: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    corners = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)]) * size + [x, 0, 0]
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    return corners, np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])


def joined(*meshes: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.cumsum([0] + [len(v) for v, _ in meshes])
    parts = zip(meshes, starts[:-1], strict=True)
    return np.concatenate([v for v, _ in meshes]), np.concatenate([t + start for (_, t), start in parts])


def the_grid(vertices: np.ndarray, triangles: np.ndarray) -> Grid:
    (grid,) = pieces_of(vertices.astype(float), triangles.astype(int))
    assert isinstance(grid, Grid)
    return grid


@pytest.mark.parametrize("threshold", [None, 0.75, 0.05])
def test_the_samples_of_a_converted_field_come_back_with_and_without_walls(threshold: float | None) -> None:
    heights = relief()
    heights[5:9, 5:9] = 300
    heights[20:, :12] += 100
    grid = the_grid(*grid_mesh(heights, threshold))
    np.testing.assert_allclose(grid.heights, heights * UNIT, atol=1e-6)
    np.testing.assert_allclose((*grid.corner, *grid.spacing), (0, 0, SPACING, SPACING), atol=1e-6)


def test_a_terrain_is_known_as_a_grid_where_single_precision_is_coarse() -> None:
    """Coordinates near 200 m are exact to 15 um, of which 4000 cells of 5 cm would make a cell."""
    x, y = np.linspace(0, 3999 * 0.05, 4000), np.linspace(0, 3 * 0.05, 4)
    heights = np.random.default_rng(1).integers(0, 30, (4000, 4)) * 0.01
    moved = x[:, None] + 0.05 * np.random.default_rng(2).integers(-1, 2, (4000, 4))
    vertices = np.stack([moved, np.broadcast_to(y, (4000, 4)), heights], -1).reshape(-1, 3).astype(np.float32)
    (grid,) = pieces_of(vertices, grid_triangles(4000, 4).astype(int))
    assert isinstance(grid, Grid)
    np.testing.assert_allclose(grid.heights, heights, atol=1e-6)
    np.testing.assert_allclose((*grid.corner, *grid.spacing), (0, 0, 0.05, 0.05), atol=1e-5)


def test_a_field_that_is_steep_along_its_whole_edge_keeps_its_place() -> None:
    heights = np.zeros((8, 6), np.int16)
    heights[1:] = 100
    vertices, triangles = grid_mesh(heights, 0.5)
    assert vertices[:6, 0] == pytest.approx(SPACING)
    assert the_grid(vertices, triangles).corner[0] == pytest.approx(0.0, abs=1e-6)


def test_a_grid_is_known_in_any_order_of_vertices_and_triangles() -> None:
    vertices, triangles = grid_mesh(relief())
    rng = np.random.default_rng(1)
    order = rng.permutation(len(vertices))
    shuffled = np.argsort(order)[triangles.astype(int)][rng.permutation(len(triangles))]
    np.testing.assert_allclose(the_grid(vertices[order], shuffled).heights, relief() * UNIT, atol=1e-6)


def test_two_triangles_are_a_ground() -> None:
    vertices = np.array([[-5, -5, 0.2], [5, -5, 0.2], [5, 5, 0.2], [-5, 5, 0.2]])
    grid = the_grid(vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    assert grid.heights == pytest.approx(0.2)
    assert grid.spacing == (10.0, 10.0)


def test_each_part_becomes_what_fits_it() -> None:
    pieces = pieces_of(*joined(grid_mesh(relief()), box_mesh(10.0), box_mesh(20.0)))
    assert sorted(type(piece).__name__ for piece in pieces) == ["Grid", "Hull", "Hull"]


def test_boxes_that_touch_the_ground_s_vertices_or_each_other_stay_parts_of_their_own() -> None:
    ground, (corners, faces) = grid_mesh(relief()), box_mesh(0.0)
    on_a_vertex = corners - corners[0] + ground[0][len(ground[0]) // 2]
    pieces = pieces_of(*joined(ground, (on_a_vertex, faces), (on_a_vertex, faces)))
    assert [type(piece).__name__ for piece in pieces] == ["Grid", "Hull", "Hull"]


def test_a_ground_without_a_grid_is_sampled() -> None:
    ring = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    rim = np.stack([np.cos(ring), np.sin(ring), np.zeros(12)], 1)
    valley = np.concatenate([rim, [[0.0, 0.0, -0.5]]])
    triangles = np.array([(i, (i + 1) % 12, 12) for i in range(12)])
    for facing in (triangles, triangles[:, ::-1]):
        grid = the_grid(valley, facing)
        x, y = (grid.corner[axis] + grid.spacing[axis] * np.arange(grid.heights.shape[axis]) for axis in (0, 1))
        i, j = int(np.abs(x - 0.4).argmin()), int(np.abs(y - 0.1).argmin())
        assert grid.heights[i, j] == pytest.approx(-0.5 * (1 - np.hypot(x[i], y[j])), abs=0.02)
        assert grid.heights.min() == pytest.approx(-0.5, abs=0.1)


def test_a_simplified_mesh_has_its_heights_at_every_sample_however_many_are_looked_at_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terrain_mesh, "BATCH", 7)
    places = np.array([(0, 0), (4, 0), (4, 3), (0, 3), (1.1, 0.9), (2.7, 1.4), (1.9, 2.2)])
    triangles = np.array([(0, 1, 4), (1, 5, 4), (1, 2, 5), (2, 6, 5), (2, 3, 6), (3, 4, 6), (3, 0, 4), (4, 5, 6)])
    slope = places @ [0.3, -0.2]
    grid = the_grid(np.column_stack((places, slope)), triangles)
    x, y = (grid.corner[axis] + grid.spacing[axis] * np.arange(grid.heights.shape[axis]) for axis in (0, 1))
    assert np.allclose(grid.heights, 0.3 * x[:, None] - 0.2 * y, atol=1e-9)


def test_a_wall_that_leans_over_is_filled_below() -> None:
    profile = [(0.0, 0.0), (1.0, 0.0), (0.9, 0.5), (2.0, 0.5)]
    vertices = np.array([(x, y, z) for y in (0.0, 0.5, 1.0) for x, z in profile])
    cells = [4 * row + column for row in range(2) for column in range(3)]
    grid = the_grid(vertices, np.array([t for k in cells for t in ((k, k + 1, k + 4), (k + 1, k + 5, k + 4))]))
    at = grid.corner[0] + grid.spacing[0] * np.arange(grid.heights.shape[0])
    assert grid.heights[at < 0.9 - 1e-9] == pytest.approx(0.0, abs=1e-9)
    assert grid.heights[at > 0.9 + 1e-9] == pytest.approx(0.5)


def test_what_hangs_over_is_refused() -> None:
    roof = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 1], [0.5, 0, 1.2], [0, 1, 0], [1, 1, 0], [2, 1, 1], [0.5, 1, 1.2]])
    strips = [(a, a + 4, a + 1) for a in range(3)] + [(a + 1, a + 4, a + 5) for a in range(3)]
    with pytest.raises(NotImplementedError, match="add_triangle_mesh: a part of the mesh"):
        pieces_of(roof.astype(float), np.array(strips))


def test_a_body_rests_on_a_convex_part(world: MakeWorld) -> None:
    w = world(dt=0.005, num_envs=1)
    add_mesh(w, *joined(box_mesh(0.0), box_mesh(2.0)))
    w.populate(Spawn(w.box(), (0.5, 0.5, 1.11)), Spawn(w.box(), (2.5, 0.5, 1.11)))
    assert all(isinstance(piece, Hull) for piece in w.sim.scene.terrains[0].pieces)
    w.seconds(0.5)
    assert close(w.root[0, :, 2], 1.1, 0.003)


# Faults.


def test_samples_that_do_not_fit_their_numbers_are_refused(world: MakeWorld) -> None:
    w, heights = world(), relief()
    params = field_params(heights)
    params.nbRows, params.nbColumns = heights.shape
    with pytest.raises(ValueError, match="axis 0 of the samples runs along x: set nbColumns to its length"):
        GYM.add_heightfield(w.sim, heights, params)
    params = field_params(heights)
    params.row_scale = 0.0
    with pytest.raises(ValueError, match="scales must be positive, given row_scale 0"):
        GYM.add_heightfield(w.sim, heights, params)
    with pytest.raises(ValueError, match="a ground needs two each way"):
        GYM.add_heightfield(w.sim, heights[:1], field_params(heights[:1]))


def test_triangles_that_name_no_vertex_are_refused(world: MakeWorld) -> None:
    w, (vertices, triangles) = world(), box_mesh()
    with pytest.raises(ValueError, match="triangles name vertices 0 to 7, and there are 7"):
        add_mesh(w, vertices[:7], triangles)
    params = gymapi.TriangleMeshParams(nb_vertices=8)
    with pytest.raises(ValueError, match="23 numbers for 8 vertices of three"):
        GYM.add_triangle_mesh(w.sim, vertices.ravel()[:-1], triangles, params)


def test_a_ground_after_prepare_sim_is_refused(world: MakeWorld) -> None:
    w = world(engine="mujoco")
    w.populate(Spawn(w.box()))
    with pytest.raises(RuntimeError, match="add_heightfield: the simulation is prepared"):
        GYM.add_heightfield(w.sim, relief(), field_params(relief()))
