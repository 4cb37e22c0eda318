"""One kind of actor in every environment, seen as (N, ...) tensors with names."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tasks.mdp import scaling


class Placement(NamedTuple):
    """How an actor is placed and built; Isaac Gym's meaning of each."""

    position: tuple[float, float, float]  # in its environment [m]
    collision_filter: int = 0  # 0: the actor's bodies collide with each other; 1: they do not
    fixed: bool = False
    force_sensors: tuple[str, ...] = ()  # bodies that get one, at their origin
    joint_forces: bool = False  # whether joint_force is measured
    drive_mode: int = 0  # a gymapi.DofDriveMode; NONE takes the file's


class Articulation:
    """An actor's state as live views, and the ways to act on it.

    N environments, J joints, B bodies, S force sensors. Frames are Isaac Gym's: positions in the environment's frame,
    velocities in world axes, quaternions xyzw. Views are current after the step; `write` keeps them so.
    """

    def __init__(self, gym: gymapi.Gym, sim: gymapi.Sim, name: str, asset: gymapi.Asset, placement: Placement) -> None:
        self.gym, self.sim, self.name, self.asset, self.placement = gym, sim, name, asset, placement
        self.body_names = gym.get_asset_rigid_body_names(asset)
        self.joint_names = gym.get_asset_dof_names(asset)
        self.joint_limits = self._limits()  # (2, J) lower and upper [rad] or [m]
        self.motor_efforts = self._efforts()  # (J,) [N m] or [N] of a joint's motor per unit of control, zero without
        self._body_state: Tensor | None = None
        for body in placement.force_sensors:
            gym.create_asset_force_sensor(asset, self.body_index(body), gymapi.Transform())

    def body_index(self, name: str) -> int:
        return _index(name, self.body_names, f"{self.name}: no body")

    def joint_index(self, name: str) -> int:
        return _index(name, self.joint_names, f"{self.name}: no joint")

    def spawn(self, env: gymapi.Env, index: int) -> None:
        """Create this actor in environment `index`."""
        pose = gymapi.Transform(gymapi.Vec3(*self.placement.position))
        self.handle = self.gym.create_actor(env, self.asset, pose, self.name, index, self.placement.collision_filter, 0)
        if self.placement.joint_forces:
            self.gym.enable_actor_dof_force_sensors(env, self.handle)

    def bind(self, num_envs: int) -> None:
        """Take the views of the prepared simulation."""
        gym, sim, env = self.gym, self.sim, self.gym.get_env(self.sim, 0)
        wrap = gymtorch.wrap_tensor
        self.num_envs = num_envs
        bodies = gym.get_actor_rigid_body_handle(env, self.handle, 0)
        joints = gym.get_actor_dof_handle(env, self.handle, 0)
        self._joints = slice(joints, joints + len(self.joint_names))
        self._bodies = slice(bodies, bodies + len(self.body_names))
        self._all_roots = wrap(gym.acquire_actor_root_state_tensor(sim)).view(num_envs, -1, 13)
        self._all_joints = wrap(gym.acquire_dof_state_tensor(sim)).view(num_envs, -1, 2)
        self._command = torch.zeros_like(self._all_joints[..., 0]).contiguous()
        own = torch.zeros_like(self._all_roots[..., 0], dtype=torch.bool)
        own[:, self.handle] = True
        self._own = gymtorch.unwrap_tensor(own.view(-1))  # this actor's rows among all actors
        self.root = self._all_roots[:, self.handle]
        self.root_pos, self.root_quat = self.root[:, 0:3], self.root[:, 3:7]
        self.root_lin_vel, self.root_ang_vel = self.root[:, 7:10], self.root[:, 10:13]
        self.joint_pos = self._all_joints[:, self._joints, 0]
        self.joint_vel = self._all_joints[:, self._joints, 1]
        self._refreshers = [gym.refresh_actor_root_state_tensor, gym.refresh_dof_state_tensor]
        if self.placement.force_sensors:
            first = sum(len(gym.get_actor_asset(env, h).sensors) for h in range(self.handle))
            sensors = wrap(gym.acquire_force_sensor_tensor(sim)).view(num_envs, -1, 6)
            self.sensor_wrench = sensors[:, first : first + len(self.placement.force_sensors)]  # (N, S, 6) [N, N m]
            self._refreshers.append(gym.refresh_force_sensor_tensor)
        if self.placement.joint_forces:
            forces = wrap(gym.acquire_dof_force_tensor(sim)).view(num_envs, -1)
            self.joint_force = forces[:, self._joints]  # (N, J) [N m] or [N]
            self._refreshers.append(gym.refresh_dof_force_tensor)
        self.refresh()
        self.default_root = self.root.clone()
        self.default_joint_pos = self.joint_pos.clone()

    def refresh(self) -> None:
        """Bring the views up to the simulation's present state."""
        for refresh in self._refreshers:
            refresh(self.sim)

    @property
    def body_state(self) -> Tensor:
        """(N, B, 13) pose and velocity of every body; the first use asks the engine for it."""
        if self._body_state is None:
            states = gymtorch.wrap_tensor(self.gym.acquire_rigid_body_state_tensor(self.sim))
            self._refreshers.append(self.gym.refresh_rigid_body_state_tensor)
            self.gym.refresh_rigid_body_state_tensor(self.sim)
            self._body_state = states.view(self.num_envs, -1, 13)[:, self._bodies]
        return self._body_state

    @property
    def unit_joint_pos(self) -> Tensor:
        """(N, J) joint positions with their limits at -1 and 1."""
        return scaling.to_unit(self.joint_pos, *self.joint_limits)

    def apply_effort(self, effort: Tensor) -> None:
        """Efforts (N, J) [N m] or [N] of the joints in EFFORT mode, until the next ones."""
        self._command[:, self._joints] = effort
        command = gymtorch.unwrap_tensor(self._command)
        self.gym.set_dof_actuation_force_tensor_masked(self.sim, command, self._own)

    def apply_position(self, target: Tensor) -> None:
        """Targets (N, J) [rad] or [m] of the joints in POS mode, until the next ones."""
        self._command[:, self._joints] = target
        command = gymtorch.unwrap_tensor(self._command)
        self.gym.set_dof_position_target_tensor_masked(self.sim, command, self._own)

    def write(self, mask: Tensor, root: Tensor, joint_pos: Tensor, joint_vel: Tensor) -> None:
        """Root states (N, 13) and joint states (N, J) of the environments in `mask` (N,)."""
        chosen = mask.unsqueeze(-1)
        self.root.copy_(torch.where(chosen, root, self.root))
        self.joint_pos.copy_(torch.where(chosen, joint_pos, self.joint_pos))
        self.joint_vel.copy_(torch.where(chosen, joint_vel, self.joint_vel))
        actors = torch.zeros_like(self._all_roots[..., 0], dtype=torch.bool)
        actors[:, self.handle] = mask
        wrapped = gymtorch.unwrap_tensor(actors.view(-1))
        self.gym.set_dof_state_tensor_masked(self.sim, gymtorch.unwrap_tensor(self._all_joints), wrapped)
        if not self.placement.fixed:
            self.gym.set_actor_root_state_tensor_masked(self.sim, gymtorch.unwrap_tensor(self._all_roots), wrapped)
        if self._body_state is not None:
            self.gym.refresh_rigid_body_state_tensor(self.sim)

    def _limits(self) -> Tensor:
        props = self.gym.get_asset_dof_properties(self.asset)
        return torch.stack([torch.from_numpy(props[side].copy()) for side in ("lower", "upper")]).to(self.sim.device)

    def _efforts(self) -> Tensor:
        efforts = torch.zeros(len(self.joint_names))
        for i, props in enumerate(self.gym.get_asset_actuator_properties(self.asset)):
            joint = self.gym.get_asset_actuator_joint_name(self.asset, i)
            efforts[self.joint_index(joint)] = props.motor_effort
        return efforts.to(self.sim.device)


def _index(name: str, names: list[str], what: str) -> int:
    if name not in names:
        raise KeyError(f"{what} '{name}'; there are {', '.join(names)}")
    return names.index(name)
