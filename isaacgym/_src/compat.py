"""Names that libraries dropped since Isaac Gym's time, given back to client code: ISAACGYM_COMPAT=1 turns it on."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

NUMPY_NAMES: dict[str, Any] = {
    "Inf": np.inf,
    "Infinity": np.inf,
    "NINF": -np.inf,
    "NZERO": -0.0,
    "NaN": np.nan,
    "PINF": np.inf,
    "PZERO": 0.0,
    "alltrue": np.all,
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype),
    "bool": bool,
    "bool8": np.bool_,
    "complex": complex,
    "complex_": np.complex128,
    "cumproduct": np.cumprod,
    "float": float,
    "float_": np.float64,
    "in1d": lambda a, b, **options: np.isin(np.ravel(a), b, **options),
    "infty": np.inf,
    "int": int,
    "mat": np.asmatrix,
    "object": object,
    "product": np.prod,
    "round_": np.round,
    "row_stack": np.vstack,
    "sometrue": np.any,
    "str": str,
    "string_": np.bytes_,
    "unicode_": np.str_,
}

HOME = Path(__file__).resolve().parents[2]
BESIDE_US = ("benchmarks", "learning", "tasks")  # packages that this project installs beside isaacgym


def install() -> None:
    """Put NumPy's removed names back and let `import gym` find Gymnasium, each only where nothing else is there.

    Of packages called as those beside isaacgym, the client's come first.
    """
    sys.meta_path.insert(0, _ClientFinder())
    for name, value in NUMPY_NAMES.items():
        if name not in vars(np):
            setattr(np, name, value)
    if "gym" not in sys.modules and importlib.util.find_spec("gym") is None:
        sys.meta_path.append(_GymFinder())


class _ClientFinder(MetaPathFinder):
    """Finds a client's own `learning` or `tasks`, also a folder without an __init__.py, which Python has come last."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in BESIDE_US:
            return None
        return PathFinder.find_spec(fullname, [entry for entry in sys.path if Path(entry).resolve() != HOME], target)


class _GymFinder(MetaPathFinder):
    """Finds `gym` and its submodules as the modules of the same names in gymnasium."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, dot, rest = fullname.partition(".")
        if package != "gym":
            return None
        found = importlib.util.find_spec(f"gymnasium{dot}{rest}")
        return ModuleSpec(fullname, _Alias(found.name), is_package=True) if found else None


class _Alias(Loader):
    """Loads a module under a second name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.name)
        self.own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own_spec  # the import system has just put the alias's there
        if self.name == "gymnasium" and "__getattr__" not in vars(module.Wrapper):
            module.Wrapper.__getattr__ = _of_wrapped
            module.Wrapper.reset = _reset_wrapped
            module.Wrapper.render = _render_wrapped
            module.Wrapper.__init__ = _wrapping_any(module.Wrapper.__init__, module.Env)
            wrappers: Any = importlib.import_module("gymnasium.wrappers")
            wrappers.RecordVideo = importlib.import_module("isaacgym._src.compat_video").RecordVideo


def _wrapping_any(init: Callable[[Any, Any], None], kind: type) -> Callable[[Any, Any], None]:
    """The wrapper's `init`, for environments of any class: Gymnasium insists on its own."""

    def wrap(wrapper: Any, env: Any) -> None:
        init(wrapper, env if isinstance(env, kind) else kind())
        wrapper.env = env

    return wrap


def _reset_wrapped(wrapper: Any, **given: Any) -> Any:
    """Reset with what the caller gave, as environments of gym's time know no seed or options."""
    return wrapper.env.reset(**given)


def _render_wrapped(wrapper: Any, *given: Any, **named: Any) -> Any:
    """Render with what the caller gave, as environments of gym's time are told the mode."""
    return wrapper.env.render(*given, **named)


def _of_wrapped(wrapper: Any, name: str) -> Any:
    """What a wrapper lacks is read from the environment in it, as gym's wrappers do and Gymnasium's do not."""
    if name.startswith("_") or name == "env":
        raise AttributeError(f"{type(wrapper).__name__} has no attribute '{name}'")
    return getattr(wrapper.env, name)
