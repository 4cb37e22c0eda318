"""Kernels that are recorded once and launched again with other tensors, in a few microseconds of the host's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from isaacgym._src.backend.base import Arguments, Backend
from isaacgym._src.backend.quiet_warp import wp


class Launches:
    """Calls of kernels on an engine's device, in order with torch's operations.

    `kept` names the arguments that are the same in every call, asked for at the first; `given` are those of this one:
    contiguous tensors, of which only the address is passed on, and whole numbers. What is given and not flat in
    the kernel is also among `kept`, in the kernel's shape.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend, self._device = backend, wp.device_from_torch(backend.device)
        self._commands: dict[Any, tuple[Any, dict[str, Any]]] = {}

    def run(
        self,
        kernel: Any,
        dim: tuple[int, ...],
        kept: Callable[[], Arguments],
        variant: Any = None,
        **given: Tensor | int,
    ) -> None:
        """Launch `kernel` over `dim`; calls with tensors of other types than before are another `variant`."""
        found = self._commands.get((kernel, dim, variant))
        if found is None:
            if not all(dim):
                return
            flat = {name: v.view(-1) if isinstance(v, Tensor) else v for name, v in given.items()}
            found = self._commands[kernel, dim, variant] = self._record(kernel, dim, flat | kept())
        command, slots = found
        for name, value in given.items():
            if type(value) is int:
                slots[name].value = value
            else:
                slots[name].data = value.data_ptr()  # type: ignore[union-attr]
        self._backend.launch(command)

    def _record(self, kernel: Any, dim: tuple[int, ...], arguments: Arguments) -> tuple[Any, dict[str, Any]]:
        labels = [argument.label for argument in kernel.adj.args]
        inputs = [_argument(arguments[label]) for label in labels]
        command = wp.launch(kernel, dim, inputs, device=self._device, record_cmd=True)
        return command, dict(zip(labels, command.params[1:], strict=True))


def _argument(value: Any) -> Any:
    return wp.from_torch(value) if isinstance(value, torch.Tensor) else value
