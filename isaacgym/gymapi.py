"""Isaac Gym's public names: the Gym object, value types, options, properties, enums and constants."""

from typing import Any

from isaacgym._src import differences, enums, options, properties, results, vector_math, vectors
from isaacgym._src.asset import Asset as Asset
from isaacgym._src.asset import AssetError as AssetError
from isaacgym._src.enums import *  # noqa: F403
from isaacgym._src.gym import Gym as Gym
from isaacgym._src.gym import acquire_gym as acquire_gym
from isaacgym._src.health import SimulationWarning as SimulationWarning
from isaacgym._src.options import *  # noqa: F403
from isaacgym._src.properties import *  # noqa: F403
from isaacgym._src.results import *  # noqa: F403
from isaacgym._src.scene import Env as Env
from isaacgym._src.sim import Sim as Sim
from isaacgym._src.tensor import Tensor as Tensor
from isaacgym._src.vector_math import *  # noqa: F403
from isaacgym._src.vectors import *  # noqa: F403
from isaacgym._src.viewer import Viewer as Viewer


def __getattr__(name: str) -> Any:
    """Say of a type that is not there what to use instead; enum members are names too, which type checkers miss."""
    if name in differences.GYMAPI_UNBUILT:
        raise NotImplementedError(f"gymapi.{name}: {differences.GYMAPI_UNBUILT[name]}")
    raise AttributeError(f"gymapi: Isaac Gym has no name '{name}'")


__all__ = ["Asset", "AssetError", "Env", "Gym", "Sim", "SimulationWarning", "Tensor", "Viewer", "acquire_gym"]
__all__ += [*enums.__all__, *options.__all__, *properties.__all__, *results.__all__]
__all__ += [*vector_math.__all__, *vectors.__all__]
