"""Isaac Gym's public names: the Gym object, value types, options, properties, enums and constants."""

from typing import TYPE_CHECKING, Any

from isaacgym._src import enums, options, properties, results, vectors
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
from isaacgym._src.vectors import *  # noqa: F403

if TYPE_CHECKING:
    # Enum members are names of this module too, which a type checker cannot see.
    def __getattr__(name: str) -> Any: ...


__all__ = ["Asset", "AssetError", "Env", "Gym", "Sim", "SimulationWarning", "Tensor", "acquire_gym"]
__all__ += [*enums.__all__, *options.__all__, *properties.__all__, *results.__all__, *vectors.__all__]
