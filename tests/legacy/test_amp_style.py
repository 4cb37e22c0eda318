"""A client in the manner of ASE and PHC: targets from dof limits, discriminator observations, starts from motions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from isaacgym import gymapi, gymtorch
from isaacgym.torch_utils import (
    quat_conjugate,
    quat_from_angle_axis,
    quat_mul,
    quat_rotate,
    quat_rotate_inverse,
    to_torch,
)

LIMB = """<body name="{side}_thigh" pos="0 {y} -0.1"><joint name="{side}_hip_x" axis="1 0 0" range="-40 40"/>
  <joint name="{side}_hip_y" axis="0 1 0" range="-90 30"/><geom type="capsule" fromto="0 0 -0.06 0 0 -0.3" size="0.05"/>
  <body name="{side}_shin" pos="0 0 -0.36"><joint name="{side}_knee" axis="0 1 0" range="0 140"/>
    <geom type="capsule" fromto="0 0 -0.05 0 0 -0.28" size="0.04"/>
    <body name="{side}_foot" pos="0 0 -0.36"><joint name="{side}_ankle" axis="0 1 0" range="-50 50"/>
      <geom type="box" pos="0.04 0 0" size="0.1 0.05 0.03"/></body></body></body>"""
HUMANOID = f"""<mujoco model="walker"><compiler angle="degree" coordinate="local"/>
  <statistic extent="2" center="0 0 1"/><option timestep="0.00555"/>
  <default><motor ctrlrange="-1 1" ctrllimited="true"/>
    <geom density="900" condim="1" friction="1 .05 .05" margin="0.001"/>
    <joint type="hinge" damping="5" stiffness="80" armature="0.02" limited="true"/></default>
  <asset><texture type="skybox" builtin="gradient" rgb1=".4 .5 .6" rgb2="0 0 0" width="100" height="100"/></asset>
  <worldbody><geom name="floor" type="plane" size="100 100 1" conaffinity="1"/>
    <body name="pelvis" pos="0 0 0.9"><freejoint name="root"/><geom type="sphere" size="0.1"/>
      <body name="torso" pos="0 0 0.15"><joint name="abdomen" axis="0 1 0" range="-45 60"/>
        <geom type="sphere" pos="0 0 0.15" size="0.12"/></body>
      {LIMB.format(side="right", y=-0.1)}{LIMB.format(side="left", y=0.1)}</body></worldbody>
  <actuator><motor name="abdomen" gear="100" joint="abdomen"/><motor name="right_knee" gear="90" joint="right_knee"/>
    <motor name="left_knee" gear="90" joint="left_knee"/></actuator></mujoco>"""
KEY_BODIES = ("right_foot", "left_foot", "torso")


class HumanoidAMP:
    def __init__(self, num_envs: int, engine: str, folder: Path) -> None:
        self.gym, self.num_envs = gymapi.acquire_gym(), num_envs
        params = gymapi.SimParams()
        params.dt, params.substeps, params.up_axis = 1.0 / 60.0, 2, gymapi.UP_AXIS_Z
        params.gravity = gymapi.Vec3(0.0, 0.0, -9.81)
        setattr(params.mujoco, "engine", engine)  # noqa: B010
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        plane.static_friction = plane.dynamic_friction = 1.0
        self.gym.add_ground(self.sim, plane)
        self._create_envs(folder)
        self.gym.prepare_sim(self.sim)
        self._acquire()

    def _create_envs(self, folder: Path) -> None:
        (folder / "walker.xml").write_text(HUMANOID)
        options = gymapi.AssetOptions()
        options.angular_damping, options.max_angular_velocity = 0.01, 100.0
        options.default_dof_drive_mode = gymapi.DOF_MODE_NONE
        asset = self.gym.load_asset(self.sim, str(folder), "walker.xml", options)
        self.motor_efforts = [prop.motor_effort for prop in self.gym.get_asset_actuator_properties(asset)]
        for name in KEY_BODIES[:2]:
            foot = self.gym.find_asset_rigid_body_index(asset, name)
            self.gym.create_asset_force_sensor(asset, foot, gymapi.Transform())
        self.num_bodies = self.gym.get_asset_rigid_body_count(asset)
        self.num_dof = self.gym.get_asset_dof_count(asset)
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(-2, -2, 0.0), gymapi.Vec3(2, 2, 2), 2)
            pose = gymapi.Transform(gymapi.Vec3(0.0, 0.0, 0.95), gymapi.Quat(0.0, 0.0, 0.0, 1.0))
            actor = self.gym.create_actor(env, asset, pose, "humanoid", i, 0, 0)
            self.gym.enable_actor_dof_force_sensors(env, actor)
            props = self.gym.get_asset_dof_properties(asset)
            props["driveMode"] = gymapi.DOF_MODE_POS
            self.gym.set_actor_dof_properties(env, actor, props)
            for body in range(self.num_bodies):
                color = gymapi.Vec3(0.54, 0.85, 0.2)
                self.gym.set_rigid_body_color(env, actor, body, gymapi.MESH_VISUAL, color)
        self.dof_props = props
        self.key_bodies = [self.gym.find_actor_rigid_body_handle(env, actor, name) for name in KEY_BODIES]
        lower, upper = to_torch(props["lower"], device="cpu"), to_torch(props["upper"], device="cpu")
        self.pd_offset, self.pd_scale = 0.5 * (upper + lower), 0.6 * (upper - lower)

    def _acquire(self) -> None:
        gym, sim, n = self.gym, self.sim, self.num_envs
        self.root_states = gymtorch.wrap_tensor(gym.acquire_actor_root_state_tensor(sim))
        self.dof_state = gymtorch.wrap_tensor(gym.acquire_dof_state_tensor(sim))
        self.sensors = gymtorch.wrap_tensor(gym.acquire_force_sensor_tensor(sim)).view(n, 12)
        self.dof_force = gymtorch.wrap_tensor(gym.acquire_dof_force_tensor(sim)).view(n, self.num_dof)
        self.rigid_body_pos = gymtorch.wrap_tensor(gym.acquire_rigid_body_state_tensor(sim)).view(n, -1, 13)[..., 0:3]
        self.contacts = gymtorch.wrap_tensor(gym.acquire_net_contact_force_tensor(sim)).view(n, -1, 3)
        self.dof_pos = self.dof_state.view(n, self.num_dof, 2)[..., 0]
        self.dof_vel = self.dof_state.view(n, self.num_dof, 2)[..., 1]
        self.refresh()

    def refresh(self) -> None:
        for name in (
            "dof_state",
            "actor_root_state",
            "rigid_body_state",
            "force_sensor",
            "dof_force",
            "net_contact_force",
        ):
            getattr(self.gym, f"refresh_{name}_tensor")(self.sim)

    def reset_to(self, env_ids: torch.Tensor, height: float, turn: torch.Tensor, pose: torch.Tensor) -> None:
        """Put environments into a frame of a motion: heading `turn` [rad], dof positions `pose`."""
        self.root_states[env_ids] = 0.0
        self.root_states[env_ids, 2] = height
        up = torch.tensor([[0.0, 0.0, 1.0]]).repeat(len(env_ids), 1)
        self.root_states[env_ids, 3:7] = quat_from_angle_axis(turn, up)
        self.dof_pos[env_ids], self.dof_vel[env_ids] = pose, 0.0
        ids = env_ids.to(torch.int32)
        roots, dofs, actors = (gymtorch.unwrap_tensor(t) for t in (self.root_states, self.dof_state, ids))
        self.gym.set_actor_root_state_tensor_indexed(self.sim, roots, actors, len(ids))
        self.gym.set_dof_state_tensor_indexed(self.sim, dofs, actors, len(ids))

    def step(self, actions: torch.Tensor) -> None:
        targets = self.pd_offset + self.pd_scale * actions
        self.gym.set_dof_position_target_tensor(self.sim, gymtorch.unwrap_tensor(targets))
        self.gym.simulate(self.sim)
        self.gym.fetch_results(self.sim, True)
        self.refresh()

    def amp_observations(self) -> torch.Tensor:
        """(envs, 4 + 2 dofs + 9): root height, heading-free rotation, dofs, and key bodies as the root sees them."""
        root, rotation = self.root_states[:, 0:3], self.root_states[:, 3:7]
        ahead = quat_rotate(rotation, torch.tensor([[1.0, 0.0, 0.0]]).repeat(self.num_envs, 1))
        heading = torch.atan2(ahead[:, 1], ahead[:, 0])
        up = torch.tensor([[0.0, 0.0, 1.0]]).repeat(self.num_envs, 1)
        without = quat_mul(quat_conjugate(quat_from_angle_axis(heading, up)), rotation)
        local = self.rigid_body_pos[:, self.key_bodies] - root.unsqueeze(1)
        seen = quat_rotate_inverse(rotation.repeat_interleave(3, 0), local.reshape(-1, 3)).view(self.num_envs, 9)
        return torch.cat([root[:, 2:3], without[:, :3], self.dof_pos, self.dof_vel, seen], dim=-1)


@pytest.mark.parametrize("engine", ["mujoco", "warp"])
def test_a_motion_s_frame_is_observed_at_once_the_same_for_every_heading(engine: str, tmp_path: Path) -> None:
    task = HumanoidAMP(4, engine, tmp_path)
    assert task.motor_efforts == [100.0, 90.0, 90.0]
    assert task.dof_props["stiffness"] == pytest.approx(np.full(9, 80.0))
    pose = task.pd_offset + 0.3 * task.pd_scale
    ids = torch.tensor([3, 0, 2])
    before = task.amp_observations()[1].clone()
    task.reset_to(ids, 1.4, torch.tensor([0.0, 1.0, 2.5]), pose)
    task.refresh()
    frames = task.amp_observations()
    assert torch.allclose(frames[ids], frames[3].expand(3, -1), atol=1e-5)
    assert torch.equal(frames[1], before)
    assert float((frames[3, -9:] - before[-9:]).abs().max()) > 0.05


def test_targets_from_limits_are_followed_and_falls_are_felt(tmp_path: Path) -> None:
    torch.manual_seed(2)
    task, touched = HumanoidAMP(4, "mujoco", tmp_path), torch.zeros(4, dtype=torch.bool)
    task.reset_to(torch.arange(4), 3.0, torch.zeros(4), task.pd_offset)
    actions = 0.5 * (2.0 * torch.rand(4, task.num_dof) - 1.0)
    for _ in range(35):
        task.step(actions)
    error = task.dof_pos - (task.pd_offset + task.pd_scale * actions)
    assert float(error.abs().max()) < 0.1  # in the air nothing but the drives holds them
    for _ in range(60):
        task.step(0.3 * torch.randn(4, task.num_dof))
        assert torch.isfinite(task.amp_observations()).all()
        touched |= (task.contacts.norm(dim=-1) > 0.1).any(1)
    assert touched.all()
    assert float(task.dof_force.abs().max()) > 1.0
    assert float(task.sensors.abs().max()) > 1.0
    assert not int(sum(count.sum() for count in task.gym.get_sim_health(task.sim).values()))
