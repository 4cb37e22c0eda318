"""A client in the manner of IsaacGymEnvs: index-based resets, merged setters, shared buffers, random properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from isaacgym import gymapi, gymtorch, gymutil
from isaacgym.torch_utils import quat_rotate_inverse, tensor_clamp, torch_rand_float

INERTIAL = """<inertial><mass value="{0}"/>
  <inertia ixx="{1}" iyy="{1}" izz="{1}" ixy="0" ixz="0" iyz="0"/></inertial>"""
BOX = """<collision><origin xyz="{} 0 0"/><geometry><box size="{} 0.04 0.04"/></geometry></collision>"""
ARM = f"""<robot name="arm">
  <link name="base">{BOX.format(0, 0.1)}</link>
  <link name="upper">{INERTIAL.format(1, 0.01)}{BOX.format(0.2, 0.3)}</link>
  <link name="hand">{INERTIAL.format(0.3, 0.002)}{BOX.format(0.1, 0.1)}</link>
  <joint name="shoulder" type="revolute"><parent link="base"/><child link="upper"/>
    <axis xyz="0 0 1"/><limit lower="-2" upper="2" effort="50" velocity="5"/></joint>
  <joint name="elbow" type="revolute"><parent link="upper"/><child link="hand"/><origin xyz="0.4 0 0"/>
    <axis xyz="0 1 0"/><limit lower="-1.5" upper="1.5" effort="50" velocity="5"/></joint>
