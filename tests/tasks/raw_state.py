"""The raw state behind a task of one floating robot: read, and set to what a test wants."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

import tasks
from isaacgym import gymtorch
from tests.composed import task_config


class Raw(NamedTuple):
    """Copies of the simulator's own tensors; N environments, J dofs, S force sensors."""

    root: Tensor  # (N, 13)
    pos: Tensor  # (N, J) [rad]
    vel: Tensor  # (N, J) [rad/s]
    force: Tensor  # (N, J) [N m]
    sensor: Tensor  # (N, 6 S)


def make(name: str, num_envs: int, *overrides: str) -> Any:
    """The task, seeded and started."""
    torch.manual_seed(0)
    task = tasks.make(task_config(name, *overrides), num_envs)
    task.start()
    return task


def read(task: Any) -> Raw:
    """The present state, without going through the task."""
    gym, sim, n = task.gym, task.sim, task.num_envs

    def tensor(kind: str) -> Tensor:
        wrapped = gymtorch.wrap_tensor(getattr(gym, f"acquire_{kind}_tensor")(sim))
        getattr(gym, f"refresh_{kind}_tensor")(sim)
        return wrapped.clone()

    dofs = tensor("dof_state").view(n, -1, 2)
    return Raw(
        tensor("actor_root_state"),
        dofs[..., 0],
        dofs[..., 1],
        tensor("dof_force").view(n, -1),
        tensor("force_sensor").view(n, -1),
    )


def limits(task: Any) -> tuple[Tensor, Tensor]:
    """Lower and upper limits (J,) of the dofs [rad]."""
    props = task.gym.get_actor_dof_properties(task.gym.get_env(task.sim, 0), 0)
    return torch.from_numpy(props["lower"].copy()), torch.from_numpy(props["upper"].copy())


def dof_names(task: Any) -> list[str]:
    names: list[str] = task.gym.get_actor_dof_names(task.gym.get_env(task.sim, 0), 0)
    return names


def place(task: Any, root: Tensor, pos: Tensor, vel: Tensor) -> None:
    """Put every environment into this state."""
    gym, sim = task.gym, task.sim
    roots = gymtorch.wrap_tensor(gym.acquire_actor_root_state_tensor(sim))
    dofs = gymtorch.wrap_tensor(gym.acquire_dof_state_tensor(sim))
    roots.copy_(root)
    dofs.copy_(torch.stack([pos, vel], -1).view_as(dofs))
    gym.set_actor_root_state_tensor(sim, gymtorch.unwrap_tensor(roots))
    gym.set_dof_state_tensor(sim, gymtorch.unwrap_tensor(dofs))


def scatter(task: Any, seed: int, height: float) -> None:
    """Every attitude, place, speed and joint position within the limits, in mid-air."""
    generator = torch.Generator().manual_seed(seed)
    n, (lower, upper) = task.num_envs, limits(task)
    root = torch.randn(n, 13, generator=generator)
    root[:, 0:2] *= 20.0
    root[:, 2] = height
    root[:, 3:7] = torch.nn.functional.normalize(root[:, 3:7], dim=-1)
    pos = lower + torch.rand(n, len(lower), generator=generator) * (upper - lower)
    place(task, root, pos, torch.randn(n, len(lower), generator=generator))


def upright(task: Any, height: float) -> tuple[Tensor, Tensor, Tensor]:
    """Root, joint positions and velocities of a robot at rest at this height, facing +x."""
    lower, upper = limits(task)
    root = torch.zeros(task.num_envs, 13)
    root[:, 2], root[:, 6] = height, 1.0
    pos = torch.zeros(task.num_envs, len(lower)).clamp(lower, upper)
    return root, pos, torch.zeros_like(pos)
