"""The Gym: Isaac Gym's one object, each method a few lines into the module that does the work."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping

import torch

from isaacgym._src.backend.base import HEALTH, STATE_FIELDS
from isaacgym._src.captured_step import CapturedStep
from isaacgym._src.enums import SimType
from isaacgym._src.gym_actors import GymActors
from isaacgym._src.gym_actuators import GymActuators
from isaacgym._src.gym_attractors import GymAttractors
from isaacgym._src.gym_bodies import GymBodies
from isaacgym._src.gym_cameras import GymCameras
from isaacgym._src.gym_contacts import GymContacts
from isaacgym._src.gym_forces import GymForces
from isaacgym._src.gym_ground import GymGround
from isaacgym._src.gym_joints import GymJoints
from isaacgym._src.gym_looks import GymLooks
from isaacgym._src.gym_properties import GymProperties
from isaacgym._src.gym_sensors import GymSensors
from isaacgym._src.gym_soft import GymSoft
from isaacgym._src.gym_states import GymStates
from isaacgym._src.gym_tendons import GymTendons
from isaacgym._src.gym_tensors import GymTensors
from isaacgym._src.gym_timers import GymTimers
from isaacgym._src.gym_unbuilt import GymUnbuilt
from isaacgym._src.gym_viewer import GymViewer
from isaacgym._src.health import health_message
from isaacgym._src.options import SimParams
from isaacgym._src.results import Version
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Vec3


class Gym(
    GymJoints,
    GymActors,
    GymProperties,
    GymActuators,
    GymGround,
    GymTensors,
    GymAttractors,
    GymTendons,
    GymSensors,
    GymStates,
    GymBodies,
    GymContacts,
    GymForces,
    GymSoft,
    GymViewer,
    GymLooks,
    GymCameras,
    GymTimers,
    GymUnbuilt,
):
    """What acquire_gym returns."""

    def create_sim(
        self,
        compute_device: int = 0,
        graphics_device: int = 0,
        type: SimType = SimType.SIM_FLEX,
        params: SimParams | None = None,
    ) -> Sim:
        """A new simulation; the engine is MuJoCo whichever `type` says. No graphics device, no visuals."""
        sim = Sim(params or SimParams(), compute_device)
        sim.graphics.wanted = int(graphics_device) >= 0
        return sim

    def destroy_sim(self, sim: Sim) -> None:
        sim.close()

    def destroy_env(self, env: Env) -> None:
        """End the simulation, of whose one model every environment is a part."""
        env.sim.close()

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

    def set_env_gravity(self, env: Env, gravity: Vec3) -> None:
        """Ours: gravity [m/s^2] in one environment from now on; set_sim_params sets that of all."""
        sim = env.sim.require("set_env_gravity")
        sim.set_gravity(gravity, slice(env.index, env.index + 1))

    def get_frame_count(self, sim: Sim) -> int:
        """How often simulate was called."""
        return sim.frame_count

    def get_sim_time(self, sim: Sim) -> float:
        """Simulated time [s]."""
        return sim.frame_count * sim.params.dt

    def get_sim_health(self, sim: Sim) -> dict[str, torch.Tensor]:
        """Ours: how often each environment met each fault of the engine, live (N,) int32 counters by name."""
        return dict(zip(HEALTH, sim.require("get_sim_health").backend.health.unbind(1), strict=True))

    def get_sim_faults(self, sim: Sim) -> dict[str, torch.Tensor]:
        """Ours: the first states from which a step became unstable; waits for the device.

        env (k,) and frame (k,), and in MuJoCo's layout qpos, qvel, ctrl, mocap_pos, mocap_quat (k, ...), where the
        model has any.
        """
        return sim.require("get_sim_faults").backend.faults()

    def get_sim_state(self, sim: Sim) -> dict[str, torch.Tensor]:
        """Ours: what decides the next step, as (N, ...) copies of the fields that get_sim_faults names."""
        data = sim.require("get_sim_state").backend.data
        return {name: data(name).clone() for name in STATE_FIELDS}

    def set_sim_state(self, sim: Sim, state: Mapping[str, torch.Tensor]) -> None:
        """Ours: every environment goes on from `state`, as get_sim_state gives it; fields left out stay.

        Nothing else of what was simulated before has an effect.
        """
        sim.require("set_sim_state").state.set_engine(state)

    def get_unstable_tensor(self, sim: Sim) -> torch.Tensor:
        """Ours: live (N,) bool, the environments that the last simulate had to put back to their start."""
        return sim.require("get_unstable_tensor").backend.unstable

    def get_sim_health_message(self, sim: Sim, fault: str) -> str:
        """Ours: how often a fault of get_sim_health occurred, where, what it means and what helps."""
        return health_message(sim.require("get_sim_health_message").backend, fault)

    def capture_step(self, sim: Sim, work: Callable[[], None], name: str, enabled: bool = True) -> CapturedStep:
        """Ours: `work`, which sets, simulates and refreshes, as a callable that replays one CUDA graph.

        The first calls run `work` as it is; so do all of them on a CPU, or where it cannot be captured, which is
        logged. `work` uses fixed shapes, masks and buffers, and asks the device for nothing.
        """
        return CapturedStep(sim.require("capture_step"), work, name, enabled)

    def get_version(self) -> Version:
        """Preview 4 of Isaac Gym, whose API this is."""
        return Version(1, 0)

    def set_sim_device(self, sim: Sim) -> None:
        """The simulation's GPU becomes the current CUDA device; nothing on a CPU."""
        if sim.device.type == "cuda":
            torch.cuda.set_device(sim.device)

    def get_elapsed_time(self, sim: Sim) -> float:
        """Wall time since create_sim [s]."""
        return time.perf_counter() - sim.started


_gym = Gym()


def acquire_gym() -> Gym:
    """The one Gym object."""
    return _gym
