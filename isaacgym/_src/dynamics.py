"""Jacobians and mass matrices of single actors, from the engine's motion axes and inertias.

Letters: R rows (links), C columns (dofs; on a floating base the root's six in front of them).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.backend.base import Arguments
from isaacgym._src.drive import added_inertia
from isaacgym._src.layout import ActorLayout, Columns, Layout
from isaacgym._src.state import State

FIELDS_READ = ("cdof", "cinert")
SYMMETRIC = ((0, 3, 4), (3, 1, 5), (4, 5, 2))  # where cinert keeps the elements of a rotational inertia


class Dynamics:
    """The Jacobian and mass matrix tensors that were acquired, by actor."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._actors: dict[int, ActorDynamics] = {}

    def jacobian(self, slot: int) -> Tensor:
        """(N, R, 6, C) buffer of an actor, current after `refresh_jacobians`."""
        actor = self._actor(slot)
        if actor.jacobian is None:
            actor.jacobian = self._zeros(actor.rows, 6, actor.columns)
        return actor.jacobian

    def mass_matrix(self, slot: int) -> Tensor:
        """(N, C, C) buffer of an actor, current after `refresh_mass_matrices`."""
        actor = self._actor(slot)
        if actor.mass_matrix is None:
            actor.mass_matrix = self._zeros(actor.columns, actor.columns)
        return actor.mass_matrix

    def refresh_jacobians(self) -> None:
        self._state.settle()
        for actor in self._actors.values():
            if actor.jacobian is not None and torch.compiler.is_compiling():
                actor.jacobian.copy_(actor.read_jacobian())
            elif actor.jacobian is not None:
                self._state.calls.read_jacobian(actor, actor.jacobian)

    def refresh_mass_matrices(self) -> None:
        self._state.settle()
        for actor in self._actors.values():
            if actor.mass_matrix is not None and torch.compiler.is_compiling():
                actor.mass_matrix.copy_(actor.read_mass_matrix())
            elif actor.mass_matrix is not None:
                self._state.calls.read_mass_matrix(actor, actor.mass_matrix)

    def _actor(self, slot: int) -> ActorDynamics:
        if slot not in self._actors:
            self._state.keep_bodies(FIELDS_READ)
            self._actors[slot] = ActorDynamics(self._state, slot)
        return self._actors[slot]

    def _zeros(self, *shape: int) -> Tensor:
        return torch.zeros(self._state.num_envs, *shape, dtype=torch.float32, device=self._state.backend.device)


