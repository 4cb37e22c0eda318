"""What a ground of triangles is collided with: grids of heights, convex hulls, or a grid laid over it.

MuJoCo collides with the convex hull of a mesh, so a relief becomes pieces that it knows exactly where there are such:
a mesh over a regular grid a height field, each part that is convex its hull. Any other part must have one height at
each place, and is sampled. What hangs over is refused.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

MAX_PIECES = 256
MAX_HULL_FACES = 256
MAX_SAMPLES = 4_000_000
BATCH = 1_000_000  # samples that are looked at together
SAMPLES_PER_EDGE = 4  # of a typical triangle, where a mesh is sampled
LEAN = 0.7  # how much a wall may look down, as a share of its normal: leaning over by 45 degrees
ON_GRID = 0.01  # how far a vertex may lie from its place on a grid, in cells
FLAT = 1e-5  # how far a plane may be missed, as a share of a part's size
LEVEL = 1e-3  # between heights that count as equal, as a share of a part's height


class Grid(NamedTuple):
    """Heights (X, Y) [m] over x and y, spacing [m] apart, the first above `corner`.

    Cells are split from sample (i, j) to (i + 1, j + 1).
    """

    heights: np.ndarray
    corner: tuple[float, float]
    spacing: tuple[float, float]


class Hull(NamedTuple):
    """A convex solid: vertices (n, 3) [m] and triangles (m, 3)."""

    vertices: np.ndarray
    triangles: np.ndarray


def pieces_of(vertices: np.ndarray, triangles: np.ndarray) -> list[Grid | Hull]:
    """The pieces of a mesh of vertices (V, 3) [m] and triangles (T, 3)."""
    if (grid := _written_grid(vertices, triangles)) is not None:
        return [grid]
    try:
        return _fitted(_parts(*_welded(vertices, triangles)))
    except NotImplementedError as refused:
        apart = _parts(vertices, triangles)
        if not 1 < len(apart) <= MAX_PIECES:
            raise
        try:
            return _fitted(apart, written=True)
        except NotImplementedError:
            raise refused from None


def _fitted(parts: list[tuple[np.ndarray, np.ndarray]], written: bool = False) -> list[Grid | Hull]:
    """What each part is; those `written` have their vertices and triangles in the order of the file."""
    if len(parts) > MAX_PIECES:
        raise NotImplementedError(
            f"add_triangle_mesh: {len(parts)} parts that do not touch; at most {MAX_PIECES} are supported. Join them, "
            "or hand over a mesh on one regular grid (terrain_utils.convert_heightfield_to_trimesh)"
        )
    grids = [_written_grid(*part) if written else None for part in parts]
    return [
        grid or _vertex_grid(*part) or _hull(*part) or _sampled(*part) for grid, part in zip(grids, parts, strict=True)
    ]


# Regular grids.


def _written_grid(vertices: np.ndarray, triangles: np.ndarray) -> Grid | None:
    """The grid from which convert_heightfield_to_trimesh made the mesh.

    Vertices that it moved by a cell, to make walls of steep slopes, return to where they were sampled.
    """
    columns = int(triangles[0, 1]) - 1
    rows = len(vertices) // columns if columns > 1 else 0
    if rows < 2 or rows * columns != len(vertices) or not np.array_equal(triangles, grid_triangles(rows, columns)):
        return None
    x, y, z = vertices.T.reshape(3, rows, columns)
    along, across = _axis(x, np.arange(rows)[:, None]), _axis(y, np.arange(columns)[None])
    if along is None or across is None:
        return None
    return Grid(z, (along[0], across[0]), (along[1], across[1]))


def _axis(values: np.ndarray, index: np.ndarray) -> tuple[float, float] | None:
    """Start and spacing of `values`, which are those of a regular axis at `index` or at most a cell beside."""
    spacing = _spacing(values)
    if spacing is None:
        return None
    place = (values - values.min()) / spacing
    cell = np.rint(place)
    beside = (cell - index).astype(int)
    first = _unmoved(beside)
    if np.abs(place - cell).max() > ON_GRID or np.abs(beside - first).max() > 1:
        return None
    return float(values.min() + first * spacing), spacing


def _unmoved(beside: np.ndarray) -> int:
    """Which number of cells beside its index means that a vertex was not moved: the middle one, or the usual one."""
    least, most = int(beside.min()), int(beside.max())
    return least + 1 if most - least == 2 else least + int(np.bincount((beside - least).ravel()).argmax())


def _spacing(values: np.ndarray) -> float | None:
    """The distance that the distinct values are multiples of, if they are regular."""
    levels = np.unique(values.astype(float))
    if len(levels) < 2:
        return None
    gaps = np.diff(levels)
    gaps = gaps[gaps > 0.1 * gaps.max()]  # less is what rounding leaves between equal values
    single = float(gaps[gaps < 1.5 * gaps.min()].mean())  # the mean, as rounding is a share of a large terrain's extent
    extent = float(levels[-1] - levels[0])
    return extent / round(extent / single)


def _vertex_grid(vertices: np.ndarray, triangles: np.ndarray) -> Grid | None:
    """The grid whose samples the vertices are, in any order, if each triangle lies within one cell."""
    axes = [_spacing(vertices[:, axis]) for axis in (0, 1)]
    if axes[0] is None or axes[1] is None:
        return None
    spacing, corner = np.array(axes), vertices[:, :2].min(0)
    place = (vertices[:, :2] - corner) / spacing
    node = np.rint(place).astype(int)
    shape = tuple(node.max(0) + 1)
    cells = (shape[0] - 1) * (shape[1] - 1)
    if np.abs(place - node).max() > ON_GRID or len(vertices) != shape[0] * shape[1] or len(triangles) != 2 * cells:
        return None
    if np.ptp(node[triangles], axis=1).max() > 1:
        return None
    heights = np.full(shape, np.nan)
    heights[node[:, 0], node[:, 1]] = vertices[:, 2]
    if np.isnan(heights).any():
        return None
    return Grid(heights, (float(corner[0]), float(corner[1])), (float(spacing[0]), float(spacing[1])))


def grid_triangles(rows: int, columns: int) -> np.ndarray:
    """(T, 3) uint32 over a grid of vertices, facing up: each cell from its first corner to the one opposite."""
    corner = np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns)[:-1, :-1].reshape(-1, 1)
    first = corner + np.array([0, columns + 1, 1], np.uint32)
    second = corner + np.array([0, columns, columns + 1], np.uint32)
    return np.stack([first, second], axis=1).reshape(-1, 3)


# Parts.


def _welded(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mesh with one vertex for all at the same place."""
    size = max(float(np.ptp(vertices, axis=0).max()), 1e-9)
    _, first, same = np.unique(np.rint(vertices / (1e-6 * size)), axis=0, return_index=True, return_inverse=True)
    triangles = same.reshape(-1)[triangles]
    corners = triangles.T
    real = (corners[0] != corners[1]) & (corners[1] != corners[2]) & (corners[2] != corners[0])
    return vertices[first], triangles[real]


