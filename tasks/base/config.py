"""Typed configs: a dataclass without defaults says which keys a task has, of which type; the values live in YAML."""

from __future__ import annotations

import dataclasses
import difflib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

ABOVE_ZERO = {"above": 0}


class ConfigError(ValueError):
    """Everything wrong with a config, one line a fault."""

    def __init__(self, owner: str, faults: list[str]) -> None:
        self.faults = faults
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"{owner}: {len(faults)} fault{'s' if len(faults) != 1 else ''} in the config{lines}")


@dataclass(frozen=True)
class MujocoConfig:
    """MuJoCo's solver, and which of its engines."""

    engine: Literal["mujoco", "warp"] | None  # None: warp on a GPU, else mujoco
    deterministic: bool  # warp repeats itself bit by bit
    nconmax: int | None  # warp: contacts of an environment, on average; None: a probe finds out
    njmax: int | None  # warp: constraint rows of each environment; None: a probe finds out
    solver: Literal["newton", "cg"]
    iterations: int = field(metadata=ABOVE_ZERO)
    ls_iterations: int = field(metadata=ABOVE_ZERO)
    tolerance: float
    cone: Literal["pyramidal", "elliptic"]
    impratio: float = field(metadata=ABOVE_ZERO)  # of friction to normal constraint impedance


@dataclass(frozen=True)
class SimConfig:
    """Time and gravity."""

    dt: float = field(metadata=ABOVE_ZERO)  # one simulate call [s]
    substeps: int = field(metadata=ABOVE_ZERO)  # solver steps in it
    gravity: tuple[float, float, float]  # [m/s^2]
    graph: bool  # on a GPU a control step is one CUDA graph
    compile: bool  # on a GPU the step's tensor operations are fused by torch.compile
    mujoco: MujocoConfig


@dataclass(frozen=True)
class GroundConfig:
    """The ground plane z = 0."""

    static_friction: float
    dynamic_friction: float
    restitution: float


@dataclass(frozen=True)
class TaskConfig:
    """What every task's YAML says under `task:`."""

    _target_: str  # the task class; naming it here registers the task
    name: str
    asset: str  # file below assets/
    episode_length: int = field(metadata=ABOVE_ZERO)  # [control steps]
    env_spacing: float  # half the distance between environments in pictures [m]
    decimation: int = field(metadata=ABOVE_ZERO)  # simulate calls in a control step
    clip_observations: float = field(metadata=ABOVE_ZERO)
    clip_actions: float = field(metadata=ABOVE_ZERO)
    sim: SimConfig
    ground: GroundConfig
    observations: dict[str, float]  # scale of each term
    reward: dict[str, float]  # weight of each term


def build(cls: type[T], values: Mapping[str, Any], owner: str = "task") -> T:
    """`values` as a `cls`; raises ConfigError with every missing, unknown or mistyped key by its path."""
    found = faults(cls, values)
    if found:
        raise ConfigError(owner, found)
    return _make(cls, values)


def faults(cls: type, values: Any, path: str = "task") -> list[str]:
    """What keeps `values` from being a `cls`, one line each: path, what was wrong, what would do."""
    return list(_faults(cls, values, path))


def _faults(kind: Any, value: Any, path: str) -> Iterator[str]:
    origin, args = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        yield from _dataclass_faults(kind, value, path)
    elif origin in (Union, types.UnionType):
        options = [faults(option, value, path) for option in args]
        if all(options):
            yield options[0][0]
    elif origin is Literal:
        if value not in args:
            yield f"{path}: given {value!r}; use one of {', '.join(map(str, args))}"
    elif origin in (list, tuple):
        yield from _list_faults(kind, value, path)
    elif origin is dict:
        yield from _dict_faults(args[1], value, path)
    elif kind is not Any and not _is_a(kind, value):
        yield f"{path}: given {value!r} ({_name(type(value))}); needs {_name(kind)}"


def _dataclass_faults(cls: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: given {value!r}; needs a section with {', '.join(f.name for f in dataclasses.fields(cls))}"
        return
    hints = get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    names = list(fields)
    for key in value:
        if key not in names:
            near = difflib.get_close_matches(str(key), names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"keys here: {', '.join(names)}"
            yield f"{path}.{key}: no such key; {hint}"
    for name in names:
        if name not in value or value[name] == "???":
            yield f"{path}.{name}: missing; needs {_name(hints[name])}"
            continue
        found = faults(hints[name], value[name], f"{path}.{name}")
        bound = fields[name].metadata.get("above")
        if not found and bound is not None and not value[name] > bound:
            found = [f"{path}.{name}: given {value[name]!r}; must be above {bound}"]
        yield from found


def _list_faults(kind: Any, value: Any, path: str) -> Iterator[str]:
    length = len(get_args(kind)) if get_origin(kind) is tuple else None
    if not isinstance(value, (list, tuple)) or length not in (None, len(value)):
        yield f"{path}: given {value!r}; needs {_name(kind)}"
        return
    for i, item in enumerate(value):
        yield from _faults(get_args(kind)[0], item, f"{path}[{i}]")


def _dict_faults(kind: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: given {value!r}; needs a section of names with {_name(kind)} values"
        return
    for key, item in value.items():
        yield from _faults(kind, item, f"{path}.{key}")


def _is_a(kind: type, value: Any) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _name(kind: Any) -> str:
    names = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        str: "text",
        type(None): "nothing",
    }
    if kind in names:
        return names[kind]
    if dataclasses.is_dataclass(kind):
        return "a section"
    if get_origin(kind) in (list, tuple):
        count = f" of {len(get_args(kind))}" if get_origin(kind) is tuple else ""
        return f"a list{count}, each {_name(get_args(kind)[0])}"
    return getattr(kind, "__name__", str(kind))


def _make(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: _make(hints[f.name], value[f.name]) for f in dataclasses.fields(kind)})  # type: ignore[operator]
    if kind is float:
        return float(value)
    if get_origin(kind) in (list, tuple):
        return get_origin(kind)(_make(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is dict:
        return {str(key): _make(get_args(kind)[1], item) for key, item in value.items()}
    return value
