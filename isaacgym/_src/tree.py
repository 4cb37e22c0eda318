"""Where bodies are and how they move, from the state alone: what rules on velocities need before a substep of a CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.backend.base import Arguments, Backend

FIELDS = ("body_pos", "body_quat", "body_ipos", "body_iquat", "jnt_pos", "jnt_axis", "qpos0")


class Tree:
    """The kinematics of all bodies of an engine on the CPU.

    `moved` holds xipos (N, B, 3), ximat (N, B, 3, 3) and cvel (N, B, 6) as MuJoCo has them, with velocities about the
    `centre`, which is the origin; of the environments in `suspect`, or of `everyone`, once the kernel has run.
    """

    def __init__(self, backend: Backend, suspect: Tensor, everyone: bool) -> None:
        self._backend, self._suspect, self._everyone = backend, suspect, everyone
        self._real = real = backend.data("qpos").dtype
        size = backend.num_envs, backend.model.nbody
        zeros = lambda *shape: torch.zeros(*size, *shape, dtype=real)  # noqa: E731
        self._pos, self._quat = zeros(3), zeros(4)
        self._quat[:, 0, 0] = 1.0
        self.moved = {"xipos": zeros(3), "ximat": zeros(3, 3), "cvel": zeros(6), "centre": zeros(3)}

    @property
    def variant(self) -> Any:
        """Which of the fields read belong to each environment; it grows while a simulation runs."""
        return tuple(name in self._backend.expanded for name in FIELDS)

    def arguments(self) -> Arguments:
        """What the kernel is given."""
        model, backend = self._backend.model, self._backend
        first = model.body_jntadr
        bodies = np.stack((model.body_parentid, model.body_mocapid, first, first + model.body_jntnum), -1)
        joints = np.stack((model.jnt_qposadr, model.jnt_dofadr, model.jnt_type), -1)
        state = {name: backend.data(name) for name in ("qpos", "qvel", "mocap_pos", "mocap_quat")}
        own = {"suspect": self._suspect, "everyone": int(self._everyone), "xpos": self._pos, "xquat": self._quat}
        moved = self.moved | {"ximat": self.moved["ximat"].flatten(2)}
        tables = {
            "bodies": torch.from_numpy(bodies.astype(np.int32)),
            "joints": torch.from_numpy(joints.astype(np.int32)),
        }
        return {name: self._field(name) for name in FIELDS} | state | own | moved | tables

    def _field(self, name: str) -> Tensor:
        """(N, ...) of each environment, or (1, ...) of all."""
        if name in self._backend.expanded:
            return self._backend.field(name)
        return torch.from_numpy(getattr(self._backend.model, name)[None].copy()).to(self._real)
