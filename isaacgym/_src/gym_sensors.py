"""The part of the Gym that creates force sensors and reads single ones."""

from __future__ import annotations

import copy

import numpy as np

from isaacgym._src import asset as assets
from isaacgym._src.asset import Asset
from isaacgym._src.lookup import actor_of, bodies_of, part_of
from isaacgym._src.options import ForceSensorProperties
from isaacgym._src.results import ForceSensor
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Transform


class GymSensors:
    """create_asset_force_sensor, create_force_sensor and the get_*_force_sensor family."""

    def create_asset_force_sensor(
        self, asset: Asset, body_idx: int, local_pose: Transform, props: ForceSensorProperties | None = None
    ) -> int:
        """Index of a new force sensor on body `body_idx`; it exists on actors of every environment."""
        part_of(asset.name, asset.body_names, body_idx, "create_asset_force_sensor", "body")
        asset.sensors.append(_sensor(body_idx, local_pose, props))
        return len(asset.sensors) - 1

    def create_force_sensor(
        self, env: Env, body: int, local_pose: Transform, props: ForceSensorProperties | None = None
    ) -> int:
        """Index, within its actor, of a new force sensor on a body of the environment; every one must get the same."""
        method, sim = "create_force_sensor", env.sim
        if sim.prepared:
            raise RuntimeError(f"{method}: the simulation is prepared; create everything before prepare_sim")
        for slot in range(len(env.actors)):
            bodies = bodies_of(env, slot)
            if bodies.start <= body < bodies.stop:
                sim.actor_sensors.add(env.index, slot, _sensor(body - bodies.start, local_pose, props))
                return len(sim.actor_sensors.of(sim, slot, env.index)) - 1
        count = sum(len(actor.asset.body_names) for actor in env.actors)
        raise IndexError(f"{method}: no body {body} in an environment of {count} (-1 is what was not found)")

    def get_actor_force_sensor_count(self, env: Env, handle: int) -> int:
        actor_of(env, handle, "get_actor_force_sensor_count")
        return len(env.sim.actor_sensors.of(env.sim, handle))

    def get_sim_force_sensor_count(self, sim: Sim) -> int:
        return len(sim.envs) * sim.actor_sensors.count(sim)

    def get_actor_force_sensor(self, env: Env, handle: int, index: int) -> ForceSensor | None:
        """One of an actor's sensors; None where it has none of this index."""
        actor_of(env, handle, "get_actor_force_sensor")
        sim = env.sim
        if not 0 <= index < len(sim.actor_sensors.of(sim, handle)):
            return None
        return _reader(sim, sim.actor_sensors.row(sim, env.index, handle) + index)

    def get_sim_force_sensor(self, sim: Sim, index: int) -> ForceSensor | None:
        """The sensor of a row of the force sensor tensor; None where there is no such row."""
        return _reader(sim, index) if 0 <= index < self.get_sim_force_sensor_count(sim) else None


def _sensor(body: int, pose: Transform, props: ForceSensorProperties | None) -> assets.ForceSensor:
    return assets.ForceSensor(int(body), copy.copy(pose), copy.copy(props or ForceSensorProperties()))


def _reader(sim: Sim, row: int) -> ForceSensor:
    """Reads through the tensor, which the engine fills from the next step on."""
    if sim.prepared:
        sim.state.keep_forces("sensor")

    def read(row: int) -> np.ndarray:
        state = sim.require("ForceSensor.get_forces").state
        state.refresh_forces("sensor")
        return np.asarray(state.sensor[row].cpu().numpy())

    return ForceSensor(row, read)
