"""Every name of the Isaac Gym API is there or says what to use instead, and the page of names says which."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from isaacgym import gymapi, names
from isaacgym._src import differences
from isaacgym._src.gym_unbuilt import UNBUILT

PAGE = Path(__file__).parents[2] / "docs" / "isaacgym-names.md"

# The API's names, in sections: those in public use, and those of a public list of its types and methods.
TEXT = Path(__file__).with_name("isaac_gym_names.txt").read_text()
KNOWN = {title: names.split() for title, names in re.findall(r"\[(.+)\]\n([^\[]+)", TEXT)}
TYPES = [title.removeprefix("gymapi.") for title in KNOWN if title.startswith("gymapi.")]
MODULES = ["gymtorch", "gymutil", "torch_utils", "terrain_utils"]


def test_every_method_is_built_or_says_what_to_use_instead() -> None:
    assert not [name for name in KNOWN["methods"] if not hasattr(gymapi.Gym, name) and name not in UNBUILT]


def test_every_type_function_and_constant_is_in_gymapi() -> None:
    assert not [name for name in KNOWN["gymapi"] if not hasattr(gymapi, name)]


@pytest.mark.parametrize("kind", TYPES)
def test_every_attribute_of_a_type_can_be_read(kind: str) -> None:
    there, given = getattr(gymapi, kind), names.attributes(getattr(gymapi, kind))
    assert not [name for name in KNOWN[f"gymapi.{kind}"] if not hasattr(there, name) and name not in given]


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_a_module_is_there(module: str) -> None:
    found = importlib.import_module(f"isaacgym.{module}")
    assert not [name for name in KNOWN[module] if not hasattr(found, name)]


@pytest.mark.parametrize("name", KNOWN["not there"])
def test_a_type_that_is_not_there_says_what_to_use_instead(name: str) -> None:
    with pytest.raises(NotImplementedError, match=f"gymapi.{name}: .*; use|keep"):
        getattr(gymapi, name)


def test_a_name_that_isaac_gym_does_not_have_is_an_attribute_error() -> None:
    assert not hasattr(gymapi, "DOF_MODE_FORCE")


def test_the_page_of_names_is_what_the_code_says() -> None:
    assert PAGE.read_text() == names.page(), "stale: python -m isaacgym.names > docs/isaacgym-names.md"


def test_every_difference_is_one_of_a_name_that_is_there() -> None:
    listed = {name.text.partition("(")[0] for name in [*names.gym_names(), *names.gymapi_names()]}
    assert not (differences.GYM.keys() | differences.GYMAPI.keys()) - listed


# Keywords, as far as Isaac Gym documents them.


@pytest.mark.parametrize(
    ("method", "keywords"),
    [
        ("apply_body_force_at_pos", "env rigidHandle force pos space"),
        ("apply_body_forces", "env rigidHandle force torque space"),
        ("apply_rigid_body_force_at_pos_tensors", "sim forceTensor posTensor space"),
        ("apply_rigid_body_force_tensors", "sim forceTensor torqueTensor space"),
        ("create_actor", "env asset pose name group filter segmentationId"),
        ("create_asset_force_sensor", "asset body_idx local_pose props"),
        ("create_box", "sim width height depth options"),
        ("create_capsule", "sim radius width options"),
        ("create_sim", "compute_device graphics_device type params"),
        ("create_sphere", "sim radius options"),
        ("draw_viewer", "viewer sim render_collision"),
        ("load_asset", "sim rootpath filename options"),
        ("set_actor_rigid_body_properties", "env actorHandle props recomputeInertia"),
    ],
)
def test_keywords_are_isaac_gym_s(method: str, keywords: str) -> None:
    assert list(inspect.signature(getattr(gymapi.Gym, method)).parameters)[1:] == keywords.split()


# Functions over arrays.


def test_functions_over_arrays_agree_with_the_methods_of_one_value() -> None:
    quat, vec, other = gymapi.Quat.from_euler_zyx(0.3, -0.4, 1.2), gymapi.Vec3(1, 2, 3), gymapi.Vec3(-1, 0.5, 2)
    pose = gymapi.Transform(other, quat)
    assert gymapi.cross(vec, other) == vec.cross(other)
    assert gymapi.dot(vec, other) == vec.dot(other)
    for found, expected in (
        (gymapi.rotate(quat, vec), quat.rotate(vec)),
        (gymapi.rotate_inverse(quat, vec), quat.inverse().rotate(vec)),
        (gymapi.transform(pose, vec), pose.transform_point(vec)),
        (gymapi.transform_inverse(pose, vec), pose.inverse().transform_point(vec)),
        (gymapi.eulers_to_quats_zyx(gymapi.Vec3(0.3, -0.4, 1.2)), quat),
        (gymapi.quats_to_eulers_zyx(quat), gymapi.Vec3(0.3, -0.4, 1.2)),
    ):
        assert np.allclose(found.floats(), expected.floats(), atol=1e-6)


def test_functions_over_arrays_take_records_and_plain_arrays() -> None:
    plain = np.arange(6, dtype=np.float32).reshape(2, 3)
    records = plain.copy().view(gymapi.Vec3.dtype)[:, 0]
    quats = np.array([[0, 0, 0.6, 0.8]] * 2, np.float32)
    turned = gymapi.rotate(quats, records)
    assert turned.dtype == gymapi.Vec3.dtype
    assert np.allclose(turned["x"], gymapi.rotate(quats, plain)[:, 0])
    assert gymapi.dot(records, plain).shape == (2,)
    assert gymapi.carb_init()
