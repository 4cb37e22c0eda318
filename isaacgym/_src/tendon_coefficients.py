"""How much each joint counts in a fixed tendon's length: the file's coefficients, and what was set in their place."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from isaacgym._src import tendon as tendons
from isaacgym._src.asset import Asset
from isaacgym._src.lookup import part_of
from isaacgym._src.scene import Env


class TendonCoefficients:
    """Coefficients set on single actors before prepare_sim; they are the same in every environment."""

    def __init__(self) -> None:
        self._set: dict[int, dict[tuple[int, int], list[float]]] = {}  # by environment, actor and tendon

    def set(self, env: int, slot: int, tendon: int, values: list[float]) -> None:
        """Keep an actor's coefficients of one tendon."""
        self._set.setdefault(env, {})[slot, tendon] = values

    def of(self, env: Env, slot: int, tendon: int) -> list[float]:
        """An actor's coefficients of one tendon."""
        in_file = [coefficient for _, coefficient in env.actors[slot].asset.tendon_joints[tendon]]
        return self._set.get(env.index, {}).get((slot, tendon), in_file)

    def write(self, model: mujoco.MjModel, envs: Sequence[Env]) -> None:
        """Put those of environment 0, which all must have, into the scene's model."""
        first = self._set.get(0, {})
        for env in envs if self._set else ():
            if self._set.get(env.index, {}) != first:
                raise NotImplementedError(
                    f"prepare_sim: the tendon coefficients of environment {env.index} differ from those of environment "
                    "0; all environments share one compiled model, so set the same in each"
                )
        for slot, actor in enumerate(envs[0].actors):
            for number, place in enumerate(tendons.ids(model, slot, actor.asset.tendon_names)):
                if values := self.of(envs[0], slot, number):
                    start = int(model.tendon_adr[place])
                    model.wrap_prm[start : start + len(values)] = values


def checked(asset: Asset, tendon: int, values: Sequence[float], method: str) -> list[float]:
    """One number for each joint of one of an asset's fixed tendons."""
    joints = part_of(asset.name, asset.tendon_joints, tendon, method, "tendon")
    if len(values) != len(joints) or not joints:
        name = asset.tendon_names[tendon]
        raise ValueError(f"{method}: tendon '{name}' has {len(joints)} joints, given {len(values)} coefficients")
    return [float(value) for value in values]
