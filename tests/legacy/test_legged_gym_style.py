"""A client in the manner of legged_gym: nested config classes, one terrain for all robots, torques by hand, pushes."""

# ruff: noqa: D106, N801

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from isaacgym import gymapi, gymtorch, gymutil, terrain_utils
from isaacgym.torch_utils import get_axis_params, quat_rotate_inverse, to_torch, torch_rand_float

INERTIAL = (
    """<inertial><mass value="{0}"/><inertia ixx="{1}" iyy="{1}" izz="{1}" ixy="0" ixz="0" iyz="0"/></inertial>"""
)
LEG = """
  <link name="{n}_thigh">{thigh}<collision><origin xyz="0 0 -0.1"/>
    <geometry><box size="0.03 0.03 0.16"/></geometry></collision></link>
  <link name="{n}_shank">{shank}</link>
  <link name="{n}_foot">{foot}<collision><geometry><sphere radius="0.02"/></geometry></collision></link>
  <joint name="{n}_hip_joint" type="revolute"><parent link="base"/><child link="{n}_thigh"/>
    <origin xyz="{x} {y} 0"/><axis xyz="0 1 0"/><limit lower="-1.5" upper="1.5" effort="30" velocity="20"/></joint>
  <joint name="{n}_knee_joint" type="revolute"><parent link="{n}_thigh"/><child link="{n}_shank"/>
    <origin xyz="0 0 -0.2"/><axis xyz="0 1 0"/><limit lower="-2.5" upper="-0.3" effort="30" velocity="20"/></joint>
  <joint name="{n}_foot_joint" type="fixed" dont_collapse="true"><parent link="{n}_shank"/><child link="{n}_foot"/>
    <origin xyz="0 0 -0.2"/></joint>"""
MASSES = {
    "thigh": INERTIAL.format(0.8, 0.006),
    "shank": INERTIAL.format(0.4, 0.006),
    "foot": INERTIAL.format(0.05, 2e-5),
}
PLACES = {"FR": (0.2, -0.12), "FL": (0.2, 0.12), "RR": (-0.2, -0.12), "RL": (-0.2, 0.12)}
ROBOT = f"""<robot name="dog"><link name="base">{INERTIAL.format(6, 0.08)}
  <collision><geometry><box size="0.4 0.2 0.1"/></geometry></collision></link>
  {"".join(LEG.format(n=n, x=x, y=y, **MASSES) for n, (x, y) in PLACES.items())}</robot>"""


class Cfg:
    num_envs = 6

    class init_state:
        pos = [0.0, 0.0, 0.36]
        default_joint_angles = {"hip": 0.6, "knee": -1.2}

    class control:
        stiffness, damping, action_scale, decimation = 40.0, 0.8, 0.25, 4

    class terrain:
        horizontal_scale, vertical_scale, border_size = 0.1, 0.005, 2.0

    class sim:
        dt, substeps, gravity, up_axis = 0.005, 1, (0.0, 0.0, -9.81), 1

        class physx:
            num_threads, solver_type, contact_collection, max_depenetration_velocity = 2, 1, 2, 1.0


def class_to_dict(given: type) -> dict[str, Any]:
    public = {name: getattr(given, name) for name in dir(given) if not name.startswith("_")}
    return {name: class_to_dict(value) if isinstance(value, type) else value for name, value in public.items()}


