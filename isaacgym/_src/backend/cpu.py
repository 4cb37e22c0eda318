"""MuJoCo itself on all cores of the CPU: the engine that needs no GPU, and the oracle for the one that does."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import mujoco
import numpy as np
import torch
from mujoco.batch import Batch
from torch import Tensor

from isaacgym._src.backend.base import HEALTH, MOST_FAULTS, STATE_FIELDS, Capacities, Contacts, Rules

# MuJoCo's warnings behind each column of HEALTH; those of the first reset the simulation.
WARNINGS = {
    "unstable": ("BADQPOS", "BADQVEL", "BADQACC"),
    "singular_inertia": ("INERTIA",),
    "contacts_dropped": ("CONTACTFULL",),
    "constraints_dropped": ("CNSTRFULL",),
    "bad_control": ("BADCTRL",),
}
FORCES = ("cfrc_ext", "cfrc_int")  # of the last step, which computing kinematics alone loses


class BackendCpu:
    """The Backend protocol over mujoco.batch.Batch, in float64."""

    name = "mujoco"
    revision = 0

    def __init__(self, model: mujoco.MjModel, num_envs: int, num_threads: int = 0) -> None:
        self.model, self.num_envs, self.device = model, num_envs, torch.device("cpu")
        cores = _available_cores()
        self._batch = Batch(model, num_envs, min(num_threads or cores, cores))
        self._stage = mujoco.mjtStage.mjSTAGE_NONE
        self._rules: Rules | None = None
        self._data: dict[str, Tensor] = {}
        self._views: dict[str, np.ndarray] = {}  # the same memory
        self._fields: dict[str, Tensor] = {}
        self.health = torch.zeros(num_envs, len(HEALTH), dtype=torch.int32)
        self.unstable = torch.zeros(num_envs, dtype=torch.bool)
        self.faulted: bool | None = False
        self.lags = False
        self.capacities: Capacities | None = None
        self._warnings = self._batch.warning[..., 1]
        self._faults = torch.zeros(int(mujoco.mjtWarning.mjNWARNING), len(HEALTH), dtype=torch.int32)
        for column, fault in enumerate(HEALTH):
            self._faults[[int(getattr(mujoco.mjtWarning, f"mjWARN_{w}")) for w in WARNINGS[fault]], column] = 1
        self._state = [self.data(field) for field in STATE_FIELDS]
        self._before = [field.clone() for field in self._state]
        self._one: tuple[mujoco.MjModel, mujoco.MjData] | None = None  # of any simulation, for what a batch hides
        self._frame, self._log = 0, list[tuple[int, int, list[Tensor]]]()
        self.keep_start()

    def data(self, name: str) -> Tensor:
        if name not in self._data:
            view = self._batch.bind(name).view()
            view.flags.writeable = True  # torch has no read-only tensors; the batch's own array stays protected
            self._views[name] = view
            self._data[name] = torch.from_numpy(view)
        return self._data[name]

    @property
    def expanded(self) -> Container[str]:
        return self._fields

    def field(self, name: str) -> Tensor:
        if name not in self._fields:
            self._fields[name] = torch.from_numpy(self._batch.expand(name))
        return self._fields[name]

    def step(self, substeps: int) -> None:
        self._frame += 1
        for before, field in zip(self._before, self._state, strict=True):
            before.copy_(field)
        with counted_not_printed():
            if self._rules is None:
                self._batch.step(nstep=substeps, stage=self._stage)
            else:
                self._step_by_rules(self._rules, substeps)
        self._take_warnings()
        if self.faulted and bool(self.unstable.any()):
            self._restart_unstable()

    def forward(self) -> None:
        forces = {name: self._views[name].copy() for name in FORCES if name in self._views}
        with counted_not_printed():
            self._batch.forward(stage=mujoco.mjtStage.mjSTAGE_VEL)
        for name, values in forces.items():
            self._views[name][:] = values

    def keep_rules(self, rules: Rules) -> None:
        self._rules = rules
        self.lags = rules.holds
        if rules.holds:
            self.data("M")  # a field asked for before a step is there after it

    def keep_kinematics(self) -> None:
        self._stage = mujoco.mjtStage.mjSTAGE_VEL

    def keep_body_forces(self) -> None:
        self.field("opt.disableflags")[:] &= ~int(mujoco.mjtDisableBit.mjDSBL_SENSOR)

    def keep_start(self) -> None:
        self._start = [field.clone() for field in self._state]

    def faults(self) -> dict[str, Tensor]:
        found = {
            "env": torch.tensor([env for env, _, _ in self._log], dtype=torch.int32),
            "frame": torch.tensor([frame for _, frame, _ in self._log], dtype=torch.int32),
        }
        for i, name in enumerate(STATE_FIELDS):
            if self._log and self._state[i].numel():
                found[name] = torch.stack([state[i] for _, _, state in self._log])
        return found

    def contacts(self, env: int) -> Contacts:
        if self._one is None:
            self._one = self._batch.get_model(env), mujoco.MjData(self.model)
        model, data = self._one
        self._batch.get_model(env, model)
        self._batch.get_data(env, data)
        mujoco.mj_forward(model, data)
        found = np.flatnonzero(data.contact.efc_address >= 0)
        forces = np.zeros((len(found), 6))
        for row, contact in zip(forces, found, strict=True):
            mujoco.mj_contactForce(model, data, int(contact), row)
        contact, of = data.contact, lambda field: field[found].copy()
        return Contacts(
            of(contact.geom),
            of(contact.pos),
            of(contact.frame)[:, :3],
            of(contact.dist),
            of(contact.includemargin),
            of(contact.friction),
            forces[:, :3],
        )

    def set_const(self, env_ids: Sequence[int] | None = None) -> None:
        self._batch.set_const(None if env_ids is None else np.asarray(env_ids, np.int32))

    def launch(self, command: Any) -> None:
        command.launch()

    def close(self) -> None:
        self._data.clear()
        self._views.clear()
        self._fields.clear()
        for held in (self._state, self._before, self._start):
            held.clear()
        self._one = None
        del self._batch, self._warnings

    def _step_by_rules(self, rules: Rules, substeps: int) -> None:
        pushed = False
        for substep in range(substeps):
            if rules.resists and (rules.suspect() or pushed):
                rules.resist(first=not pushed)
                pushed = True
            last = substep == substeps - 1 and not rules.holds
            self._batch.step(nstep=1, stage=self._stage if last else mujoco.mjtStage.mjSTAGE_NONE)
            if rules.holds:
                rules.hold()

    def _restart_unstable(self) -> None:
        """Put what MuJoCo reset to the model's defaults where it was placed; keep what led there."""
        for env in self.unstable.nonzero().view(-1).tolist():
            if len(self._log) < MOST_FAULTS:
                self._log.append((env, self._frame, [field[env].clone() for field in self._before]))
            for field, name, start in zip(self._state, STATE_FIELDS, self._start, strict=True):
                if name != "ctrl":
                    field[env] = start[env]

    def _take_warnings(self) -> None:
        """Count the step's warnings; MuJoCo restarts its own counters when it resets, so they are cleared each time."""
        before, self.faulted = self.faulted, bool(self._warnings.any())
        if not (self.faulted or before):
            return
        faults = (torch.from_numpy(self._warnings.copy()) @ self._faults).clamp_(max=1)
        self.health += faults
        torch.gt(faults[:, HEALTH.index("unstable")], 0, out=self.unstable)
        self._warnings[:] = 0


def _available_cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # on Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def counted_not_printed() -> Iterator[None]:
    """MuJoCo prints its warnings and writes them to MUJOCO_LOG.TXT unless somebody takes them."""
    before = mujoco.get_mju_user_warning()
    mujoco.set_mju_user_warning(lambda message: None)
    try:
        yield
    finally:
        mujoco.set_mju_user_warning(before)
