"""MJCF files as assets: what is taken, what is left out, names, drives, limits and errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.meshes import write_tetrahedron, write_walls
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, asset_options, close

MakeWorld = Callable[..., World]


def actuated(actuators: str, joint: str = "") -> str:
    return LINK.replace("<joint ", f"<joint {joint} ").replace(
        "</worldbody>", f"</worldbody><actuator>{actuators}</actuator>"
    )


def test_a_floor_lights_and_cameras_in_the_file_are_left_out(world: MakeWorld) -> None:
    w = world()
    floor = '<geom type="plane" size="5 5 1"/><light pos="0 0 3"/><camera pos="0 0 3"/><site name="goal"/>'
    asset = w.asset(CHAIN.replace("<worldbody>", f"<worldbody>{floor}"))
    w.populate(Spawn(asset, (0, 0, 0.2)))
    assert GYM.get_asset_rigid_shape_count(asset) == 4
    w.seconds(0.5)
    assert float(w.root[:, 0, 2].max()) < -0.5


def test_bodies_dofs_and_shapes_follow_the_file(world: MakeWorld) -> None:
    asset = world().asset(CHAIN)
    assert GYM.get_asset_rigid_body_names(asset) == ["torso", "thigh", "shin", "arm"]
    assert GYM.get_asset_dof_names(asset) == ["hip_x", "hip_y", "knee", "slide"]
    assert GYM.get_asset_rigid_body_count(asset) == 4
    assert GYM.get_asset_dof_count(asset) == 4
    assert GYM.get_asset_rigid_shape_count(asset) == 4
    assert GYM.get_asset_joint_count(asset) == 4
    assert GYM.get_asset_rigid_body_dict(asset)["shin"] == 2
    assert GYM.get_asset_dof_dict(asset)["knee"] == 2
    assert GYM.find_asset_rigid_body_index(asset, "arm") == 3
    assert GYM.find_asset_dof_index(asset, "nothing") == gymapi.INVALID_HANDLE
    kinds = [GYM.get_asset_dof_type(asset, i) for i in range(4)]
    assert [GYM.get_dof_type_string(kind) for kind in kinds] == ["Rotation"] * 3 + ["Translation"]


def test_a_free_joint_in_the_file_is_no_dof(world: MakeWorld) -> None:
    w = world()
    for joint in ("<freejoint/>", '<joint type="free" name="root"/>', ""):
        assert GYM.get_asset_dof_count(w.asset(CHAIN.replace("<freejoint/>", joint))) == 4


@pytest.mark.parametrize("joint", ["<freejoint/>", ""])
@pytest.mark.parametrize("fix", [False, True])
def test_fix_base_link_decides_whether_the_root_falls(world: MakeWorld, joint: str, fix: bool) -> None:
    w = world()
    w.populate(Spawn(w.asset(CHAIN.replace("<freejoint/>", joint), fix_base_link=fix)))
    w.step(10)
    assert (float(w.root[0, 0, 9]) == 0.0) == fix
    assert (float(w.root[0, 0, 2]) == 1.0) == fix


SLIDER = """<mujoco><compiler angle="radian"/><worldbody><geom type="plane" size="1 1 1"/>
  <body name="cart" pos="0 0 3"><joint name="rail" type="slide" axis="0 1 0" range="-4 4"/>
    <geom type="box" size=".1 .1 .1" mass="1"/>
    <body name="pole"><joint name="pivot" axis="1 0 0"/>
      <geom type="capsule" fromto="0 0 0 0 0 .5" size=".02" mass=".1"/></body></body></worldbody></mujoco>"""


def test_a_root_with_a_joint_of_its_own_hangs_on_where_the_actor_is_placed(world: MakeWorld) -> None:
    w = world()
    half = 0.5**0.5
    w.populate(Spawn(w.asset(SLIDER), (0, 0, 2), (0, 0, half, half)))  # the rail points along -x
    dof = w.dof
    dof[..., 0, 0] = 1.5
    w.set_dof(dof)
    assert close(w.body[:, 0, :3], torch.tensor([-1.5, 0.0, 2.0]), 1e-6)
    assert close(w.root[:, 0, :3], torch.tensor([0.0, 0.0, 2.0]), 1e-6)
    w.step(10)
    assert close(w.root[:, 0, :3], torch.tensor([0.0, 0.0, 2.0]), 1e-6)
    root = w.root
    root[..., 0] += 1.0
    w.set_root(root)
    assert close(w.body[:, 0, 0], w.dof[:, 0, 0] * -1 + 1.0, 1e-5)


def test_a_dof_starts_at_the_file_s_reference_inside_its_limits_or_not(world: MakeWorld) -> None:
    w = world()
    asset = w.asset(LINK.replace("<joint ", '<joint range="0.5 1.5" '), fix_base_link=True)
    referenced = w.asset(LINK.replace("<joint ", '<joint ref="0.3" '), fix_base_link=True)
    w.populate(Spawn(asset), Spawn(referenced))
    assert close(w.dof[:, :, 0], torch.tensor([0.0, 0.3]), 1e-7)
    assert close(w.body[:, 1, 3:7], w.body[:, 3, 3:7], 1e-7)  # the reference is a name for the drawn pose


def test_bodies_and_joints_without_names_get_some_of_their_own(world: MakeWorld) -> None:
    text = """<mujoco><worldbody><body name="body_2"><freejoint/><geom size=".1"/>
      <body pos="0 0 1"><joint/><joint axis="1 0 0"/><geom size=".1"/>
        <body pos="0 0 1"><joint/><geom size=".1"/></body></body></body></worldbody></mujoco>"""
    asset = world().asset(text)
    names = GYM.get_asset_rigid_body_names(asset)
    assert names == ["body_2", "body_1", "body_2_"]
    assert GYM.get_asset_dof_names(asset) == ["body_1_joint_0", "body_1_joint_1", "body_2__joint_0"]


def test_a_motor_makes_an_effort_dof_and_a_position_actuator_a_position_dof(world: MakeWorld) -> None:
    text = """<mujoco><worldbody><body name="a"><geom size=".1"/>
      <body pos="1 0 0"><joint name="m" damping=".2" stiffness="3"/><geom size=".1"/></body>
      <body pos="2 0 0"><joint name="p" damping=".2"/><geom size=".1"/></body>
      <body pos="3 0 0"><joint name="v"/><geom size=".1"/></body>
      <body pos="4 0 0"><joint name="free" damping=".1"/><geom size=".1"/></body>
      </body></worldbody><actuator><position name="P" joint="p" kp="20" kv=".5" forcerange="-2 4" ctrlrange="-1 2"/>
      <motor name="M" joint="m" gear="15" ctrlrange="-1 1"/><velocity joint="v" kv="7"/></actuator></mujoco>"""
    asset = world().asset(text)
    props = GYM.get_asset_dof_properties(asset)
    assert props["driveMode"].tolist() == [3, 1, 2, 0]
    assert props["stiffness"].tolist() == [3.0, 20.0, 0.0, 0.0]
    assert props["damping"] == pytest.approx([0.2, 0.7, 7.0, 0.1])
    assert props["effort"][1] == 4.0
    assert props["effort"][0] > 1e30
    position, motor, _ = GYM.get_asset_actuator_properties(asset)
    assert (position.type, motor.type) == ("position", "motor")
    assert (position.kp, position.kv) == pytest.approx((20.0, 0.5))
    assert (position.force_limited, position.lower_force_limit, position.upper_force_limit) == (True, -2.0, 4.0)
    assert (position.control_limited, position.lower_control_limit, position.upper_control_limit) == (True, -1.0, 2.0)
    assert (motor.motor_effort, motor.force_limited) == (15.0, False)
    assert [GYM.get_asset_actuator_joint_name(asset, i) for i in range(3)] == ["p", "m", "v"]
    assert GYM.get_asset_actuator_count(asset) == 3


def test_default_dof_drive_mode_goes_before_the_file_s_actuators(world: MakeWorld) -> None:
    w = world()
    motor, position = actuated('<motor joint="hinge"/>'), actuated('<position joint="hinge" kp="5"/>')
    for text, stiffness in ((motor, 0.0), (position, 5.0)):
        props = GYM.get_asset_dof_properties(w.asset(text, default_dof_drive_mode=gymapi.DOF_MODE_POS))
        assert (props["driveMode"][0], props["stiffness"][0]) == (1, stiffness)
    props = GYM.get_asset_dof_properties(w.asset(position, default_dof_drive_mode=gymapi.DOF_MODE_EFFORT))
    assert (props["driveMode"][0], props["stiffness"][0]) == (3, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        actuated('<position joint="hinge" kp="1e3" forcerange="-2 2"/>'),
        actuated('<position joint="hinge" kp="1e3"/>', 'actuatorfrcrange="-2 2"'),
    ],
)
def test_force_ranges_in_the_file_are_effort_limits(world: MakeWorld, text: str) -> None:
    w = world(dt=0.001)
    asset = w.asset(text, fix_base_link=True)
    assert GYM.get_asset_dof_properties(asset)["effort"][0] == 2.0
    w.populate(Spawn(asset))
    w.target(100.0)
    w.seconds(0.2)
    assert close(w.dof[:, 0, 1], 0.2 * 2.0 / 0.5, 1e-3)


def test_an_actuator_on_a_tendon_drives_no_dof(world: MakeWorld) -> None:
    text = LINK.replace(
        "</worldbody>",
        '</worldbody><tendon><fixed name="t"><joint joint="hinge" coef="2"/></fixed></tendon>'
        '<actuator><position name="a" tendon="t" kp="3"/></actuator>',
    )
    asset = world().asset(text, fix_base_link=True)
    assert GYM.get_asset_dof_properties(asset)["driveMode"][0] == gymapi.DOF_MODE_NONE
    assert GYM.get_asset_tendon_count(asset) == 1
    assert GYM.get_asset_tendon_name(asset, 0) == "t"


def test_dof_properties_hold_the_file_s_limits_armature_and_friction(world: MakeWorld) -> None:
    asset = world().asset(LINK.replace("<joint ", '<joint range="-0.5 1.5" armature=".02" frictionloss=".03" '))
    props = GYM.get_asset_dof_properties(asset)[0]
    assert props["hasLimits"]
    assert (props["lower"], props["upper"]) == (-0.5, 1.5)
    assert (props["armature"], props["friction"]) == pytest.approx((0.02, 0.03))
    free = GYM.get_asset_dof_properties(world().asset(LINK))[0]
    assert not free["hasLimits"]
    assert free["lower"] < -1e30 < 1e30 < free["upper"]


def test_angles_in_degrees_become_radians(world: MakeWorld) -> None:
    text = LINK.replace('angle="radian"', 'angle="degree"').replace("<joint ", '<joint range="-90 45" ')
    props = GYM.get_asset_dof_properties(world().asset(text))[0]
    assert (props["lower"], props["upper"]) == pytest.approx((-np.pi / 2, np.pi / 4))


def test_the_file_s_solver_and_timestep_do_not_count(world: MakeWorld) -> None:
    w = world(dt=0.02)
    odd = (
        '<option timestep="0.5" gravity="0 0 5" integrator="RK4" wind="9 0 0" density="1000"><flag contact="disable"/>'
    )
    w.populate(Spawn(w.asset(CHAIN.replace("<worldbody>", f"{odd}</option><worldbody>")), (0, 0, 5)))
    w.step(5)
    assert close(w.root[:, 0, 9], -9.81 * 0.1, 1e-3)


def test_assets_with_different_solvers_and_names_in_common_share_a_scene(world: MakeWorld) -> None:
    w = world()
    other = CHAIN.replace("<worldbody>", '<option integrator="Euler" cone="elliptic"/><default/><worldbody>')
    w.populate(Spawn(w.asset(CHAIN)), Spawn(w.asset(other), (2, 0, 1)))
    w.step(3)
    assert close(w.root[:, 0, 9], w.root[:, 1, 9], 1e-6)


def test_settings_that_mujoco_dropped_are_ignored(world: MakeWorld) -> None:
    old = """<compiler coordinate="local" exactmeshinertia="true" convexhull="true"/>
      <option apirate="50" collision="all" mpr_iterations="50"><flag sensornoise="enable" passive="disable"/></option>
      <size njmax="500" nconmax="100" nstack="10000" nuser_geom="1" nkey="5"/>
      <custom><numeric data="0 0 .55" name="init_qpos"/></custom>"""
    asset = world().asset(CHAIN.replace("<worldbody>", f"{old}<worldbody>"))
    assert GYM.get_asset_dof_count(asset) == 4


def test_includes_are_read_beside_settings_that_mujoco_dropped(world: MakeWorld, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    write_tetrahedron(tmp_path / "meshes" / "hand.stl", 0.5)
    (tmp_path / "parts" / "common.xml").write_text(
        '<mujoco><compiler convexhull="false" meshdir="meshes"/><asset><mesh name="hand" file="hand.stl"/></asset>'
        "</mujoco>"
    )
    hand = """<mujoco><include file="parts/common.xml"/>
      <worldbody><body name="hand"><geom type="mesh" mesh="hand"/></body></worldbody></mujoco>"""
    w = world()
    w.populate(Spawn(w.asset(hand)), Spawn(w.asset(hand), (3, 0, 1)))
    mass = GYM.get_actor_rigid_body_properties(w.envs[0], 1)[0].mass
    assert mass == pytest.approx(1000 * 0.5**3 / 6, rel=1e-3)


def test_a_mesh_is_one_convex_hull_found_beside_the_file(world: MakeWorld, tmp_path: Path) -> None:
    write_tetrahedron(tmp_path / "meshes" / "corner.obj", 0.4)
    text = """<mujoco><compiler meshdir="meshes"/><asset><mesh name="m" file="corner.obj"/></asset>
      <worldbody><body name="b"><geom type="mesh" mesh="m"/></body></worldbody></mujoco>"""
    w = world(dt=0.005, ground=1.0)
    asset = w.asset(text)
    w.populate(Spawn(asset, (0, 0, 0.02)))
    w.seconds(1.0)
    assert GYM.get_asset_rigid_shape_count(asset) == 1
    assert close(w.root[:, 0, 2], 0.0, 0.01)  # the frame of the mesh is the file's


def test_visual_geoms_are_no_shapes(world: MakeWorld) -> None:
    visual = '<geom size=".3" contype="0" conaffinity="0" mass="0"/>'
    asset = world().asset(CHAIN.replace("<freejoint/>", f"<freejoint/>{visual}"))
    assert GYM.get_asset_rigid_shape_count(asset) == 4


def test_the_same_options_object_can_be_changed_between_loads(world: MakeWorld, tmp_path: Path) -> None:
    (tmp_path / "chain.xml").write_text(CHAIN)
    w, options = world(), asset_options(fix_base_link=True)
    fixed = GYM.load_asset(w.sim, str(tmp_path), "chain.xml", options)
    options.fix_base_link = False
    loose = GYM.load_asset(w.sim, str(tmp_path), "chain.xml", options)
    w.populate(Spawn(fixed), Spawn(loose, (3, 0, 1)))
    w.step(5)
    assert (w.root[0, :, 9] == 0).tolist() == [True, False]


@pytest.mark.parametrize("root", ["", "."])
def test_an_empty_root_is_the_working_folder(
    world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    (tmp_path / "chain.xml").write_text(CHAIN)
    monkeypatch.chdir(tmp_path)
    assert GYM.get_asset_dof_count(GYM.load_asset(world().sim, root, "chain.xml")) == 4


def test_cylinders_become_capsules_of_the_same_radius_and_length(world: MakeWorld) -> None:
    text = """<mujoco><worldbody><body name="b"><geom type="cylinder" size=".1 .3"/></body></worldbody></mujoco>"""
    w = world(dt=0.005, ground=1.0)
    w.populate(Spawn(w.asset(text, replace_cylinder_with_capsule=True), (0, 0, 0.4)), Spawn(w.asset(text), (3, 0, 0.3)))
    w.step(20)
    assert close(w.root[:, :, 2], torch.tensor([0.4, 0.3]), 0.003)


# Faults.


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("<mujoco><worldbody>", gymapi.AssetError, r"asset_0.xml: not well-formed XML: .*line 1"),
        ("<mujoco><worldbody/></mujoco>", gymapi.AssetError, r"asset_0.xml: .* has 0 root bodies"),
        (
            '<mujoco><worldbody><body name="a"/><body name="b"/></worldbody></mujoco>',
            gymapi.AssetError,
            r"asset_0.xml: .* has 2 root bodies \('a', 'b'\)",
        ),
        (CHAIN.replace("<geom ", "<goem ", 1), gymapi.AssetError, r"asset_0.xml: MuJoCo cannot read .*goem.*line"),
        (CHAIN.replace('size=".03"', 'size="wide"'), gymapi.AssetError, r"asset_0.xml: MuJoCo cannot read .*geom"),
        (
            CHAIN.replace("<worldbody>", '<asset><mesh name="m" file="gone.stl"/></asset><worldbody>'),
            gymapi.AssetError,
            r"asset_0.xml: MuJoCo cannot compile .*gone.stl",
        ),
        (
            CHAIN.replace("<worldbody>", '<include file="gone.xml"/><worldbody>'),
            gymapi.AssetError,
            r"asset_0.xml: <include file='gone.xml'>: no such file",
        ),
        (
            CHAIN.replace("<worldbody>", '<include file="asset_0.xml"/><worldbody>'),
            gymapi.AssetError,
            r"asset_0.xml: <include file='asset_0.xml'> includes itself",
        ),
        (
            LINK.replace('name="hinge"', 'type="ball" name="hip"').replace('axis="0 1 0"', ""),
            NotImplementedError,
            r"asset_0.xml: joint 'hip' is a ball joint inside the tree; hinge and slide",
        ),
        (
            LINK.replace("<joint ", '<joint type="free" ').replace('axis="0 1 0"', ""),
            (gymapi.AssetError, NotImplementedError),
            r"asset_0.xml: .*free",
        ),
        (
            LINK.replace('<inertial pos="0 0 0" mass="2" diaginertia="0.5 0.5 0.5"/>', ""),
            gymapi.AssetError,
            r"asset_0.xml: MuJoCo cannot compile .*mass and inertia .*link",
        ),
    ],
)
def test_a_faulty_file_is_refused_by_file_and_element(
    world: MakeWorld, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        world().asset(text)


def test_a_missing_file_is_named_with_where_it_was_looked_for(world: MakeWorld, tmp_path: Path) -> None:
    with pytest.raises(gymapi.AssetError, match=f"load_asset: no file 'a/b.xml' below '{tmp_path}' .*b.xml"):
        GYM.load_asset(world().sim, str(tmp_path), "a/b.xml")


def test_a_file_of_another_kind_is_refused(world: MakeWorld, tmp_path: Path) -> None:
    (tmp_path / "robot.usd").write_text("")
    with pytest.raises(gymapi.AssetError, match="'robot.usd' is neither MJCF .* nor URDF"):
        GYM.load_asset(world().sim, str(tmp_path), "robot.usd")


def test_convex_decomposition_needs_its_package_only_where_there_is_a_mesh(
    world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tetrahedron(tmp_path / "m.stl")
    monkeypatch.setitem(sys.modules, "vhacdx", None)
    w = world()
    assert w.asset(CHAIN, vhacd_enabled=True)
    with pytest.raises(ModuleNotFoundError, match="asset_1.xml: .*vhacd_enabled needs the package vhacdx"):
        w.asset(TWO_PIECES.format(file="m.stl"), vhacd_enabled=True)


TWO_PIECES = """<mujoco><asset><mesh name="m" file="{file}"/></asset><worldbody><body name="b">
  <geom type="mesh" mesh="m" pos="0 0 0.5" quat="0.7071 0 0 0.7071" friction="0.3"/></body></worldbody></mujoco>"""


def test_convex_decomposition_leaves_hollow_what_is_hollow(world: MakeWorld, tmp_path: Path) -> None:
    pytest.importorskip("vhacdx")
    write_walls(tmp_path / "walls.obj", gap=0.6)
    heights, masses = [], []
    for decompose in (False, True):
        w = world(ground=1.0)
        walls = w.asset(TWO_PIECES.format(file="walls.obj"), vhacd_enabled=decompose, fix_base_link=True)
        w.populate(Spawn(w.box(), (0, 0, 1.2)), Spawn(w.box(), (0, 0.35, 1.2)), Spawn(walls, (0, 0, 0)))
        masses.append(GYM.get_actor_rigid_body_properties(w.envs[0], 2)[0].mass)
        frictions = {p.friction for p in GYM.get_actor_rigid_shape_properties(w.envs[0], 2)}
        assert list(frictions) == pytest.approx([0.3])
        w.seconds(1.0)
        heights.append(w.root[0, :2, 2].tolist())
    assert heights[0] == pytest.approx([1.1, 1.1], abs=0.02)
    assert heights[1] == pytest.approx([0.1, 1.1], abs=0.02)
    assert masses[0] == pytest.approx(masses[1])


@pytest.mark.parametrize(
    ("make", "mass", "height"),
    [
        (lambda w, o: GYM.create_box(w.sim, 0.2, 0.4, 0.6, o), 0.2 * 0.4 * 0.6, 0.3),
        (lambda w, o: GYM.create_sphere(w.sim, 0.2, o), 4 / 3 * np.pi * 0.2**3, 0.2),
        (lambda w, o: GYM.create_capsule(w.sim, 0.1, 0.4, o), np.pi * 0.1**2 * 0.4 + 4 / 3 * np.pi * 0.1**3, 0.1),
    ],
)
def test_primitives_have_full_sizes_and_the_density_asked_for(
    world: MakeWorld, make: Callable[..., gymapi.Asset], mass: float, height: float
) -> None:
    w = world(dt=0.005, ground=1.0)
    asset = make(w, asset_options(density=300.0))
    w.populate(Spawn(asset, (0, 0, height)))
    w.step(40)
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].mass == pytest.approx(300 * mass, rel=1e-4)
    assert close(w.root[:, 0, 2], height, 0.003)


def test_a_primitive_without_size_is_refused(world: MakeWorld) -> None:
    with pytest.raises(ValueError, match="create_box: sizes must be positive"):
        GYM.create_box(world().sim, 0.2, -0.4, 0.6)
    with pytest.raises(ValueError, match="create_sphere: sizes must be positive"):
        GYM.create_sphere(world().sim, 0.0)


# Files that today's parser refuses.


def test_of_two_joints_with_one_name_the_second_gets_a_number(world: MakeWorld) -> None:
    asset = world().asset(CHAIN.replace('name="hip_y"', 'name="knee"').replace('name="arm"', 'name="shin"'))
    assert GYM.get_asset_dof_names(asset) == ["hip_x", "knee", "knee_1", "slide"]
    assert GYM.get_asset_rigid_body_names(asset) == ["torso", "thigh", "shin", "shin_1"]


def test_materials_and_pictures_that_are_not_there_are_not_needed(world: MakeWorld) -> None:
    looks = """<asset><texture name="wood" type="2d" file="gone.png"/><material name="oak" texture="wood"/></asset>
      <default><geom material="self"/></default>"""
    asset = world().asset(
        CHAIN.replace("<worldbody>", f"{looks}<worldbody>").replace("<geom type", '<geom material="oak" type')
    )
    assert GYM.get_asset_rigid_shape_count(asset) == 4


@pytest.mark.parametrize("file", ["gone.stl", "shell.glb", "shell.stl", "shell.obj"])
def test_a_mesh_only_to_look_at_need_not_be_readable(world: MakeWorld, tmp_path: Path, file: str) -> None:
    for suffix in ("glb", "stl", "obj"):
        (tmp_path / f"shell.{suffix}").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    shell = '<geom type="mesh" mesh="shell" {}/>'
    text = f"""<mujoco><asset><mesh name="shell" file="{file}"/></asset><worldbody>
      <body name="hull"><geom type="box" size=".1 .1 .1"/>{shell.format('contype="0" conaffinity="0"')}
        <body name="fan"><joint name="spin"/>{shell.format('contype="0" conaffinity="0"')}</body></body>
      </worldbody></mujoco>"""
    w = world()
    w.populate(Spawn(w.asset(text)))
    assert [p.mass for p in GYM.get_actor_rigid_body_properties(w.envs[0], 0)] == pytest.approx([8.0, 0.001])
    with pytest.raises(gymapi.AssetError, match="asset_1.xml: (MuJoCo cannot|mesh .shell.: mesh)"):
        w.asset(text.replace('contype="0" ', ""))


def test_a_joint_whose_limits_are_equal_is_held_there(world: MakeWorld) -> None:
    w = world()
    text = LINK.replace('name="hinge"', 'name="hinge" limited="true" range="0.5 0.5"')
    w.populate(Spawn(w.asset(text, fix_base_link=True)))
    w.effort(1.0)
    w.seconds(1.0)
    assert close(w.dof[:, 0, 0], 0.5, 0.02)


def test_a_root_joint_whose_limits_are_equal_is_no_dof(world: MakeWorld) -> None:
    w = world()
    locked = '<joint name="held" limited="true" range="0 0"/>'
    w.populate(Spawn(w.asset(CHAIN.replace("<freejoint/>", locked))))
    assert GYM.get_env_dof_count(w.envs[0]) == 4
    w.seconds(0.1)
    assert float(w.root[:, 0, 2].max()) < 0.96


def test_boxes_without_a_size_are_plates_and_specks(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    sizes = [(0.0, 0.4, 0.6), (0.0, 0.0, 0.6), (0.0, 0.0, 0.0)]
    boxes = [GYM.create_box(w.sim, *size, asset_options()) for size in sizes]
    w.populate(*[Spawn(box, (i, 0, 1)) for i, box in enumerate(boxes)])
    w.step()
    assert [GYM.get_asset_rigid_shape_count(box) for box in boxes] == [1, 1, 1]
    assert close(w.root[0, :, 2], 1.0, 1e-6)


def test_sizes_for_mujoco_in_a_file_are_dropped_without_a_word(
    world: MakeWorld, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    w = world()
    sizes = '<size njmax="500" nconmax="100" nuser_jnt="1" nuser_actuator="16" nuser_sensor="1"/>'
    w.populate(Spawn(w.asset(CHAIN.replace("<worldbody>", f"{sizes}<worldbody>"))))
    assert capfd.readouterr() == ("", "")
    assert not list(recwarn)


def test_what_names_missing_parts_is_left_out_and_said(world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    w = world()
    shared = """<tendon><fixed name="both"><joint joint="knee" coef="1"/></fixed>
        <fixed name="loose"><joint joint="wrist" coef="1"/></fixed></tendon>
      <actuator><motor name="one" joint="knee" gear="5"/><motor name="two" joint="wrist"/>
        <motor name="three" tendon="loose"/><motor name="four" site="grip"/></actuator>
      <equality><joint joint1="knee" joint2="wrist"/><weld body1="torso" body2="palm"/></equality>
      <contact><exclude body1="torso" body2="palm"/><pair geom1="torso" geom2="palm"/></contact></mujoco>"""
    asset = w.asset(CHAIN.replace("</mujoco>", shared))
    assert [GYM.get_asset_actuator_joint_name(asset, 0)] == ["knee"]
    assert (GYM.get_asset_actuator_count(asset), GYM.get_asset_tendon_count(asset)) == (1, 1)
    (said,) = caplog.messages
    assert "asset_0.xml: left out what names parts that are not in the file: tendon 'loose', actuator 'two' of" in said
    w.populate(Spawn(asset, (0, 0, 1)))
    w.step()


LYING = CHAIN.replace('<body name="torso"', f'<body name="torso" euler="{np.pi / 2} 0 0"')


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("text", [LYING, LYING.replace("<freejoint/>", '<joint type="slide" name="rail"/>')])
def test_an_actor_is_turned_as_its_file_turns_the_root_and_stands_where_its_pose_says(
    world: MakeWorld, text: str, fixed: bool
) -> None:
    w = world(gravity=0.0)
    asset = w.asset(text.replace("euler=", 'pos="1 2 3" euler='), fix_base_link=fixed)
    quarter_about_z = (0.0, 0.0, 0.5**0.5, 0.5**0.5)
    starts: list[Any] = []

    def each(env: gymapi.Env, handles: list[int], _: int) -> None:
        starts.append(GYM.get_rigid_transform(env, 0))

    w.populate(Spawn(asset, (0.5, 0.0, 1.0), quarter_about_z), each=each)
    expected = torch.tensor([0.5, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5])
    assert close(w.root[:, 0, :7], expected, 1e-6)
    assert close(w.body[:, 0, :7], expected, 1e-6)
    place, turn = starts[0].p, starts[0].r
    assert close([place.x, place.y, place.z, turn.x, turn.y, turn.z, turn.w], expected, 1e-6)
