"""The Gym: Isaac Gym's one object, each method a few lines into the module that does the work."""

from __future__ import annotations

import copy
import time

import torch

from isaacgym._src.backend.base import HEALTH
from isaacgym._src.enums import SimType
from isaacgym._src.gym_actors import GymActors
from isaacgym._src.gym_tensors import GymTensors
from isaacgym._src.gym_unbuilt import GymUnbuilt
from isaacgym._src.options import PlaneParams, SimParams
from isaacgym._src.sim import Sim


class Gym(GymActors, GymTensors, GymUnbuilt):
    """What acquire_gym returns."""

    def create_sim(
        self,
        compute_device: int = 0,
        graphics_device: int = 0,
        type: SimType = SimType.SIM_FLEX,
        params: SimParams | None = None,
    ) -> Sim:
        """A new simulation; the engine is MuJoCo whichever `type` says."""
        return Sim(params or SimParams())

    def destroy_sim(self, sim: Sim) -> None:
        sim.close()

    def add_ground(self, sim: Sim, params: PlaneParams) -> None:
        """An infinite plane that collides with every actor of every environment."""
        if sim.prepared:
            raise RuntimeError("add_ground: the simulation is prepared; add the ground before prepare_sim")
        sim.scene.planes.append(copy.deepcopy(params))

    def prepare_sim(self, sim: Sim) -> bool:
        """Compile the scene and allocate all environments; needed once before tensors and simulate."""
        sim.prepare()
        return True

    def simulate(self, sim: Sim) -> None:
        sim.require("simulate").step()

    def fetch_results(self, sim: Sim, wait: bool = True) -> bool:
        """Nothing to wait for: simulate returns when its results are there."""
        return True

    def get_sim_params(self, sim: Sim) -> SimParams:
        return copy.deepcopy(sim.params)

    def set_sim_params(self, sim: Sim, params: SimParams) -> None:
        sim.set_params(params)

    def get_frame_count(self, sim: Sim) -> int:
        """How often simulate was called."""
        return sim.frame_count

    def get_sim_time(self, sim: Sim) -> float:
        """Simulated time [s]."""
        return sim.frame_count * sim.params.dt

    def get_sim_health(self, sim: Sim) -> dict[str, torch.Tensor]:
        """Ours: how often each environment met each fault of the engine, live (N,) int32 counters by name."""
        return dict(zip(HEALTH, sim.require("get_sim_health").backend.health.unbind(1), strict=True))

    def get_elapsed_time(self, sim: Sim) -> float:
        """Wall time since create_sim [s]."""
        return time.perf_counter() - sim.started


_gym = Gym()


def acquire_gym() -> Gym:
    """The one Gym object."""
    return _gym