def _parts(vertices: np.ndarray, triangles: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The mesh cut where no triangles share a vertex."""
    label = _labels(len(vertices), triangles)[triangles[:, 0]]
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [_compact(vertices, triangles[members]) for members in np.split(order, cuts)]


def _labels(count: int, triangles: np.ndarray) -> np.ndarray:
    """For each vertex the least vertex that triangles connect it to."""
    label = np.arange(count)
    while True:
        before = label.copy()
        least = label[triangles].min(1)
        for corner in range(3):
            np.minimum.at(label, triangles[:, corner], least)
        label = label[label]
        if np.array_equal(label, before):
            return label


def _compact(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    used, renamed = np.unique(triangles, return_inverse=True)
    return vertices[used], renamed.reshape(triangles.shape)


def _hull(vertices: np.ndarray, triangles: np.ndarray) -> Hull | None:
    """The part as a solid, if it is closed and no vertex lies outside the plane of any triangle."""
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    if len(triangles) > MAX_HULL_FACES or (np.unique(edges, axis=0, return_counts=True)[1] != 2).any():
        return None
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    outside = ((vertices[None] - a[:, None]) * normal[:, None]).sum(-1)
    return Hull(vertices, triangles) if outside.max() <= FLAT * np.ptp(vertices, axis=0).max() else None


# Sampling.


def _sampled(vertices: np.ndarray, triangles: np.ndarray) -> Grid:
    """Heights of the part on a grid of our own, finer than its triangles; holes are filled at its lowest point.

    Walls that lean over are filled below.
    """
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    normal = np.cross(b - a, c - a)
    up = -normal[:, 2] if (normal[:, 2] <= 0).all() else normal[:, 2]  # a mesh inside out
    lowest, level = vertices[:, 2].min(), max(LEVEL * np.ptp(vertices[:, 2]), 1e-6)
    underside = (up < 0) & (np.maximum.reduce([a, b, c])[:, 2] <= lowest + level)
    leaning = (up < 0) & ~underside
    if (up[leaning] < -LEAN * np.linalg.norm(normal[leaning], axis=1)).any():
        raise NotImplementedError(_overhang("faces down"))
    corner, far = vertices[:, :2].min(0), vertices[:, :2].max(0)
    edge = float(np.median(np.linalg.norm((b - a)[:, :2], axis=1)))
    step = max(edge / SAMPLES_PER_EDGE, float(np.sqrt(np.prod(far - corner) / MAX_SAMPLES)))
    shape = np.maximum(np.ceil((far - corner) / step).astype(int), 1) + 1
    spacing = (far - corner) / (shape - 1)
    faces = (up != 0) & ~underside
    flat = (np.stack([a, b, c], axis=1)[faces, :, :2] - corner) / spacing
    top = _tops(flat, np.stack([a, b, c], axis=1)[faces, :, 2], leaning[faces], shape, level)
    return Grid(np.where(np.isinf(top), lowest, top), tuple(corner.tolist()), tuple(spacing.tolist()))


def _tops(flat: np.ndarray, z: np.ndarray, leaning: np.ndarray, shape: np.ndarray, level: float) -> np.ndarray:
    """(X, Y) heights of the samples under or over triangles, -inf elsewhere.

    `flat` (T, 3, 2) are the triangles' corners in steps of the grid, `z` (T, 3) their heights. Two may lie one above
    the other where a third one is `leaning` (T,) over.
    """
    top, bottom = np.full(shape.prod(), -np.inf), np.full(shape.prod(), np.inf)
    filled = np.zeros(shape.prod(), bool)
    low, high = np.ceil(flat.min(1) - 1e-6).astype(int), np.floor(flat.max(1) + 1e-6).astype(int)
    box = np.maximum(high - low + 1, 0)
    batch = np.cumsum(box.prod(1)) // BATCH
    inner = []
    for faces in np.split(np.arange(len(flat)), np.flatnonzero(np.diff(batch)) + 1):
        face, sample, height, within = _samples(flat[faces], z[faces], low[faces], box[faces], int(shape[1]))
        filled[sample[leaning[faces][face]]] = True
        np.maximum.at(top, sample, height)
        np.minimum.at(bottom, sample, height)
        inner.append((sample[within], height[within]))
    sample, height = (np.concatenate(column) for column in zip(*inner, strict=True))
    if (~filled[sample] & (np.maximum(top[sample] - height, height - bottom[sample]) > level)).any():
        raise NotImplementedError(_overhang("lies above another"))
    return top.reshape(shape)


def _samples(
    flat: np.ndarray, z: np.ndarray, low: np.ndarray, box: np.ndarray, columns: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(S,) triangles, samples on them, their heights there, and whether they are well within.

    Looked at are for each triangle those in its `box` (T, 2) from `low` (T, 2) on.
    """
    count = box.prod(1)
    face = np.repeat(np.arange(len(flat)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    i, j = low[face, 0] + number // box[face, 1], low[face, 1] + number % box[face, 1]
    (ux, uy), (vx, vy) = (flat[:, 1] - flat[:, 0]).T, (flat[:, 2] - flat[:, 0]).T
    x, y, area = i - flat[face, 0, 0], j - flat[face, 0, 1], (ux * vy - uy * vx)[face]
    u, v = (x * vy[face] - y * vx[face]) / area, (y * ux[face] - x * uy[face]) / area
    least, most = np.minimum(u, v), u + v
    on = (least >= -1e-6) & (most <= 1 + 1e-6)
    height = z[face, 0] + u * (z[:, 1] - z[:, 0])[face] + v * (z[:, 2] - z[:, 0])[face]
    within = (least > 1e-3) & (most < 1 - 1e-3)
    return face[on], (i * columns + j)[on], height[on], within[on]


def _overhang(what: str) -> str:
    return (
        f"add_triangle_mesh: a part of the mesh {what}, which neither a height field nor a convex hull can be; cut it "
        "into parts that do not touch, each convex or with one height at each place"
    )
