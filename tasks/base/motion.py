"""What a robot spends and how far it gets in each control step, for those who ask a task to measure it."""

from __future__ import annotations

import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tasks.mdp import resets


class Motion:
    """Energy and way of one actor in each of N environments; `measures` holds live buffers (N,) of the last step.

    | measure | what it is |
    | --- | --- |
    | energy | of an actor that is `driven`: sum of |force * velocity| dt over drives and simulate calls [J] |
    | distance | of an actor that `moves`: horizontal way of its root [m] |
    | displacement | how much farther that brought the root from where its episode began, horizontally [m] |

    The task calls `note` after each simulate call, `finish` before it resets, `restart` after. Measuring energy enables
    the actor's dof force sensors, which a task that reads the dof force tensor would notice.
    """

    def __init__(self, gym: gymapi.Gym, sim: gymapi.Sim, actor: int, moves: bool, driven: bool) -> None:
        self._gym, self._sim = gym, sim
        self._dt = float(gym.get_sim_params(sim).dt)
        num_envs = gym.get_env_count(sim)
        self.measures: dict[str, Tensor] = {}
        roots = gymtorch.wrap_tensor(gym.acquire_actor_root_state_tensor(sim)).view(num_envs, -1, 13)
        self._root = roots[:, actor, :2]  # (N, 2) [m]
        if driven:
            self._bind_drives(num_envs, actor)
        if moves:
            self._before, self._start = self._root.clone(), self._root.clone()
            self._reached = torch.zeros_like(self._root[:, 0])  # from the start [m]
            self.measures |= {name: torch.zeros_like(self._reached) for name in ("distance", "displacement")}

    def note(self, first: bool) -> None:
        """A simulate call is over, the `first` of its control step or a later one."""
        energy = self.measures.get("energy")
        if energy is None:
            return
        self._gym.refresh_dof_force_tensor(self._sim)
        self._gym.refresh_dof_state_tensor(self._sim)
        spent = (self._force * self._joint_vel).abs().sum(-1) * self._dt
        energy.copy_(spent) if first else energy.add_(spent)

    def finish(self, skipped: Tensor) -> None:
        """The control step is over; where `skipped` (N,) the robot was put elsewhere, and nothing is counted."""
        if "distance" in self.measures:
            self._gym.refresh_actor_root_state_tensor(self._sim)
            reached = torch.linalg.vector_norm(self._root - self._start, dim=-1)
            self.measures["distance"].copy_(torch.linalg.vector_norm(self._root - self._before, dim=-1))
            self.measures["displacement"].copy_(reached - self._reached)
            self._before.copy_(self._root)
            self._reached.copy_(reached)
        for measure in self.measures.values():
            measure.masked_fill_(skipped, 0.0)

    def restart(self, mask: Tensor) -> None:
        """An episode begins where the root is now, in the environments in `mask` (N,)."""
        if "distance" in self.measures:
            resets.put(self._before, mask, self._root)
            resets.put(self._start, mask, self._root)
            self._reached.masked_fill_(mask, 0.0)

    def _bind_drives(self, num_envs: int, actor: int) -> None:
        gym, sim = self._gym, self._sim
        for i in range(num_envs):
            gym.enable_actor_dof_force_sensors(gym.get_env(sim, i), actor)
        first, dofs = gym.get_env(sim, 0), len(gym.get_actor_dof_names(gym.get_env(sim, 0), actor))
        begin = gym.get_actor_dof_handle(first, actor, 0)
        own = slice(begin, begin + dofs)
        self._force = gymtorch.wrap_tensor(gym.acquire_dof_force_tensor(sim)).view(num_envs, -1)[:, own]
        self._joint_vel = gymtorch.wrap_tensor(gym.acquire_dof_state_tensor(sim)).view(num_envs, -1, 2)[:, own, 1]
        self.measures["energy"] = torch.zeros(num_envs, device=self._force.device)
