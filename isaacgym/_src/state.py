"""The state tensors of Isaac Gym over an engine's live fields: refreshed, set, set where a mask says so."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from isaacgym._src import drive
from isaacgym._src.asset import ForceSensor
from isaacgym._src.backend.base import STATE_FIELDS, Backend
from isaacgym._src.chosen import EVERYONE, Chosen
from isaacgym._src.enums import DofDriveMode
from isaacgym._src.index_faults import IndexFaults
from isaacgym._src.layout import Layout, rotate, xyzw
from isaacgym._src.sensor import FIELDS_READ, ForceSensors
from isaacgym._src.state_operations import StateOperations

if TYPE_CHECKING:
    from isaacgym._src.attractor import Pulls
    from isaacgym._src.state_calls import StateCalls
    from isaacgym._src.velocity import VelocityRules

KINEMATIC_FIELDS = ("xpos", "xquat", "cvel", "subtree_com")
FORCE_FIELDS: dict[str, tuple[str, ...]] = {"dof_force": (), "contact": ("cfrc_ext",), "sensor": FIELDS_READ}
BODY_FORCES = ("contact", "sensor")


class State:
    """Buffers that never move: root (N*A, 13), dof (N*D, 2), body (N*B, 13), contact (N*B, 3), dof_force (N*D),
    sensor (N*S, 6), all float32 in the order and frames of Isaac Gym.

    Positions are of link frames in the environment's frame [m], quaternions xyzw, velocities in world axes at the
    link's origin [m/s, rad/s], forces in newtons, torques in newton metres.
    """

    def __init__(self, backend: Backend, layout: Layout, sensors: list[ForceSensor], contacts: bool = True) -> None:
        self.backend, self.layout = backend, layout
        self.num_envs = backend.num_envs
        zeros = lambda *shape: torch.zeros(shape, dtype=torch.float32, device=backend.device)  # noqa: E731
        n = self.num_envs
        self.root = zeros(n * layout.num_actors, 13)
        self.dof = zeros(n * layout.num_dofs, 2)
        self.body = zeros(n * layout.num_bodies, 13)
        self.contact = zeros(n * layout.num_bodies, 3)
        self.dof_force = zeros(n * layout.num_dofs)
        self.sensor = zeros(n * len(sensors), 6)
        self.sensors = ForceSensors(layout, sensors, n, backend.device) if sensors else None
        self.dof_force_scale = zeros(n, layout.num_dofs)
        self.modes = torch.zeros(n, layout.num_dofs, dtype=torch.int32, device=backend.device)
        real = backend.data("qpos").dtype
        self.law = [torch.zeros(n, layout.num_dofs, dtype=real, device=backend.device) for _ in range(4)]
        self._contacts = contacts
        self.index_faults = IndexFaults(n * layout.num_actors, backend.device)
        self.pulls: Pulls | None = None
        self.rules: VelocityRules | None = None
        self._pushed = self._effort_applied = False
        self._operations = StateOperations(self)
        self._kinematics_kept = False
        self._kinematics_bound = False
        self._kinematics_stale = True
        self._fields_kept: set[str] = set()
        self._forces_kept: set[str] = set()
        self._forces_pending: set[str] = set()

    @functools.cached_property
    def calls(self) -> StateCalls:
        """One kernel launch for each; the first use starts Warp."""
        from isaacgym._src.state_calls import StateCalls

        return StateCalls(self)

    @property
    def _way(self) -> StateCalls | StateOperations:
        """How to read and set: as kernels, or as operations where torch compiles the caller."""
        return self._operations if torch.compiler.is_compiling() else self.calls

    def place(self, poses: np.ndarray, dofs: np.ndarray | None = None) -> None:
        """Put every actor at its (N, A, 7) pose, at rest, with its dofs in (N, D, 2) states or at rest at zero."""
        pose = torch.as_tensor(poses, dtype=torch.float64, device=self.backend.device)
        root = torch.zeros(*pose.shape[:2], 13, dtype=torch.float64, device=pose.device)
        root[..., :7] = pose
        self._operations.put_roots(root, torch.ones(pose.shape[:2], dtype=torch.bool, device=pose.device))
        if dofs is not None:
            self.set_dof(torch.as_tensor(dofs, dtype=torch.float32, device=pose.device))
        self.backend.keep_start()

    # Acquiring says what the engine has to keep current.

    def keep_bodies(self, fields: Iterable[str] = ()) -> None:
        """The kinematic fields, `fields` among them, are current when they are read."""
        if not self._kinematics_kept:
            self._kinematics_kept = True
            self.backend.keep_kinematics()
        for field in fields:
            if field not in self._fields_kept:
                self._fields_kept.add(field)
                self.backend.data(field)
                self._kinematics_stale = True

    def keep_forces(self, kind: str) -> None:
        """`kind` is one of contact, dof_force, sensor."""
        if kind in self._forces_kept or (kind == "contact" and not self._contacts):
            return
        self._forces_kept.add(kind)
        if kind != "dof_force":
            self.backend.keep_body_forces()
        for field in FORCE_FIELDS[kind]:
            self.backend.data(field)  # a field asked for before the step is there after it

    # What the host knows of the buffers; the same steps leave it the same.

    def bookkeeping(self) -> tuple[bool, bool, frozenset[str]]:
        """Whether bodies are pushed, whether kinematics is stale, which forces of the last step are not read yet."""
        return self._pushed, self._kinematics_stale, frozenset(self._forces_pending)

    def set_bookkeeping(self, known: tuple[bool, bool, frozenset[str]]) -> None:
        """Go back to what `bookkeeping` returned."""
        self._pushed, self._kinematics_stale, self._forces_pending = known[0], known[1], set(known[2])

    # Reading.

    def stepped(self) -> None:
        """The engine has advanced: everything derived describes the new state once it is refreshed."""
        self._kinematics_stale = not self._kinematics_kept or self.backend.lags
        if self._kinematics_kept and self.backend.lags and "sensor" in self._forces_kept:
            self.backend.forward()  # sensors are read in the axes that bodies have now
            self._kinematics_stale = False
        self._forces_pending = set(self._forces_kept)
        if self._pushed or (self.rules is not None and self.rules.have_pushed()):
            self._pull_forces(*BODY_FORCES)  # what was applied by hand is part of them
            self.backend.data("xfrc_applied").zero_()
            if self._effort_applied:
                self.backend.data("qfrc_applied").zero_()
            self._pushed = self._effort_applied = False

    def refresh_root(self) -> None:
        self._way.read_roots(self.root)

    def refresh_dof(self) -> None:
        self._way.read_dofs(self.dof)

    def dofs_of(self, env: int) -> Tensor:
        """(D, 2) states of an environment's dofs."""
        dof = torch.empty(self.layout.num_dofs, 2, dtype=torch.float32, device=self.dof.device)
        self.calls.read_dofs(dof, env)
        return dof

    def refresh_bodies(self) -> None:
        self.keep_bodies()
        self.settle()
        self._way.read_bodies(self.body)

    def bodies_of(self, env: int | None = None) -> Tensor:
        """(B, 13) states of an environment's bodies, or (N, B, 13) of all, apart from the buffer."""
        self.keep_bodies()
        self.settle()
        shape = (self.layout.num_bodies, 13) if env is not None else (self.num_envs, self.layout.num_bodies, 13)
        body = torch.empty(shape, dtype=torch.float32, device=self.body.device)
        self.calls.read_bodies(body, env)
        return body

    def refresh_forces(self, kind: str) -> None:
        self.keep_forces(kind)
        self._pull_forces(kind)

    def finish_step(self) -> None:
        """Read the last step's forces before what they are read with (gains, masses, gravity) changes."""
        self._pull_forces(*FORCE_FIELDS)

    def kinematics_changed(self) -> None:
        """The poses of bodies are to be computed again before they are read."""
        self._kinematics_stale = True

    def settle(self) -> None:
        """Kinematics of the present state, where a setter or an engine that lags made it stale."""
        if not self._kinematics_bound:  # a field has no numbers until the engine has computed once more
            for field in KINEMATIC_FIELDS:
                self.backend.data(field)
            self._kinematics_bound, self._kinematics_stale = True, True
        if self._kinematics_stale:
            self._pull_forces(*BODY_FORCES)  # an engine may lose the last step's forces while it recomputes kinematics
            self.backend.forward()
            self._kinematics_stale = False

    def _pull_forces(self, *kinds: str) -> None:
        """Bring the buffers of these kinds up to the last step, once."""
        for kind in kinds:
            if kind in self._forces_pending:
                self._forces_pending.remove(kind)
                if kind == "dof_force":
                    self._way.read_drives(self.dof_force)
                elif kind == "contact":
                    self._way.read_contacts(self.contact)
                    if self.pulls is not None:
                        self.pulls.take_off_forces(self.contact.view(self.num_envs, -1, 3), self.backend)
                elif self.sensors is not None:
                    way = self._way if self.sensors.in_one_kernel else self._operations
                    way.read_sensors(self.sensors, self.sensor)

    def roots(self) -> Tensor:
        """(N, A, 13) states of all actors, apart from the buffer."""
        root = torch.empty(self.num_envs, self.layout.num_actors, 13, dtype=torch.float32, device=self.root.device)
        self.calls.read_roots(root)
        return root

    # Writing.

    def set_root(self, new: Tensor, chosen: Chosen = EVERYONE) -> None:
        """Root states (N*A, 13), float32, of the chosen actors."""
        self._pull_forces("dof_force")
        self._kinematics_stale = True
        self._way.write_roots(new, chosen)

    def set_dof(self, new: Tensor, chosen: Chosen = EVERYONE) -> None:
        """Dof states (N*D, 2), float32, of the chosen actors."""
        self._pull_forces("dof_force")  # drives are read from the state at the end of the step
        self._kinematics_stale = True
        self._way.write_dofs(new, chosen)

    def set_run_of_dofs(self, env: int, start: int, new: Tensor, flags: int) -> None:
        """States (d, 2), float32, of the dofs from `start` on of one environment; `flags` (StateFlags) says which
        columns count.
        """
        self._pull_forces("dof_force")
        self._kinematics_stale = True
        self.calls.write_run_of_dofs(env, start, new, flags)

    def set_engine(self, fields: Mapping[str, Tensor]) -> None:
        """The engine's own state fields, (N, ...) in MuJoCo's layout; those that are left out stay."""
        for name, rows in fields.items():
            if name not in STATE_FIELDS:
                raise ValueError(f"set_sim_state: no field '{name}'; fields: {', '.join(STATE_FIELDS)}")
            if rows.shape != self.backend.data(name).shape:
                needed = tuple(self.backend.data(name).shape)
                raise ValueError(f"set_sim_state: needs {name} of shape {needed}, given {tuple(rows.shape)}")
        self._pull_forces(*FORCE_FIELDS)
        for name, rows in fields.items():
            self.backend.data(name).copy_(rows)
        for name in ("qacc_warmstart", "xfrc_applied", "qfrc_applied"):  # what the last step leaves to the next one
            self.backend.data(name).zero_()
        self._pushed = self._effort_applied = False
        self._kinematics_stale = True

    def set_drives(self, props: np.ndarray, envs: slice = slice(None)) -> None:
        """(n, D) dof records of the environments `envs`: drive modes decide which dofs a command reaches.

        A dof whose mode changes starts without a command.
        """
        modes = props["driveMode"].astype(np.int32)
        for values, new_values in zip(self.law, drive.law(props), strict=True):
            values[envs] = torch.as_tensor(new_values, device=values.device)
        new = torch.as_tensor(modes, dtype=self.modes.dtype, device=self.modes.device).expand_as(self.modes[envs])
        ctrl = self.backend.data("ctrl")[envs]
        self.layout.dof_ctrl.put(ctrl, torch.zeros_like(ctrl[:, : new.shape[1]]), new != self.modes[envs])
        self.modes[envs] = new

    def command(self, values: Tensor, mode: DofDriveMode, chosen: Chosen = EVERYONE) -> None:
        """Efforts or targets (N*D,), float32, for the dofs in `mode` of the chosen actors."""
        self._pull_forces("dof_force")
        self._way.write_commands(values, mode, chosen)

    def targets(self, env: int) -> Tensor:
        """(D, 2) position and velocity targets of an environment's dofs, zero where the mode is another."""
        ctrl = self.layout.dof_ctrl.of(self.backend.data("ctrl"))[env]
        modes = (DofDriveMode.DOF_MODE_POS, DofDriveMode.DOF_MODE_VEL)
        return torch.stack([torch.where(self.in_mode(mode)[env], ctrl, 0.0) for mode in modes], -1)

    def set_targets(self, env: int, dofs: range, values: np.ndarray, column: int) -> None:
        """Position (column 0) or velocity (1) targets of some of an environment's dofs, as far as they have them."""
        mode, here = (DofDriveMode.DOF_MODE_POS, DofDriveMode.DOF_MODE_VEL)[column], slice(env, env + 1)
        rows = torch.zeros_like(self.law[0][here])
        chosen = torch.zeros_like(rows, dtype=torch.bool)
        rows[0, dofs.start : dofs.stop] = torch.as_tensor(values, dtype=rows.dtype, device=rows.device)
        chosen[0, dofs.start : dofs.stop] = True
        self._pull_forces("dof_force")
        self.layout.dof_ctrl.put(self.backend.data("ctrl")[here], rows, chosen & self.in_mode(mode)[here])

    def apply_efforts(self, env: int, dofs: slice, values: np.ndarray) -> None:
        """Add efforts to those of an environment's dofs that are in EFFORT mode, for the next step."""
        applied = self.backend.data("qfrc_applied")
        chosen = self.in_mode(DofDriveMode.DOF_MODE_EFFORT)[env, dofs]
        new = torch.as_tensor(values, dtype=applied.dtype, device=applied.device)
        columns = torch.as_tensor(self.layout.dof_qvel.array[dofs], device=applied.device)
        applied[env].index_add_(0, columns, torch.where(chosen, new, 0.0))
        self._pull_forces(*BODY_FORCES)
        self._pushed = self._effort_applied = True

    def added_inertia(self) -> Tensor:
        """(N, D) what drives add to the inertia of their joints to be integrated implicitly."""
        of_stiffness, of_damping = drive.added_inertia(float(self.layout.model.opt.timestep))
        return self.law[1] * of_stiffness + self.law[2] * of_damping

    def in_mode(self, mode: DofDriveMode) -> Tensor:
        """(N, D) bool: the dofs driven in `mode`."""
        return self.modes == int(mode)

    def push(self, force: Tensor | None, torque: Tensor | None, local: bool = False) -> None:
        """Forces and torques (N*B, 3) on bodies in world axes, or in the bodies', for the next step."""
        if local:
            self.settle()
        self._pull_forces(*BODY_FORCES)  # what the last step's contacts did is read with what was applied in it
        self._pushed = True
        self._way.push_bodies(force, torque, local)

    def push_one(self, env: int, body: int, wrench: Tensor) -> None:
        """Add a force and torque (6,) on one body in world axes to those of the next step."""
        self._pull_forces(*BODY_FORCES)
        applied = self.backend.data("xfrc_applied")
        applied[env, int(self.layout.body_ids[body])] += wrench.to(applied)
        self._pushed = True

    def from_bodies(self, vectors: Tensor) -> Tensor:
        """Vectors (N, B, k, 3) in the axes of the bodies, turned into those of the world."""
        self.settle()
        quat = xyzw(self.layout.bodies.of(self.backend.data("xquat"))).to(vectors.dtype).unsqueeze(-2)
        return rotate(quat.expand(*vectors.shape[:-1], 4), vectors)

    def positions(self, field: str) -> Tensor:
        """(N, B, 3) of the bodies' frames (xpos) or centres of mass (xipos), float32."""
        self.keep_bodies((field,))
        self.settle()
        return self.layout.bodies.of(self.backend.data(field)).float()
