"""The command line, the simulation config, drawn lines and random samples."""

import sys
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from isaacgym import gymutil
from isaacgym._src.enums import CC_LAST_SUBSTEP, SIM_FLEX, SIM_PHYSX, UP_AXIS_Z
from isaacgym._src.options import SimParams
from isaacgym._src.properties import RigidShapeProperties, dof_dtype
from isaacgym._src.vectors import Transform, Vec3


def parsed(monkeypatch: pytest.MonkeyPatch, line: str, gpu: bool = False, **given: Any) -> Any:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(sys, "argv", ["program", *line.split()])
    return gymutil.parse_arguments(**given)


@pytest.mark.parametrize(
    ("name", "device"),
    [("cpu", ("cpu", 0)), ("cuda", ("cuda", 0)), ("cuda:1", ("cuda", 1)), ("cpu:0", ("cpu", 0))],
)
def test_a_device_name_has_a_kind_and_a_number(name: str, device: tuple[str, int]) -> None:
    assert gymutil.parse_device_str(name) == device


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cpu:1", ""])
def test_an_unknown_device_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="write cpu, cuda or cuda:<number>"):
        gymutil.parse_device_str(name)


def test_a_machine_without_a_gpu_simulates_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    args = parsed(monkeypatch, "")
    assert (args.sim_device, args.sim_device_type, args.compute_device_id) == ("cpu", "cpu", 0)
    assert (args.pipeline, args.use_gpu_pipeline, args.use_gpu) == ("cpu", False, False)


def test_a_machine_with_a_gpu_simulates_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    args = parsed(monkeypatch, "--sim_device cuda:1", gpu=True)
    assert (args.sim_device_type, args.compute_device_id, args.use_gpu_pipeline) == ("cuda", 1, True)


def test_the_cpu_device_forces_the_cpu_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(monkeypatch, "--sim_device cpu --pipeline gpu", gpu=True).pipeline == "cpu"


def test_the_engine_is_physx_unless_flex_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(monkeypatch, "").physics_engine is SIM_PHYSX
    assert parsed(monkeypatch, "--flex").physics_engine is SIM_FLEX


def test_slices_follow_the_subscenes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(monkeypatch, "--subscenes 4").slices == 4
    assert parsed(monkeypatch, "--subscenes 4 --slices 2").slices == 2


def test_headless_is_a_flag_only_where_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(monkeypatch, "--headless", headless=True).headless
    assert parsed(monkeypatch, "--nographics", headless=True, no_graphics=True).headless
    with pytest.raises(SystemExit):
        parsed(monkeypatch, "--headless")


def test_custom_parameters_reach_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    custom = [
        {"name": "--task", "type": str, "default": "anymal", "help": "task"},
        {"name": "--headless", "action": "store_true", "default": False},
    ]
    args = parsed(monkeypatch, "--headless", custom_parameters=custom)
    assert (args.task, args.headless) == ("anymal", True)


def test_a_custom_parameter_needs_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        parsed(monkeypatch, "", custom_parameters=[{"type": int}])


CONFIG = {
    "dt": 0.005,
    "substeps": 1,
    "gravity": [0.0, 0.0, -9.81],
    "up_axis": 1,
    "fps": 200,
    "physx": {"num_threads": 10, "contact_collection": 1, "rest_offset": 0.0, "unheard_of": 3},
    "mujoco": {"iterations": 5},
}


class PhysX:
    num_threads = 10
    contact_collection = 1
    rest_offset = 0.0


class Mujoco:
    iterations = 5


class ClassConfig:
    dt = 0.005
    substeps = 1
    gravity = (0.0, 0.0, -9.81)
    up_axis = 1
    physx = PhysX
    mujoco = Mujoco


@pytest.mark.parametrize(
    "config",
    [CONFIG, OmegaConf.create(CONFIG), ClassConfig, ClassConfig(), vars(ClassConfig)],
    ids=lambda c: type(c),
)
def test_a_config_of_any_shape_fills_the_params(config: Any) -> None:
    params = SimParams()
    gymutil.parse_sim_config(config, params)
    expected = SimParams(dt=0.005, substeps=1, gravity=Vec3(0, 0, -9.81), up_axis=UP_AXIS_Z)
    expected.physx.num_threads, expected.physx.contact_collection = 10, CC_LAST_SUBSTEP
    expected.physx.rest_offset, expected.mujoco.iterations = 0.0, 5
    assert params == expected


def test_what_a_config_leaves_out_stays() -> None:
    params = SimParams(dt=0.02)
    gymutil.parse_sim_config({"substeps": None}, params)
    assert params == SimParams(dt=0.02)


def test_the_up_axis_may_be_a_letter() -> None:
    params = SimParams()
    gymutil.parse_sim_config({"up_axis": "z"}, params)
    assert params.up_axis is UP_AXIS_Z


class Canvas:
    """A gym that remembers the lines it was given."""

    def add_lines(self, viewer: object, env: object, count: int, vertices: np.ndarray, colors: np.ndarray) -> None:
        self.count, self.vertices, self.colors = count, vertices, colors


def test_axes_start_at_the_pose_and_point_along_it() -> None:
    canvas = Canvas()
    gymutil.draw_lines(gymutil.AxesGeometry(2.0), canvas, None, None, Transform(Vec3(1, 0, 0)))
    np.testing.assert_array_equal(canvas.vertices[:, 0], [[1, 0, 0]] * 3)
    np.testing.assert_array_equal(canvas.vertices[:, 1] - canvas.vertices[:, 0], 2 * np.eye(3))
    np.testing.assert_array_equal(canvas.colors, np.eye(3))


