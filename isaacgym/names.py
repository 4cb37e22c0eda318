"""A page of all names of the Isaac Gym API and how each stands here, from the code: python -m isaacgym.names."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from isaacgym import gymapi, gymtorch, gymutil, rlgpu, terrain_utils, torch_utils
from isaacgym._src import differences
from isaacgym._src.gym_unbuilt import UNBUILT
from isaacgym._src.record import Record
from isaacgym._src.vectors import Struct

__all__ = ["attributes", "gym_names", "gymapi_names", "module_names", "page"]

OPAQUE = (gymapi.Asset, gymapi.Env, gymapi.Gym, gymapi.Sim, gymapi.Viewer)  # client code only hands them on

SAME, DIFFERS, NOT_THERE, OURS = "same", "differs", "not there", "ours"

HEAD = """# Every name of the Isaac Gym API

Written by `python -m isaacgym.names > docs/isaacgym-names.md`, from the code; a test fails where this page is older.
A name is the *same* as in Isaac Gym, *differs* in what the remark says, or is *not there*, and using it raises
`NotImplementedError` with this remark. Those that Isaac Gym does not have are *ours*. What the calls mean in detail is
on [the page on meanings](isaacgym.md).
"""


class Name(NamedTuple):
    """A row of the page."""

    text: str
    state: str
    remark: str = ""


def page() -> str:
    """The page as Markdown."""
    sections = {"Methods of the Gym": list(gym_names()), "gymapi": list(gymapi_names())}
    for module in (gymtorch, gymutil, torch_utils, terrain_utils, rlgpu):
        sections[module.__name__.removeprefix("isaacgym.")] = list(module_names(module))
    parts = [HEAD, _summary(sections)]
    for title, names in sections.items():
        rows = "".join(f"| `{n.text}` | {n.state} | {n.remark} |\n" for n in names)
        parts.append(f"## {title}\n\n| name | state | remark |\n| --- | --- | --- |\n{rows}")
    return "\n".join(parts)


def gym_names() -> Iterator[Name]:
    """The methods of the Gym, built or not."""
    built = {name: value for name, value in inspect.getmembers(gymapi.Gym, callable) if not name.startswith("_")}
    for name in sorted(built.keys() | UNBUILT.keys()):
        if name in UNBUILT:
            yield Name(name, NOT_THERE, UNBUILT[name])
            continue
        doc = inspect.getdoc(built[name]) or ""
        ours = doc.startswith("Ours:") or name.endswith("_tensor_masked")
        yield Name(f"{name}{_arguments(built[name])}", *_state(name, differences.GYM, ours))


def gymapi_names() -> Iterator[Name]:
    """Functions, types with their attributes, and constants of gymapi."""
    ours = {"AssetError", "MujocoParams", "SimulationWarning", "Struct", "dof_dtype"}
    names = sorted({*gymapi.__all__, *differences.GYMAPI_UNBUILT})
    for name in names:
        if name in differences.GYMAPI_UNBUILT:
            yield Name(name, NOT_THERE, differences.GYMAPI_UNBUILT[name])
            continue
        value = getattr(gymapi, name)
        yield Name(name, *_state(name, differences.GYMAPI, name in ours))
        if isinstance(value, type) and name not in ours and value not in OPAQUE:
            for attribute in attributes(value):
                text = f"{name}.{attribute}"
                yield Name(text, *_state(text, differences.GYMAPI, text == "SimParams.mujoco"))


def module_names(module: ModuleType) -> Iterator[Name]:
    """The public names of a module."""
    ours = {"capture_graph", "offscreen_context", "OpenGLError", "get_bucketed_val"}
    for name in sorted(module.__all__):
        value = getattr(module, name)
        arguments = _arguments(value) if inspect.isfunction(value) else ""
        yield Name(f"{name}{arguments}", *_state(name, {}, name in ours))


def attributes(kind: type[Any]) -> list[str]:
    """What client code reads and writes of a type; members of an enumeration are names of gymapi themselves."""
    if issubclass(kind, enum.Enum):
        return []
    fields = list(kind.names()) if issubclass(kind, Record) else []
    fields += [field[0] for field in kind._fields_] if issubclass(kind, Struct) else []
    own = [name for base in kind.__mro__[:-1] for name in vars(base) if base.__module__.startswith("isaacgym")]
    private = {"floats", "names", *Record.__dict__} - {"dtype"}
    public = {name for name in [*own, *getattr(kind, "__annotations__", {})] if not name.startswith("_")}
    return fields + sorted(public - set(fields) - private)


def _state(name: str, differing: Mapping[str, str], ours: bool) -> tuple[str, str]:
    if ours:
        return OURS, ""
    return (DIFFERS, differing[name]) if name in differing else (SAME, "")


def _arguments(function: Any) -> str:
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    return f"({', '.join(names)})"


def _summary(sections: Mapping[str, list[Name]]) -> str:
    """How many names stand how, by section."""
    states = (SAME, DIFFERS, NOT_THERE, OURS)
    lines = [f"| | {' | '.join(states)} |", "| --- |" + " --- |" * len(states)]
    for title, names in sections.items():
        counts = [sum(name.state == state for name in names) for state in states]
        lines.append(f"| {title} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
