"""A client in the manner of storm: no tensors and no prepare_sim, one robot commanded by records each step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from isaacgym import gymapi

INERTIAL = """<inertial><origin xyz="0.15 0 0"/><mass value="1"/>
  <inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial>"""
ARM = f"""<robot name="arm"><link name="base_link"/><link name="upper">{INERTIAL}</link>
  <link name="hand">{INERTIAL}</link>
  <joint name="shoulder" type="revolute"><parent link="base_link"/><child link="upper"/><axis xyz="0 0 1"/>
    <limit lower="-2" upper="2" effort="80" velocity="5"/></joint>
  <joint name="elbow" type="revolute"><parent link="upper"/><child link="hand"/><origin xyz="0.3 0 0"/>
    <axis xyz="0 0 1"/>
    <limit lower="-2" upper="2" effort="80" velocity="5"/></joint></robot>"""


@pytest.fixture
def _in_double_precision() -> Iterator[None]:
    """What torch makes unasked is of the client's type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.usefixtures("_in_double_precision")
@pytest.mark.parametrize("engine", ["mujoco", "warp"])
def test_a_robot_follows_positions_that_are_set_as_records(engine: str, tmp_path: Path) -> None:
    (tmp_path / "arm.urdf").write_text(ARM)
    gym, params = gymapi.acquire_gym(), gymapi.SimParams()
    params.dt, params.up_axis, params.gravity = 0.02, gymapi.UP_AXIS_Z, gymapi.Vec3(0, 0, -9.81)
    setattr(params.mujoco, "engine", engine)  # noqa: B010
    sim = gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
    options = gymapi.AssetOptions()
    options.fix_base_link, options.default_dof_drive_mode = True, gymapi.DOF_MODE_POS
    asset = gym.load_asset(sim, str(tmp_path), "arm.urdf", options)
    env = gym.create_env(sim, gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1), 1)
    robot = gym.create_actor(env, asset, gymapi.Transform(gymapi.Vec3(0.2, 0, 0.5)), "robot", 0, 1)
    props = gym.get_actor_dof_properties(env, robot)
    props["stiffness"], props["damping"] = 400.0, 40.0
    gym.set_actor_dof_properties(env, robot, props)
    states = gym.get_actor_dof_states(env, robot, gymapi.STATE_ALL)
    states["pos"] = (0.5, -0.5)
    assert gym.set_actor_dof_states(env, robot, states, gymapi.STATE_ALL)
    hand = gym.find_actor_rigid_body_handle(env, robot, "hand")
    for _ in range(60):
        gym.set_actor_dof_position_targets(env, robot, np.array([1.0, 0.5], np.float32))
        gym.simulate(sim)
        gym.fetch_results(sim, True)
    reached = gym.get_actor_dof_states(env, robot, gymapi.STATE_ALL)
    assert reached["pos"] == pytest.approx([1.0, 0.5], abs=0.01)
    pose = gym.get_rigid_transform(env, hand)
    assert (pose.p.x, pose.p.y) == pytest.approx((0.2 + 0.3 * np.cos(1.0), 0.3 * np.sin(1.0)), abs=0.01)
    gym.destroy_sim(sim)
