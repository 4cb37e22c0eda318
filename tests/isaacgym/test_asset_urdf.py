"""URDF files as assets: order, fixed joints, masses, shapes, limits, meshes and errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.meshes import write_tetrahedron
from tests.isaacgym.world import GYM, Spawn, World, asset_options, close, drive

MakeWorld = Callable[..., World]

INERTIAL = """<inertial><origin xyz="{com}"/><mass value="{mass}"/>
  <inertia ixx=".1" iyy=".2" izz=".25" ixy="0" ixz="0" iyz="0"/></inertial>"""
SPHERE = "<collision><geometry><sphere radius='.1'/></geometry></collision>"


def link(name: str, content: str = INERTIAL.format(com="0 0 0", mass=1)) -> str:
    return f'<link name="{name}">{content}</link>'


def joint(name: str, parent: str, child: str, kind: str = "revolute", more: str = "", attributes: str = "") -> str:
    limit = "" if kind == "continuous" else '<limit lower="-1" upper="2" effort="5" velocity="3"/>'
    return f"""<joint name="{name}" type="{kind}" {attributes}><parent link="{parent}"/><child link="{child}"/>
      <origin xyz="1 0 0"/><axis xyz="0 1 0"/>{"" if "<limit" in more else limit}{more}</joint>"""


def robot(*elements: str) -> str:
    return f'<robot name="r">{"".join(elements)}</robot>'


LEGS = robot(
    link("base"),
    *(link(f"{leg}_{part}") for leg in ("FR", "FL", "RR", "RL") for part in ("hip", "foot")),
    *(joint(f"{leg}_hip_joint", "base", f"{leg}_hip") for leg in ("FR", "FL", "RR", "RL")),
    *(joint(f"{leg}_knee_joint", f"{leg}_hip", f"{leg}_foot") for leg in ("FR", "FL", "RR", "RL")),
)
ARM = robot(
    link("base"),
    link("upper"),
    link("lower"),
    link("tool"),
    joint("shoulder", "base", "upper"),
    joint("weld", "upper", "lower", "fixed"),
    joint("grip", "lower", "tool", "fixed", attributes='dont_collapse="true"'),
)


def test_siblings_come_in_the_order_of_their_joints_names_depth_first(world: MakeWorld) -> None:
    asset = world().asset(LEGS)
    legs = ["FL", "FR", "RL", "RR"]
    assert GYM.get_asset_rigid_body_names(asset) == ["base", *(f"{g}_{p}" for g in legs for p in ("hip", "foot"))]
    assert GYM.get_asset_dof_names(asset) == [f"{g}_{p}_joint" for g in legs for p in ("hip", "knee")]


def test_the_joint_s_name_sorts_and_not_the_link_s(world: MakeWorld) -> None:
    text = robot(link("base"), link("a"), link("b"), joint("j_2", "base", "a"), joint("j_1", "base", "b"))
    assert GYM.get_asset_rigid_body_names(world().asset(text)) == ["base", "b", "a"]


def test_fixed_joints_make_bodies_of_their_own_with_states(world: MakeWorld) -> None:
    w = world()
    asset = w.asset(ARM, fix_base_link=True)
    w.populate(Spawn(asset))
    assert GYM.get_asset_rigid_body_names(asset) == ["base", "upper", "lower", "tool"]
    assert GYM.get_asset_dof_names(asset) == ["shoulder"]
    assert GYM.get_asset_joint_count(asset) == 3
    assert close(w.body[:, :, 0], torch.tensor([0.0, 1.0, 2.0, 3.0]), 1e-6)


@pytest.mark.parametrize("fixed", [True, False])
def test_collapsed_links_merge_into_their_parents_but_those_marked(world: MakeWorld, fixed: bool) -> None:
    w = world()
    asset = w.asset(ARM, fix_base_link=fixed, collapse_fixed_joints=True)
    w.populate(Spawn(asset))
    assert GYM.get_asset_rigid_body_names(asset) == ["base", "upper", "tool"]
    assert GYM.get_asset_dof_names(asset) == ["shoulder"]
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    assert [p.mass for p in props] == pytest.approx([1.0, 2.0, 1.0])
    assert props[1].com.x == pytest.approx(0.5)
    assert close(w.body[:, 2, 0], 3.0, 1e-6)


def test_a_root_whose_child_is_fixed_takes_it_in(world: MakeWorld) -> None:
    text = robot(link("base", ""), link("trunk"), joint("floating_base", "base", "trunk", "fixed"))
    w = world()
    merged, apart = w.asset(text, collapse_fixed_joints=True), w.asset(text)
    w.populate(Spawn(merged), Spawn(apart, (0, 3, 1)))
    w.step(5)
    assert GYM.get_asset_rigid_body_names(merged) == ["base"]
    assert GYM.get_asset_rigid_body_names(apart) == ["base", "trunk"]
    assert close(w.root[:, :, 9], -9.81 * 0.05, 1e-3)


def test_links_that_no_joint_holds_are_left_out_and_named(world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    text = robot(link("base"), link("arm"), link("flange"), joint("j", "base", "arm"))
    assert GYM.get_asset_rigid_body_names(world().asset(text)) == ["base", "arm"]
    assert "asset_0.urdf: left out links that no joint holds: flange" in caplog.text


# Masses.


def test_a_link_without_inertial_has_that_of_its_shapes_at_the_density_asked_for(world: MakeWorld) -> None:
    box = "<collision><origin xyz='0 0 .5'/><geometry><box size='.2 .4 .6'/></geometry></collision>"
    w = world()
    w.populate(Spawn(w.asset(robot(link("a", box)), density=500.0)))
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0]
    mass = 500 * 0.2 * 0.4 * 0.6
    assert props.mass == pytest.approx(mass)
    assert props.com.z == pytest.approx(0.5)
    assert props.inertia.x.x == pytest.approx(mass / 12 * (0.4**2 + 0.6**2), rel=1e-4)


def test_a_mass_without_inertia_is_spread_over_the_shapes(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(robot(link("a", '<inertial><mass value="3"/></inertial>' + SPHERE)))))
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0]
    assert props.mass == pytest.approx(3.0)
    assert props.inertia.x.x == pytest.approx(0.4 * 3 * 0.1**2)


@pytest.mark.parametrize("shape", ["", SPHERE])
def test_a_mass_with_an_inertia_of_nothing_stays_where_its_centre_is_said_to_be(world: MakeWorld, shape: str) -> None:
    inertial = INERTIAL.format(com=".1 .2 .3", mass=3)
    for number in (".1", ".2", ".25"):
        inertial = inertial.replace(f'="{number}"', '="1e-20"')
    w = world()
    w.populate(Spawn(w.asset(robot(link("a", inertial + shape)))))
    (props,) = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    assert props.mass == pytest.approx(3.0)
    assert (props.com.x, props.com.y, props.com.z) == pytest.approx((0.1, 0.2, 0.3))
    assert props.inertia.x.x == pytest.approx(0.4 * 3 * 0.1**2)


def test_a_mass_without_inertia_stays_when_cylinders_become_capsules(world: MakeWorld) -> None:
    w = world()
    shape = "<collision><geometry><cylinder radius='.1' length='.6'/></geometry></collision>"
    text = robot(link("a", '<inertial><mass value="3"/></inertial>' + shape))
    w.populate(Spawn(w.asset(text, replace_cylinder_with_capsule=True)))
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].mass == pytest.approx(3.0)


@pytest.mark.parametrize("content", ["", '<inertial><mass value="0"/></inertial>', "<visual/>"])
def test_a_moving_link_without_mass_or_shape_gets_a_small_mass(world: MakeWorld, content: str) -> None:
    w = world()
    asset = w.asset(robot(link("base"), link("ghost", content), joint("j", "base", "ghost")), fix_base_link=True)
    w.populate(Spawn(asset))
    assert 0 < GYM.get_actor_rigid_body_properties(w.envs[0], 0)[1].mass < 0.01
    w.step(10)
    assert bool(torch.isfinite(w.dof).all())


def test_a_massless_link_that_carries_a_fixed_one_moves_with_its_mass(world: MakeWorld) -> None:
    text = robot(
        link("base"),
        link("ghost", ""),
        link("tool"),
        joint("j", "base", "ghost", "prismatic"),
        joint("f", "ghost", "tool", "fixed"),
    )
    w = world(dt=0.001)
    each = drive(driveMode=int(gymapi.DOF_MODE_EFFORT))
    w.populate(Spawn(w.asset(text, fix_base_link=True)), each=each)
    w.effort(2.0)
    w.step(10)
    assert close(w.dof[:, 0, 1], 0.01 * 2.0 / 1.0, 1e-6)


def test_the_inertia_and_centre_of_mass_in_the_file_count(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(robot(link("a", INERTIAL.format(com=".1 .2 .3", mass=4) + SPHERE)))))
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0]
    assert props.mass == 4.0
    assert (props.com.x, props.com.y, props.com.z) == pytest.approx((0.1, 0.2, 0.3))
    assert (props.inertia.x.x, props.inertia.y.y, props.inertia.z.z) == pytest.approx((0.1, 0.2, 0.25))


# Joints.


def test_limits_and_dynamics_of_the_file_are_in_the_dof_properties(world: MakeWorld) -> None:
    text = robot(link("a"), link("b"), joint("j", "a", "b", more='<dynamics damping="0.3" friction="0.2"/>'))
    props = GYM.get_asset_dof_properties(world().asset(text))[0]
    assert props["hasLimits"]
    assert [props[name] for name in ("lower", "upper", "effort", "velocity")] == [-1.0, 2.0, 5.0, 3.0]
    assert (props["damping"], props["friction"], props["stiffness"]) == pytest.approx((0.3, 0.2, 0.0))
    assert props["driveMode"] == gymapi.DOF_MODE_NONE


def test_an_effort_or_velocity_of_zero_is_no_limit(world: MakeWorld) -> None:
    limit = '<limit lower="-1" upper="2" effort="0" velocity="0"/>'
    props = GYM.get_asset_dof_properties(world().asset(robot(link("a"), link("b"), joint("j", "a", "b", more=limit))))
    assert min(props["effort"][0], props["velocity"][0]) > 1e30


def test_a_continuous_joint_has_no_limits(world: MakeWorld) -> None:
    props = GYM.get_asset_dof_properties(world().asset(robot(link("a"), link("b"), joint("j", "a", "b", "continuous"))))
    assert not props["hasLimits"][0]
    assert props["lower"][0] < -1e30 < 1e30 < props["upper"][0]


def test_the_effort_limit_of_the_file_clips_a_drive(world: MakeWorld) -> None:
    text = robot(link("a"), link("b"), joint("j", "a", "b", "continuous", more='<limit effort=".4" velocity="9"/>'))
    w = world(dt=0.001, gravity=0.0)
    w.populate(
        Spawn(w.asset(text, fix_base_link=True, default_dof_drive_mode=gymapi.DOF_MODE_POS)), each=drive(stiffness=1e3)
    )
    w.target(100.0)
    w.seconds(0.2)
    assert close(w.dof[:, 0, 1], 0.2 * 0.4 / 0.2, 1e-3)


def test_mimic_joints_are_dofs_of_their_own(world: MakeWorld) -> None:
    fingers = [joint("f1", "a", "b", "prismatic"), joint("f2", "a", "c", "prismatic", '<mimic joint="f1"/>')]
    assert GYM.get_asset_dof_count(world().asset(robot(link("a"), link("b"), link("c"), *fingers))) == 2


def test_a_prismatic_joint_slides_along_its_axis(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(robot(link("a"), link("b"), joint("j", "a", "b", "prismatic")), fix_base_link=True)))
    dof = w.dof
    dof[..., 0] = 0.7
    w.set_dof(dof)
    assert close(w.body[:, 1, :3], torch.tensor([1.0, 0.7, 1.0]), 1e-6)


def test_a_link_called_world_is_a_body_called_world_link(world: MakeWorld) -> None:
    w = world()
    text = robot(link("world", ""), link("b", SPHERE), joint("j", "world", "b", "fixed"))
    asset = w.asset(text, fix_base_link=True)
    w.populate(Spawn(asset))
    assert GYM.get_asset_rigid_body_names(asset) == ["world_link", "b"]
    w.step(3)
    assert close(w.body[:, 1, :3], torch.tensor([1.0, 0.0, 1.0]), 1e-6)


def test_an_empty_link_from_which_a_robot_floats_is_no_part_of_it(world: MakeWorld) -> None:
    text = robot(link("world", ""), link("b"), link("c"), joint("f", "world", "b", "floating"), joint("j", "b", "c"))
    assert GYM.get_asset_rigid_body_names(world().asset(text)) == ["b", "c"]


# Shapes.


def cylinder(world: MakeWorld, **options: bool) -> float:
    """Height at which a standing cylinder of radius 0.1 and length 0.6 m comes to rest."""
    w = world(dt=0.005, ground=1.0)
    shape = "<collision><geometry><cylinder radius='.1' length='.6'/></geometry></collision>"
    w.populate(Spawn(w.asset(robot(link("a", shape)), **options), (0, 0, 0.42)))
    w.seconds(0.3)
    return float(w.root[0, 0, 2])


def test_a_cylinder_stands_on_its_end(world: MakeWorld) -> None:
    assert cylinder(world) == pytest.approx(0.3, abs=0.003)


def test_a_cylinder_replaced_by_a_capsule_keeps_its_length_between_the_caps(world: MakeWorld) -> None:
    assert cylinder(world, replace_cylinder_with_capsule=True) == pytest.approx(0.4, abs=0.003)


def test_visuals_are_neither_shapes_nor_needed(world: MakeWorld) -> None:
    visual = "<visual><geometry><mesh filename='package://gone/body.dae'/></geometry></visual>"
    asset = world().asset(robot(link("a", visual + SPHERE)))
    assert GYM.get_asset_rigid_shape_count(asset) == 1


def test_sections_of_other_tools_are_ignored(world: MakeWorld) -> None:
    extra = """<mujoco><compiler meshdir="gone" fusestatic="true"/></mujoco><gazebo reference="a"><x/></gazebo>
      <transmission name="t"/><material name="m"/><material name="m"/>"""
    text = robot(extra, link("a"), link("b"), joint("f", "a", "b", "fixed"))
    assert GYM.get_asset_rigid_body_names(world().asset(text)) == ["a", "b"]


def mesh(filename: str, more: str = "") -> str:
    return f"<collision><geometry><mesh filename='{filename}' {more}/></geometry></collision>"


@pytest.mark.parametrize("suffix", ["stl", "obj"])
@pytest.mark.parametrize(
    "reference",
    ["meshes/m.{}", "../urdf/meshes/m.{}", "package://urdf/meshes/m.{}", "package://some_robot/urdf/meshes/m.{}"],
)
def test_meshes_are_found_beside_the_file_and_below_the_root(
    world: MakeWorld, tmp_path: Path, reference: str, suffix: str
) -> None:
    write_tetrahedron(tmp_path / "urdf" / "meshes" / f"m.{suffix}", 0.3)
    (tmp_path / "urdf" / "r.urdf").write_text(robot(link("a", mesh(reference.format(suffix), 'scale="2 2 2"'))))
    w = world()
    w.populate(Spawn(GYM.load_asset(w.sim, str(tmp_path), "urdf/r.urdf", asset_options())))
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].mass == pytest.approx(1000 * 0.6**3 / 6, rel=1e-3)


def test_meshes_of_the_same_file_name_in_two_folders_or_two_scales_stay_apart(world: MakeWorld, tmp_path: Path) -> None:
    for folder, size in (("a", 0.2), ("b", 0.4)):
        write_tetrahedron(tmp_path / folder / "m.stl", size)
    w = world()
    links = [link(name, mesh(f"{name}/m.stl")) for name in ("a", "b")]
    scaled = link("c", mesh("a/m.stl", 'scale="3 3 3"'))
    w.populate(Spawn(w.asset(robot(*links, scaled, joint("j", "a", "b"), joint("k", "a", "c")))))
    masses = [p.mass for p in GYM.get_actor_rigid_body_properties(w.envs[0], 0)]
    assert masses == pytest.approx([1000 * size**3 / 6 for size in (0.2, 0.4, 0.6)], rel=1e-3)


@pytest.mark.parametrize("reference", ["package://some_robot/meshes/m.stl", "some_robot/meshes/m.stl"])
def test_a_package_is_found_above_the_file(world: MakeWorld, tmp_path: Path, reference: str) -> None:
    write_tetrahedron(tmp_path / "urdf" / "some_robot" / "meshes" / "m.stl", 0.3)
    file = tmp_path / "urdf" / "some_robot" / "robots" / "r.urdf"
    file.parent.mkdir()
    file.write_text(robot(link("a", mesh(reference))))
    asset = GYM.load_asset(world().sim, str(tmp_path), "urdf/some_robot/robots/r.urdf", asset_options())
    assert GYM.get_asset_rigid_shape_count(asset) == 1


def test_an_inertia_that_no_body_can_have_becomes_one_that_can(world: MakeWorld) -> None:
    same = " ".join(f'i{axes}="0.001"' for axes in ("xx", "xy", "xz", "yy", "yz", "zz"))
    inertial = f'<inertial><mass value="0.1"/><inertia {same}/></inertial>'
    w = world()
    w.populate(Spawn(w.asset(robot(link("a", inertial + inertial.replace("0.1", "7"))))))
    (props,) = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    assert props.mass == pytest.approx(0.1)
    moments = np.linalg.eigvalsh(
        np.array([[r.x, r.y, r.z] for r in (props.inertia.x, props.inertia.y, props.inertia.z)])
    )
    assert 0 < moments[0] < moments[-1] <= 0.0031


# Faults.


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("<robot", gymapi.AssetError, "asset_0.urdf: not well-formed XML: .*line 1"),
        (
            robot(link("a"), link("b"), joint("j", "a", "b", "floating")),
            NotImplementedError,
            "asset_0.urdf: joint 'j' is floating; a floating base is made by fix_base_link = False",
        ),
        (
            robot(link("a"), link("b"), joint("j", "a", "b", "ball")),
            gymapi.AssetError,
            "asset_0.urdf: joint 'j' has type 'ball'; types: revolute, continuous, prismatic, fixed",
        ),
        (
            robot(link("a"), link("b"), joint("j", "a", "gone")),
            gymapi.AssetError,
            "asset_0.urdf: joint 'j' has child link 'gone', which is not in the file; links: a, b",
        ),
        (robot(link("a"), "<link/>"), gymapi.AssetError, "asset_0.urdf: link number 2 of 2 has no name"),
        (
            robot(link("a"), link("b")),
            gymapi.AssetError,
            r"asset_0.urdf: .* one link without a parent, it has 2 \(a, b",
        ),
        (
            robot(link("a"), link("b"), link("c"), joint("j", "a", "c"), joint("k", "b", "c")),
            gymapi.AssetError,
            "asset_0.urdf: link 'c' is the child of 2 joints",
        ),
        (
            robot(link("a"), link("b"), joint("j", "a", "b"), joint("k", "b", "a")),
            gymapi.AssetError,
            "asset_0.urdf: .* every link is the child of some joint",
        ),
        (
            robot(link("arm", mesh("gone.stl"))),
            gymapi.AssetError,
            "asset_0.urdf: link 'arm': mesh 'gone.stl' not found",
        ),
        (
            robot(link("a"), link("b"), joint("j", "a", "b", more='<limit effort="much"/>')),
            gymapi.AssetError,
            "asset_0.urdf: .*attribute 'effort' Element 'limit'",
        ),
        (
            robot(link("a", INERTIAL.format(com="0 0", mass=1))),
            gymapi.AssetError,
            "asset_0.urdf: MuJoCo cannot read this URDF: .*xyz",
        ),
        (robot(link("a", INERTIAL.format(com="0 0 0", mass="x"))), gymapi.AssetError, "asset_0.urdf: .*value"),
        (robot(link("a", INERTIAL.format(com="0 0 0", mass="1,5"))), gymapi.AssetError, "asset_0.urdf: .*value"),
        (robot(), gymapi.AssetError, "asset_0.urdf: there is no <link> in this file"),
    ],
)
def test_a_faulty_file_is_refused_by_file_and_element(
    world: MakeWorld, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        world().asset(text)


def test_a_file_that_is_no_robot_is_refused(world: MakeWorld, tmp_path: Path) -> None:
    (tmp_path / "r.urdf").write_text("<mujoco/>")
    with pytest.raises(gymapi.AssetError, match="r.urdf: the top element of a URDF is <robot>, this file has <mujoco>"):
        GYM.load_asset(world().sim, str(tmp_path), "r.urdf")


@pytest.mark.parametrize("text", ["0.3 0 0.09>>", "0.3f 0;  .09e0, 7", "0.3 0 0.09"])
def test_a_number_is_read_as_far_as_it_is_one(world: MakeWorld, text: str, caplog: pytest.LogCaptureFixture) -> None:
    turned = joint("turn", "base", "arm").replace('xyz="1 0 0"', f'xyz="{text}"')
    w = world()
    w.populate(Spawn(w.asset(robot(link("base"), link("arm"), turned), fix_base_link=True)))
    assert close(w.body[0, 1, :3] - w.body[0, 0, :3], [0.3, 0, 0.09], 1e-6)
    assert ("origin xyz" in caplog.text) == (text != "0.3 0 0.09")


def test_empty_limits_say_nothing(world: MakeWorld) -> None:
    limit = '<limit lower="" upper="" effort="" velocity=""/>'
    props = GYM.get_asset_dof_properties(world().asset(robot(link("a"), link("b"), joint("j", "a", "b", more=limit))))
    assert not props["hasLimits"][0]
    assert props["effort"][0] > 1e30


def test_of_what_a_file_says_twice_the_first_counts(world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    said = '<limit effort="5"/><limit effort="7" velocity="9"/><origin xyz="0 0 9"/>'
    hip, knee = joint("hip", "trunk", "leg", more=said), joint("hip", "leg", "shin")
    legs = robot(link("trunk"), hip, link("leg"), knee, link("leg", ""), link("shin"), joint("knee", "leg", "shin"))
    w = world()
    w.populate(Spawn(w.asset(legs, fix_base_link=True)))
    assert GYM.get_actor_dof_names(w.envs[0], 0) == ["hip", "knee"]
    assert GYM.get_actor_dof_properties(w.envs[0], 0)["effort"][0] == 5
    assert close(w.body[0, 1, :3] - w.body[0, 0, :3], [1, 0, 0], 1e-6)
    for said in ("joint 'hip'", "link 'leg'", "limit of joint 'hip'", "origin of joint 'hip'"):
        assert said in caplog.text


def test_a_file_may_begin_with_empty_lines(world: MakeWorld) -> None:
    w = world()
    for text in (
        '<robot name="a"><link name="only"/></robot>',
        '<mujoco><worldbody><body name="only"/></worldbody></mujoco>',
    ):
        path = w.folder / f"late{'.urdf' if 'robot' in text else '.xml'}"
        path.write_text(f'\n  \n<?xml version="1.0"?>\n{text}')
        asset = GYM.load_asset(w.sim, str(w.folder), path.name, gymapi.AssetOptions())
        assert GYM.get_asset_rigid_body_names(asset) == ["only"]