class ActorDynamics:
    """One actor's tree: which column moves which link, and what hangs on it."""

    def __init__(self, state: State, slot: int) -> None:
        layout, backend = state.layout, state.backend
        place, model, device = layout.actors[slot], layout.model, backend.device
        self._state, self._backend, self._own = state, backend, place.dof
        self.jacobian: Tensor | None = None
        self.mass_matrix: Tensor | None = None
        root = int(place.mujoco_bodies[0])
        self._floating = not place.fixed
        links = place.mujoco_bodies[0 if model.body_dofnum[root] else 1 :]
        dofs = _dof_addresses(layout, place)
        self.rows, self.columns = len(links), len(dofs)

        owner = model.dof_bodyid[dofs]
        below = _below(model.body_parentid)
        precedes = dofs[:, None] <= dofs[None, :]
        self._links, self._bodies = Columns(links, device), Columns(place.mujoco_bodies, device)
        self._dofs, self._root = Columns(dofs, device), root
        self._tree = int(model.body_rootid[root])
        flags = lambda x: torch.as_tensor(x, dtype=backend.data("qpos").dtype, device=device)  # noqa: E731
        self._moves = flags(below[owner][:, links].T).unsqueeze(-1)  # (R, C, 1)
        self._carries = flags(below[owner][:, place.mujoco_bodies])  # (C, B)
        self._before = flags(below[owner][:, owner] & precedes)  # (C, C)
        self._diagonal = torch.eye(self.columns, dtype=self._before.dtype, device=device)
        self._unit = torch.eye(3, dtype=self._before.dtype, device=device)
        self._symmetric = torch.as_tensor(SYMMETRIC, device=device).view(-1)
        self._armature = backend.field("dof_armature")

    def arguments(self) -> Arguments:
        """What the kernels that do the same in one launch are given, but for where they write."""
        table = lambda values: torch.as_tensor(values, device=self._armature.device).int().contiguous()  # noqa: E731
        tables = {
            "links": table(self._links.array),
            "bodies": table(self._bodies.array),
            "dofs": table(self._dofs.array),
            "moves": table(self._moves[..., 0]),
            "carries": table(self._carries),
            "before": table(self._before),
        }
        of_stiffness, of_damping = added_inertia(float(self._state.layout.model.opt.timestep))
        numbers = {"root": self._root, "tree": self._tree, "floating": int(self._floating), "first": self._own.start}
        drives = {"of_stiffness": of_stiffness, "of_damping": of_damping, "armature": self._armature}
        gains = {"stiffness": self._state.law[1], "damping": self._state.law[2]}
        fields = {"centre": "subtree_com"} | {name: name for name in ("xpos", "cdof", "cinert")}
        shapes = {"jacobian": self.jacobian, "matrix": self.mass_matrix}
        return (
            tables
            | numbers
            | drives
            | gains
            | {name: self._backend.data(field) for name, field in fields.items()}
            | {name: buffer for name, buffer in shapes.items() if buffer is not None}
        )

    def read_jacobian(self) -> Tensor:
        """(N, R, 6, C): what a unit of each column's velocity gives the links' origins, linear before angular."""
        pos = self._links.of(self._backend.data("xpos"))
        angular, linear = self._axes()
        arm = (pos - self._centre()).unsqueeze(2)
        at_link = linear.unsqueeze(1) + torch.linalg.cross(angular.unsqueeze(1).expand(-1, self.rows, -1, -1), arm)
        both = torch.cat((at_link * self._moves, angular.unsqueeze(1) * self._moves), -1)
        return both.transpose(-1, -2)

    def read_mass_matrix(self) -> Tensor:
        """(N, C, C) by composite rigid bodies: each column moves all that hangs on it as one body."""
        angular, linear = self._axes()
        carried = self._carries @ self._bodies.of(self._backend.data("cinert"))  # (N, C, 10)
        inertia = carried.index_select(-1, self._symmetric).unflatten(-1, (3, 3))
        moment, mass = carried[..., 6:9], carried[..., 9:]
        torque = (inertia @ angular.unsqueeze(-1)).squeeze(-1) + torch.linalg.cross(moment, linear)
        force = mass * linear - torch.linalg.cross(moment, angular)
        upper = (angular @ torque.transpose(1, 2) + linear @ force.transpose(1, 2)) * self._before
        matrix = upper + upper.transpose(1, 2) * (1.0 - self._diagonal)
        by_drives = torch.nn.functional.pad(self._state.added_inertia()[:, self._own], (6 if self._floating else 0, 0))
        armature = self._dofs.of(self._armature) - by_drives
        return matrix + armature.unsqueeze(-1) * self._diagonal

    def _centre(self) -> Tensor:
        """(N, 1, 3) the point that MuJoCo refers motions of this tree to."""
        return self._backend.data("subtree_com")[:, self._tree].unsqueeze(1)

    def _axes(self) -> tuple[Tensor, Tensor]:
        """(N, C, 3) angular and linear velocity at the centre for a unit of each column's velocity, in world axes."""
        cdof = self._dofs.of(self._backend.data("cdof"))
        angular, linear = cdof[..., :3], cdof[..., 3:]
        if not self._floating:
            return angular, linear
        # MuJoCo turns a floating base about its own axes, Isaac Gym about those of the world.
        unit = self._unit.expand(cdof.shape[0], 3, 3)
        arm = self._centre() - self._backend.data("xpos")[:, self._root].unsqueeze(1)
        of_turns = torch.linalg.cross(unit, arm.expand_as(unit))
        return (
            torch.cat((torch.zeros_like(unit), unit, angular[:, 6:]), 1),
            torch.cat((unit, of_turns, linear[:, 6:]), 1),
        )


def _dof_addresses(layout: Layout, place: ActorLayout) -> np.ndarray:
    """(C,) MuJoCo dofs of the columns."""
    model = layout.model
    own = model.jnt_dofadr[place.mujoco_joints].astype(np.int64)
    if place.fixed:
        return own
    free = int(model.body_dofadr[place.mujoco_bodies[0]])
    return np.concatenate((np.arange(free, free + 6), own))


def _below(parents: np.ndarray) -> np.ndarray:
    """(nbody, nbody) bool: whether the second body is the first or hangs on it."""
    below = np.eye(len(parents), dtype=bool)
    for body in range(1, len(parents)):
        below[:, body] |= below[:, parents[body]]
    return below
