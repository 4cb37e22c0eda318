"""MuJoCo Warp: all simulations on one GPU, or on Warp's CPU device where the GPU's code is to be tested."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

import mujoco
import mujoco_warp as mjw
import numpy as np
import torch
import warp as wp
from torch import Tensor

from isaacgym._src.backend import field_contacts
from isaacgym._src.backend.base import Capacities, Contacts, Rules
from isaacgym._src.backend.canonical import CanonicalOrder
from isaacgym._src.backend.graph import Captured
from isaacgym._src.backend.recorded import Recorded
from isaacgym._src.backend.streams import WarpStreams
from isaacgym._src.backend.warp_health import WarpHealth

# What set_const derives from fields that may differ between simulations.
DERIVED = ("body_subtreemass", "dof_invweight0", "body_invweight0", "actuator_acc0")
RULED = ("body_ipos", "body_mass", "body_inertia")  # what rules on velocities read, in every simulation its own


class BackendWarp:
    """The Backend protocol over mujoco_warp, in float32, on torch's current stream; a step never waits for the GPU."""

    name = "warp"
    lags = False

    def __init__(
        self,
        model: mujoco.MjModel,
        num_envs: int,
        device: torch.device,
        capacities: Capacities,
        deterministic: bool = False,
        graph: bool = True,
    ) -> None:
        self.model, self.num_envs, self.device = model, num_envs, device
        self.capacities: Capacities | None = capacities
        self._device, self._graph = wp.device_from_torch(device), graph
        self._streams = WarpStreams(device)
        self._data: dict[str, Tensor] = {}
        self._fields: dict[str, Tensor] = {}
        self._steps: dict[int, Captured | Recorded] = {}
        self._kinematics = self._body_forces = False
        self.revision = 0
        if model.nhfield:
            field_contacts.install()
        with wp.ScopedDevice(self._device):
            self._m = mjw.put_model(model)
            self._m.opt.warn_overflow = 0  # the GPU would wait for what it prints; `health` counts instead
            self._m.opt.deterministic = deterministic
            self._m.opt.graph_conditional = device.type == "cuda" and wp.is_conditional_graph_supported()
            self._d = mjw.make_data(model, num_envs, capacities.nconmax, njmax=capacities.njmax)
            self._health = WarpHealth(self._d, device)
            self._order = CanonicalOrder(self._m, self._d) if deterministic else None
            if self._order:
                self._m.callback.contactfilter = self._order.sort_contacts  # right after collision detection
            self._m.callback.control = self._before_forces  # right after constraints are made
        self.health, self.unstable = self._health.counts, self._health.unstable
        self.faulted: bool | None = None if device.type == "cuda" else False
        self._faults_before = 0
        self._rules: Rules | None = None
        self._stepping = self._first = False

    def data(self, name: str) -> Tensor:
        if name not in self._data:
            self._data[name] = self._tensor(getattr(self._d, name))
        return self._data[name]

    @property
    def expanded(self) -> Container[str]:
        return self._fields

    def field(self, name: str) -> Tensor:
        if name not in self._fields:
            self._fields[name] = self._expanded(name)
            self._forget_graphs()
        return self._fields[name]

    @torch.compiler.disable
    def step(self, substeps: int) -> None:
        if substeps not in self._steps:
            self._steps[substeps] = self._captured(lambda: self._advance(substeps))
        captured = self._steps[substeps]
        if self.device.type == "cpu":
            captured()
            faults_before, self._faults_before = self._faults_before, int(self._health.seen.sum())
            self.faulted = self._faults_before > faults_before
        elif torch.cuda.is_current_stream_capturing():
            captured.work()  # into the graph that somebody else is capturing
        else:
            captured()

    @torch.compiler.disable
    def forward(self) -> None:
        with self._streams.scope():
            self._forward()

    def keep_kinematics(self) -> None:
        if not self._kinematics:
            self._kinematics = True
            self._forget_graphs()

    def keep_body_forces(self) -> None:
        if not self._body_forces:
            self._body_forces = True
            self._forget_graphs()

    def keep_rules(self, rules: Rules) -> None:
        self._rules = rules
        for name in RULED:
            self.field(name)
        self._forget_graphs()

    def keep_start(self) -> None:
        with self._streams.scope():
            self._health.keep_start()

    def contacts(self, env: int) -> Contacts:
        with self._streams.scope():
            contact, count = self._d.contact, min(int(self._d.nacon.numpy()[0]), self._d.naconmax)
            acts = contact.efc_address.numpy()[:count, 0] >= 0
            found = np.flatnonzero((contact.worldid.numpy()[:count] == env) & acts).astype(np.int32)
            forces: Any = wp.zeros(len(found), dtype=wp.spatial_vector)
            if len(found):
                mjw.contact_force(self._m, self._d, wp.array(found, dtype=int), False, forces)
            of = lambda field: field.numpy()[found]  # noqa: E731
            return Contacts(
                of(contact.geom),
                of(contact.pos),
                of(contact.frame)[:, 0],
                of(contact.dist),
                of(contact.includemargin),
                of(contact.friction),
                forces.numpy()[:, :3],
            )

    def set_const(self, env_ids: Sequence[int] | None = None) -> None:
        for name in DERIVED:
            self.field(name)
        with self._streams.scope():
            mjw.set_const(self._m, self._d)

    def faults(self) -> dict[str, Tensor]:
        return self._health.faults()

    def launch(self, command: Any) -> None:
        if self.device.type == "cpu" or self._stepping:
            command.launch()
        else:  # also into a graph that torch captures: a recorded kernel allocates nothing that Warp would have to keep
            command.launch(self._streams.current())

    def close(self) -> None:
        for held in (self._data, self._fields, self._steps):
            held.clear()
        self._streams.close()
        del self._m, self._d, self._health

    def _captured(self, work: Callable[[], None]) -> Captured | Recorded:
        if self.device.type == "cuda":
            return Captured(work, self.device, "simulate", self._graph)
        return Recorded(work, self._graph and not self._m.opt.deterministic)  # which sorts with torch's operations

    def _advance(self, substeps: int) -> None:
        self._stepping = True
        try:
            with self._streams.scope():
                self._health.before_step()
                for substep in range(substeps):
                    self._first = substep == 0
                    self._m.opt.run_rne_postconstraint = self._body_forces and substep == substeps - 1
                    mjw.step(self._m, self._d)
                    if self._rules and self._rules.holds:
                        self._rules.hold()
                self._health.after_step()
                if self._kinematics:
                    self._forward()
        finally:
            self._stepping = False

    def _before_forces(self, model: Any, data: Any) -> None:
        """What a substep does once velocities and constraints are known."""
        if self._order:
            self._order.sort_rows(model, data)
        if self._rules and self._rules.resists and self._stepping:
            self._rules.resist(self._first)

    def _forward(self) -> None:
        for stage in (mjw.kinematics, mjw.com_pos, mjw.com_vel):
            stage(self._m, self._d)

    def _expanded(self, name: str) -> Tensor:
        """The live (N, ...) tensor of a model field, after giving each simulation its own row."""
        *path, leaf = name.split(".")
        owner = self._m.opt if path == ["opt"] else self._m
        shared = getattr(owner, leaf)
        if shared.shape[0] != self.num_envs or self.num_envs == 1:
            rows = wp.to_torch(shared)[:1].expand(self.num_envs, *[-1] * (wp.to_torch(shared).dim() - 1)).contiguous()
            own = wp.from_torch(rows, dtype=shared.dtype)
            own._is_batched = True
            setattr(owner, leaf, own)
            return rows
        return self._tensor(shared)

    def _forget_graphs(self) -> None:
        self.revision += 1
        for captured in self._steps.values():
            captured.forget()

    def _tensor(self, array: Any) -> Tensor:
        if array.size:
            return wp.to_torch(array)
        return torch.zeros((*array.shape, *getattr(array.dtype, "_shape_", ())), device=self.device)
