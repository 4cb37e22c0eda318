"""What an engine offers: named live tensors over the data and model fields of many simulations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import mujoco
import torch
from torch import Tensor

HEALTH = ("unstable", "singular_inertia", "contacts_dropped", "constraints_dropped", "bad_control")


class Backend(Protocol):
    """N simulations of one MuJoCo model.

    Fields carry MuJoCo's names and layouts. State fields (qpos, qvel, ctrl, mocap_pos, ...) may be written at any
    time and count at the next step; derived fields are read only, and describe the state before the last substep
    unless `keep_kinematics` was called.

    A simulation that reaches a NaN or a huge number is put back to the model's defaults by the engine, and is in
    `unstable` until the next step. `health` counts this and other faults since the start, column by column of
    HEALTH. `faulted` says whether the last step met any; it is None where the device would have to be asked.
    """

    name: str
    model: mujoco.MjModel
    num_envs: int
    device: torch.device
    health: Tensor  # (N, len(HEALTH)) int32
    unstable: Tensor  # (N,) bool
    faulted: bool | None

    def data(self, name: str) -> Tensor:
        """The live (N, ...) tensor of an MjData field."""
        ...

    def field(self, name: str) -> Tensor:
        """The live (N, ...) tensor of a model field, per-simulation from the first call on."""
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

    def set_const(self, env_ids: Sequence[int] | None = None) -> None:
        """Recompute the model constants that depend on fields written through `field`, in some or all simulations."""
        ...

    def close(self) -> None:
        """Give back threads and memory."""
        ...
