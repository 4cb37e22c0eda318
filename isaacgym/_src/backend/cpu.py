"""MuJoCo itself on all cores of the CPU: the engine that needs no GPU, and the oracle for the one that does."""

from __future__ import annotations

import os

import mujoco
import torch
from mujoco.batch import Batch
from torch import Tensor


class BackendCpu:
    """The Backend protocol over mujoco.batch.Batch, in float64."""

    name = "mujoco"

    def __init__(self, model: mujoco.MjModel, num_envs: int, num_threads: int = 0) -> None:
        self.model, self.num_envs, self.device = model, num_envs, torch.device("cpu")
        self._batch = Batch(model, num_envs, num_threads or len(os.sched_getaffinity(0)))
        self._stage = mujoco.mjtStage.mjSTAGE_NONE
        self._data: dict[str, Tensor] = {}
        self._fields: dict[str, Tensor] = {}

    def data(self, name: str) -> Tensor:
        if name not in self._data:
            view = self._batch.bind(name).view()
            view.flags.writeable = True  # torch has no read-only tensors; the batch's own array stays protected
            self._data[name] = torch.from_numpy(view)
        return self._data[name]

    def field(self, name: str) -> Tensor:
        if name not in self._fields:
            self._fields[name] = torch.from_numpy(self._batch.expand(name))
        return self._fields[name]

    def step(self, substeps: int) -> None:
        self._batch.step(nstep=substeps, stage=self._stage)

    def forward(self) -> None:
        self._batch.forward(stage=mujoco.mjtStage.mjSTAGE_VEL)

    def keep_kinematics(self) -> None:
        self._stage = mujoco.mjtStage.mjSTAGE_VEL

    def keep_body_forces(self) -> None:
        self.field("opt.disableflags")[:] &= ~int(mujoco.mjtDisableBit.mjDSBL_SENSOR)

    def set_const(self) -> None:
        self._batch.set_const()

    def close(self) -> None:
        self._data.clear()
        self._fields.clear()
        del self._batch
