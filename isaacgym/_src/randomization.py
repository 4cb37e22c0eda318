"""Random samples for domain randomisation, as IsaacGymEnvs' configs describe them.

An attribute is described by a mapping: range, distribution (gaussian, uniform, loguniform), operation
(additive or scaling), and optionally schedule (linear or constant) with schedule_steps, and num_buckets.
"""

import bisect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from isaacgym._src.options import SimParams
from isaacgym._src.vectors import Vec3

__all__ = [
    "apply_random_samples",
    "check_buckets",
    "generate_random_samples",
    "get_bucketed_val",
    "get_default_setter_args",
    "get_property_getter_map",
    "get_property_setter_map",
]

_KINDS = ("dof_properties", "tendon_properties", "rigid_body_properties", "rigid_shape_properties")


def get_property_setter_map(gym: Any) -> dict[str, Callable[..., Any]]:
    """The method that writes each kind of property."""
    return {kind: getattr(gym, f"set_actor_{kind}") for kind in _KINDS} | {"sim_params": gym.set_sim_params}


def get_property_getter_map(gym: Any) -> dict[str, Callable[..., Any]]:
    """The method that reads each kind of property."""
    return {kind: getattr(gym, f"get_actor_{kind}") for kind in _KINDS} | {"sim_params": gym.get_sim_params}


def get_default_setter_args(gym: Any) -> dict[str, list[Any]]:
    """What each setter is given after the properties: inertia follows a changed mass."""
    return {kind: [True] if kind == "rigid_body_properties" else [] for kind in (*_KINDS, "sim_params")}


def generate_random_samples(
    attr_randomization_params: Mapping[str, Any],
    shape: int | tuple[int, ...],
    curr_gym_step_count: int,
    extern_sample: Any = None,
) -> Any:
    """Samples of the described distribution, or the given ones, as strong as the schedule has made them."""
    params = attr_randomization_params
    amount = _progress(params, curr_gym_step_count)
    neutral = {"additive": 0.0, "scaling": 1.0}[_choice(params, "operation", ("additive", "scaling"))]
    sample = _drawn(params, shape) if extern_sample is None else extern_sample
    return neutral + amount * (sample - neutral)


def get_bucketed_val(new_prop_val: float, attr_randomization_params: Mapping[str, Any]) -> float:
    """The nearest bucket at or below a value; gaussian buckets span two roots of the second range number."""
    params = attr_randomization_params
    low, high = params["range"]
    if params["distribution"] == "gaussian":
        low, high = low - 2.0 * np.sqrt(high), low + 2.0 * np.sqrt(high)
    count = int(params["num_buckets"])
    buckets = [low + (high - low) * index / count for index in range(count)]
    return buckets[max(bisect.bisect(buckets, new_prop_val) - 1, 0)]


def apply_random_samples(
    prop: Any,
    og_prop: Any,
    attr: str,
    attr_randomization_params: Mapping[str, Any],
    curr_gym_step_count: int,
    extern_sample: Any = None,
    bucketing_randomization_params: Mapping[str, Any] | None = None,
) -> None:
    """Write a sample around the original value of one attribute into simulation or actor properties."""
    params = attr_randomization_params
    if isinstance(prop, SimParams):
        _apply_to_sim(prop, og_prop, attr, params, curr_gym_step_count)
        return
    shape = prop[attr].shape if isinstance(prop, np.ndarray) else 1
    value = _combined(params, og_prop[attr], generate_random_samples(params, shape, curr_gym_step_count, extern_sample))
    buckets = params if bucketing_randomization_params is None else bucketing_randomization_params
    if buckets.get("num_buckets", 0) > 0:
        value = np.vectorize(lambda one: get_bucketed_val(one, buckets))(value)
    if isinstance(prop, np.ndarray):
        prop[attr] = value
    else:
        setattr(prop, attr, value)


def check_buckets(gym: Any, envs: Any, dr_params: Mapping[str, Any]) -> None:
    """Nothing to check: the limit on the number of materials is PhysX', and MuJoCo has none."""


def _apply_to_sim(prop: SimParams, original: Any, attr: str, params: Mapping[str, Any], step: int) -> None:
    if attr == "gravity":
        before = original["gravity"].floats()
        prop.gravity = Vec3(*_combined(params, before, generate_random_samples(params, 3, step)))
    elif attr == "rest_offset":
        prop.physx.rest_offset = generate_random_samples(params, 1, step)
    else:
        raise ValueError(f"apply_random_samples: cannot randomise SimParams.{attr}; gravity and rest_offset can be")


def _combined(params: Mapping[str, Any], original: Any, sample: Any) -> Any:
    return original + sample if params["operation"] == "additive" else original * sample


def _drawn(params: Mapping[str, Any], shape: int | tuple[int, ...]) -> np.ndarray:
    first, second = params["range"]
    distribution = _choice(params, "distribution", ("gaussian", "uniform", "loguniform"))
    if distribution == "gaussian":
        return np.random.normal(first, second, shape)
    if distribution == "loguniform":
        return np.exp(np.random.uniform(np.log(first), np.log(second), shape))
    return np.random.uniform(first, second, shape)


def _progress(params: Mapping[str, Any], step: int) -> float:
    """Share of the randomisation that acts after so many steps."""
    schedule = params.get("schedule")
    if schedule is None:
        return 1.0
    steps = params["schedule_steps"]
    if _choice(params, "schedule", ("linear", "constant")) == "linear":
        return min(step, steps) / steps
    return float(step >= steps)


def _choice(params: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    value = params.get(key)
    if value not in choices:
        raise ValueError(f"randomization: {key} needs one of {', '.join(choices)}, given {value!r}")
    return str(value)
