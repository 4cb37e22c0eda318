"""Balls and capsules on height fields with MuJoCo Warp: as deep as they are, pushed out along triangles' normals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.test_terrain import SPACING, UNIT, field_params, relief
from tests.isaacgym.world import GYM, Spawn, World, asset_options

N, RADIUS = 24, 0.06


def to_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(P,) least distances [m] of points (P, 3) from triangles (T, 3, 3)."""
    p, (a, b, c) = points[:, None], corners.transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    edges = [(a, b), (b, c), (c, a)]
    inside = np.all([np.einsum("ptk,tk->pt", p - u, np.cross(normal, v - u)) >= 0 for u, v in edges], axis=0)
    found = np.where(inside, np.abs(np.einsum("ptk,tk->pt", p - a, normal)), np.inf)
    for u, v in edges:
        along = v - u
        share = np.clip(np.einsum("ptk,tk->pt", p - u, along) / (along**2).sum(-1), 0, 1)
        found = np.minimum(found, np.linalg.norm(p - u - share[..., None] * along, axis=-1))
    return np.asarray(found.min(1))


def triangles(heights: np.ndarray) -> np.ndarray:
    """(T, 3, 3) corners of the ground's triangles, split as docs/isaacgym.md says."""
    i, j = np.meshgrid(*[np.arange(n) for n in heights.shape], indexing="ij")
    grid = np.stack([i * SPACING, j * SPACING, heights * UNIT], -1)
    near, right, left, far = grid[:-1, :-1], grid[1:, :-1], grid[:-1, 1:], grid[1:, 1:]
    return np.concatenate([np.stack(t, 2).reshape(-1, 3, 3) for t in ((near, right, far), (near, far, left))])


def scattered(heights: np.ndarray, half: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions (N, 3), axes (N, 3) and depths (N,) of segments over the ground, nearer than RADIUS by a depth."""
    rng, ground = np.random.default_rng(3), triangles(heights)
    axis = rng.normal(size=(N, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    depth = rng.uniform(0.001, 0.01, N)
    pos = np.concatenate((rng.uniform(1.0, 1.9, (N, 2)), np.full((N, 1), 2.0)), 1)
    share = np.linspace(-half, half, 121 if half else 1)
    for n in range(N):
        close = ground[np.abs(ground.mean(1) - pos[n])[:, :2].max(1) < half + RADIUS + SPACING]
        for _ in range(60):  # down by what is surely free
            points = pos[n] + share[:, None] * axis[n]
            pos[n, 2] -= to_triangles(points, close).min() - RADIUS + depth[n]
    return pos, axis, depth


def shapes_on(folder: Path, heights: np.ndarray, half: float) -> World:
    """N environments of a ball, or a capsule along x, without gravity."""
    w = World(folder, num_envs=N, gravity=0.0, engine="warp")
    GYM.add_heightfield(w.sim, heights, field_params(heights))
    options = asset_options()
    shape = GYM.create_capsule(w.sim, RADIUS, 2 * half, options) if half else GYM.create_sphere(w.sim, RADIUS, options)
    for _ in range(N):
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1))
        w.spawn(w.envs[-1], Spawn(shape, (1.5, 1.5, 3.0)))
    return w.prepare()


@pytest.mark.parametrize("half", [0.0, 0.15])
def test_a_contact_is_as_deep_as_the_ground_s_nearest_point_says(tmp_path: Path, half: float) -> None:
    heights = relief()
    pos, axis, depth = scattered(heights, half)
    w = shapes_on(tmp_path, heights, half)
    root = w.root[:, 0]
    root[:, :3] = torch.from_numpy(pos)
    half_way = axis + [1.0, 0.0, 0.0]  # a half turn about it brings a capsule's x axis to `axis`
    root[:, 3:6] = torch.from_numpy(half_way / np.linalg.norm(half_way, axis=1, keepdims=True))
    root[:, 6] = 0.0
    w.set_root(root.unsqueeze(1))
    w.step()
    for env in range(N):
        found = w.sim.backend.contacts(env)
        assert found.dist.min() == pytest.approx(-depth[env], abs=2e-4)
        steepest = np.arctan(np.abs(np.diff(heights, axis=0)).max() * UNIT * np.sqrt(2) / SPACING)
        assert (found.normal[:, 2] > np.cos(steepest) - 1e-3).all()  # and none points sideways


@pytest.mark.parametrize("half", [0.0, 0.15])
def test_a_shape_whose_middle_is_in_the_ground_is_as_deep_as_its_lowest_point(tmp_path: Path, half: float) -> None:
    w = shapes_on(tmp_path, np.zeros((40, 30), np.int16), half)
    root = w.root[:, 0]
    root[:, 2] = torch.linspace(-0.2, 0.05, N)
    w.set_root(root.unsqueeze(1))
    w.step()
    for env in range(N):
        found = w.sim.backend.contacts(env)
        assert found.dist.min() == pytest.approx(float(root[env, 2]) - RADIUS, abs=1e-5)
        assert found.normal == pytest.approx(np.tile([0.0, 0.0, 1.0], (len(found.dist), 1)), abs=1e-5)
