"""Grounds made of heights: slopes, stairs, obstacles and stones on a grid, and the triangles over them.

A `SubTerrain` holds heights in units of `vertical_scale`; the functions write into it and hand it back.
Lengths are in metres; axis 0 of the grid runs along x, axis 1 along y. Random numbers come from numpy.random.
"""

import numpy as np

from isaacgym._src.terrain_mesh import grid_triangles

__all__ = [
    "SubTerrain",
    "convert_heightfield_to_trimesh",
    "discrete_obstacles_terrain",
    "pyramid_sloped_terrain",
    "pyramid_stairs_terrain",
    "random_uniform_terrain",
    "sloped_terrain",
    "stairs_terrain",
    "stepping_stones_terrain",
    "wave_terrain",
]


class SubTerrain:
    """A rectangular piece of ground, flat at first."""

    def __init__(
        self,
        terrain_name: str = "terrain",
        width: int = 256,
        length: int = 256,
        vertical_scale: float = 1.0,
        horizontal_scale: float = 1.0,
    ) -> None:
        self.terrain_name = terrain_name
        self.width = width  # samples along x
        self.length = length  # samples along y
        self.vertical_scale = vertical_scale  # [m] per unit of height
        self.horizontal_scale = horizontal_scale  # [m] between samples
        self.height_field_raw = np.zeros((width, length), np.int16)


def random_uniform_terrain(
    terrain: SubTerrain,
    min_height: float,
    max_height: float,
    step: float = 1,
    downsampled_scale: float | None = None,
) -> SubTerrain:
    """Add heights drawn from min_height, min_height + step, ... max_height every `downsampled_scale` [m]."""
    spacing = terrain.horizontal_scale if downsampled_scale is None else downsampled_scale
    low, high, stride = (_units(terrain, value) for value in (min_height, max_height, step))
    choices = np.arange(low, high + 1, max(stride, 1))
    extent = np.array([terrain.width, terrain.length]) * terrain.horizontal_scale
    coarse = np.random.choice(choices, tuple(np.maximum((extent / spacing).astype(int), 1)))
    fine = _stretched(coarse.astype(float), terrain.width, terrain.length)
    terrain.height_field_raw += np.rint(fine).astype(np.int16)
    return terrain


def sloped_terrain(terrain: SubTerrain, slope: float = 1) -> SubTerrain:
    """Add a ramp that rises along x."""
    rise = slope * terrain.horizontal_scale / terrain.vertical_scale
    terrain.height_field_raw += (rise * np.arange(terrain.width)).astype(np.int16)[:, None]
    return terrain


