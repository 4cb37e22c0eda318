"""What an engine offers: named live tensors over the data and model fields of many simulations."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, NamedTuple, Protocol

import mujoco
import numpy as np
import torch
from torch import Tensor

HEALTH = ("unstable", "singular_inertia", "contacts_dropped", "constraints_dropped", "bad_control")
STATE_FIELDS = ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat")  # what decides the next step
MOST_FAULTS = 64  # states that are kept of those that led to an unstable step


Arguments = dict[str, Any]  # of a kernel, by name


class Capacities(NamedTuple):
    """Memory for what a simulation cannot know beforehand."""

    nconmax: int  # contacts in a simulation, pooled over all of them
    njmax: int  # constraint rows in each simulation


class Contacts(NamedTuple):
    """C contacts of one simulation, on the host."""

    geom: np.ndarray  # (C, 2) the shapes that touch
    pos: np.ndarray  # (C, 3) half way between their surfaces [m]
    normal: np.ndarray  # (C, 3) from the first shape to the second
    dist: np.ndarray  # (C,) of their surfaces, negative where they overlap [m]
    margin: np.ndarray  # (C,) distance below which a contact acts [m]
    friction: np.ndarray  # (C, 5) coefficients: two of sliding, one of torsion, two of rolling
    force: np.ndarray  # (C, 3) along the normal and two tangents [N]


class Rules(Protocol):
    """What is done to velocities around every substep, all as recorded kernels."""

    @property
    def holds(self) -> bool:
        """Whether `hold` does anything."""
        ...

    @property
    def resists(self) -> bool:
        """Whether `resist` may do anything."""
        ...

    def suspect(self) -> bool:
        """Whether `resist` may do something in this substep; asks the device."""
        ...

    def resist(self, first: bool) -> None:
        """Before the forces of a substep are computed; `first` in the first of a step."""
        ...

    def hold(self) -> None:
        """After a substep."""
        ...


class Backend(Protocol):
    """N simulations of one MuJoCo model.

    Fields carry MuJoCo's names and layouts. State fields (qpos, qvel, ctrl, mocap_pos, ...) may be written at any
    time and count at the next step; derived fields are read only, and describe the state before the last substep
    unless `keep_kinematics` was called.

    A simulation that reaches a NaN or a huge number is put back to where `keep_start` was called, and is in
    `unstable` until the next step. `health` counts this and other faults since the start, column by column of
    HEALTH. `faulted` says whether the last step met any; it is None where the device would have to be asked.
    `lags` says that kinematic fields are those of before the last substep, whatever was asked for.
    `capacities` is None where memory grows by itself. `revision` grows when memory that a graph may have captured is
    replaced by other.
    """

    name: str
    model: mujoco.MjModel
    num_envs: int
    device: torch.device
    health: Tensor  # (N, len(HEALTH)) int32
    unstable: Tensor  # (N,) bool
    faulted: bool | None
    lags: bool
    capacities: Capacities | None
    revision: int

    def data(self, name: str) -> Tensor:
        """The live (N, ...) tensor of an MjData field."""
        ...

    def field(self, name: str) -> Tensor:
        """The live (N, ...) tensor of a model field, per-simulation from the first call on."""
        ...

    @property
    def expanded(self) -> Container[str]:
        """The model fields that were asked for."""
        ...

    def step(self, substeps: int) -> None:
        """Advance every simulation by `substeps` time steps."""
        ...

    def forward(self) -> None:
        """Make the kinematic fields (xpos, xquat, cvel, subtree_com) those of the present state."""
        ...

    def keep_kinematics(self) -> None:
        """From now on the kinematic fields describe the new state after each step."""
        ...

    def keep_body_forces(self) -> None:
        """From now on steps compute the forces on bodies (cfrc_ext, cfrc_int)."""
        ...

    def keep_rules(self, rules: Rules) -> None:
        """From now on velocities keep to these rules in every substep; to be called again when they have grown."""
        ...

    def keep_start(self) -> None:
        """The present state is where a simulation that became unstable begins anew."""
        ...

    def faults(self) -> dict[str, Tensor]:
        """The first states from which a step became unstable: env (k,), frame (k,), STATE_FIELDS (k, ...)."""
        ...

    def contacts(self, env: int) -> Contacts:
        """Who touches whom in one simulation: in its present state, or in the last step where only that is known."""
        ...

    def set_const(self, env_ids: Sequence[int] | None = None) -> None:
        """Recompute the model constants that depend on fields written through `field`, in some or all simulations."""
        ...

    def launch(self, command: Any) -> None:
        """Launch a recorded Warp kernel on the engine's device, in order with torch's operations."""
        ...

    def close(self) -> None:
        """Give back threads and memory."""
        ...
