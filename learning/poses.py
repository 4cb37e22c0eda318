"""Some environments of a simulation as MuJoCo data: read at one time, shown at another, in any thread."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import numpy as np
from torch import Tensor

from isaacgym.gymapi import Sim
from learning.fetch import Fetch
from learning.staging import LEVEL, Box, Lineup

MOTION = ("qpos", "mocap_pos", "mocap_quat")  # what poses follow from

Snapshot = dict[str, np.ndarray]  # (E, ...) of each name in MOTION
Color = tuple[float, float, float]


class Poses:
    """The first `count` environments, E of them, of a prepared simulation; `model` may be a copy of its own."""

    def __init__(self, sim: Sim, count: int, model: mujoco.MjModel | None = None) -> None:
        self.sim, self.count = sim, min(count, len(sim.envs))
        self.model = sim.backend.model if model is None else model
        self.datas = [mujoco.MjData(self.model) for _ in range(self.count)]
        self._root = int(sim.layout.actors[0].mujoco_bodies[0])

    def take(self, more: Mapping[str, Tensor] | None = None) -> Fetch:
        """Where everything is now, on its way here, with `more` that is wanted of this moment."""
        return Fetch({name: self.sim.backend.data(name)[: self.count] for name in MOTION} | dict(more or {}))

    def read(self) -> Snapshot:
        """Where everything is now; waits for the device."""
        return self.take().arrays()

    def show(self, snapshot: Snapshot | None = None) -> np.ndarray:
        """Bring the data to a snapshot, or to the present; where the robots are, (E, 3) [m]."""
        for name, values in (self.read() if snapshot is None else snapshot).items():
            for data, value in zip(self.datas, values, strict=True):
                getattr(data, name)[:] = value.reshape(getattr(data, name).shape)
        for data in self.datas:
            mujoco.mj_kinematics(self.model, data)
        return np.stack([data.xpos[self._root] for data in self.datas])

    def lineup(self, first: Snapshot | None = None) -> Lineup:
        """Where to show the environments, as they are in `first` or now: on their common ground, or in a row."""
        starts = self.show(first)
        box = self._box(starts)
        if not self._terrain:
            return Lineup(box, starts)
        origins = np.array([env.origin for env in self.sim.envs[: self.count]])
        return Lineup(box, starts, origins + starts * LEVEL)

    def colors(self, env: int) -> dict[int, Color]:
        """What `set_rigid_body_color` said about this environment, by MuJoCo body."""
        pairs = zip(self.sim.layout.actors, self.sim.envs[env].actors, strict=True)
        return {
            int(place.mujoco_bodies[body]): color
            for place, actor in pairs
            for body, color in (actor.colors or {}).items()
        }

    @property
    def _terrain(self) -> bool:
        """Whether all environments stand on one ground with relief."""
        ground = self.model.geom_type[self.model.geom_bodyid == 0]
        return bool(np.isin(ground, (mujoco.mjtGeom.mjGEOM_HFIELD, mujoco.mjtGeom.mjGEOM_MESH)).any())

    def _box(self, starts: np.ndarray) -> Box:
        """What holds every actor in every environment as it is shown, each moved from `starts` (E, 3) to the origin."""
        shapes = np.flatnonzero(self.model.geom_bodyid > 0)
        centres, halves = self.model.geom_aabb[shapes, :3], self.model.geom_aabb[shapes, 3:]
        lows, highs = [], []
        for data, start in zip(self.datas, starts * LEVEL, strict=True):
            turn = data.geom_xmat[shapes].reshape(-1, 3, 3)
            middle = data.geom_xpos[shapes] + np.einsum("gij,gj->gi", turn, centres) - start
            reach = np.einsum("gij,gj->gi", np.abs(turn), halves)
            lows.append((middle - reach).min(0))
            highs.append((middle + reach).max(0))
        return Box(np.min(lows, 0), np.max(highs, 0))
