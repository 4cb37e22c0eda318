"""Isaac Gym's public names: the Gym object, value types, options, properties, enums and constants."""

from isaacgym._src import enums as _enums
from isaacgym._src import options as _options
from isaacgym._src import properties as _properties
from isaacgym._src import vectors as _vectors
from isaacgym._src.asset import Asset, AssetError
from isaacgym._src.gym import Gym, acquire_gym
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.tensor import Tensor

_SOURCES = (_enums, _options, _properties, _vectors)
_EXPORTED = {name: getattr(module, name) for module in _SOURCES for name in vars(module) if not name.startswith("_")}
_PUBLIC = {
    name: value
    for name, value in _EXPORTED.items()
    if name.isupper() or getattr(value, "__module__", "").startswith("isaacgym.") or name == "dof_dtype"
}
globals().update(_PUBLIC)

__all__ = sorted({*_PUBLIC, "Asset", "AssetError", "Env", "Gym", "Sim", "Tensor", "acquire_gym"})  # noqa: PLE0605
