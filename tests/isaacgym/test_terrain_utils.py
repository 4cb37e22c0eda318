"""Grounds have the shapes, units and walls that were asked for."""

from collections.abc import Callable

import numpy as np
import pytest

from isaacgym import terrain_utils as t


def ground() -> t.SubTerrain:
    return t.SubTerrain("test", width=80, length=60, vertical_scale=0.005, horizontal_scale=0.1)


FILLS: list[Callable[[t.SubTerrain], t.SubTerrain]] = [
    lambda g: t.random_uniform_terrain(g, -0.05, 0.05, step=0.005, downsampled_scale=0.2),
    lambda g: t.sloped_terrain(g, slope=0.3),
    lambda g: t.pyramid_sloped_terrain(g, slope=0.3, platform_size=2.0),
    lambda g: t.pyramid_sloped_terrain(g, slope=-0.3, platform_size=2.0),
    lambda g: t.wave_terrain(g, num_waves=2, amplitude=0.4),
    lambda g: t.stairs_terrain(g, step_width=0.3, step_height=0.1),
    lambda g: t.pyramid_stairs_terrain(g, step_width=0.3, step_height=-0.1, platform_size=2.0),
    lambda g: t.discrete_obstacles_terrain(g, 0.2, min_size=1.0, max_size=2.0, num_rects=20, platform_size=2.0),
    lambda g: t.stepping_stones_terrain(g, 0.5, stone_distance=0.1, max_height=0.02, platform_size=2.0),
]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    np.random.seed(0)


@pytest.mark.parametrize("fill", FILLS)
def test_every_ground_keeps_its_array_and_is_not_flat(fill: Callable[[t.SubTerrain], t.SubTerrain]) -> None:
    terrain = ground()
    assert fill(terrain) is terrain
    assert terrain.height_field_raw.shape == (80, 60)
    assert terrain.height_field_raw.dtype == np.int16
    assert np.ptp(terrain.height_field_raw) > 0


@pytest.mark.parametrize("fill", FILLS)
def test_the_same_seed_gives_the_same_ground(fill: Callable[[t.SubTerrain], t.SubTerrain]) -> None:
    first = fill(ground()).height_field_raw
    np.random.seed(0)
    np.testing.assert_array_equal(fill(ground()).height_field_raw, first)


def test_uniform_heights_stay_in_their_range() -> None:
    heights = t.random_uniform_terrain(ground(), -0.05, 0.05, step=0.005).height_field_raw
    assert (heights.min(), heights.max()) == (-10, 10)


def test_a_slope_rises_by_its_gradient() -> None:
    heights = t.sloped_terrain(ground(), slope=0.3).height_field_raw
    assert heights[50, 0] * 0.005 == pytest.approx(0.3 * 50 * 0.1)


@pytest.mark.parametrize("fill", [FILLS[2], FILLS[6], FILLS[7], FILLS[8]])
def test_the_platform_in_the_middle_is_flat(fill: Callable[[t.SubTerrain], t.SubTerrain]) -> None:
    assert np.ptp(fill(ground()).height_field_raw[31:49, 21:39]) == 0


def test_a_sunk_pyramid_mirrors_a_raised_one() -> None:
    raised = t.pyramid_sloped_terrain(ground(), slope=0.3).height_field_raw
    np.testing.assert_array_equal(t.pyramid_sloped_terrain(ground(), slope=-0.3).height_field_raw, -raised)


def test_stairs_rise_one_step_at_a_time_to_the_platform() -> None:
    heights = t.pyramid_stairs_terrain(ground(), 0.3, 0.1, platform_size=2.0).height_field_raw
    np.testing.assert_array_equal(np.unique(np.diff(heights[:40, 30])), [0, 20])
    assert heights[40, 30] == 7 * 20


def test_gaps_between_stones_have_the_given_depth() -> None:
    heights = t.stepping_stones_terrain(ground(), 0.5, 0.1, max_height=0.02, depth=-2.0).height_field_raw
    assert heights.min() == -400
    assert heights.max() <= 4


def test_triangles_cover_the_grid_and_face_up() -> None:
    heights = t.random_uniform_terrain(ground(), -0.05, 0.05).height_field_raw
    vertices, triangles = t.convert_heightfield_to_trimesh(heights, 0.1, 0.005)
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    twice_area = np.cross(b - a, c - a)[:, 2]
    assert (vertices.shape, triangles.shape) == ((80 * 60, 3), (2 * 79 * 59, 3))
    assert (vertices.dtype, triangles.dtype) == (np.dtype(np.float32), np.dtype(np.uint32))
    assert (twice_area > 0).all()
    assert twice_area.sum() / 2 == pytest.approx(7.9 * 5.9, rel=1e-4)


def test_a_vertex_lies_at_its_sample() -> None:
    heights = np.arange(12, dtype=np.int16).reshape(3, 4)
    vertices, _ = t.convert_heightfield_to_trimesh(heights, 0.5, 0.1)
    np.testing.assert_allclose(vertices[1 * 4 + 2], [0.5, 1.0, 0.6], rtol=1e-6)


def test_a_steep_step_becomes_a_vertical_wall() -> None:
    heights = np.zeros((4, 3), np.int16)
    heights[2:] = 100
    vertices, _ = t.convert_heightfield_to_trimesh(heights, 0.1, 0.01, slope_threshold=1.5)
    np.testing.assert_allclose(vertices[:, 0].reshape(4, 3)[:, 0], [0.0, 0.2, 0.2, 0.3], atol=1e-6)


def test_a_gentle_slope_is_left_alone() -> None:
    heights = np.outer(np.arange(4), np.ones(3)).astype(np.int16)
    steep, _ = t.convert_heightfield_to_trimesh(heights, 0.1, 0.1, slope_threshold=1.5)
    plain, _ = t.convert_heightfield_to_trimesh(heights, 0.1, 0.1)
    np.testing.assert_array_equal(steep, plain)
