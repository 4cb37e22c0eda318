"""What a client's step reads and sets, one kernel launch a call; StateOperations does the same for torch.compile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.backend.base import Arguments
from isaacgym._src.backend.kernels import body_kernels, dof_kernels, dynamics_kernels, root_kernels, sensor_kernels
from isaacgym._src.backend.launches import Launches
from isaacgym._src.backend.quiet_warp import wp
from isaacgym._src.chosen import Chosen
from isaacgym._src.enums import DofDriveMode
from isaacgym._src.layout import Layout

if TYPE_CHECKING:
    from isaacgym._src.dynamics import ActorDynamics
    from isaacgym._src.sensor import ForceSensors
    from isaacgym._src.state import State

NONE = -1  # in a table of places


class StateCalls:
    """Tensors are contiguous float32, masks bool, indices int32 or int64, all on the engine's device."""

    def __init__(self, state: State) -> None:
        backend, layout, law = state.backend, state.layout, state.law
        self._backend, self._run = backend, Launches(backend).run
        self._state, self._modes, self._law, self._scale = state, state.modes, law, state.dof_force_scale
        table = lambda values: torch.as_tensor(np.asarray(values, np.int32), device=backend.device)  # noqa: E731
        self._actors, self._joints = table(_actor_places(layout)), table(_dof_places(layout))
        self._runs = table([(a.dof.start, a.dof.stop) for a in layout.actors])
        self._owners = layout.actor_of_dof.int()
        self._bodies = table(np.stack((layout.bodies.array, layout.body_roots.array), -1))
        envs = backend.num_envs
        self._of_actors, self._of_dofs = (envs, layout.num_actors), (envs, layout.num_dofs)
        self._of_bodies, self._rows = (envs, layout.num_bodies), envs * layout.num_actors
        found = state.index_faults.found.data_ptr()  # a GPU reaches the host's pinned memory
        self._wrong = wp.array(ptr=found, dtype=int, shape=1, device=wp.device_from_torch(backend.device))
        self._ordered = int(not state.index_faults.said_later)
        self._everyone = torch.ones(self._rows, dtype=torch.bool, device=backend.device)

    def read_roots(self, root: Tensor) -> None:
        """Fill (N*A, 13)."""
        self._run(root_kernels.read_roots, self._of_actors, self._root_fields, root=root)

    def write_roots(self, new: Tensor, chosen: Chosen) -> None:
        """Root states (N*A, 13) into the engine."""
        if chosen.indices is None:
            self._run(root_kernels.write_roots, self._of_actors, self._root_fields, given=new, mask=self._mask(chosen))
        else:
            indices, count = chosen.indices, chosen.number
            self._run(
                root_kernels.write_roots_indexed,
                (self._rows,),
                self._root_fields,
                indices.dtype,
                given=new,
                indices=indices,
                count=count,
            )

    def read_dofs(self, dof: Tensor, env: int | None = None) -> None:
        """Fill (N*D, 2), or (D, 2) of one environment."""
        dim = self._of_dofs if env is None else (1, self._of_dofs[1])
        self._run(dof_kernels.read_dofs, dim, self._dof_fields, dof=dof, first=env or 0)

    def write_run_of_dofs(self, env: int, start: int, new: Tensor, flags: int) -> None:
        """States (d, 2) of the dofs from `start` on of one environment; `flags` says which columns count."""
        kernel, own = dof_kernels.write_run_of_dofs, self._dof_fields
        self._run(kernel, (len(new),), own, given=new, env=env, start=start, flags=flags)

    def write_dofs(self, new: Tensor, chosen: Chosen) -> None:
        """Dof states (N*D, 2) into the engine."""
        if chosen.indices is None:
            mask = self._mask(chosen)
            self._run(dof_kernels.write_dofs, self._of_dofs, self._dof_fields, given=new, mask=mask)
        else:
            indices, count = chosen.indices, chosen.number
            self._run(
                dof_kernels.write_dofs_indexed,
                (self._rows,),
                self._dof_fields,
                indices.dtype,
                given=new,
                indices=indices,
                count=count,
            )

    def write_commands(self, values: Tensor, mode: DofDriveMode, chosen: Chosen) -> None:
        """Efforts or targets (N*D,) of the dofs in `mode`."""
        kind, own = int(mode), self._dof_fields
        if chosen.indices is None:
            mask = self._mask(chosen)
            self._run(dof_kernels.write_commands, self._of_dofs, own, values=values, mask=mask, mode=kind)
        else:
            indices, count = chosen.indices, chosen.number
            self._run(
                dof_kernels.write_commands_indexed,
                (self._rows,),
                own,
                indices.dtype,
                values=values,
                indices=indices,
                count=count,
                mode=kind,
            )

    def read_bodies(self, body: Tensor, env: int | None = None) -> None:
        """Fill (N*B, 13), or (B, 13) of one environment."""
        dim = self._of_bodies if env is None else (1, self._of_bodies[1])
        self._run(body_kernels.read_bodies, dim, self._body_fields, body=body, first=env or 0)

    def push_bodies(self, force: Tensor | None, torque: Tensor | None, local: bool) -> None:
        """Forces and torques (N*B, 3) on bodies, in world axes or in theirs, in place of those of the next step."""
        parts = (force is not None) + 2 * (torque is not None)
        some = self._state.contact  # stands for what is not there, and is not read
        self._run(
            body_kernels.push_bodies,
            self._of_bodies,
            self._push_fields,
            force=force if force is not None else some,
            torque=torque if torque is not None else some,
            parts=parts,
            local=int(local),
        )

    def read_contacts(self, force: Tensor) -> None:
        """Fill (N*B, 3)."""
        self._run(body_kernels.read_contacts, self._of_bodies, self._push_fields, force=force)

    def read_drives(self, force: Tensor) -> None:
        """Fill (N*D,)."""
        self._run(dof_kernels.read_drives, self._of_dofs, self._dof_fields, force=force)

    def read_sensors(self, sensors: ForceSensors, wrench: Tensor) -> None:
        """Fill (N*S, 6)."""
        kept = lambda: sensors.arguments(self._backend) | {"wrench": wrench}  # noqa: E731
        self._run(sensor_kernels.read_sensors, sensors.size, kept, wrench=wrench)

    def read_jacobian(self, actor: ActorDynamics, jacobian: Tensor) -> None:
        """Fill (N, R, 6, C) of one actor."""
        dim = self._of_actors[0], actor.rows, actor.columns
        self._run(dynamics_kernels.read_jacobian, dim, actor.arguments, actor, jacobian=jacobian)

    def read_mass_matrix(self, actor: ActorDynamics, matrix: Tensor) -> None:
        """Fill (N, C, C) of one actor."""
        dim = self._of_actors[0], actor.columns
        self._run(dynamics_kernels.read_mass_matrix, dim, actor.arguments, actor, matrix=matrix)

    def _mask(self, chosen: Chosen) -> Tensor:
        return self._everyone if chosen.mask is None else chosen.mask

    def _fields(self, *names: str) -> Arguments:
        return {name: self._backend.data(name) for name in names}

    def _root_fields(self) -> Arguments:
        own = {"place": self._actors, "given": self._state.root, "root": self._state.root, "mask": self._everyone}
        return self._fields("qpos", "qvel", "mocap_pos", "mocap_quat") | own | self._indexing()

    def _dof_fields(self) -> Arguments:
        gain, stiffness, damping, limit = self._law
        law = {"gain": gain, "stiffness": stiffness, "damping": damping, "limit": limit, "scale": self._scale}
        tables = {"place": self._joints, "owner": self._owners, "run": self._runs, "modes": self._modes}
        shapes = {"given": self._state.dof, "dof": self._state.dof, "mask": self._everyone}
        own = {"actors": self._of_actors[1]} | shapes
        return self._fields("qpos", "qvel", "ctrl") | law | tables | own | self._indexing()

    def _indexing(self) -> Arguments:
        return {"rows": self._rows, "wrong": self._wrong, "ordered": self._ordered}

    def _body_fields(self) -> Arguments:
        fields = self._fields("xpos", "xquat", "cvel")
        own = {"place": self._bodies, "body": self._state.body}
        return fields | {"centre": self._backend.data("subtree_com")} | own

    def _push_fields(self) -> Arguments:
        applied, external = self._backend.data("xfrc_applied"), self._backend.data("cfrc_ext")
        shapes = {"force": self._state.contact, "torque": self._state.contact}
        return self._fields("xquat") | {"applied": applied, "external": external, "place": self._bodies} | shapes


def _actor_places(layout: Layout) -> np.ndarray:
    """(A, 3): where a floating actor's free joint begins in qpos and qvel, or a fixed one's mocap body."""
    places = np.full((layout.num_actors, 3), NONE)
    if len(layout.floating):
        rows = layout.floating.array
        places[rows, 0], places[rows, 1] = layout.free_qpos.array[:, 0], layout.free_qvel.array[:, 0]
    places[layout.fixed.array, 2] = layout.mocap.array
    return places


def _dof_places(layout: Layout) -> np.ndarray:
    """(D, 3): where a dof is in qpos, qvel and ctrl."""
    return np.stack((layout.dof_qpos.array, layout.dof_qvel.array, layout.dof_ctrl.array), -1)
