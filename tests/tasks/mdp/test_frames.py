"""Rotations against matrices and against angles that are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tasks.mdp import frames
from tests.tasks.rotation import euler, matrices


@pytest.fixture
def quats() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.nn.functional.normalize(torch.randn(200, 4, generator=generator, dtype=torch.float64), dim=-1)


@pytest.fixture
def vecs() -> Tensor:
    return torch.randn(200, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def about(axis: tuple[float, float, float], angle: float) -> Tensor:
    """The quaternion of a turn about a unit axis [rad]."""
    return torch.tensor([*(math.sin(angle / 2) * a for a in axis), math.cos(angle / 2)], dtype=torch.float64)


def same(actual: Tensor, expected: Any) -> None:
    np.testing.assert_allclose(actual.numpy(), expected, atol=1e-12)


def test_matrices_of_the_test_itself_are_rotations(quats: Tensor) -> None:
    r = matrices(quats)
    np.testing.assert_allclose(r @ np.swapaxes(r, -1, -2), np.broadcast_to(np.eye(3), r.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(r), 1.0)
    np.testing.assert_allclose(matrices(about((0, 0, 1), 0.5)) @ [1, 0, 0], [math.cos(0.5), math.sin(0.5), 0])


def test_rotate_takes_body_to_world(quats: Tensor, vecs: Tensor) -> None:
    same(frames.rotate(quats, vecs), (matrices(quats) @ vecs.numpy()[..., None])[..., 0])


def test_rotate_inverse_takes_world_to_body(quats: Tensor, vecs: Tensor) -> None:
    same(frames.rotate_inverse(quats, vecs), (np.swapaxes(matrices(quats), -1, -2) @ vecs.numpy()[..., None])[..., 0])


def test_rotate_inverse_undoes_rotate(quats: Tensor, vecs: Tensor) -> None:
    same(frames.rotate_inverse(quats, frames.rotate(quats, vecs)), vecs.numpy())


def test_forward_and_up_are_columns_of_the_matrix(quats: Tensor) -> None:
    same(frames.forward(quats), matrices(quats)[..., :, 0])
    same(frames.up_z(quats), matrices(quats)[..., 2, 2])


def test_roll_and_yaw_are_those_of_the_matrix(quats: Tensor) -> None:
    roll, yaw = euler(quats)
    same(frames.roll(quats), roll)
    same(frames.yaw(quats), yaw)


@pytest.mark.parametrize("angle", [-3.0, -1.0, 0.0, 0.4, 3.1])
def test_a_turn_about_one_axis_has_that_angle(angle: float) -> None:
    assert frames.yaw(about((0, 0, 1), angle)).item() == pytest.approx(angle)
    assert frames.roll(about((0, 0, 1), angle)).item() == pytest.approx(0.0)
    assert frames.roll(about((1, 0, 0), angle)).item() == pytest.approx(angle)
    assert frames.yaw(about((1, 0, 0), angle)).item() == pytest.approx(0.0)


def test_both_signs_of_a_quaternion_are_the_same_rotation(quats: Tensor, vecs: Tensor) -> None:
    for function in (frames.forward, frames.up_z, frames.roll, frames.yaw):
        same(function(-quats), function(quats).numpy())
    same(frames.rotate(-quats, vecs), frames.rotate(quats, vecs).numpy())


def test_wrap_and_positive_keep_the_angle_and_its_range() -> None:
    angles = torch.linspace(-20.0, 20.0, 401, dtype=torch.float64)
    wrapped, positive = frames.wrap(angles), frames.positive(angles)
    assert wrapped.min() >= -math.pi
    assert wrapped.max() < math.pi
    assert positive.min() >= 0.0
    assert positive.max() < 2 * math.pi
    for result in (wrapped, positive):
        same(torch.exp(1j * result), torch.exp(1j * angles).numpy())
    same(frames.wrap(torch.tensor([math.pi, -math.pi, 0.0], dtype=torch.float64)), [-math.pi, -math.pi, 0.0])
