"""Force sensors: the wrench on a body, taken apart into contact and the rest."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.asset import ForceSensor
from isaacgym._src.attractor import Pulls
from isaacgym._src.backend.base import Arguments, Backend
from isaacgym._src.layout import Layout, rotate, rotate_inverse, xyzw
from isaacgym._src.vectors import Transform

FIELDS_READ = ("cfrc_int", "cfrc_ext", "xipos", "xpos", "xquat", "subtree_com")


class ForceSensors:
    """The force sensors of an environment, read from the engine's body forces.

    A sensor reads the net wrench on its body: the force at the centre of mass with both flags on is mass times
    acceleration. The constraint part is that of contacts; the forward-dynamics part is the rest (gravity, drives,
    joints). With cfrc_int[b] the wrench through b's joint and cfrc_ext[b] that of contacts, the net wrench is
    cfrc_int[b] + cfrc_ext[b] - sum of cfrc_int over b's children + weight.
    """

    def __init__(self, layout: Layout, sensors: list[ForceSensor], num_envs: int, device: torch.device) -> None:
        model = layout.model
        bodies = layout.body_ids[[s.body for s in sensors]]
        as_tensor = lambda x: torch.as_tensor(np.asarray(x), dtype=torch.float32, device=device)  # noqa: E731
        self._body = torch.as_tensor(bodies, device=device)
        self._root = torch.as_tensor(model.body_rootid[bodies].astype(np.int64), device=device)
        self._pos = as_tensor([[s.pose.p.x, s.pose.p.y, s.pose.p.z] for s in sensors])
        self._quat = as_tensor([[s.pose.r.x, s.pose.r.y, s.pose.r.z, s.pose.r.w] for s in sensors])
        self._inertial = as_tensor([s.props.enable_forward_dynamics_forces for s in sensors]).unsqueeze(-1)
        self._contact = as_tensor([s.props.enable_constraint_solver_forces for s in sensors]).unsqueeze(-1)
        self._local = torch.as_tensor([not s.props.use_world_frame for s in sensors], device=device).unsqueeze(-1)
        owner, child = np.nonzero(model.body_parentid[None, :] == bodies[:, None])
        self._child, self._owner = (torch.as_tensor(x, device=device) for x in (child, owner))
        self._mujoco_bodies = bodies
        self._mass = torch.zeros(num_envs, len(sensors), 1, dtype=torch.float32, device=device)
        self._gravity = as_tensor(model.opt.gravity).repeat(num_envs, 1, 1)
        self._weight = torch.zeros(num_envs, len(sensors), 3, dtype=torch.float32, device=device)
        self.pulls: Pulls | None = None
        # What is the same for every sensor of the usual kind is left out of the step.
        self._everything = all(
            s.props.enable_forward_dynamics_forces and s.props.enable_constraint_solver_forces for s in sensors
        )
        self._at_body_frame = all(s.pose == Transform() for s in sensors)
        self.size = num_envs, len(sensors)
        self._tables = _tables(sensors, bodies, model.body_rootid[bodies], model.body_parentid)

    def arguments(self, backend: Backend) -> Arguments:
        """What the kernel that reads all sensors is given, but for where it writes."""
        flat = lambda x, kind: torch.as_tensor(np.asarray(x, kind), device=backend.device)  # noqa: E731
        place, children, flags = (flat(table, np.int32) for table in self._tables)
        poses = torch.cat((self._pos, self._quat), -1).contiguous()
        own = {"place": place, "children": children, "flags": flags, "poses": poses, "weight": self._weight}
        names = {"centre": "subtree_com", "inner": "cfrc_int", "external": "cfrc_ext", "applied": "xfrc_applied"}
        fields = {name: name for name in ("xpos", "xquat", "xipos")} | names
        return own | {name: backend.data(field) for name, field in fields.items()}

    @property
    def in_one_kernel(self) -> bool:
        """Whether nothing is to be taken off that only torch's operations know of."""
        return self.pulls is None or self._everything

    def set_masses(self, masses: np.ndarray, envs: slice) -> None:
        """Masses (n, MuJoCo bodies) [kg] of the bodies of the environments `envs`."""
        self._mass[envs] = torch.as_tensor(masses[:, self._mujoco_bodies, None], dtype=torch.float32).to(self._mass)
        torch.mul(self._mass, self._gravity, out=self._weight)

    def set_gravity(self, gravity: Tensor, envs: slice) -> None:
        """Gravity (3,) [m/s^2] of the environments `envs`."""
        self._gravity[envs] = gravity
        torch.mul(self._mass, self._gravity, out=self._weight)

    def read(self, backend: Backend) -> Tensor:
        """(N, S, 6) force and torque."""

        def at(name: str) -> Tensor:
            return backend.data(name).index_select(1, self._body).float()

        quat, pos, com = xyzw(at("xquat")), at("xpos"), at("xipos")
        centre = backend.data("subtree_com").index_select(1, self._root).float()
        if not self._at_body_frame:
            pos = pos + rotate(quat, self._pos.expand_as(pos))
            quat = _multiply(quat, self._quat.expand_as(quat))
        external = at("cfrc_ext")
        net = at("cfrc_int") + external
        if len(self._child):
            through_children = backend.data("cfrc_int").index_select(1, self._child).float()
            net.index_add_(1, self._owner, through_children, alpha=-1.0)
        force, torque = net[..., 3:], net[..., :3] + torch.linalg.cross(centre - pos, net[..., 3:])
        force, torque = force + self._weight, torque + torch.linalg.cross(com - pos, self._weight)
        if not self._everything:
            contact, contact_torque = self._contact_wrench(external, at("xfrc_applied"), pos, com, centre)
            if self.pulls is not None:
                self.pulls.take_off_wrenches(contact, contact_torque, pos, self._body, backend)
            force = self._inertial * (force - contact) + self._contact * contact
            torque = self._inertial * (torque - contact_torque) + self._contact * contact_torque
        force = torch.where(self._local, rotate_inverse(quat, force), force)
        torque = torch.where(self._local, rotate_inverse(quat, torque), torque)
        return torch.cat((force, torque), -1)

    @staticmethod
    def _contact_wrench(
        external: Tensor, applied: Tensor, pos: Tensor, com: Tensor, centre: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Force and torque about `pos` of contacts: all that is external but what was applied by hand."""
        force = external[..., 3:] - applied[..., :3]
        torque = external[..., :3] + torch.linalg.cross(centre - pos, external[..., 3:])
        return force, torque - applied[..., 3:] - torch.linalg.cross(com - pos, applied[..., :3])


def _tables(
    sensors: list[ForceSensor], bodies: np.ndarray, roots: np.ndarray, parents: np.ndarray
) -> tuple[np.ndarray, list[int], list[int]]:
    """(S, 4) body, root of its tree, first and last of its children; the children; and bits of what is asked for."""
    children = [np.flatnonzero(parents == body).tolist() for body in bodies]
    ends = np.cumsum([0, *map(len, children)])
    bits = [
        (1 if s.props.enable_forward_dynamics_forces else 0)
        + (2 if s.props.enable_constraint_solver_forces else 0)
        + (0 if s.props.use_world_frame else 4)
        for s in sensors
    ]
    return np.stack((bodies, roots, ends[:-1], ends[1:]), -1), [*sum(children, []), 0], bits


def _multiply(a: Tensor, b: Tensor) -> Tensor:
    """Product of xyzw quaternions."""
    av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    return torch.cat((aw * bv + bw * av + torch.linalg.cross(av, bv), aw * bw - (av * bv).sum(-1, keepdim=True)), -1)