</robot>"""

DAMPING = {"range": [0.5, 1.5], "operation": "scaling", "distribution": "uniform"}


class VecTask:
    """The base class's contract: create_sim, prepare, then pre_physics_step, simulate, post_physics_step."""

    def __init__(self, num_envs: int, engine: str, folder: Path) -> None:
        self.gym, self.num_envs, self.device, self.folder = gymapi.acquire_gym(), num_envs, "cpu", folder
        params = gymapi.SimParams()
        config = {"dt": 0.0166, "substeps": 2, "up_axis": 1, "gravity": [0.0, 0.0, -9.81], "physx": {"solver_type": 1}}
        gymutil.parse_sim_config(config, params)
        setattr(params.mujoco, "engine", engine)  # noqa: B010
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        self.create_sim()
        self.gym.prepare_sim(self.sim)
        self.reset_buf = torch.ones(num_envs, dtype=torch.long)
        self.progress_buf = torch.zeros(num_envs, dtype=torch.long)

    def create_sim(self) -> None: ...

    def step(self, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        self.pre_physics_step(tensor_clamp(actions, -torch.ones(()), torch.ones(())))
        self.gym.simulate(self.sim)
        self.gym.fetch_results(self.sim, True)
        self.post_physics_step()
        return self.obs_buf, self.rew_buf, self.reset_buf

    def pre_physics_step(self, actions: torch.Tensor) -> None: ...

    def post_physics_step(self) -> None: ...

    obs_buf: torch.Tensor
    rew_buf: torch.Tensor


class Push(VecTask):
    """An arm on a table side pushes a box; a marker that touches nothing shows where to."""

    def create_sim(self) -> None:
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0, 0, 1)
        self.gym.add_ground(self.sim, plane)
        (self.folder / "arm.urdf").write_text(ARM)
        options = gymapi.AssetOptions()
        options.fix_base_link, options.default_dof_drive_mode = True, gymapi.DOF_MODE_POS
        arm = self.gym.load_asset(self.sim, str(self.folder), "arm.urdf", options)
        options.fix_base_link = False  # the same object goes on being changed
        box = self.gym.create_box(self.sim, 0.08, 0.08, 0.08, options)
        options.disable_gravity = True
        marker = self.gym.create_sphere(self.sim, 0.03, options)
        self.envs, indices = [], []
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1), 2)
            self.gym.begin_aggregate(env, 5, 5, True)
            poses = [gymapi.Transform(p=gymapi.Vec3(*p)) for p in ((0, 0, 0.05), (0.5, 0.3, 0.04), (0.4, -0.3, 0.5))]
            handle = self.gym.create_actor(env, arm, poses[0], "arm", i, 1)
            cube = self.gym.create_actor(env, box, poses[1], "box", i, 0)
            goal = self.gym.create_actor(env, marker, poses[2], "goal", i + self.num_envs, 0)
            self.gym.end_aggregate(env)
            self.gym.set_rigid_body_color(env, goal, 0, gymapi.MESH_VISUAL_AND_COLLISION, gymapi.Vec3(1, 0, 0))
            self.set_gains(env, handle)
            indices.append([self.gym.get_actor_index(env, h, gymapi.DOMAIN_SIM) for h in (handle, cube, goal)])
            self.envs.append(env)
        self.actor_indices = torch.tensor(indices, dtype=torch.int32)
        self.hand = self.gym.find_actor_rigid_body_handle(self.envs[0], 0, "hand")
        self.acquire()  # before prepare_sim, as some tasks do

    def set_gains(self, env: gymapi.Env, handle: int) -> None:
        props = self.gym.get_actor_dof_properties(env, handle)
        props["stiffness"].fill(40.0)
        props["damping"].fill(4.0)
        self.gym.set_actor_dof_properties(env, handle, props)
        self.lower, self.upper = (torch.tensor(props[side]) for side in ("lower", "upper"))

    def acquire(self) -> None:
        self.root_tensor = self.gym.acquire_actor_root_state_tensor(self.sim)  # handed to setters as it is
        self.root = gymtorch.wrap_tensor(self.root_tensor).view(self.num_envs, 3, 13)
        self.dof = gymtorch.wrap_tensor(self.gym.acquire_dof_state_tensor(self.sim)).view(self.num_envs, 2, 2)
        body = gymtorch.wrap_tensor(self.gym.acquire_rigid_body_state_tensor(self.sim))
        self.hand_state = body.view(self.num_envs, -1, 13)[:, self.hand]
        self.refresh()
        self.initial_root = self.root.clone()
        self.targets = torch.zeros(self.num_envs, 2)

    def refresh(self) -> None:
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_dof_state_tensor(self.sim)
        self.gym.refresh_rigid_body_state_tensor(self.sim)

    def pre_physics_step(self, actions: torch.Tensor) -> None:
        ids = self.reset_buf.nonzero(as_tuple=False).squeeze(-1)
        if len(ids) > 0:
            self.reset_idx(ids)
        self.targets = tensor_clamp(self.targets + 0.1 * actions, self.lower, self.upper)
        self.gym.set_dof_position_target_tensor(self.sim, gymtorch.unwrap_tensor(self.targets))

    def reset_idx(self, ids: torch.Tensor) -> None:
        self.root[ids] = self.initial_root[ids]
        self.root[ids, 1, :2] += torch_rand_float(-0.05, 0.05, (len(ids), 2), device=self.device)
        self.dof[ids] = 0.0
        self.targets[ids] = 0.0
        moved = torch.unique(torch.cat([self.actor_indices[ids, 1], self.actor_indices[ids].flatten()]))
        everything = gymtorch.unwrap_tensor(moved)
        self.gym.set_actor_root_state_tensor_indexed(self.sim, self.root_tensor, everything, len(moved))
        arms = self.actor_indices[ids, 0].contiguous()
        states = gymtorch.unwrap_tensor(self.dof)
        self.gym.set_dof_state_tensor_indexed(self.sim, states, gymtorch.unwrap_tensor(arms), len(arms))
        self.randomize(ids)
        self.reset_buf[ids], self.progress_buf[ids] = 0, 0

    def randomize(self, ids: torch.Tensor) -> None:
        """Scale the damping, in the environments that start anew."""
        for i in ids.tolist():
            handle = self.gym.find_actor_handle(self.envs[i], "arm")
            props = self.gym.get_actor_dof_properties(self.envs[i], handle)
            first = {"damping": np.full(2, 4.0, np.float32)}
            gymutil.apply_random_samples(props, first, "damping", DAMPING, self.gym.get_frame_count(self.sim))
            assert self.gym.set_actor_dof_properties(self.envs[i], handle, props)

    def post_physics_step(self) -> None:
        self.progress_buf += 1
        self.refresh()
        local = quat_rotate_inverse(self.hand_state[:, 3:7], self.root[:, 1, :3] - self.hand_state[:, :3])
        self.obs_buf = torch.cat([self.dof.flatten(1), local, self.root[:, 2, :3]], dim=-1)
        self.rew_buf = 1.0 / (1.0 + local.norm(dim=-1))
        self.reset_buf[:] = torch.where(self.progress_buf >= 10, 1, self.reset_buf)


@pytest.mark.parametrize("engine", ["mujoco", "warp"])
def test_a_task_of_three_actors_runs_with_random_actions(tmp_path: Path, engine: str) -> None:
    torch.manual_seed(1)
    task, log = Push(4, engine, tmp_path), dict[str, Any](resets=0, damping=set())
    for _ in range(25):
        obs, rew, reset = task.step(2 * torch.rand(4, 2) - 1)
        assert torch.isfinite(obs).all()
        assert torch.isfinite(rew).all()
        log["resets"] += int(reset.sum())
        log["damping"] |= {float(task.gym.get_actor_dof_properties(env, 0)["damping"][0]) for env in task.envs}
    assert log["resets"] == 8
    assert len(log["damping"]) == 12
    assert all(2.0 <= damping <= 6.0 for damping in log["damping"])
    assert torch.allclose(task.root[:, 2, :3], task.initial_root[:, 2, :3], atol=1e-4)  # weightless, untouched
    assert float((task.root[:, 1, 2] - 0.04).abs().max()) < 0.01  # the boxes lie on the ground
    assert not int(sum(count.sum() for count in task.gym.get_sim_health(task.sim).values()))
