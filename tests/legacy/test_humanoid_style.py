"""A client in the manner of humanoids that imitate motions: random inertias and their inverses, poses, pushes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from isaacgym import gymapi, gymtorch
from isaacgym.torch_utils import quat_rotate, to_torch

INERTIAL = """<inertial><origin xyz="0 0 {z}"/><mass value="{mass}"/>
  <inertia ixx="{i}" iyy="{i}" izz="{i}" ixy="0" ixz="0" iyz="0"/></inertial>"""
LEG = """
  <link name="{s}_hip">{light}<collision><geometry><cylinder length="0.1" radius="0.05"/></geometry></collision></link>
  <link name="{s}_thigh">{heavy}<collision><origin xyz="0 0 -0.16"/>
    <geometry><box size="0.08 0.08 0.3"/></geometry></collision></link>
  <link name="{s}_foot">{light}<collision><origin xyz="0.03 0 -0.02"/>
    <geometry><box size="0.2 0.1 0.04"/></geometry></collision></link>
  <joint name="{s}_hip_yaw" type="revolute"><parent link="pelvis"/><child link="{s}_hip"/>
    <origin xyz="0 {y} -0.1"/><axis xyz="0 0 1"/><limit lower="-0.4" upper="0.4" effort="80" velocity="20"/></joint>
  <joint name="{s}_hip_pitch" type="revolute"><parent link="{s}_hip"/><child link="{s}_thigh"/>
    <axis xyz="0 1 0"/><limit lower="-1.4" upper="1.4" effort="80" velocity="20"/></joint>
  <joint name="{s}_ankle" type="revolute"><parent link="{s}_thigh"/><child link="{s}_foot"/>
    <origin xyz="0 0 -0.35"/><axis xyz="0 1 0"/><limit lower="-0.8" upper="0.8" effort="40" velocity="20"/></joint>"""
LINKS = {"light": INERTIAL.format(z=0, mass=0.5, i=0.002), "heavy": INERTIAL.format(z=-0.15, mass=2, i=0.02)}
ROBOT = f"""<robot name="biped"><link name="pelvis">{INERTIAL.format(z=0.1, mass=10, i=0.2)}
  <collision><origin xyz="0 0 0.1"/><geometry><box size="0.2 0.3 0.3"/></geometry></collision></link>
  {"".join(LEG.format(s=s, y=y, **LINKS) for s, y in (("left", 0.1), ("right", -0.1)))}</robot>"""
HEIGHT, DECIMATION = 0.49, 4


class MotionTask:
    """Robots that hold a reference pose by torques."""

    def __init__(self, folder: Path, num_envs: int = 4) -> None:
        self.gym, self.num_envs = gymapi.acquire_gym(), num_envs
        params = gymapi.SimParams()
        params.dt, params.substeps, params.up_axis = 0.005, 1, gymapi.UP_AXIS_Z
        params.gravity = gymapi.Vec3(0.0, 0.0, -9.81)
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        self.gym.add_ground(self.sim, plane)
        self._create_envs(folder)
        self.gym.prepare_sim(self.sim)
        self._wrap_tensors()

    def _create_envs(self, folder: Path) -> None:
        (folder / "biped.urdf").write_text(ROBOT)
        options = gymapi.AssetOptions()
        options.default_dof_drive_mode = gymapi.DOF_MODE_EFFORT
        options.replace_cylinder_with_capsule, options.angular_damping = True, 0.0
        asset = self.gym.load_asset(self.sim, str(folder), "biped.urdf", options)
        self.names = self.gym.get_asset_rigid_body_names(asset)
        shapes = self.gym.get_asset_rigid_body_shape_indices(asset)
        self.foot_shapes = [shapes[self.names.index(name)].start for name in ("left_foot", "right_foot")]
        self.envs, rng = [], np.random.default_rng(0)
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(), gymapi.Vec3(), 2)
            pose = gymapi.Transform(p=gymapi.Vec3(2.0 * i, 0.0, HEIGHT))
            robot = self.gym.create_actor(env, asset, pose, "biped", i, 0, 0)
            self._randomize(env, robot, rng)
            self.envs.append(env)

    def _randomize(self, env: gymapi.Env, robot: int, rng: np.random.Generator) -> None:
        bodies = self.gym.get_actor_rigid_body_properties(env, robot)
        for body in bodies:
            scale = rng.uniform(0.9, 1.1)
            body.mass *= scale
            body.invMass = 1.0 / body.mass
            inertia = np.array([[getattr(getattr(body.inertia, r), c) for c in "xyz"] for r in "xyz"]) * scale
            body.inertia, body.invInertia = matrix(inertia), matrix(np.linalg.inv(inertia))
        self.gym.set_actor_rigid_body_properties(env, robot, bodies, recomputeInertia=False)
        shapes = self.gym.get_actor_rigid_shape_properties(env, robot)
        for index in self.foot_shapes:
            shapes[index].friction, shapes[index].compliance = rng.uniform(0.6, 1.2), 0.1
        self.gym.set_actor_rigid_shape_properties(env, robot, shapes)

    def _wrap_tensors(self) -> None:
        gym, sim, n = self.gym, self.sim, self.num_envs
        self.root = gymtorch.wrap_tensor(gym.acquire_actor_root_state_tensor(sim))
        self.dof = gymtorch.wrap_tensor(gym.acquire_dof_state_tensor(sim))
        self.body = gymtorch.wrap_tensor(gym.acquire_rigid_body_state_tensor(sim)).view(n, -1, 13)
        self.contact = gymtorch.wrap_tensor(gym.acquire_net_contact_force_tensor(sim)).view(n, -1, 3)
        self.refresh()
        self.weight = to_torch(
            [9.81 * sum(body.mass for body in gym.get_actor_rigid_body_properties(env, 0)) for env in self.envs],
            device="cpu",
        )

    def refresh(self) -> None:
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_dof_state_tensor(self.sim)
        self.gym.refresh_rigid_body_state_tensor(self.sim)
        self.gym.refresh_net_contact_force_tensor(self.sim)

    def start_at(self, root: torch.Tensor, dof_pos: torch.Tensor, env_ids: torch.Tensor) -> None:
        """Poses of a reference motion, by indexed setters."""
        self.root[env_ids] = root
        self.dof.view(self.num_envs, -1, 2)[env_ids] = torch.stack((dof_pos, torch.zeros_like(dof_pos)), dim=-1)
        ids = gymtorch.unwrap_tensor(env_ids.to(dtype=torch.int32))
        count = len(env_ids)
        self.gym.set_actor_root_state_tensor_indexed(self.sim, gymtorch.unwrap_tensor(self.root), ids, count)
        self.gym.set_dof_state_tensor_indexed(self.sim, gymtorch.unwrap_tensor(self.dof), ids, count)
        self.refresh()

    def step(self, push: float = 0.0) -> None:
        dof = self.dof.view(self.num_envs, -1, 2)
        for _ in range(DECIMATION):
            torques = torch.clip(-200.0 * dof[..., 0] - 5.0 * dof[..., 1], -80.0, 80.0)
            self.gym.set_dof_actuation_force_tensor(self.sim, gymtorch.unwrap_tensor(torques))
            force = torch.zeros(self.num_envs, len(self.names), 3)
            force[:, 0, 0] = push
            torque = torch.zeros_like(force)
            self.gym.apply_rigid_body_force_tensors(
                self.sim, gymtorch.unwrap_tensor(force), gymtorch.unwrap_tensor(torque), gymapi.ENV_SPACE
            )
            self.gym.simulate(self.sim)
            self.gym.fetch_results(self.sim, True)
            self.gym.refresh_dof_state_tensor(self.sim)
        self.refresh()


def matrix(values: np.ndarray) -> gymapi.Mat33:
    found = gymapi.Mat33()
    for row, numbers in zip("xyz", values, strict=True):
        setattr(found, row, gymapi.Vec3(*numbers))
    return found


def test_randomized_robots_stand_and_feet_carry_their_weight(tmp_path: Path) -> None:
    task = MotionTask(tmp_path)
    for _ in range(40):
        task.step()
    feet = [task.names.index(name) for name in ("left_foot", "right_foot")]
    assert torch.allclose(task.contact[:, feet, 2].sum(1), task.weight, rtol=0.05)
    assert task.weight.unique().numel() == task.num_envs
    assert not sum(int(count.sum()) for count in task.gym.get_sim_health(task.sim).values())


def test_bodies_stand_where_a_reference_pose_puts_them_before_anything_is_simulated(tmp_path: Path) -> None:
    task = MotionTask(tmp_path)
    turn = torch.tensor([0.0, 0.0, np.sin(0.5), np.cos(0.5)], dtype=torch.float32)
    root = torch.cat((torch.tensor([1.0, -2.0, 0.8]), turn, torch.tensor([0.5, 0, 0, 0, 0, 2.0]))).repeat(2, 1)
    dof = torch.zeros(2, 6)
    dof[:, 1] = 0.6
    task.start_at(root, dof, torch.tensor([2, 0]))
    thigh = task.body[[0, 2], task.names.index("left_thigh")]
    assert torch.allclose(
        thigh[:, :3], root[:, :3] + quat_rotate(root[:, 3:7], torch.tensor([[0, 0.1, -0.1]] * 2)), atol=1e-5
    )
    foot = quat_rotate(root[:, 3:7], torch.tensor([[-0.35 * np.sin(0.6), 0.0, -0.35 * np.cos(0.6)]] * 2).float())
    assert torch.allclose(task.body[[0, 2], task.names.index("left_foot"), :3], thigh[:, :3] + foot, atol=1e-5)
    assert torch.allclose(task.root[1], task.body[1, 0])


def test_a_push_throws_them_over(tmp_path: Path) -> None:
    task = MotionTask(tmp_path)
    for _ in range(30):
        task.step(push=200.0)
    assert (task.root[:, 2] < 0.4).all()
