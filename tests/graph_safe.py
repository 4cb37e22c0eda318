"""A guard that fails on what a CUDA graph cannot capture, as far as a CPU can see it."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

TORCH = str(Path(torch.__file__).parent)
ROOT = Path(__file__).parents[1]
OWN_PACKAGES = ("tasks", "isaacgym")

HOST_READS = {
    torch.Tensor.tolist: "tolist",
    torch.Tensor.numpy: "numpy",
    torch.Tensor.__array__: "__array__",
    torch.Tensor.cpu: "cpu",
    torch.Tensor.__repr__: "print or repr",
    torch.Tensor.__format__: "format",
}


class GraphUnsafeError(AssertionError):
    """What was seen, one line each: what, where, what to do instead."""


@contextmanager
def graph_safe(owner: Any) -> Iterator[None]:
    """Fail on leaving if the body did what a graph cannot replay, or left `owner` with other tensors than before.

    Warm up first: what is allocated or remembered on first use is legitimate then.
    """
    found: list[str] = []
    tensors, numbers = reachable(owner, Tensor), reachable(owner, (bool, int, float), packages=OWN_PACKAGES[:1])
    functions = _Functions(found)
    with functions, _Operators(found, functions.running):
        yield
    found += _rebound(tensors, reachable(owner, Tensor))
    found += _moved_on(numbers, reachable(owner, (bool, int, float), packages=OWN_PACKAGES[:1]))
    if found:
        raise GraphUnsafeError("not capturable:" + "".join(f"\n  {line}" for line in dict.fromkeys(found)))


def reachable(owner: Any, kind: Any, packages: Sequence[str] = OWN_PACKAGES) -> dict[str, Any]:
    """Everything of `kind` among the attributes of `owner` and of the objects it holds, by path."""
    own = {*packages, type(owner).__module__.partition(".")[0]}
    found: dict[str, Any] = {}
    seen: set[int] = set()

    def visit(value: Any, path: str) -> None:
        if isinstance(value, kind):
            found[path] = value
            return
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, dict):
            for key, item in value.items():
                visit(item, f"{path}[{key!r}]")
        elif isinstance(value, (list, tuple)):
            for i, item in enumerate(value):
                visit(item, f"{path}[{i}]")
        elif type(value).__module__.partition(".")[0] in own and hasattr(value, "__dict__"):
            for name, item in vars(value).items():
                visit(item, f"{path}.{name}" if path else name)

    visit(owner, "")
    return found


class _Functions(TorchFunctionMode):
    """Sees what reads a tensor without an operator, and keeps the stack of what is being called."""

    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self.found = found
        self.running: list[Callable] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in HOST_READS:
            self.found.append(_line(HOST_READS[func], "the host waits for the values; keep them on the device"))
        elif func is torch.Tensor.to and any(str(a) == "cpu" for a in (*args[1:], *(kwargs or {}).values())):
            self.found.append(_line("to('cpu')", "the host waits for the values; keep them on the device"))
        self.running.append(func)
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self.running.pop()


class _Operators(TorchDispatchMode):
    """Sees every operator."""

    def __init__(self, found: list[str], running: list[Callable]) -> None:
        super().__init__()
        self.found, self.running = found, running

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        why = self._objection(func, args)
        if why:
            self.found.append(_line(str(func).removesuffix(".default"), why))
        return func(*args, **(kwargs or {}))

    def _objection(self, func: Any, args: Any) -> str | None:
        name = func._schema.name.removeprefix("aten::")
        if name in ("index", "index_put", "index_put_", "_index_put_impl_"):
            masked = any(i is not None and i.dtype in (torch.bool, torch.uint8) for i in args[1])
            return "its size depends on the mask; use torch.where or masked_fill_" if masked else None
        if name == "lift_fresh":
            # Writing a number into a slice makes such a tensor too; a GPU fills the slice without it.
            is_fill = bool(self.running) and self.running[-1] is torch.Tensor.__setitem__
            return None if is_fill else "host data is copied in; make the tensor once, outside the step"
        if torch.Tag.data_dependent_output in func.tags:
            return "the host waits for the value; keep it a tensor, do not branch on it"
        if torch.Tag.dynamic_output_shape in func.tags:
            return "its size depends on the data; use a mask and fixed shapes"
        return None


def _rebound(before: dict[str, Tensor], after: dict[str, Tensor]) -> list[str]:
    def place(tensor: Tensor) -> tuple[Any, ...]:
        return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype

    why = "was bound to another tensor; write in place (copy_, +=, out=)"
    lost = [f"{path}: is gone after the step; a buffer stays" for path in before.keys() - after.keys()]
    return lost + [f"{p}: {why}" for p, t in after.items() if p not in before or place(t) != place(before[p])]


def _moved_on(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [
        f"{path}: a Python number went from {before[path]} to {value}; a graph repeats the first, make it a buffer"
        for path, value in after.items()
        if path in before and value != before[path]
    ]


def _line(what: str, why: str) -> str:
    frame = _culprit()
    code = frame.f_code
    path, number = Path(code.co_filename), frame.f_lineno
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    text = linecache.getline(code.co_filename, number).strip()
    return f"{what} at {shown}:{number} in {code.co_name}: `{text}`: {why}"


def _culprit() -> FrameType:
    """The innermost frame that is neither PyTorch's nor this file's."""
    frame = sys._getframe(1)
    while frame.f_back and (frame.f_code.co_filename == __file__ or frame.f_code.co_filename.startswith(TORCH)):
        frame = frame.f_back
    return frame
