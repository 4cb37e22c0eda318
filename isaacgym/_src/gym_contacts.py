"""The part of the Gym that says who touches whom, and how hard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch

from isaacgym._src.contacts import contact_lines, rigid_contacts
from isaacgym._src.results import SoftContact
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Vec3


class GymContacts:
    """The get_*_rigid_contacts and get_*_rigid_contact_forces families."""

    def get_env_rigid_contacts(self, env: Env) -> np.ndarray:
        """(C,) RigidContact records of the present state; forces pushed by hand in the last step have no part."""
        env.sim.require("get_env_rigid_contacts")
        return rigid_contacts(env)

    def get_rigid_contacts(self, sim: Sim) -> np.ndarray:
        """(C,) RigidContact records of all environments, one after the other."""
        return np.concatenate([rigid_contacts(env) for env in sim.require("get_rigid_contacts").envs])

    def get_env_rigid_contact_forces(self, env: Env) -> np.ndarray:
        """(B,) records of the net contact forces [N] of the last step, as the tensor has them, world axes."""
        return _forces(env.sim, "get_env_rigid_contact_forces")[env.index].copy()

    def get_vec_env_rigid_contact_forces(self, envs: Sequence[Env]) -> np.ndarray:
        """(n*B,) records of the net contact forces [N] of several environments."""
        method = "get_vec_env_rigid_contact_forces"
        return np.concatenate([_forces(env.sim, method)[env.index] for env in envs])

    def get_rigid_contact_forces(self, sim: Sim) -> np.ndarray:
        """(N*B,) records of the net contact forces [N] of all environments."""
        return _forces(sim, "get_rigid_contact_forces").reshape(-1).copy()

    def draw_env_rigid_contacts(self, viewer: object, env: Env, color: Vec3, scale: float, sqrt: bool) -> None:
        """Add a line for each contact, as long as its force [N] or the root of it times `scale` [m/N]."""
        found = self.get_env_rigid_contacts(env)
        lines = contact_lines(env, found, scale, sqrt)
        cast(Any, self).add_lines(viewer, env, len(found), lines, np.tile(color.floats(), (len(found), 1)))

    def get_soft_contacts(self, sim: Sim) -> np.ndarray:
        """No records: there are no soft bodies."""
        return np.zeros(0, SoftContact.dtype)

    def get_env_soft_contacts(self, env: Env) -> np.ndarray:
        """No records: there are no soft bodies."""
        return np.zeros(0, SoftContact.dtype)

    def draw_env_soft_contacts(
        self, viewer: object, env: Env, color: Vec3, scale: float, sqrt: bool, forces: bool
    ) -> None:
        """Draw nothing: there are no soft bodies."""


def _forces(sim: Sim, method: str) -> np.ndarray:
    """(N, B) records, read through the tensor, which the engine fills from the next step on."""
    state = sim.require(method).state
    state.refresh_forces("contact")
    forces: torch.Tensor = state.contact.view(state.num_envs, -1, 3)
    return np.asarray(forces.cpu().numpy()).view(Vec3.dtype)[..., 0]
