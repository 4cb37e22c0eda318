"""Cartpole written the way IsaacGymEnvs' tasks are: one class with indices, gym calls and its own step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tasks.base.vec_task import VecTask

ASSETS = Path(__file__).parents[3] / "assets"
CONFIG: dict[str, Any] = {
    "_target_": "tests.tasks.base.indexed_cartpole.IndexedCartpole",
    "name": "IndexedCartpole",
    "physics_engine": "physx",
    "env": {
        "numEnvs": 512,
        "envSpacing": 4.0,
        "resetDist": 3.0,
        "maxEffort": 400.0,
        "episodeLength": 500,
        "clipObservations": 5.0,
        "clipActions": 1.0,
        "asset": {"assetRoot": str(ASSETS), "assetFileName": "mjcf/cartpole.xml"},
    },
    "sim": {
        "dt": 0.0166,
        "substeps": 2,
        "up_axis": "z",
        "use_gpu_pipeline": False,
        "gravity": [0.0, 0.0, -9.81],
        "physx": {"num_threads": 2, "solver_type": 1, "num_position_iterations": 4, "contact_collection": 0},
    },
    "task": {"randomize": False},
}


class IndexedCartpole(VecTask):
    def __init__(
        self,
        cfg: dict[str, Any],
        rl_device: str,
        sim_device: str,
        graphics_device_id: int,
        headless: bool,
        virtual_screen_capture: bool,
        force_render: bool,
    ) -> None:
        self.max_episode_length = cfg["env"]["episodeLength"]
        self.reset_dist, self.max_push = cfg["env"]["resetDist"], cfg["env"]["maxEffort"]
        cfg["env"]["numObservations"], cfg["env"]["numActions"] = 4, 1
        super().__init__(
            config=cfg,
            rl_device=rl_device,
            sim_device=sim_device,
            graphics_device_id=graphics_device_id,
            headless=headless,
            virtual_screen_capture=virtual_screen_capture,
            force_render=force_render,
        )
        self.dof_state = gymtorch.wrap_tensor(self.gym.acquire_dof_state_tensor(self.sim))
        self.dof_pos = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 0]
        self.dof_vel = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 1]

    def create_sim(self) -> None:  # type: ignore[override]
        self.sim = super().create_sim(
            self.device_id, self.graphics_device_id, self.physics_engine, self.sim_params
        )  # as tasks of that kind write it
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        self.gym.add_ground(self.sim, plane)
        spacing = self.cfg["env"]["envSpacing"]
        lower, upper = gymapi.Vec3(-spacing, -spacing, 0.0), gymapi.Vec3(spacing, spacing, spacing)
        options = gymapi.AssetOptions()
        options.fix_base_link, options.angular_damping = True, 0.0  # as our own tasks have it
        files = self.cfg["env"]["asset"]
        asset = self.gym.load_asset(self.sim, files["assetRoot"], files["assetFileName"], options)
        self.num_dof = self.gym.get_asset_dof_count(asset)
        pose = gymapi.Transform()
        pose.p.z = 2.0
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, lower, upper, int(self.num_envs**0.5))
            handle = self.gym.create_actor(env, asset, pose, "cartpole", i, 1, 0)
            props = self.gym.get_actor_dof_properties(env, handle)
            props["driveMode"][0], props["driveMode"][1] = gymapi.DOF_MODE_EFFORT, gymapi.DOF_MODE_NONE
            props["stiffness"][:], props["damping"][:] = 0.0, 0.0
            self.gym.set_actor_dof_properties(env, handle, props)

    def pre_physics_step(self, actions: Tensor) -> None:
        efforts = torch.zeros(self.num_envs * self.num_dof, device=self.device)
        efforts[:: self.num_dof] = actions.to(self.device).squeeze() * self.max_push
        self.gym.set_dof_actuation_force_tensor(self.sim, gymtorch.unwrap_tensor(efforts))

    def post_physics_step(self) -> None:
        self.progress_buf += 1
        env_ids = self.reset_buf.nonzero(as_tuple=False).squeeze(-1)
        if len(env_ids) > 0:
            self.reset_idx(env_ids)
        self.compute_observations()
        self.compute_reward()

    def reset_idx(self, env_ids: Tensor) -> None:
        self.dof_pos[env_ids] = 0.2 * (torch.rand(len(env_ids), self.num_dof, device=self.device) - 0.5)
        self.dof_vel[env_ids] = 0.5 * (torch.rand(len(env_ids), self.num_dof, device=self.device) - 0.5)
        ids = env_ids.to(dtype=torch.int32)
        self.gym.set_dof_state_tensor_indexed(
            self.sim, gymtorch.unwrap_tensor(self.dof_state), gymtorch.unwrap_tensor(ids), len(ids)
        )
        self.reset_buf[env_ids] = 0
        self.progress_buf[env_ids] = 0

    def compute_observations(self) -> None:
        self.gym.refresh_dof_state_tensor(self.sim)
        self.obs_buf[:, 0::2] = self.dof_pos
        self.obs_buf[:, 1::2] = self.dof_vel

    def compute_reward(self) -> None:
        cart, speed, angle, spin = self.obs_buf.unbind(-1)
        fell = (cart.abs() > self.reset_dist) | (angle.abs() > torch.pi / 2)
        reward = 1.0 - angle**2 - 0.01 * speed.abs() - 0.005 * spin.abs()
        self.rew_buf[:] = torch.where(fell, -2.0, reward)
        late = self.progress_buf >= self.max_episode_length - 1
        self.reset_buf[:] = (fell | late).long()
