"""Simulation parameters from a config of any shape: a mapping, an OmegaConf node, a class or an object."""

from collections.abc import Mapping
from typing import Any

from isaacgym._src.enums import UpAxis
from isaacgym._src.options import SimParams
from isaacgym._src.record import Record

__all__ = ["parse_sim_config"]


def parse_sim_config(sim_cfg: Any, sim_params: SimParams) -> None:
    """Write what a config says into the parameters; what it leaves out, or says nothing of them, stays."""
    _fill(sim_params, sim_cfg)


def _fill(params: Record, config: Any) -> None:
    for name in params.names():
        value = _look_up(config, name)
        current = getattr(params, name)
        if isinstance(current, Record):
            _fill(current, value)
        elif value is not None:
            setattr(params, name, _axis(value) if isinstance(current, UpAxis) else value)


def _look_up(config: Any, name: str) -> Any:
    return config.get(name) if isinstance(config, Mapping) else getattr(config, name, None)


def _axis(value: Any) -> Any:
    """The axis of a letter, as IsaacGymEnvs' files write it."""
    letters = {"y": UpAxis.UP_AXIS_Y, "z": UpAxis.UP_AXIS_Z}
    return letters.get(value.lower(), value) if isinstance(value, str) else value
