"""Options and properties: live references, conversions, and names that must be right."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch

from isaacgym._src import options, properties
from isaacgym._src.enums import CC_NEVER, DOF_MODE_EFFORT, UP_AXIS_Z, ContactCollection
from isaacgym._src.options import AssetOptions, PlaneParams, SimParams
from isaacgym._src.properties import RigidBodyProperties, RigidShapeProperties, dof_dtype
from isaacgym._src.record import Record
from isaacgym._src.vectors import Mat33, Transform, Vec3

RECORDS = [
    kind
    for module in (options, properties)
    for kind in map(vars(module).get, module.__all__)
    if isinstance(kind, type) and issubclass(kind, Record)
]


def test_gravity_is_a_live_reference() -> None:
    params = SimParams()
    params.gravity.z = -9.5
    assert params.gravity == Vec3(0, -9.8, -9.5)


def test_dt_reads_back_in_single_precision() -> None:
    params = SimParams(dt=0.005)
    assert params.dt == float(np.float32(0.005))
    assert np.ceil(20.0 / (4 * params.dt)) == 1001  # the episode length that legged_gym has
    assert SimParams().dt == float(np.float32(1 / 60))


def test_nested_params_are_a_live_reference() -> None:
    params = SimParams()
    params.physx.num_threads = 4
    params.mujoco.iterations = 3
    assert (params.physx.num_threads, params.mujoco.iterations) == (4, 3)


def test_two_objects_share_no_nested_value() -> None:
    SimParams().gravity.x = 1.0
    SimParams().physx.solver_type = 0
    assert SimParams().gravity.x == 0.0
    assert SimParams().physx.solver_type == 1


def test_an_assigned_vector_is_a_copy() -> None:
    gravity = Vec3(0, 0, -9.81)
    params = SimParams(gravity=gravity)
    gravity.z = 0.0
    assert params.gravity.z == pytest.approx(-9.81)


def test_a_misspelt_attribute_names_the_nearest_one() -> None:
    with pytest.raises(AttributeError, match="AssetOptions: no attribute 'fix_base_lnk'; did you mean 'fix_base_link'"):
        AssetOptions().fix_base_lnk = True


def test_an_attribute_unlike_any_other_lists_them_all() -> None:
    with pytest.raises(AttributeError, match="attributes: normal, distance, static_friction"):
        PlaneParams().qqq = 1


@pytest.mark.parametrize("kind", RECORDS)
def test_every_attribute_can_be_read_and_set_to_what_it_is(kind: type[Record]) -> None:
    record = kind()
    for name in kind.names():
        assert name in dir(record)
        setattr(record, name, getattr(record, name))
    assert record == kind()


@pytest.mark.parametrize("kind", RECORDS)
def test_copies_and_pickles_are_equal(kind: type[Record]) -> None:
    record = kind()
    assert copy.copy(record) == copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record


def test_a_copy_shares_no_nested_value() -> None:
    params = SimParams()
    copy.deepcopy(params).gravity.x = 1.0
    assert params.gravity.x == 0.0


@pytest.mark.parametrize("one", [np.array([0.25]), np.float32(0.25), torch.tensor([0.25]), torch.tensor(0.25)])
def test_a_value_of_one_element_becomes_a_number(one: np.ndarray | torch.Tensor) -> None:
    shape: Any = RigidShapeProperties()
    shape.friction = one
    assert shape.friction == 0.25
    assert type(shape.friction) is float


def test_an_integer_becomes_its_member() -> None:
    params: Any = SimParams()
    params.up_axis = 1
    params.physx.contact_collection = 0
    assert params.up_axis is UP_AXIS_Z
    assert params.physx.contact_collection is CC_NEVER


def test_a_numpy_integer_becomes_its_member() -> None:
    options: Any = AssetOptions()
    options.default_dof_drive_mode = np.int64(3)
    assert options.default_dof_drive_mode is DOF_MODE_EFFORT


def test_contacts_are_collected_in_all_substeps_by_default() -> None:
    assert SimParams().physx.contact_collection is ContactCollection.CC_ALL_SUBSTEPS


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("dt", "fast", "SimParams.dt: needs one number, given 'fast'"),
        ("dt", [1, 2], "SimParams.dt: needs one number"),
        ("substeps", 2.5, "SimParams.substeps: needs a whole number, given 2.5"),
        ("use_gpu_pipeline", "no", "SimParams.use_gpu_pipeline: needs True or False"),
        ("up_axis", 2, r"SimParams.up_axis: is not a UpAxis \(UP_AXIS_Y = 0, UP_AXIS_Z = 1\), given 2"),
        ("gravity", 9.81, "SimParams.gravity: needs a Vec3, given 9.81"),
        ("physx", Vec3(), "SimParams.physx: needs a PhysXParams"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        setattr(SimParams(), name, value)


def test_an_unknown_solver_lists_those_that_exist() -> None:
    with pytest.raises(ValueError, match="MujocoParams.solver: needs one of 'newton', 'cg', given 'pgs'"):
        setattr(SimParams().mujoco, "solver", "pgs")  # noqa: B010


def test_a_pose_among_the_options_is_live() -> None:
    params = options.TriangleMeshParams()
    params.transform.p.x = -25.0
    assert params.transform == Transform(Vec3(-25, 0, 0))


def test_the_inverse_mass_follows_the_mass() -> None:
    body = RigidBodyProperties(mass=3.0)
    body.mass += 1.0
    assert body.invMass == 0.25
    assert RigidBodyProperties().invMass == 0.0


def test_the_inverse_inertia_follows_the_inertia() -> None:
    body = RigidBodyProperties(inertia=Mat33(Vec3(2, 0, 0), Vec3(0, 4, 0), Vec3(0, 0, 8)))
    assert body.invInertia == Mat33(Vec3(0.5, 0, 0), Vec3(0, 0.25, 0), Vec3(0, 0, 0.125))


def test_setting_an_inverse_sets_what_it_inverts() -> None:
    inverse = Mat33(Vec3(0.5, 0, 0), Vec3(0, 0.25, 0), Vec3(0, 0, 0.125))
    body = RigidBodyProperties(mass=3.0)
    body.invMass = torch.tensor(0.25)
    body.invInertia = inverse
    assert body.mass == 4.0
    assert body.inertia == Mat33(Vec3(2, 0, 0), Vec3(0, 4, 0), Vec3(0, 0, 8))


def test_setting_the_inverse_that_it_has_changes_no_bit_of_the_mass() -> None:
    for mass in np.linspace(0.1, 9.9, 99):
        body = RigidBodyProperties(mass=mass)
        body.invMass = np.float32(1.0 / mass)
        assert body.mass == mass


def test_an_inverse_mass_that_no_body_has_is_refused() -> None:
    with pytest.raises(ValueError, match="invMass: needs a positive number"):
        RigidBodyProperties(mass=1.0).invMass = 0.0


def test_a_body_without_inertia_has_a_zero_inverse() -> None:
    assert RigidBodyProperties().invInertia == Mat33()


def test_the_centre_of_mass_can_be_moved_in_place() -> None:
    body = RigidBodyProperties()
    body.com.x += 1.0
    body.com += Vec3(1, 1, 1)
    assert body.com == Vec3(2, 1, 1)


def test_dof_properties_take_enums_and_torch_values() -> None:
    props = np.zeros(2, dof_dtype)
    props["driveMode"][1] = DOF_MODE_EFFORT
    props["stiffness"][0] = torch.tensor(2.0)
    assert props[1]["driveMode"] == 3
    assert props["stiffness"].tolist() == [2.0, 0.0]
