"""Force sensors: the wrench on a body, taken apart into contact and the rest."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.asset import ForceSensor
from isaacgym._src.backend.base import Backend
from isaacgym._src.layout import Layout, rotate, rotate_inverse, xyzw

FIELDS_READ = ("cfrc_int", "cfrc_ext", "xipos", "xpos", "xquat", "subtree_com")


class ForceSensors:
    """The force sensors of an environment, read from the engine's body forces.

    A sensor reads the net wrench on its body: the force at the centre of mass with both flags on is mass times
    acceleration. The constraint part is that of contacts; the forward-dynamics part is the rest (gravity, drives,
    joints). With cfrc_int[b] the wrench through b's joint and cfrc_ext[b] that of contacts, the net wrench is
    cfrc_int[b] + cfrc_ext[b] - sum of cfrc_int over b's children + weight.
    """

    def __init__(self, layout: Layout, sensors: list[ForceSensor], device: torch.device) -> None:
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
        parents = model.body_parentid[None, :] == bodies[:, None]
        self._children = as_tensor(parents)
        self._weight = as_tensor(model.body_mass[bodies][:, None] * model.opt.gravity)

    def read(self, backend: Backend) -> Tensor:
        """(N, S, 6) force and torque."""

        def at(name: str) -> Tensor:
            return backend.data(name).index_select(1, self._body).float()

        joint = backend.data("cfrc_int").float()
        ext, applied = at("cfrc_ext"), at("xfrc_applied")
        com, origin, quat = at("xipos"), at("xpos"), xyzw(at("xquat"))
        centre = backend.data("subtree_com").index_select(1, self._root).float()
        to_com = com - centre
        applied_torque = applied[..., 3:] + torch.linalg.cross(to_com, applied[..., :3])
        contact = ext - torch.cat((applied_torque, applied[..., :3]), -1)
        weight = torch.cat(
            (torch.linalg.cross(to_com, self._weight.expand_as(to_com)), self._weight.expand_as(to_com)), -1
        )
        net = at("cfrc_int") + ext - torch.einsum("sb,nbk->nsk", self._children, joint) + weight
        wrench = self._contact * contact + self._inertial * (net - contact)
        force = wrench[..., 3:]
        sensor_pos = origin + rotate(quat, self._pos.expand_as(origin))
        torque = wrench[..., :3] + torch.linalg.cross(centre - sensor_pos, force)
        sensor_quat = _multiply(quat, self._quat.expand_as(quat))
        force = torch.where(self._local, rotate_inverse(sensor_quat, force), force)
        torque = torch.where(self._local, rotate_inverse(sensor_quat, torque), torque)
        return torch.cat((force, torque), -1)


def _multiply(a: Tensor, b: Tensor) -> Tensor:
    """Product of xyzw quaternions."""
    av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    return torch.cat((aw * bv + bw * av + torch.linalg.cross(av, bv), aw * bw - (av * bv).sum(-1, keepdim=True)), -1)