class LeggedRobot:
    def __init__(self, mesh_type: str, engine: str, folder: Path) -> None:
        self.gym, self.num_envs, self.device = gymapi.acquire_gym(), Cfg.num_envs, "cpu"
        params = gymapi.SimParams()
        gymutil.parse_sim_config(class_to_dict(Cfg.sim), params)
        setattr(params.mujoco, "engine", engine)  # noqa: B010
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        self._create_terrain(mesh_type)
        self._create_envs(folder)
        self.gym.prepare_sim(self.sim)
        self._init_buffers()

    def _create_terrain(self, mesh_type: str) -> None:
        cfg, params = Cfg.terrain, gymapi.HeightFieldParams()
        sub = terrain_utils.SubTerrain("t", 80, 80, cfg.vertical_scale, cfg.horizontal_scale)
        terrain_utils.pyramid_stairs_terrain(sub, step_width=0.4, step_height=0.05, platform_size=1.6)
        self.heights = torch.from_numpy(sub.height_field_raw) * cfg.vertical_scale
        if mesh_type == "heightfield":
            params.column_scale = params.row_scale = cfg.horizontal_scale
            params.vertical_scale = cfg.vertical_scale
            params.nbRows, params.nbColumns = sub.height_field_raw.shape
            params.transform.p.x = params.transform.p.y = -cfg.border_size
            self.gym.add_heightfield(self.sim, sub.height_field_raw, params)
            return
        scales = (cfg.horizontal_scale, cfg.vertical_scale, 0.75)
        vertices, triangles = terrain_utils.convert_heightfield_to_trimesh(sub.height_field_raw, *scales)
        mesh = gymapi.TriangleMeshParams()
        mesh.nb_vertices, mesh.nb_triangles = vertices.shape[0], triangles.shape[0]
        mesh.transform.p.x = mesh.transform.p.y = -cfg.border_size
        self.gym.add_triangle_mesh(self.sim, vertices.flatten(order="C"), triangles.flatten(order="C"), mesh)

    def _create_envs(self, folder: Path) -> None:
        (folder / "dog.urdf").write_text(ROBOT)
        options = gymapi.AssetOptions()
        options.default_dof_drive_mode = 3  # type: ignore[assignment]
        options.collapse_fixed_joints = options.replace_cylinder_with_capsule = True
        options.density, options.angular_damping, options.thickness = 0.001, 0.0, 0.01
        asset = self.gym.load_asset(self.sim, str(folder), "dog.urdf", options)
        self.body_names = self.gym.get_asset_rigid_body_names(asset)
        self.dof_names = self.gym.get_asset_dof_names(asset)
        shapes, dofs = self.gym.get_asset_rigid_shape_properties(asset), self.gym.get_asset_dof_properties(asset)
        self.limits = to_torch(np.stack([dofs["lower"], dofs["upper"], dofs["effort"]]), device=self.device)
        spots = [(0.0, 0.0), (2.0, 2.0), (2.0, 0.9), (1.9, 3.1), (0.4, 2.0), (4.0, 4.0)]
        self.env_origins = torch.tensor([(x, y, self._ground(x, y)) for x, y in spots])
        self.envs, self.masses = [], list[float]()
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(0.0, 0.0, 0.0), gymapi.Vec3(0.0, 0.0, 0.0), 2)
            for shape in shapes:
                shape.friction = 0.5 + 0.2 * i
            self.gym.set_asset_rigid_shape_properties(asset, shapes)
            pose = gymapi.Transform()
            pose.p = gymapi.Vec3(*(self.env_origins[i] + torch.tensor(Cfg.init_state.pos)))
            actor = self.gym.create_actor(env, asset, pose, "dog", i, 0, 0)
            self.gym.set_actor_dof_properties(env, actor, dofs)
            bodies = self.gym.get_actor_rigid_body_properties(env, actor)
            bodies[0].mass += 0.3 * i
            self.gym.set_actor_rigid_body_properties(env, actor, bodies, recomputeInertia=True)
            self.masses.append(sum(body.mass for body in bodies))
            self.envs.append(env)
        feet = [name for name in self.body_names if "foot" in name]
        self.feet = torch.tensor([self.gym.find_actor_rigid_body_handle(self.envs[0], actor, name) for name in feet])

    def _ground(self, x: float, y: float) -> float:
        i, j = (int((v + Cfg.terrain.border_size) / Cfg.terrain.horizontal_scale) for v in (x, y))
        return float(self.heights[i : i + 2, j : j + 2].max())

    def _init_buffers(self) -> None:
        gym, sim, n = self.gym, self.sim, self.num_envs
        self.root_states = gymtorch.wrap_tensor(gym.acquire_actor_root_state_tensor(sim))
        self.dof_state = gymtorch.wrap_tensor(gym.acquire_dof_state_tensor(sim))
        self.bodies = gymtorch.wrap_tensor(gym.acquire_rigid_body_state_tensor(sim)).view(n, -1, 13)
        self.contact_forces = gymtorch.wrap_tensor(gym.acquire_net_contact_force_tensor(sim)).view(n, -1, 3)
        self.refresh()
        self.dof_pos = self.dof_state.view(n, -1, 2)[..., 0]
        self.dof_vel = self.dof_state.view(n, -1, 2)[..., 1]
        self.gravity_vec = to_torch(get_axis_params(-1.0, 2), device=self.device).repeat((n, 1))
        angles = Cfg.init_state.default_joint_angles
        self.default_dof_pos = torch.tensor([angles["hip" if "hip" in name else "knee"] for name in self.dof_names])
        self.base_init = self.root_states.clone()

    def refresh(self) -> None:
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_dof_state_tensor(self.sim)
        self.gym.refresh_net_contact_force_tensor(self.sim)
        self.gym.refresh_rigid_body_state_tensor(self.sim)

    def step(self, actions: torch.Tensor) -> torch.Tensor:
        for _ in range(Cfg.control.decimation):
            targets = Cfg.control.action_scale * actions + self.default_dof_pos
            torques = Cfg.control.stiffness * (targets - self.dof_pos) - Cfg.control.damping * self.dof_vel
            torques = torch.clip(torques, -self.limits[2], self.limits[2])  # (envs, dofs), where the tensor is flat
            self.gym.set_dof_actuation_force_tensor(self.sim, gymtorch.unwrap_tensor(torques))
            self.gym.simulate(self.sim)
            self.gym.fetch_results(self.sim, True)
            self.gym.refresh_dof_state_tensor(self.sim)
        self.refresh()
        base_contact = torch.norm(self.contact_forces[:, :1], dim=-1) > 1.0
        self.reset_buf = torch.any(base_contact, dim=1)
        self.reset_idx(self.reset_buf.nonzero(as_tuple=False).flatten())
        gravity = quat_rotate_inverse(self.root_states[:, 3:7], self.gravity_vec)
        return torch.cat((gravity, self.dof_pos - self.default_dof_pos, self.dof_vel * 0.05, actions), dim=-1)

    def reset_idx(self, env_ids: torch.Tensor) -> None:
        if len(env_ids) == 0:
            return
        self.dof_pos[env_ids] = self.default_dof_pos * torch_rand_float(0.9, 1.1, (len(env_ids), 8), device="cpu")
        self.dof_vel[env_ids] = 0.0
        ids = gymtorch.unwrap_tensor(env_ids.to(dtype=torch.int32))
        dofs, roots = (gymtorch.unwrap_tensor(t) for t in (self.dof_state, self.root_states))
        self.gym.set_dof_state_tensor_indexed(self.sim, dofs, ids, len(env_ids))
        self.root_states[env_ids] = self.base_init[env_ids]
        self.gym.set_actor_root_state_tensor_indexed(self.sim, roots, ids, len(env_ids))

    def push_robots(self, speed: float) -> None:
        self.root_states[:, 7:9] = torch_rand_float(-speed, speed, (self.num_envs, 2), device=self.device)
        self.gym.set_actor_root_state_tensor(self.sim, gymtorch.unwrap_tensor(self.root_states))


