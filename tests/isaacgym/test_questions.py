"""Questions about actuators, joints, dofs, bodies, colours and soft bodies, answered without tensors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World

MakeWorld = Callable[..., World]

MOTORS = """<mujoco><worldbody><body name="base"><geom type="sphere" size=".1" rgba=".2 .4 .6 1"/>
    <body name="arm" pos="0 0 1"><joint name="elbow" axis="0 1 0"/><joint name="wrist" axis="1 0 0"/>
      <geom type="sphere" size=".1"/></body></body></worldbody>
  <actuator><motor name="second" joint="wrist" gear="7"/><position joint="elbow" kp="3"/></actuator></mujoco>"""


def test_actuators_keep_the_file_s_order_and_names(tmp_path: Path) -> None:
    w = World(tmp_path)
    asset = w.asset(MOTORS)
    w.populate(Spawn(asset))
    env = w.envs[1]
    assert GYM.get_asset_actuator_count(asset) == GYM.get_actor_actuator_count(env, 0) == 2
    assert [GYM.get_asset_actuator_name(asset, i) for i in (0, 1)] == ["second", "elbow"]
    assert [GYM.get_actor_actuator_name(env, 0, i) for i in (0, 1)] == ["second", "elbow"]
    assert [GYM.get_actor_actuator_joint_name(env, 0, i) for i in (0, 1)] == ["wrist", "elbow"]
    assert GYM.find_asset_actuator_index(asset, "elbow") == GYM.find_actor_actuator_index(env, 0, "elbow") == 1
    assert GYM.find_asset_actuator_index(asset, "third") == gymapi.INVALID_HANDLE
    motor, position = GYM.get_actor_actuator_properties(env, 0)
    assert (motor.motor_effort, position.kp) == (7.0, 3.0)
    with pytest.raises(IndexError, match="has no actuator 2; it has 2"):
        GYM.get_asset_actuator_name(asset, 2)


def test_joint_transforms_are_at_anchors_with_the_axes_of_their_links(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(CHAIN), (1, 2, 3)))
    w.step(5)
    env = w.envs[1]
    joints, bodies = GYM.get_actor_joint_transforms(env, 0), w.body[1].numpy()
    frames, owners = GYM.get_actor_dof_frames(env, 0), [1, 1, 2, 3]
    for i, body in enumerate(owners):
        assert np.allclose([joints["p"][i][a] for a in "xyz"], [frames["origin"][i][a] for a in "xyz"], atol=1e-6)
        assert np.allclose([joints["r"][i][a] for a in "xyzw"], bodies[body, 3:7], atol=1e-6)
        assert np.array_equal(GYM.get_joint_transform(env, i).floats()[:3], list(joints["p"][i]))


def test_vectors_of_bodies_hold_what_single_bodies_hold(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(CHAIN), (1, 2, 3)))
    w.step(5)
    poses = GYM.get_vec_rigid_transform(w.envs, 2)
    assert poses.dtype == gymapi.Transform.dtype
    for i, env in enumerate(w.envs):
        assert np.array_equal(GYM.get_rigid_transform(env, 2).floats(), np.array(poses[i : i + 1]).view(np.float32))
    each = GYM.get_vec_rigid_linear_velocity(w.envs, [0, 3])
    assert each["z"][1] == GYM.get_rigid_linear_velocity(w.envs[1], 3).z
    assert GYM.get_vec_rigid_angular_velocity(w.envs, 1)["y"][0] == GYM.get_rigid_angular_velocity(w.envs[0], 1).y
    assert GYM.get_vec_actor_dof_states(w.envs, [0, 0]).shape == (2, 4)
    with pytest.raises(ValueError, match="one body for all environments or one for each of 2"):
        GYM.get_vec_rigid_transform(w.envs, [1])


def test_dof_forces_of_an_actor_are_those_of_the_tensor(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(LINK, default_dof_drive_mode=3), name="wheel"), each=_feel)
    GYM.acquire_dof_force_tensor(w.sim)
    w.effort(2.5)
    w.step()
    assert GYM.get_actor_dof_forces(w.envs[1], 0).tolist() == w.dof_force[1].tolist() == [2.5]


def _feel(env: gymapi.Env, handles: list[int], i: int) -> None:
    GYM.enable_actor_dof_force_sensors(env, handles[0])


def test_indices_of_bodies_and_dofs_count_in_every_domain(tmp_path: Path) -> None:
    w = World(tmp_path)
    chain = w.asset(CHAIN)
    w.populate(Spawn(chain), Spawn(chain, (3, 0, 1)))
    env, domains = w.envs[1], (gymapi.DOMAIN_ACTOR, gymapi.DOMAIN_ENV, gymapi.DOMAIN_SIM)
    assert [GYM.get_actor_rigid_body_index(env, 1, 2, d) for d in domains] == [2, 6, 14]
    assert [GYM.get_actor_dof_index(env, 1, 2, d) for d in domains] == [2, 6, 14]
    with pytest.raises(IndexError, match="get_actor_dof_index: .* has no dof 4; it has 4"):
        GYM.get_actor_dof_index(env, 1, 4, gymapi.DOMAIN_ACTOR)


def test_a_body_has_the_colour_that_was_set_else_the_file_s(tmp_path: Path) -> None:
    w = World(tmp_path)
    w.populate(Spawn(w.asset(MOTORS)))
    kind, (env, other) = gymapi.MESH_VISUAL, w.envs
    GYM.set_rigid_body_color(env, 0, 0, kind, gymapi.Vec3(1, 0.5, 0))
    assert GYM.get_rigid_body_color(env, 0, 0, kind) == gymapi.Vec3(1, 0.5, 0)
    assert GYM.get_rigid_body_color(other, 0, 0, kind) == gymapi.Vec3(0.2, 0.4, 0.6)
    GYM.reset_actor_materials(env, 0, kind)
    assert GYM.get_rigid_body_color(env, 0, 0, kind) == gymapi.Vec3(0.2, 0.4, 0.6)


def test_looks_of_a_body_that_is_not_there_change_nothing_with_a_warning(tmp_path: Path) -> None:
    w = World(tmp_path)
    w.populate(Spawn(w.asset(MOTORS)))
    with pytest.warns(gymapi.SimulationWarning, match="set_rigid_body_color: 'asset_0' has no body 2; it has 2"):
        GYM.set_rigid_body_color(w.envs[0], 0, 2, gymapi.MESH_VISUAL, gymapi.Vec3())
    with pytest.warns(gymapi.SimulationWarning, match="set_rigid_body_segmentation_id: .* has no body -1"):
        GYM.set_rigid_body_segmentation_id(w.envs[0], 0, -1, 5)


def test_there_are_no_soft_bodies(tmp_path: Path) -> None:
    w = World(tmp_path)
    box = w.box()
    w.populate(Spawn(box))
    env = w.envs[0]
    assert GYM.get_asset_soft_body_count(box) == GYM.get_actor_soft_body_count(env, 0) == 0
    assert GYM.get_asset_soft_materials(box) == GYM.get_actor_soft_materials(env, 0) == []
    assert GYM.get_sim_triangle_count(w.sim) == GYM.get_sim_tetrahedra_count(w.sim) == 0
    assert GYM.get_actor_triangle_range(env, 0, 0) == GYM.get_actor_tetrahedra_range(env, 0, 0)
    assert (GYM.get_sim_triangles(w.sim), GYM.get_sim_tetrahedra(w.sim)) == (([], [], []), ([], []))


def test_an_asset_can_be_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asset = World(tmp_path).asset(MOTORS)
    GYM.debug_print_asset(asset)
    printed = capsys.readouterr().out
    assert "dof 1 wrist: DOF_ROTATION" in printed
    GYM.debug_print_asset(asset, str(tmp_path / "asset.txt"))
    assert (tmp_path / "asset.txt").read_text() == printed


def test_kinds_of_joints_have_names() -> None:
    assert GYM.get_joint_type_string(gymapi.JOINT_PRISMATIC) == "Prismatic"
    assert GYM.get_version() == (1, 0)


def test_timers_say_how_long_physics_took_since_the_last_query(tmp_path: Path) -> None:
    w = World(tmp_path).populate(Spawn(World(tmp_path).box()))
    timers = GYM.create_performance_timers(w.sim)
    w.step(3)
    times = GYM.get_performance_timers(w.sim, timers)
    assert times.total_time == times.physics_sim > 0.0
    assert GYM.get_performance_timers(w.sim, timers).total_time == 0.0
    GYM.destroy_performance_timers(w.sim, timers)
    w.step()
    with pytest.raises(IndexError, match="get_performance_timers: there are no timers 0"):
        GYM.get_performance_timers(w.sim, timers)
