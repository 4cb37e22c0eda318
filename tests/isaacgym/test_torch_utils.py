"""Batched rotations and ranges against closed forms, the scalar types and each other."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from isaacgym import torch_utils as u
from isaacgym._src.vectors import Quat, Vec3

SCRIPTABLE = [
    name
    for name in u.__all__
    if inspect.isfunction(getattr(u, name)) and name not in ("to_torch", "get_axis_params", "unscale_np")
]


@pytest.fixture
def q() -> torch.Tensor:
    return rotations(1)


@pytest.fixture
def r() -> torch.Tensor:
    return rotations(2)


@pytest.fixture
def v() -> torch.Tensor:
    return torch.randn(16, 3, generator=torch.Generator().manual_seed(3))


def rotations(seed: int) -> torch.Tensor:
    return u.quat_unit(torch.randn(16, 4, generator=torch.Generator().manual_seed(seed)))


def close(a: Any, b: Any) -> None:
    torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


def same_rotation(a: torch.Tensor, b: torch.Tensor) -> None:
    close((a * b).sum(-1).abs(), torch.ones(a.shape[:-1]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("name", SCRIPTABLE)
def test_every_function_of_tensors_can_be_scripted(name: str) -> None:
    torch.jit.script(getattr(u, name))


def test_the_star_import_brings_torch_and_numpy() -> None:
    scope: dict[str, Any] = {}
    exec("from isaacgym.torch_utils import *", scope)
    assert scope["torch"] is torch
    assert scope["np"] is np


def test_products_agree_with_the_scalar_type(q: torch.Tensor, r: torch.Tensor) -> None:
    scalar = [(Quat(*a) * Quat(*b)).floats() for a, b in zip(q, r, strict=True)]
    close(u.quat_mul(q, r), torch.tensor(np.array(scalar)))


def test_rotated_vectors_agree_with_the_scalar_type(q: torch.Tensor, v: torch.Tensor) -> None:
    scalar = [Quat(*a).rotate(Vec3(*b)).floats() for a, b in zip(q, v, strict=True)]
    close(u.quat_rotate(q, v), torch.tensor(np.array(scalar)))


def test_the_unit_quaternion_i_times_j_is_k() -> None:
    i, j, k, _ = torch.eye(4)
    close(u.quat_mul(i, j), k)


def test_rotating_back_gives_the_vector(q: torch.Tensor, v: torch.Tensor) -> None:
    close(u.quat_rotate_inverse(q, u.quat_rotate(q, v)), v)


def test_a_rotation_times_its_conjugate_is_the_identity(q: torch.Tensor) -> None:
    close(u.quat_mul(q, u.quat_conjugate(q)), u.quat_identity([16]))
    close(u.quat_inverse(q), u.quat_conjugate(q))


def test_identities_agree(q: torch.Tensor) -> None:
    close(u.quat_identity_like(q), u.quat_identity([16]))


def test_apply_takes_any_leading_shape(q: torch.Tensor, v: torch.Tensor) -> None:
    nested = u.quat_apply(q.view(4, 2, 2, 4), v.view(4, 2, 2, 3))
    close(nested.view(16, 3), u.quat_rotate(q, v))


def test_apply_matches_flat_rotations_to_nested_vectors(q: torch.Tensor, v: torch.Tensor) -> None:
    close(u.quat_apply(q, v.view(4, 4, 3)), u.quat_rotate(q, v).view(4, 4, 3))


def test_apply_turns_many_vectors_by_one_rotation(q: torch.Tensor, v: torch.Tensor) -> None:
    close(u.quat_apply(q[0], v), u.quat_rotate(q[:1].expand(16, 4), v))


def test_a_half_turn_about_x_flips_y_and_z() -> None:
    turn = u.quat_from_angle_axis(torch.tensor([math.pi]), torch.tensor([[2.0, 0.0, 0.0]]))
    close(u.quat_rotate(turn, torch.tensor([[1.0, 2.0, 3.0]])), torch.tensor([[1.0, -2.0, -3.0]]))


def test_angle_and_axis_come_back(v: torch.Tensor) -> None:
    angle = torch.linspace(0.1, 3.0, 16)
    back, axis = u.quat_angle_axis(u.quat_from_angle_axis(angle, v))
    close(back, angle)
    close(axis, u.normalize(v))


def test_euler_angles_come_back_between_zero_and_two_pi() -> None:
    roll, pitch, yaw = torch.tensor([[-0.5, 0.5, 3.0], [-1.2, 0.3, 1.5], [-3.0, 0.1, 6.0]])
    angles = torch.stack(u.get_euler_xyz(u.quat_from_euler_xyz(roll, pitch, yaw)))
    close(angles, torch.stack([roll, pitch, yaw]) % (2 * math.pi))


def test_euler_angles_agree_with_the_scalar_type() -> None:
    angles = torch.tensor([[0.3], [-0.2], [1.0]])
    close(u.quat_from_euler_xyz(*angles)[0], torch.tensor(Quat.from_euler_zyx(0.3, -0.2, 1.0).floats()))


def test_the_difference_of_two_rotations_is_the_angle_between_them(q: torch.Tensor, v: torch.Tensor) -> None:
    angle = torch.linspace(0.1, 3.0, 16)
    close(u.quat_diff_rad(u.quat_mul(u.quat_from_angle_axis(angle, v), q), q), angle)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_axis_is_a_column_of_the_rotation(q: torch.Tensor, axis: int) -> None:
    close(u.quat_axis(q, axis), u.get_basis_vector(q, torch.eye(3)[axis].expand(16, 3)))


def test_a_transform_and_its_inverse_cancel(q: torch.Tensor, v: torch.Tensor) -> None:
    rotation, translation = u.tf_combine(q, v, *u.tf_inverse(q, v))
    same_rotation(rotation, u.quat_identity([16]))
    close(translation, torch.zeros(16, 3))


def test_combined_transforms_apply_the_second_first(q: torch.Tensor, r: torch.Tensor, v: torch.Tensor) -> None:
    both = u.tf_combine(q, v, r, 2.0 * v)
    close(u.tf_apply(*both, v - 1.0), u.tf_apply(q, v, u.tf_apply(r, 2.0 * v, v - 1.0)))


def test_a_direction_is_not_moved(q: torch.Tensor, v: torch.Tensor) -> None:
    close(u.tf_vector(q, v), u.tf_apply(q, torch.zeros_like(v), v))


def test_a_local_point_lands_where_the_pose_puts_it(q: torch.Tensor, v: torch.Tensor) -> None:
    close(u.local_to_world_space(2.0 * v, torch.cat([v, q], dim=-1)), u.tf_apply(q, v, 2.0 * v))


def test_a_pose_keeps_its_position_when_its_rotation_is_normalised(q: torch.Tensor, v: torch.Tensor) -> None:
    close(u.normalise_quat_in_pose(torch.cat([v, 3.0 * q], dim=-1)), torch.cat([v, q], dim=-1))


def test_products_are_normalised_on_request(q: torch.Tensor, r: torch.Tensor) -> None:
    close(u.quat_mul_norm(2.0 * q, 3.0 * r), u.quat_mul(q, r))


def test_normalize_keeps_zero_finite() -> None:
    close(u.normalize(torch.zeros(2, 3)), torch.zeros(2, 3))


def test_angles_wrap_to_half_a_turn_either_way() -> None:
    close(u.normalize_angle(torch.tensor([3.5, -3.5, 0.5])), torch.tensor([3.5 - math.tau, math.tau - 3.5, 0.5]))


@pytest.mark.parametrize(("there", "back"), [(u.scale, u.unscale), (u.unscale_transform, u.scale_transform)])
def test_ranges_map_minus_one_and_one_to_their_ends(
    there: Callable[..., torch.Tensor], back: Callable[..., torch.Tensor]
) -> None:
    lower, upper = torch.tensor([-2.0, 1.0, 0.0]), torch.tensor([4.0, 2.0, 8.0])
    x = torch.tensor([-1.0, 1.0, 0.5])
    close(there(x, lower, upper), torch.tensor([-2.0, 2.0, 6.0]))
    close(back(there(x, lower, upper), lower, upper), x)


def test_unscale_of_arrays_agrees_with_tensors() -> None:
    assert u.unscale_np(np.array([1.0]), np.array([0.0]), np.array([4.0])).tolist() == [-0.5]


@pytest.mark.parametrize("clamp", [u.saturate, u.tensor_clamp])
def test_numbers_stay_within_their_own_limits(clamp: Callable[..., torch.Tensor]) -> None:
    limits = torch.tensor([-1.0, -2.0]), torch.tensor([1.0, 2.0])
    close(clamp(torch.tensor([5.0, -5.0]), *limits), torch.tensor([1.0, -2.0]))


def test_axis_params_put_the_x_value_first_whatever_the_axis() -> None:
    assert u.get_axis_params(1.5, 2) == [0.0, 0.0, 1.5]
    assert u.get_axis_params(1.5, 2, x_value=3.0) == [3.0, 0.0, 1.5]
    assert u.get_axis_params(1.5, 0) == [0.0, 0.0, 0.0]


def test_random_numbers_fill_their_range() -> None:
    numbers = u.torch_rand_float(-2.0, 3.0, (1000, 2), "cpu")
    assert numbers.shape == (1000, 2)
    assert -2.0 <= numbers.min() < -1.9
    assert 2.9 < numbers.max() <= 3.0


def test_random_directions_have_length_one() -> None:
    directions = u.torch_random_dir_2((100, 1), "cpu")
    close(directions.norm(dim=-1), torch.ones(100))


def test_copysign_keeps_the_magnitude() -> None:
    close(u.copysign(-2.0, torch.tensor([-3.0, 5.0])), torch.tensor([-2.0, 2.0]))


def test_to_torch_copies() -> None:
    source = torch.zeros(2)
    u.to_torch(source, device="cpu").fill_(1.0)
    assert source.tolist() == [0.0, 0.0]
    assert u.to_torch([1, 2], dtype=torch.long, device="cpu").dtype == torch.long


def test_a_torso_at_its_start_stands_up_and_faces_its_target() -> None:
    one = u.quat_identity([1])
    forward, up = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 1.0]])
    torso, up_proj, heading_proj, up_vec, heading = u.compute_heading_and_up(one, one, 7 * forward, forward, up, 2)
    close([torso, up_proj, heading_proj, up_vec, heading], [one, torch.ones(1), torch.ones(1), up, forward])


def test_a_turned_torso_sees_velocities_in_its_own_axes() -> None:
    turned = u.quat_from_angle_axis(torch.tensor([math.pi / 2]), torch.tensor([[0.0, 0.0, 1.0]]))
    x, zero = torch.tensor([[1.0, 0.0, 0.0]]), torch.zeros(1, 3)
    velocity, spin, roll, pitch, yaw, to_target = u.compute_rot(turned, x, 2 * x, 5 * x, zero)
    close(velocity, torch.tensor([[0.0, -1.0, 0.0]]))
    close(spin, torch.tensor([[0.0, -2.0, 0.0]]))
    close(torch.cat([roll, pitch, yaw, to_target]), torch.tensor([0.0, 0.0, math.pi / 2, -math.pi / 2]))


def test_tensors_are_made_where_the_machine_can() -> None:
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert u.to_torch([1, 2]).device.type == expected
