"""A client in the manner of walk-these-ways: a config as classes, and everything random again while it runs."""

# ruff: noqa: D106, N801

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from isaacgym import gymapi, gymtorch, gymutil
from isaacgym.torch_utils import torch_rand_float

SLED = """<robot name="sled"><link name="base"><inertial><mass value="2"/>
  <inertia ixx="0.02" iyy="0.02" izz="0.02" ixy="0" ixz="0" iyz="0"/></inertial>
  <collision><geometry><box size="0.3 0.3 0.1"/></geometry></collision></link>
  <link name="arm"><inertial><origin xyz="0.1 0 0"/><mass value="0.5"/>
  <inertia ixx="0.002" iyy="0.002" izz="0.002" ixy="0" ixz="0" iyz="0"/></inertial></link>
  <joint name="lift" type="revolute"><parent link="base"/><child link="arm"/><origin xyz="0 0 0.1"/><axis xyz="0 1 0"/>
  <limit lower="-1" upper="1" effort="20" velocity="10"/></joint></robot>"""


class Cfg:
    num_envs = 8

    class sim:
        dt = 0.005
        substeps = 1
        gravity = (0.0, 0.0, -9.81)
        up_axis = 1
        use_gpu_pipeline = False

        class physx:
            num_threads = 2
            solver_type = 1
            contact_collection = 2

    class domain_rand:
        friction_range = (0.1, 1.0)
        added_mass_range = (-0.5, 1.5)
        com_displacement_range = (-0.03, 0.03)
        gravity_range = (-1.0, 1.0)


class Randomized:
    def __init__(self, engine: str, folder: Path) -> None:
        self.gym, self.num_envs = gymapi.acquire_gym(), Cfg.num_envs
        self.sim_params = gymapi.SimParams()
        gymutil.parse_sim_config(vars(Cfg.sim), self.sim_params)
        setattr(self.sim_params.mujoco, "engine", engine)  # noqa: B010
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, self.sim_params)
        plane = gymapi.PlaneParams()
        plane.normal, plane.static_friction, plane.dynamic_friction = gymapi.Vec3(0.0, 0.0, 1.0), 0.2, 0.2
        self.gym.add_ground(self.sim, plane)
        self._randomize()
        self._create_envs(folder)
        self.gym.prepare_sim(self.sim)
        self.root_states = gymtorch.wrap_tensor(self.gym.acquire_actor_root_state_tensor(self.sim))
        self.dof_state = gymtorch.wrap_tensor(self.gym.acquire_dof_state_tensor(self.sim))
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_dof_state_tensor(self.sim)
        self.start = self.root_states.clone()

    def _randomize(self) -> None:
        cfg, shape = Cfg.domain_rand, (self.num_envs, 1)
        self.frictions = torch_rand_float(*cfg.friction_range, shape, device="cpu").flatten()
        self.payloads = torch_rand_float(*cfg.added_mass_range, shape, device="cpu").flatten()
        low, high = cfg.com_displacement_range
        self.com_displacements = torch_rand_float(low, high, (self.num_envs, 3), device="cpu")

    def _create_envs(self, folder: Path) -> None:
        (folder / "sled.urdf").write_text(SLED)
        options = gymapi.AssetOptions()
        options.default_dof_drive_mode, options.angular_damping = gymapi.DOF_MODE_EFFORT, 0.0
        asset = self.gym.load_asset(self.sim, str(folder), "sled.urdf", options)
        self.envs, origin = list[gymapi.Env](), gymapi.Vec3(0.0, 0.0, 0.0)
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, origin, origin, 3)
            pose = gymapi.Transform(gymapi.Vec3(*torch.tensor([2.0 * i, 0.0, 0.05])))
            actor = self.gym.create_actor(env, asset, pose, "sled", i, 0, 0)
            self.gym.set_actor_dof_properties(env, actor, self.gym.get_asset_dof_properties(asset))
            self.envs.append(env)
            self._set_bodies(i)

    def _set_bodies(self, i: int) -> None:
        props = self.gym.get_actor_rigid_body_properties(self.envs[i], 0)
        props[0].mass = 2.0 + self.payloads[i]  # type: ignore[assignment]
        props[0].com = gymapi.Vec3(*self.com_displacements[i])
        assert self.gym.set_actor_rigid_body_properties(self.envs[i], 0, props, recomputeInertia=True)

    def refresh_shapes(self) -> None:
        for i, env in enumerate(self.envs):
            props = self.gym.get_actor_rigid_shape_properties(env, 0)
            for shape in props:
                shape.friction, shape.restitution = self.frictions[i], 0.0  # type: ignore[assignment]
            assert self.gym.set_actor_rigid_shape_properties(env, 0, props)

    def set_gravity(self, change: torch.Tensor) -> None:
        params = self.gym.get_sim_params(self.sim)
        gravity = change + torch.tensor([0.0, 0.0, -9.81])
        params.gravity = gymapi.Vec3(*gravity)
        self.gym.set_sim_params(self.sim, params)

    def slide(self, speed: float, steps: int) -> None:
        """Start all sleds along y, from where they began."""
        self.root_states[:] = self.start
        self.root_states[:, 8] = speed
        self.dof_state[:] = 0.0
        everyone = gymtorch.unwrap_tensor(torch.arange(self.num_envs, dtype=torch.int32))
        roots, dofs = gymtorch.unwrap_tensor(self.root_states), gymtorch.unwrap_tensor(self.dof_state)
        self.gym.set_actor_root_state_tensor_indexed(self.sim, roots, everyone, self.num_envs)
        self.gym.set_dof_state_tensor_indexed(self.sim, dofs, everyone, self.num_envs)
        for _ in range(steps):
            hold = -20.0 * self.dof_state[:, 0] - 0.4 * self.dof_state[:, 1]
            self.gym.set_dof_actuation_force_tensor(self.sim, gymtorch.unwrap_tensor(hold))
            self.gym.simulate(self.sim)
            self.gym.fetch_results(self.sim, True)
            self.gym.refresh_actor_root_state_tensor(self.sim)
            self.gym.refresh_dof_state_tensor(self.sim)


@pytest.mark.parametrize("engine", ["mujoco", "warp"])
def test_friction_mass_and_gravity_drawn_anew_take_effect_each_time(engine: str, tmp_path: Path) -> None:
    torch.manual_seed(3)
    task, seconds = Randomized(engine, tmp_path), 0.3
    for change in (torch.zeros(3), torch.tensor([0.0, 0.0, -3.0])):
        task._randomize()
        task.refresh_shapes()
        for i in range(task.num_envs):
            task._set_bodies(i)
        task.set_gravity(change)
        task.slide(3.0, round(seconds / Cfg.sim.dt))
        slowed = (3.0 - task.root_states[:, 8]) / seconds
        expected = 0.5 * (task.frictions + 0.2) * (9.81 - change[2])  # the average with the ground's, whatever the mass
        assert torch.allclose(slowed, expected, rtol=0.1)
        assert torch.isfinite(task.root_states).all()


def test_gravity_to_the_side_pulls_sleds_that_slip(tmp_path: Path) -> None:
    torch.manual_seed(3)
    task = Randomized("mujoco", tmp_path)
    task.frictions[:] = 0.0
    task.refresh_shapes()
    task.set_gravity(torch.tensor([3.0, 0.0, 0.0]))
    task.slide(0.0, 40)
    moved = task.root_states[:, 7] / (40 * Cfg.sim.dt)
    assert torch.allclose(moved, torch.full_like(moved, 3.0 - 0.1 * 9.81), rtol=0.1)
    assert float(task.gym.get_sim_params(task.sim).gravity.x) == 3.0
