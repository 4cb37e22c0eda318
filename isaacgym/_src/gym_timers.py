"""The part of the Gym that says where the time goes, while somebody asks for it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import torch

from isaacgym._src.results import PerformanceTimers
from isaacgym._src.sim import Sim

# The calls that are timed, and the activity that each counts as.
TIMED = {
    "simulate": "physics_sim",
    "fetch_results": "physics_data_movement",
    "render_all_camera_sensors": "graphics_sensor_rendering",
    "get_camera_image": "graphics_image_retrieval",
    "draw_viewer": "graphics_viewer_rendering",
    "sync_frame_time": "frame_idling",
}


class GymTimers:
    """create_performance_timers and the calls that take its handle."""

    def __init_subclass__(cls) -> None:
        for name, activity in TIMED.items():
            setattr(cls, name, _timed(getattr(cls, name), activity))

    def create_performance_timers(self, sim: Sim) -> int:
        """Handle of timers that run from now on; while there are any, timed calls wait for the device."""
        handle = max(sim.timers, default=-1) + 1
        sim.timers[handle] = PerformanceTimers()
        return handle

    def destroy_performance_timers(self, sim: Sim, handle: int) -> None:
        _timers(sim, handle, "destroy_performance_timers")
        del sim.timers[handle]

    def get_performance_timers(self, sim: Sim, handle: int) -> PerformanceTimers:
        """Seconds since the last query, of simulating, drawing and waiting for real time."""
        found = _timers(sim, handle, "get_performance_timers")
        sim.timers[handle] = PerformanceTimers()
        return found


def _timers(sim: Sim, handle: int, method: str) -> PerformanceTimers:
    if handle not in sim.timers:
        raise IndexError(f"{method}: there are no timers {handle}; handles: {sorted(sim.timers)}")
    return sim.timers[handle]


def _timed(call: Callable[..., Any], activity: str) -> Callable[..., Any]:
    """`call`, whose time counts in the timers of the simulation that it is handed."""

    @functools.wraps(call)
    def timed(*args: Any, **named: Any) -> Any:
        sim = next((a for a in (*args, *named.values()) if isinstance(a, Sim)), None)
        if sim is None or not sim.timers:
            return call(*args, **named)
        start = time.perf_counter()
        result = call(*args, **named)
        if sim.device.type == "cuda":
            torch.cuda.synchronize(sim.device)
        for timers in sim.timers.values():
            setattr(timers, activity, getattr(timers, activity) + time.perf_counter() - start)
        return result

    return timed