def test_a_sphere_lies_at_its_radius() -> None:
    sphere = gymutil.WireframeSphereGeometry(0.5, 4, 6, None, color=(1, 1, 0), color2=(0, 0, 1))
    np.testing.assert_allclose(np.linalg.norm(sphere.vertices(), axis=-1), 0.5, rtol=1e-5)
    assert sphere.num_lines() == len(sphere.colors()) == 6 * 4 + 6 * 3


def test_a_box_has_twelve_edges_of_its_sizes() -> None:
    box = gymutil.WireframeBoxGeometry(1.0, 2.0, 3.0, Transform(Vec3(5, 0, 0)), (0, 1, 0))
    lengths = np.linalg.norm(box.vertices()[:, 1] - box.vertices()[:, 0], axis=-1)
    assert sorted(lengths.tolist()) == [1.0] * 4 + [2.0] * 4 + [3.0] * 4
    np.testing.assert_allclose(box.vertices().mean((0, 1)), [5, 0, 0], atol=1e-6)


def test_one_line_joins_its_points() -> None:
    canvas = Canvas()
    gymutil.draw_line(Vec3(1, 2, 3), Vec3(4, 5, 6), Vec3(1, 0, 0), canvas, None, None)
    assert canvas.vertices.tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert canvas.colors.tolist() == [[1, 0, 0]]


def test_xml_is_indented_in_place() -> None:
    root = ElementTree.fromstring("<a><b/></a>")
    gymutil._indent_xml(root)
    assert ElementTree.tostring(root) == b"<a>\n  <b />\n</a>"


UNIFORM = {"range": [0.5, 1.5], "distribution": "uniform", "operation": "scaling"}


def test_a_sample_scales_the_original() -> None:
    shape = RigidShapeProperties(friction=2.0)
    gymutil.apply_random_samples(shape, {"friction": 2.0}, "friction", UNIFORM, 0)
    assert 1.0 <= shape.friction <= 3.0
    assert shape.friction != 2.0


def test_samples_fill_an_array_field() -> None:
    props = np.ones(3, dof_dtype)
    additive = UNIFORM | {"operation": "additive"}
    gymutil.apply_random_samples(props, props.copy(), "damping", additive, 0, np.array([0.0, 1.0, 2.0]))
    assert props["damping"].tolist() == [1.0, 2.0, 3.0]
    assert props["stiffness"].tolist() == [1.0, 1.0, 1.0]


def test_gravity_is_randomised_around_the_original() -> None:
    params = SimParams(gravity=Vec3(0, 0, -10))
    original = {"gravity": params.gravity}
    fixed = {"range": [1.0, 0.0], "distribution": "gaussian", "operation": "additive"}
    for _ in range(2):
        gymutil.apply_random_samples(params, original, "gravity", fixed, 0)
    assert params.gravity == Vec3(1, 1, -9)


@pytest.mark.parametrize(("step", "expected"), [(0, 1.0), (50, 1.5), (100, 2.0), (200, 2.0)])
def test_a_linear_schedule_grows_from_no_effect(step: int, expected: float) -> None:
    params = UNIFORM | {"range": [2.0, 2.0], "schedule": "linear", "schedule_steps": 100}
    assert gymutil.generate_random_samples(params, 1, step) == pytest.approx(expected)


@pytest.mark.parametrize(("step", "expected"), [(99, 0.0), (100, 2.0)])
def test_a_constant_schedule_acts_in_full_from_its_step(step: int, expected: float) -> None:
    params = {"range": [2.0, 2.0], "distribution": "loguniform", "operation": "additive"}
    schedule = {"schedule": "constant", "schedule_steps": 100}
    sample = gymutil.generate_random_samples(params | schedule, 1, step)
    assert sample == pytest.approx(expected)


def test_bucketed_values_take_few_levels() -> None:
    params = UNIFORM | {"range": [0.0, 1.0], "num_buckets": 4}
    levels = {gymutil.get_bucketed_val(value, params) for value in np.linspace(-0.1, 1.1, 100)}
    assert levels == {0.0, 0.25, 0.5, 0.75}


def test_an_unknown_distribution_lists_those_that_exist() -> None:
    with pytest.raises(ValueError, match="distribution needs one of gaussian, uniform, loguniform, given 'flat'"):
        gymutil.generate_random_samples(UNIFORM | {"distribution": "flat"}, 1, 0)


def test_maps_name_the_methods_of_the_gym() -> None:
    kinds = ["dof_properties", "tendon_properties", "rigid_body_properties", "rigid_shape_properties"]
    methods = {f"{verb}_actor_{kind}": f"{verb} {kind}" for verb in ("get", "set") for kind in kinds}
    gym = SimpleNamespace(**methods, get_sim_params="get sim_params", set_sim_params="set sim_params")
    names = [*kinds, "sim_params"]
    getters: Any = gymutil.get_property_getter_map(gym)
    setters: Any = gymutil.get_property_setter_map(gym)
    assert getters == {name: f"get {name}" for name in names}
    assert setters == {name: f"set {name}" for name in names}
    assert gymutil.get_default_setter_args(gym)["rigid_body_properties"] == [True]
