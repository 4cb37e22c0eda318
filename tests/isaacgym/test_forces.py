"""Forces at points and on single bodies, against what they do to a box in free space."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from isaacgym import gymapi
from tests.isaacgym.world import GYM, Spawn, World, close, wrap

MakeWorld = Callable[..., World]
MASS, INERTIA = 8.0, 8.0 * 0.2**2 / 6  # of World.box()
STEP = 0.01
HALF = 0.5**0.5


def _box(world: MakeWorld, rotation: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0)) -> World:
    w = world(gravity=0.0, dt=STEP)
    return w.populate(Spawn(w.box(), (1.0, 2.0, 3.0), rotation), Spawn(w.box(), (5.0, 0.0, 1.0)))


def _vectors(*rows: tuple[float, float, float]) -> Tensor:
    """(N, B, 3): in environment 1 on the first body, else nothing."""
    vectors = torch.zeros(2, 2, 3)
    vectors[1, 0] = torch.tensor(rows[0])
    return vectors


def test_a_force_at_a_point_turns_its_body_by_its_lever_arm(world: MakeWorld) -> None:
    w = _box(world)
    force, point = wrap(_vectors((0.0, 8.0, 0.0))), wrap(_vectors((1.1, 2.0, 3.0)))
    GYM.apply_rigid_body_force_at_pos_tensors(w.sim, force, point, gymapi.ENV_SPACE)
    w.step(2)
    assert close(w.root[1, 0, 7:10], [0.0, STEP * 8.0 / MASS, 0.0], 1e-5)
    assert close(w.root[1, 0, 10:13], [0.0, 0.0, STEP * 0.1 * 8.0 / INERTIA], 1e-4)
    assert close(w.root[0, :, 7:], 0.0, 1e-7)
    assert close(w.root[1, 1, 7:], 0.0, 1e-7)


def test_a_force_at_a_point_in_the_body_s_axes_turns_with_the_body(world: MakeWorld) -> None:
    w = _box(world, (0.0, 0.0, HALF, HALF))  # its x is the world's y
    force, point = wrap(_vectors((0.0, 8.0, 0.0))), wrap(_vectors((0.1, 0.0, 0.0)))
    GYM.apply_rigid_body_force_at_pos_tensors(w.sim, force, point, gymapi.LOCAL_SPACE)
    w.step()
    assert close(w.root[1, 0, 7:10], [-STEP * 8.0 / MASS, 0.0, 0.0], 1e-5)
    assert close(w.root[1, 0, 10:13], [0.0, 0.0, STEP * 0.1 * 8.0 / INERTIA], 1e-4)


def test_a_point_in_global_space_counts_from_the_origin_of_all_environments(world: MakeWorld) -> None:
    w = _box(world)
    origin = GYM.get_env_origin(w.envs[1])
    at = (1.1 + origin.x, 2.0 + origin.y, 3.0 + origin.z)
    GYM.apply_rigid_body_force_at_pos_tensors(
        w.sim, wrap(_vectors((0.0, 8.0, 0.0))), wrap(_vectors(at)), gymapi.GLOBAL_SPACE
    )
    GYM.apply_body_force_at_pos(w.envs[1], 0, gymapi.Vec3(0, 8, 0), gymapi.Vec3(*at), gymapi.GLOBAL_SPACE)
    w.step()
    assert origin.x > 0
    assert close(w.root[1, 0, 10:13], [0.0, 0.0, 2 * STEP * 0.1 * 8.0 / INERTIA], 1e-4)


def test_the_name_of_earlier_previews_pushes_at_a_point_too(world: MakeWorld) -> None:
    w = _box(world)
    GYM.apply_body_force(w.envs[1], 0, gymapi.Vec3(0, 8, 0), gymapi.Vec3(1.1, 2.0, 3.0))
    w.step()
    assert close(w.root[1, 0, 10:13], [0.0, 0.0, STEP * 0.1 * 8.0 / INERTIA], 1e-4)


def test_forces_on_single_bodies_add_up_for_one_step(world: MakeWorld) -> None:
    w = _box(world, (0.0, 0.0, HALF, HALF))
    GYM.apply_body_forces(w.envs[1], 0, gymapi.Vec3(8, 0, 0), gymapi.Vec3(0, 0, INERTIA), gymapi.LOCAL_SPACE)
    GYM.apply_body_forces(w.envs[1], 0, gymapi.Vec3(0, 8, 0))
    w.step(3)
    assert close(w.root[1, 0, 7:10], [0.0, 2 * STEP * 8.0 / MASS, 0.0], 1e-5)
    assert close(w.root[1, 0, 10:13], [0.0, 0.0, STEP], 1e-5)
    with pytest.raises(IndexError, match="apply_body_forces: no body 2"):
        GYM.apply_body_forces(w.envs[1], 2, gymapi.Vec3(8, 0, 0))
