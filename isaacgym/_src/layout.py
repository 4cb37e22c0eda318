"""Where everything is: index maps between Isaac Gym's order and MuJoCo's, and between xyzw and wxyz.

Letters: N environments, A actors, B bodies, D dofs, S force sensors of one environment. Isaac Gym's tensors are
flat over N; here they are seen as (N, A, 13), (N, D, 2) and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from isaacgym._src.materials import Materials


def xyzw(quat: Tensor) -> Tensor:
    """MuJoCo's quaternions (..., 4) in Isaac Gym's order."""
    return quat.roll(-1, -1)


def wxyz(quat: Tensor) -> Tensor:
    """Isaac Gym's quaternions (..., 4) in MuJoCo's order."""
    return quat.roll(1, -1)


class Columns:
    """Columns of an (N, n) tensor: a view where they are a run, a gather and scatter where they are not."""

    def __init__(self, index: np.ndarray | list[int], device: torch.device) -> None:
        self.array = np.asarray(index, dtype=np.int64)
        flat = self.array.reshape(-1)
        run = flat.size > 0 and np.array_equal(flat, np.arange(flat[0], flat[0] + flat.size))
        self._slice = slice(int(flat[0]), int(flat[0]) + flat.size) if run else None
        self._index = torch.as_tensor(flat, device=device)

    def __len__(self) -> int:
        return self.array.size

    def of(self, tensor: Tensor) -> Tensor:
        """(N, *index shape) values of `tensor`'s columns."""
        picked = tensor[:, self._slice] if self._slice else tensor.index_select(1, self._index)
        return picked if self.array.ndim == 1 else picked.unflatten(1, self.array.shape)

    def put(self, tensor: Tensor, value: Tensor, mask: Tensor) -> None:
        """tensor[:, index] = value where mask, both (N, *index shape), with fixed shapes."""
        if not len(self):
            return
        new = torch.where(mask, value.to(tensor.dtype), self.of(tensor)).reshape(tensor.shape[0], -1, *tensor.shape[2:])
        if self._slice:
            tensor[:, self._slice] = new
        else:
            tensor.index_copy_(1, self._index, new)


@dataclass(frozen=True)
class ActorLayout:
    """One actor's place in an environment: first index and count in API order, and its MuJoCo objects."""

    name: str
    fixed: bool
    body: slice
    dof: slice
    shape: slice
    sensor: slice
    mujoco_bodies: np.ndarray
    mujoco_joints: np.ndarray
    mujoco_geoms: np.ndarray
    mujoco_actuators: np.ndarray


class Layout:
    """The index maps of one environment, the same for all."""

    materials: Materials

    def __init__(self, model: mujoco.MjModel, actors: list[ActorLayout], device: torch.device) -> None:
        self.model, self.actors, self.device = model, actors, device
        self.num_actors = len(actors)
        self.body_ids = _join([a.mujoco_bodies for a in actors])
        self.joint_ids = _join([a.mujoco_joints for a in actors])
        self.geom_ids = _join([a.mujoco_geoms for a in actors])
        self.num_bodies, self.num_dofs = len(self.body_ids), len(self.joint_ids)
        self.floating = self._columns([i for i, a in enumerate(actors) if not a.fixed])
        self.fixed = self._columns([i for i, a in enumerate(actors) if a.fixed])

        self.dof_qpos = self._columns(model.jnt_qposadr[self.joint_ids])
        self.dof_qvel = self._columns(model.jnt_dofadr[self.joint_ids])
        self.dof_ctrl = self._columns(_join([a.mujoco_actuators for a in actors]))
        self.free_qpos = self._columns(self._free_index(model.jnt_qposadr, 7))
        self.free_qvel = self._columns(self._free_index(model.jnt_dofadr, 6))
        self.mocap = self._columns([self._mocap_id(actors[i].mujoco_bodies[0]) for i in self.fixed.array])
        self.bodies = self._columns(self.body_ids)
        self.body_roots = self._columns(model.body_rootid[self.body_ids])
        owners = [np.full(a.dof.stop - a.dof.start, i) for i, a in enumerate(actors)]
        self.actor_of_dof = torch.as_tensor(_join(owners), device=device)

    def start_qpos(self, poses: np.ndarray) -> np.ndarray:
        """(nq,) positions with the actors at `poses` (A, 7) and their dofs at zero."""
        qpos = self.model.qpos0.copy()
        qpos[self.dof_qpos.array] = 0.0
        for index, slot in zip(self.free_qpos.array, self.floating.array, strict=True):
            qpos[index] = np.concatenate((poses[slot, :3], np.roll(poses[slot, 3:], 1)))
        return qpos

    def _columns(self, index: np.ndarray | list[int]) -> Columns:
        return Columns(index, self.device)

    def _mocap_id(self, root: int) -> int:
        """The mocap body that holds a fixed actor: its root, or the root's parent where the root has dofs."""
        own = int(self.model.body_mocapid[root])
        return own if own >= 0 else int(self.model.body_mocapid[self.model.body_parentid[root]])

    def _free_index(self, address: np.ndarray, width: int) -> np.ndarray:
        """(F, width) addresses of the floating actors' free joints."""
        roots = [self.actors[i].mujoco_bodies[0] for i in self.floating.array]
        first = [address[self.model.body_jntadr[root]] for root in roots]
        return np.asarray([np.arange(f, f + width) for f in first], dtype=np.int64).reshape(len(roots), width)


def _join(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.asarray(p, dtype=np.int64) for p in parts]) if parts else np.zeros(0, np.int64)


def rotate(quat: Tensor, vec: Tensor) -> Tensor:
    """Rotate vectors (..., 3) by unit quaternions (..., 4) in xyzw."""
    axis, w = quat[..., :3], quat[..., 3:4]
    t = 2.0 * torch.linalg.cross(axis, vec)
    return vec + w * t + torch.linalg.cross(axis, t)


def rotate_inverse(quat: Tensor, vec: Tensor) -> Tensor:
    """Rotate vectors (..., 3) by the inverses of unit quaternions (..., 4) in xyzw."""
    axis, w = quat[..., :3], quat[..., 3:4]
    t = 2.0 * torch.linalg.cross(axis, vec)
    return vec - w * t + torch.linalg.cross(axis, t)