def pyramid_sloped_terrain(terrain: SubTerrain, slope: float = 1, platform_size: float = 1.0) -> SubTerrain:
    """Add a pyramid that rises, or sinks for a negative slope, to a flat square in the middle."""
    across = 1.0 - np.abs(np.linspace(-1.0, 1.0, terrain.width))
    along = 1.0 - np.abs(np.linspace(-1.0, 1.0, terrain.length))
    peak = slope * 0.5 * terrain.width * terrain.horizontal_scale / terrain.vertical_scale
    heights = terrain.height_field_raw + (peak * np.outer(across, along)).astype(np.int16)
    half = _cells(terrain, 0.5 * platform_size)
    edge = heights[max(terrain.width // 2 - half, 0), max(terrain.length // 2 - half, 0)]
    terrain.height_field_raw = np.clip(heights, min(edge, 0), max(edge, 0)).astype(np.int16)
    return terrain


def wave_terrain(terrain: SubTerrain, num_waves: int = 1, amplitude: float = 1.0) -> SubTerrain:
    """Add `num_waves` periods of a wave along x and along y, `amplitude` from trough to crest [m]."""
    height = 0.5 * amplitude / terrain.vertical_scale
    phase_x = 2.0 * np.pi * num_waves * np.arange(terrain.width) / terrain.width
    phase_y = 2.0 * np.pi * num_waves * np.arange(terrain.length) / terrain.length
    wave = 0.5 * height * (np.cos(phase_x)[:, None] + np.sin(phase_y)[None, :])
    terrain.height_field_raw += wave.astype(np.int16)
    return terrain


def stairs_terrain(terrain: SubTerrain, step_width: float, step_height: float) -> SubTerrain:
    """Add stairs that rise along x."""
    steps = np.arange(terrain.width) // max(_cells(terrain, step_width), 1) + 1
    terrain.height_field_raw += (steps * _units(terrain, step_height)).astype(np.int16)[:, None]
    return terrain


def pyramid_stairs_terrain(
    terrain: SubTerrain, step_width: float, step_height: float, platform_size: float = 1.0
) -> SubTerrain:
    """Replace the heights by stairs that rise, or sink, to a flat square in the middle."""
    tread = max(_cells(terrain, step_width), 1)
    rise = _units(terrain, step_height)
    shortest = min(terrain.width, terrain.length) - _cells(terrain, platform_size)
    steps = max(-(-shortest // (2 * tread)), 0)
    x, y = np.arange(terrain.width), np.arange(terrain.length)
    from_edge = np.minimum.outer(np.minimum(x, x[::-1]), np.minimum(y, y[::-1]))
    terrain.height_field_raw[:] = rise * np.minimum(from_edge // tread, steps)
    return terrain


def discrete_obstacles_terrain(
    terrain: SubTerrain,
    max_height: float,
    min_size: float,
    max_size: float,
    num_rects: int,
    platform_size: float = 1.0,
) -> SubTerrain:
    """Set rectangles of half or all of `max_height`, up or down, around a flat square in the middle."""
    top = _units(terrain, max_height)
    low, high = max(_cells(terrain, min_size), 1), _cells(terrain, max_size)
    sizes = np.arange(low, max(high, low) + 1)
    for _ in range(num_rects):
        width, length = np.minimum(np.random.choice(sizes, 2), (terrain.width, terrain.length))
        x = np.random.randint(0, terrain.width - width + 1)
        y = np.random.randint(0, terrain.length - length + 1)
        height = np.random.choice([-top, -top // 2, top // 2, top])
        terrain.height_field_raw[x : x + width, y : y + length] = height
    _platform(terrain, platform_size)[:] = 0
    return terrain


def stepping_stones_terrain(
    terrain: SubTerrain,
    stone_size: float,
    stone_distance: float,
    max_height: float,
    platform_size: float = 1.0,
    depth: float = -10,
) -> SubTerrain:
    """Replace the heights by square stones within `max_height` of zero, with gaps of `depth` between them."""
    size = max(_cells(terrain, stone_size), 1)
    pitch = size + _cells(terrain, stone_distance)
    top = _units(terrain, max_height)
    terrain.height_field_raw[:] = _units(terrain, depth)
    for y in range(0, terrain.length, pitch):
        for x in range(-np.random.randint(0, size), terrain.width, pitch):
            height = np.random.randint(-top, top + 1)
            terrain.height_field_raw[max(x, 0) : max(x + size, 0), y : y + size] = height
    _platform(terrain, platform_size)[:] = 0
    return terrain


def convert_heightfield_to_trimesh(
    height_field_raw: np.ndarray,
    horizontal_scale: float,
    vertical_scale: float,
    slope_threshold: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) f32 [m] and triangles (T, 3) uint32, facing up, over a grid of heights.

    Where the ground is steeper than `slope_threshold`, the lower sample moves under the higher one, which
    makes a vertical wall of the slope.
    """
    heights = np.asarray(height_field_raw)
    rows, columns = heights.shape
    x, y = np.meshgrid(np.arange(rows, dtype=float), np.arange(columns, dtype=float), indexing="ij")
    if slope_threshold is not None:
        move_x, move_y = _wall_moves(heights.astype(float), slope_threshold * horizontal_scale / vertical_scale)
        x, y = x + move_x, y + move_y
    vertices = np.stack([x * horizontal_scale, y * horizontal_scale, heights * vertical_scale], axis=-1)
    return vertices.reshape(-1, 3).astype(np.float32), grid_triangles(rows, columns)


def _cells(terrain: SubTerrain, metres: float) -> int:
    return round(metres / terrain.horizontal_scale)


def _units(terrain: SubTerrain, metres: float) -> int:
    return round(metres / terrain.vertical_scale)


def _platform(terrain: SubTerrain, size: float) -> np.ndarray:
    """A view of the square in the middle."""
    cells = _cells(terrain, size)
    x, y = max((terrain.width - cells) // 2, 0), max((terrain.length - cells) // 2, 0)
    return terrain.height_field_raw[x : x + cells, y : y + cells]


def _stretched(coarse: np.ndarray, width: int, length: int) -> np.ndarray:
    """The grid with its corners kept, interpolated bilinearly to (width, length)."""
    along_x = _stretched_rows(coarse, width)
    return _stretched_rows(along_x.T, length).T


def _stretched_rows(grid: np.ndarray, count: int) -> np.ndarray:
    position = np.linspace(0.0, len(grid) - 1, count)
    below = np.minimum(position.astype(int), max(len(grid) - 2, 0))
    above = np.minimum(below + 1, len(grid) - 1)
    share = (position - below)[:, None]
    return (1.0 - share) * grid[below] + share * grid[above]


def _wall_moves(heights: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells (-1, 0, 1) that each sample moves along x and y, towards a neighbour too high above it."""
    move_x = _towards_higher(heights, threshold)
    move_y = _towards_higher(heights.T, threshold).T
    # A corner that only the diagonal neighbour overtops would leave a slanted notch in the wall.
    diagonal = np.zeros_like(heights)
    steep = heights[1:, 1:] - heights[:-1, :-1] > threshold
    diagonal[:-1, :-1] += steep
    steep = heights[:-1, :-1] - heights[1:, 1:] > threshold
    diagonal[1:, 1:] -= steep
    alone = (move_x == 0) & (move_y == 0)
    return move_x + alone * diagonal, move_y + alone * diagonal


def _towards_higher(heights: np.ndarray, threshold: float) -> np.ndarray:
    move = np.zeros_like(heights)
    move[:-1] += heights[1:] - heights[:-1] > threshold
    move[1:] -= heights[:-1] - heights[1:] > threshold
    return move
