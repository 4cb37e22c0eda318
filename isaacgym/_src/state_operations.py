"""What a client's step reads and sets, as torch operations: torch.compile fuses them with what surrounds them.

StateCalls does the same in one kernel launch each, for everybody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from isaacgym._src.chosen import Chosen
from isaacgym._src.enums import DofDriveMode
from isaacgym._src.layout import rotate, rotate_inverse, wxyz, xyzw

if TYPE_CHECKING:
    from isaacgym._src.sensor import ForceSensors
    from isaacgym._src.state import State


class StateOperations:
    """Tensors are float32, masks bool, indices int32 or int64, all on the engine's device.

    A row that is set to what it already is stays bitwise as it is, also in an engine of more digits.
    """

    def __init__(self, state: State) -> None:
        self._state, self._layout, self._data = state, state.layout, state.backend.data
        self._num_envs = state.num_envs
        self._always = torch.ones((), dtype=torch.bool, device=state.backend.device)

    def read_roots(self, root: Tensor) -> None:
        """Fill (N*A, 13)."""
        root, layout, data = root.view(self._num_envs, -1, 13), self._layout, self._data
        if len(layout.floating):
            pose, vel = layout.free_qpos.of(data("qpos")), layout.free_qvel.of(data("qvel"))
            quat = xyzw(pose[..., 3:])
            state = torch.cat((pose[..., :3], quat, vel[..., :3], rotate(quat, vel[..., 3:])), -1)
            layout.floating.put(root, state, self._always)
        if len(layout.fixed):
            pos, quat = layout.mocap.of(data("mocap_pos")), layout.mocap.of(data("mocap_quat"))
            state = torch.cat((pos, xyzw(quat), torch.zeros_like(pos), torch.zeros_like(pos)), -1)
            layout.fixed.put(root, state, self._always)

    def write_roots(self, new: Tensor, chosen: Chosen) -> None:
        """Root states (N*A, 13) into the engine."""
        new, mask = new.view(self._num_envs, -1, 13), self._mask(chosen)
        now = torch.empty_like(new)
        self.read_roots(now)
        changed = (new != now).any(-1)
        if mask is not None:
            changed &= mask.view(changed.shape)
        self.put_roots(new, changed)

    def put_roots(self, root: Tensor, mask: Tensor) -> None:
        """Root states (N, A, 13) of any precision into the engine, of the actors in `mask` (N, A)."""
        layout, data = self._layout, self._data
        if len(layout.floating):
            state, chosen = layout.floating.of(root), layout.floating.of(mask).unsqueeze(-1)
            quat = torch.nn.functional.normalize(state[..., 3:7], dim=-1)
            pose = torch.cat((state[..., :3], wxyz(quat)), -1)
            vel = torch.cat((state[..., 7:10], rotate_inverse(quat, state[..., 10:13])), -1)
            layout.free_qpos.put(data("qpos"), pose, chosen)
            layout.free_qvel.put(data("qvel"), vel, chosen)
        if len(layout.fixed):
            state, chosen = layout.fixed.of(root), layout.fixed.of(mask).unsqueeze(-1)
            layout.mocap.put(data("mocap_pos"), state[..., :3], chosen)
            quat = torch.nn.functional.normalize(state[..., 3:7], dim=-1)
            layout.mocap.put(data("mocap_quat"), wxyz(quat), chosen)

    def read_dofs(self, dof: Tensor) -> None:
        """Fill (N*D, 2)."""
        dof = dof.view(self._num_envs, -1, 2)
        dof[..., 0] = self._layout.dof_qpos.of(self._data("qpos"))
        dof[..., 1] = self._layout.dof_qvel.of(self._data("qvel"))

    def write_dofs(self, new: Tensor, chosen: Chosen) -> None:
        """Dof states (N*D, 2) into the engine."""
        new, mask = new.view(self._num_envs, -1, 2), self._dof_mask(chosen)
        for column, index, field in ((0, self._layout.dof_qpos, "qpos"), (1, self._layout.dof_qvel, "qvel")):
            target = self._data(field)
            changed = new[..., column] != index.of(target).to(new.dtype)
            if mask is not None:
                changed &= mask
            index.put(target, new[..., column], changed)

    def write_commands(self, values: Tensor, mode: DofDriveMode, chosen: Chosen) -> None:
        """Efforts or targets (N*D,) of the dofs in `mode`."""
        reached, mask = self._state.in_mode(mode), self._dof_mask(chosen)
        if mask is not None:
            reached = reached & mask
        self._layout.dof_ctrl.put(self._data("ctrl"), values.view(self._num_envs, -1), reached)

    def read_bodies(self, body: Tensor) -> None:
        """Fill (N*B, 13)."""
        body, layout, data = body.view(self._num_envs, -1, 13), self._layout, self._data
        pos, vel = layout.bodies.of(data("xpos")), layout.bodies.of(data("cvel"))
        arm = pos - layout.body_roots.of(data("subtree_com"))
        body[..., 0:3] = pos
        body[..., 3:7] = xyzw(layout.bodies.of(data("xquat")))
        body[..., 7:10] = vel[..., 3:] + torch.linalg.cross(vel[..., :3], arm)
        body[..., 10:13] = vel[..., :3]

    def push_bodies(self, force: Tensor | None, torque: Tensor | None, local: bool) -> None:
        """Forces and torques (N*B, 3) on bodies, in world axes or in theirs, in place of those of the next step."""
        wrench = torch.zeros(
            self._num_envs, self._layout.num_bodies, 2, 3, dtype=torch.float32, device=self._always.device
        )
        for part, given in enumerate((force, torque)):
            if given is not None:
                wrench[:, :, part] = given.view(self._num_envs, -1, 3)
        wrench = self._state.from_bodies(wrench) if local else wrench
        self._layout.bodies.put(self._data("xfrc_applied"), wrench.flatten(-2), self._always)

    def read_contacts(self, force: Tensor) -> None:
        """Fill (N*B, 3): all external force but the one applied by hand."""
        bodies = self._layout.bodies
        found = bodies.of(self._data("cfrc_ext"))[..., 3:] - bodies.of(self._data("xfrc_applied"))[..., :3]
        force.view(self._num_envs, -1, 3).copy_(found)

    def read_drives(self, force: Tensor) -> None:
        """Fill (N*D,): the drives' law at the end of the last substep, as they are integrated."""
        gain, stiffness, damping, limit = self._state.law
        layout, data = self._layout, self._data
        found = gain * layout.dof_ctrl.of(data("ctrl")) - stiffness * layout.dof_qpos.of(data("qpos"))
        found = found - damping * layout.dof_qvel.of(data("qvel"))
        found = torch.minimum(torch.maximum(found, -limit), limit)
        force.view(self._num_envs, -1).copy_(found * self._state.dof_force_scale)

    def read_sensors(self, sensors: ForceSensors, wrench: Tensor) -> None:
        """Fill (N*S, 6)."""
        wrench.view(self._num_envs, -1, 6).copy_(sensors.read(self._state.backend))

    def _mask(self, chosen: Chosen) -> Tensor | None:
        """(N*A,) bool of the chosen actors, None for all."""
        if chosen.indices is None:
            return chosen.mask
        rows = torch.zeros(self._num_envs * self._layout.num_actors, dtype=torch.bool, device=self._always.device)
        return rows.index_fill_(0, chosen.indices.view(-1)[: chosen.number].long(), True)

    def _dof_mask(self, chosen: Chosen) -> Tensor | None:
        """(N, D) bool: the dofs of the chosen actors, None for all."""
        mask = self._mask(chosen)
        return None if mask is None else mask.view(self._num_envs, -1).index_select(1, self._layout.actor_of_dof)
