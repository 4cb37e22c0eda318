"""Vectors, rotations and poses: algebra against closed forms, and references that write through."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch

from isaacgym._src.options import AttractorProperties
from isaacgym._src.vectors import DofState, Int2, Int3, Mat33, Quat, RigidBodyState, Transform, Vec2, Vec3

QUARTER_TURN = Quat.from_axis_angle(Vec3(0, 0, 2), math.pi / 2)
POSE = Transform(Vec3(1, 2, 3), Quat.from_euler_zyx(0.1, -0.4, 2.0))
OTHER = Transform(Vec3(-2, 0.5, 1), Quat.from_euler_zyx(-1.0, 0.3, 0.7))


def near(a: Vec3 | Quat | Transform, b: Vec3 | Quat | Transform) -> bool:
    return bool(np.allclose(a.floats(), b.floats(), atol=1e-6))


def test_numbers_are_rounded_to_32_bits() -> None:
    assert Vec3(0.1).x == float(np.float32(0.1))


def test_vector_arithmetic_is_component_wise() -> None:
    a, b = Vec3(1, 2, 3), Vec3(4, 6, 8)
    assert (a + b, b - a, a * 2, 2 * a, b / 2, -a) == (
        Vec3(5, 8, 11),
        Vec3(3, 4, 5),
        Vec3(2, 4, 6),
        Vec3(2, 4, 6),
        Vec3(2, 3, 4),
        Vec3(-1, -2, -3),
    )


def test_cross_of_x_and_y_is_z() -> None:
    assert Vec3(1, 0, 0).cross(Vec3(0, 1, 0)) == Vec3(0, 0, 1)


def test_length_is_euclidean() -> None:
    assert (Vec3(2, 3, 6).length(), Vec3(2, 3, 6).length_sq()) == (7.0, 49.0)


def test_normalize_leaves_zero_alone() -> None:
    assert Vec3().normalize() == Vec3()


@pytest.mark.parametrize("numbers", [np.array([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 3.0])])
def test_a_vector_is_built_from_array_elements(numbers: np.ndarray | torch.Tensor) -> None:
    assert Vec3(*numbers) == Vec3(1, 2, 3)


def test_a_misspelt_component_is_refused() -> None:
    with pytest.raises(AttributeError):
        Vec3().X = 1.0


def test_a_quaternion_is_the_identity_by_default() -> None:
    assert Quat() == Quat(0, 0, 0, 1)


def test_a_quarter_turn_about_z_takes_x_to_y() -> None:
    assert near(QUARTER_TURN.rotate(Vec3(1, 0, 0)), Vec3(0, 1, 0))


def test_euler_angles_turn_about_x_first_and_z_last() -> None:
    by_axes = (
        Quat.from_axis_angle(Vec3(0, 0, 1), 0.3)
        * Quat.from_axis_angle(Vec3(0, 1, 0), 0.2)
        * Quat.from_axis_angle(Vec3(1, 0, 0), 0.1)
    )
    assert near(Quat.from_euler_zyx(0.1, 0.2, 0.3), by_axes)


def test_euler_angles_come_back() -> None:
    assert Quat.from_euler_zyx(0.1, -0.2, 0.3).to_euler_zyx() == pytest.approx((0.1, -0.2, 0.3), abs=1e-6)


def test_a_rotation_times_its_inverse_is_the_identity() -> None:
    assert near(POSE.r * POSE.r.inverse(), Quat())


def test_a_product_rotates_by_the_right_factor_first() -> None:
    vector = Vec3(1, -2, 0.5)
    assert near((POSE.r * OTHER.r).rotate(vector), POSE.r.rotate(OTHER.r.rotate(vector)))


def test_a_pose_of_a_child_is_parent_times_child() -> None:
    point = Vec3(0.3, 0.2, -1)
    assert near((POSE * OTHER).transform_point(point), POSE.transform_point(OTHER.transform_point(point)))


def test_a_pose_times_its_inverse_is_the_identity() -> None:
    assert near(POSE * POSE.inverse(), Transform())


def test_transforming_many_points_agrees_with_one() -> None:
    points = np.random.default_rng(0).normal(size=(5, 2, 3))
    one_by_one = [[POSE.transform_point(Vec3(*point)).floats() for point in pair] for pair in points]
    np.testing.assert_allclose(POSE.transform_points(points), one_by_one, atol=1e-5)


def test_records_are_transformed_into_records() -> None:
    points = np.zeros(2, Vec3.dtype)
    assert POSE.transform_points(points).tolist() == [(1.0, 2.0, 3.0), (1.0, 2.0, 3.0)]


def test_vectors_are_turned_but_not_moved() -> None:
    assert np.allclose(POSE.transform_vectors(np.zeros(3)), 0.0)


def test_a_position_component_writes_through() -> None:
    pose = Transform()
    pose.p.x = 4.0
    pose.p += Vec3(1, 1, 1)
    assert pose.p == Vec3(5, 1, 1)


def test_an_assigned_position_is_a_copy() -> None:
    point = Vec3(1, 2, 3)
    pose = Transform(point)
    point.x = 9.0
    assert pose.p.x == 1.0


def test_a_rotation_of_none_is_the_identity() -> None:
    assert Transform(Vec3(1, 2, 3), r=None).r == Quat()


def test_floats_are_the_pose_itself() -> None:
    pose = Transform(Vec3(1, 2, 3))
    pose.floats()[0] = 7.0
    assert pose.floats().tolist() == [7, 2, 3, 0, 0, 0, 1]
    assert pose.p.x == 7.0


@pytest.mark.parametrize("value", [Vec3(1, 2, 3), QUARTER_TURN, POSE, POSE.p, Mat33(Vec3(1, 2, 3)), DofState(1, 2)])
def test_copies_and_pickles_are_equal_and_apart(value: Vec3) -> None:
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert twin == value
        twin.floats()[0] += 1.0
        assert twin != value


def test_a_record_of_an_array_is_seen_as_a_vector() -> None:
    records: Any = np.zeros(2, Vec3.dtype)
    Vec3.from_buffer(records[1:]).y = 5.0
    assert records["y"].tolist() == [0.0, 5.0]


def test_a_body_state_has_nested_fields() -> None:
    state = np.zeros(1, RigidBodyState.dtype)
    state["pose"]["p"]["x"] = 1.0
    assert state.view(np.float32).tolist() == [1.0] + [0.0] * 12


def test_repr_shows_the_numbers() -> None:
    assert repr(Transform(Vec3(0.1, 2, 3))) == "Transform(Vec3(0.1, 2, 3), Quat(0, 0, 0, 1))"


def test_pairs_and_triples_of_whole_numbers_have_their_own_type() -> None:
    assert Int2(3, -4) == Int2(3, -4) != Int2(3, 4)
    assert (Int3.dtype["z"], Vec2.dtype["y"]) == (np.dtype("i4"), np.dtype("f4"))
    assert -(Vec2(1, 2) * 2 - Vec2(1, 1)) == Vec2(-1, -3)


def test_parts_of_a_pose_may_be_set_from_records_of_states() -> None:
    states = np.zeros(2, RigidBodyState.dtype)
    states["pose"]["p"]["z"], states["pose"]["r"]["x"], states["vel"]["linear"]["y"] = 3.0, 1.0, 2.0
    pose, state = Transform(), RigidBodyState()
    pose.p, pose.r = states["pose"][1]
    assert pose == Transform(Vec3(0, 0, 3), Quat(1, 0, 0, 0))
    assert Transform(states[0]["pose"]["p"], states[0]["pose"]["r"]) == pose
    state.pose, state.vel = states[1]
    assert (state.pose, state.vel.linear) == (pose, Vec3(0, 2, 0))
    with pytest.raises(TypeError):
        pose.p = states["pose"]["r"][0]


def test_records_of_states_may_be_given_to_records_of_settings() -> None:
    states = np.zeros(1, RigidBodyState.dtype)
    states["pose"]["p"]["x"], states["pose"]["r"]["w"] = 2.0, 1.0
    props = AttractorProperties()
    props.target = states["pose"][0]
    assert props.target == Transform(Vec3(2, 0, 0))