@pytest.mark.parametrize("engine", ["mujoco", "warp"])
@pytest.mark.parametrize("mesh_type", ["heightfield", "trimesh"])
def test_a_robot_stands_on_stairs_and_is_carried_by_its_feet(mesh_type: str, engine: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    task = LeggedRobot(mesh_type, engine, tmp_path)
    assert task.dof_names[:4] == ["FL_hip_joint", "FL_knee_joint", "FR_hip_joint", "FR_knee_joint"]
    task.reset_idx(torch.arange(task.num_envs))
    for _ in range(80):
        obs = task.step(torch.zeros(task.num_envs, 8))
    assert torch.isfinite(obs).all()
    on_top = 1  # the robot on the platform; the others stand across steps
    forces, feet = task.contact_forces[on_top], task.bodies[on_top, task.feet]
    assert float(forces[:, 2].sum()) == pytest.approx(9.81 * task.masses[on_top], rel=0.03)
    assert torch.count_nonzero(forces[:, 2]) == torch.count_nonzero(forces[task.feet, 2]) == 4
    ground = float(task.env_origins[on_top, 2])
    assert float((feet[:, 2] - ground - 0.02).abs().max()) < 0.003  # a foot's centre is a radius above the ground


def test_pushed_robots_fall_and_start_anew(tmp_path: Path) -> None:
    torch.manual_seed(1)
    task, resets = LeggedRobot("trimesh", "mujoco", tmp_path), 0
    task.reset_idx(torch.arange(task.num_envs))
    for i in range(80):
        obs = task.step(torch.randn(task.num_envs, 8))
        assert torch.isfinite(obs).all()
        resets += int(task.reset_buf.sum())
        if i % 20 == 10:
            task.push_robots(3.0)
            task.refresh()
            assert float(task.root_states[:, 7:9].abs().max()) > 1.5  # shows at once
    assert resets > 0
    assert not int(sum(count.sum() for count in task.gym.get_sim_health(task.sim).values()))
