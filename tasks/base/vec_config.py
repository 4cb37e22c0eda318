"""What can be wrong in the config of a VecTask: its `env:` and `sim:` sections in IsaacGymEnvs' words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from isaacgym import gymapi, gymutil

ENGINES = {"physx": gymapi.SIM_PHYSX, "flex": gymapi.SIM_FLEX}
WHOLE = ("numEnvs", "numAgents", "numObservations", "numStates", "numActions", "controlFrequencyInv")
REQUIRED = ("dt", "up_axis", "gravity")
NUMBERS = ("envSpacing", "clipObservations", "clipActions")


def vec_faults(config: Mapping[str, Any]) -> list[str]:
    """Every fault, one line each; keys that only the task itself reads are its own business."""
    found = [
        f"task.{section}: given {config.get(section)!r}; a VecTask's config needs this section"
        for section in ("env", "sim")
        if not isinstance(config.get(section), Mapping)
    ]
    if found:
        return found
    found += _env_faults(config["env"])
    found += [f"task.sim.{key}: missing" for key in REQUIRED if config["sim"].get(key) is None]
    found += _sim_faults(config["sim"], gymapi.SimParams(), "task.sim")
    engine = config.get("physics_engine", "physx")
    if engine not in ENGINES:
        found.append(f"task.physics_engine: given {engine!r}; use one of {', '.join(ENGINES)}")
    randomization = config.get("task")
    if isinstance(randomization, Mapping) and randomization.get("randomize"):
        found.append("task.task.randomize: domain randomisation is not built yet; set it to False")
    return found


def _env_faults(env: Mapping[str, Any]) -> Iterator[str]:
    for name in WHOLE:
        value = env.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"task.env.{name}: given {value!r}; needs a whole number"
    for name in NUMBERS:
        value = env.get(name, 1.0)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            yield f"task.env.{name}: given {value!r}; needs a number"


def _sim_faults(section: Mapping[str, Any], params: Any, path: str) -> Iterator[str]:
    """Keys that are no attribute of the parameters, and values that an attribute refuses."""
    names = params.names()
    for key, value in section.items():
        if key not in names:
            near = difflib.get_close_matches(str(key), names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"keys here: {', '.join(names)}"
            yield f"{path}.{key}: no such key; {hint}"
        elif isinstance(value, Mapping):
            yield from _sim_faults(value, getattr(params, key), f"{path}.{key}")
        elif key == "up_axis" and value not in ("y", "z"):
            yield f"{path}.{key}: given {value!r}; use one of y, z"
        else:
            try:
                gymutil.parse_sim_config({key: value}, params)
            except (TypeError, ValueError) as error:
                yield f"{path}.{key}: {error}"
