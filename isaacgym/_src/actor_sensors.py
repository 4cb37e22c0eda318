"""Which force sensors an environment has: those of its actors' assets, and those added to actors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isaacgym._src.asset import ForceSensor
from isaacgym._src.vectors import Transform

if TYPE_CHECKING:
    from isaacgym._src.sim import Sim


class ActorSensors:
    """Sensors added to single actors; every environment must get the same ones."""

    def __init__(self) -> None:
        self._added: dict[int, dict[int, list[ForceSensor]]] = {}  # by environment and actor

    def add(self, env: int, slot: int, sensor: ForceSensor) -> None:
        """Keep a sensor whose body counts within its actor."""
        self._added.setdefault(env, {}).setdefault(slot, []).append(sensor)

    def of(self, sim: Sim, slot: int, env: int = 0) -> list[ForceSensor]:
        """The sensors of an actor: its asset's, then its own."""
        return sim.envs[env].actors[slot].asset.sensors + self._added.get(env, {}).get(slot, [])

    def row(self, sim: Sim, env: int, slot: int) -> int:
        """Where an actor's sensors begin in the tensor of all."""
        counts = [len(self.of(sim, i)) for i in range(len(sim.envs[0].actors))]
        return env * sum(counts) + sum(counts[:slot])

    def count(self, sim: Sim) -> int:
        """How many sensors an environment has."""
        return sum(len(self.of(sim, slot)) for slot in range(len(sim.envs[0].actors))) if sim.envs else 0

    def listed(self, sim: Sim) -> list[ForceSensor]:
        """The sensors of an environment in the order of the tensor, their bodies counted through all its actors."""
        self._check_alike(len(sim.envs))
        return [
            ForceSensor(place.body.start + sensor.body, _scaled(sensor.pose, actor.scale), sensor.props)
            for slot, (place, actor) in enumerate(zip(sim.layout.actors, sim.envs[0].actors, strict=True))
            for sensor in self.of(sim, slot)
        ]

    def _check_alike(self, num_envs: int) -> None:
        first = self._added.get(0, {})
        different = [i for i in range(num_envs) if self._added.get(i, {}) != first] if self._added else []
        if different:
            raise NotImplementedError(
                f"prepare_sim: the force sensors added to actors of environment {different[0]} differ from those of "
                "environment 0; all environments share one compiled model, so create the same sensors in each"
            )


def _scaled(pose: Transform, factor: float) -> Transform:
    return Transform(pose.p * factor, pose.r)
