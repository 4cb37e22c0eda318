"""The part of the Gym that hands out, refreshes and applies state and control tensors."""

from __future__ import annotations

from typing import Any

import torch

from isaacgym._src.chosen import EVERYONE, Chosen
from isaacgym._src.enums import CoordinateSpace, DofDriveMode
from isaacgym._src.handed_in import indexed, known_indices, like, masked
from isaacgym._src.sim import Sim
from isaacgym._src.tensor import Tensor


class GymTensors:
    """The acquire_*, refresh_*, set_* and apply_* families.

    Every setter has three forms: for all actors, `_indexed` for the actors in an int32 tensor of global indices, and
    `_masked`, ours, for the actors where a bool tensor says so: fixed shapes, nothing asked of the device.
    """

    # Acquire.

    def acquire_actor_root_state_tensor(self, sim: Sim) -> Tensor:
        return Tensor(sim.require("acquire_actor_root_state_tensor").state.root)

    def acquire_dof_state_tensor(self, sim: Sim) -> Tensor:
        return Tensor(sim.require("acquire_dof_state_tensor").state.dof)

    def acquire_rigid_body_state_tensor(self, sim: Sim) -> Tensor:
        state = sim.require("acquire_rigid_body_state_tensor").state
        state.keep_bodies()
        return Tensor(state.body)

    def acquire_net_contact_force_tensor(self, sim: Sim) -> Tensor:
        state = sim.require("acquire_net_contact_force_tensor").state
        state.keep_forces("contact")
        return Tensor(state.contact)

    def acquire_dof_force_tensor(self, sim: Sim) -> Tensor:
        state = sim.require("acquire_dof_force_tensor").state
        state.keep_forces("dof_force")
        return Tensor(state.dof_force)

    def acquire_force_sensor_tensor(self, sim: Sim) -> Tensor:
        state = sim.require("acquire_force_sensor_tensor").state
        state.keep_forces("sensor")
        return Tensor(state.sensor)

    def acquire_jacobian_tensor(self, sim: Sim, name: str) -> Tensor:
        """(N, links, 6, columns) of the actor called `name`: linear, then angular velocity of each link's origin."""
        slot = _slot(sim, name, "acquire_jacobian_tensor")
        return Tensor(sim.dynamics.jacobian(slot))

    def acquire_mass_matrix_tensor(self, sim: Sim, name: str) -> Tensor:
        """(N, columns, columns) of the actor called `name`, armature included."""
        slot = _slot(sim, name, "acquire_mass_matrix_tensor")
        return Tensor(sim.dynamics.mass_matrix(slot))

    # Refresh.

    def refresh_actor_root_state_tensor(self, sim: Sim) -> bool:
        sim.require("refresh_actor_root_state_tensor").state.refresh_root()
        return True

    def refresh_dof_state_tensor(self, sim: Sim) -> bool:
        sim.require("refresh_dof_state_tensor").state.refresh_dof()
        return True

    def refresh_rigid_body_state_tensor(self, sim: Sim) -> bool:
        sim.require("refresh_rigid_body_state_tensor").state.refresh_bodies()
        return True

    def refresh_net_contact_force_tensor(self, sim: Sim) -> bool:
        sim.require("refresh_net_contact_force_tensor").state.refresh_forces("contact")
        return True

    def refresh_dof_force_tensor(self, sim: Sim) -> bool:
        sim.require("refresh_dof_force_tensor").state.refresh_forces("dof_force")
        return True

    def refresh_force_sensor_tensor(self, sim: Sim) -> bool:
        sim.require("refresh_force_sensor_tensor").state.refresh_forces("sensor")
        return True

    def refresh_jacobian_tensors(self, sim: Sim) -> bool:
        sim.require("refresh_jacobian_tensors").dynamics.refresh_jacobians()
        return True

    def refresh_mass_matrix_tensors(self, sim: Sim) -> bool:
        sim.require("refresh_mass_matrix_tensors").dynamics.refresh_mass_matrices()
        return True

    # Set the state.

    def set_actor_root_state_tensor(self, sim: Sim, states: Any) -> bool:
        return self._set_root(sim, states, EVERYONE, "set_actor_root_state_tensor")

    def set_actor_root_state_tensor_masked(self, sim: Sim, states: Any, mask: Any) -> bool:
        chosen = masked(sim, mask, "set_actor_root_state_tensor_masked")
        return self._set_root(sim, states, chosen, "set_actor_root_state_tensor_masked")

    def set_actor_root_state_tensor_indexed(self, sim: Sim, states: Any, indices: Any, count: int) -> bool:
        chosen = indexed(sim, indices, count, "set_actor_root_state_tensor_indexed")
        return self._set_root(sim, states, chosen, "set_actor_root_state_tensor_indexed")

    def _set_root(self, sim: Sim, states: Any, chosen: Chosen, method: str) -> bool:
        state = sim.require(method).state
        state.set_root(like(state.root, states, method), chosen)
        return known_indices(sim, chosen, method)

    def set_dof_state_tensor(self, sim: Sim, states: Any) -> bool:
        return self._set_dof(sim, states, EVERYONE, "set_dof_state_tensor")

    def set_dof_state_tensor_masked(self, sim: Sim, states: Any, mask: Any) -> bool:
        chosen = masked(sim, mask, "set_dof_state_tensor_masked")
        return self._set_dof(sim, states, chosen, "set_dof_state_tensor_masked")

    def set_dof_state_tensor_indexed(self, sim: Sim, states: Any, indices: Any, count: int) -> bool:
        chosen = indexed(sim, indices, count, "set_dof_state_tensor_indexed")
        return self._set_dof(sim, states, chosen, "set_dof_state_tensor_indexed")

    def _set_dof(self, sim: Sim, states: Any, chosen: Chosen, method: str) -> bool:
        state = sim.require(method).state
        state.set_dof(like(state.dof, states, method), chosen)
        return known_indices(sim, chosen, method)

    # Command the drives.

    def set_dof_actuation_force_tensor(self, sim: Sim, forces: Any) -> bool:
        """(N*D,) efforts [N m] or [N] of the dofs in EFFORT mode; they stay until they are set again."""
        return self._command(sim, forces, EVERYONE, DofDriveMode.DOF_MODE_EFFORT, "set_dof_actuation_force_tensor")

    def set_dof_actuation_force_tensor_masked(self, sim: Sim, forces: Any, mask: Any) -> bool:
        chosen = masked(sim, mask, "set_dof_actuation_force_tensor_masked")
        return self._command(sim, forces, chosen, DofDriveMode.DOF_MODE_EFFORT, "set_dof_actuation_force_tensor_masked")

    def set_dof_actuation_force_tensor_indexed(self, sim: Sim, forces: Any, indices: Any, count: int) -> bool:
        chosen = indexed(sim, indices, count, "set_dof_actuation_force_tensor_indexed")
        return self._command(
            sim, forces, chosen, DofDriveMode.DOF_MODE_EFFORT, "set_dof_actuation_force_tensor_indexed"
        )

    def set_dof_position_target_tensor(self, sim: Sim, targets: Any) -> bool:
        """(N*D,) targets [rad] or [m] of the dofs in POS mode; they stay until they are set again."""
        return self._command(sim, targets, EVERYONE, DofDriveMode.DOF_MODE_POS, "set_dof_position_target_tensor")

    def set_dof_position_target_tensor_masked(self, sim: Sim, targets: Any, mask: Any) -> bool:
        chosen = masked(sim, mask, "set_dof_position_target_tensor_masked")
        return self._command(sim, targets, chosen, DofDriveMode.DOF_MODE_POS, "set_dof_position_target_tensor_masked")

    def set_dof_position_target_tensor_indexed(self, sim: Sim, targets: Any, indices: Any, count: int) -> bool:
        chosen = indexed(sim, indices, count, "set_dof_position_target_tensor_indexed")
        return self._command(sim, targets, chosen, DofDriveMode.DOF_MODE_POS, "set_dof_position_target_tensor_indexed")

    def set_dof_velocity_target_tensor(self, sim: Sim, targets: Any) -> bool:
        """(N*D,) targets [rad/s] or [m/s] of the dofs in VEL mode; they stay until they are set again."""
        return self._command(sim, targets, EVERYONE, DofDriveMode.DOF_MODE_VEL, "set_dof_velocity_target_tensor")

    def set_dof_velocity_target_tensor_masked(self, sim: Sim, targets: Any, mask: Any) -> bool:
        chosen = masked(sim, mask, "set_dof_velocity_target_tensor_masked")
        return self._command(sim, targets, chosen, DofDriveMode.DOF_MODE_VEL, "set_dof_velocity_target_tensor_masked")

    def set_dof_velocity_target_tensor_indexed(self, sim: Sim, targets: Any, indices: Any, count: int) -> bool:
        chosen = indexed(sim, indices, count, "set_dof_velocity_target_tensor_indexed")
        return self._command(sim, targets, chosen, DofDriveMode.DOF_MODE_VEL, "set_dof_velocity_target_tensor_indexed")

    def _command(self, sim: Sim, values: Any, chosen: Chosen, mode: DofDriveMode, method: str) -> bool:
        state = sim.require(method).state
        state.command(like(state.dof_force, values, method), mode, chosen)
        return known_indices(sim, chosen, method)

    # Push bodies.

    def apply_rigid_body_force_tensors(
        self,
        sim: Sim,
        forceTensor: Any = None,
        torqueTensor: Any = None,
        space: CoordinateSpace = CoordinateSpace.ENV_SPACE,
    ) -> bool:
        """(N*B, 3) forces [N] at the centres of mass and torques [N m], for the next simulate only."""
        method = "apply_rigid_body_force_tensors"
        state = sim.require(method).state
        force = None if forceTensor is None else like(state.contact, forceTensor, method)
        torque = None if torqueTensor is None else like(state.contact, torqueTensor, method)
        state.push(force, torque, space == CoordinateSpace.LOCAL_SPACE)
        return True

    def apply_rigid_body_force_at_pos_tensors(
        self,
        sim: Sim,
        forceTensor: Any = None,
        posTensor: Any = None,
        space: CoordinateSpace = CoordinateSpace.ENV_SPACE,
    ) -> bool:
        """(N*B, 3) forces [N] at points (N*B, 3) [m] or at the centres of mass, for the next simulate only."""
        method = "apply_rigid_body_force_at_pos_tensors"
        if posTensor is None or forceTensor is None:
            return self.apply_rigid_body_force_tensors(sim, forceTensor, None, space)
        state = sim.require(method).state
        force, point = (
            like(state.contact, t, method).view(sim.state.num_envs, -1, 3) for t in (forceTensor, posTensor)
        )
        if space == CoordinateSpace.LOCAL_SPACE:
            force, point = state.from_bodies(torch.stack((force, point), 2)).unbind(2)
            point = point + state.positions("xpos")
        elif space == CoordinateSpace.GLOBAL_SPACE:
            point = point - sim.origins
        torque = torch.linalg.cross(point - state.positions("xipos"), force)
        state.push(force.contiguous(), torque)
        return True


def _slot(sim: Sim, name: str, method: str) -> int:
    """Which actor of an environment is called `name`; the first, where several are."""
    names = [actor.name for actor in sim.require(method).envs[0].actors]
    if name not in names:
        raise ValueError(f"{method}: no actor '{name}'; actors of environment 0: {', '.join(names)}")
    return names.index(name)
