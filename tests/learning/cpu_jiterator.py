"""PyTorch's jiterator on the CPU: the same C++ functions, compiled by g++ into a loop."""

from __future__ import annotations

import ctypes
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


def compiler(code: str, outputs: int, **numbers: float) -> Callable[..., Tensor | list[Tensor]]:
    """The function that `code` defines, for tensors that are broadcast against each other."""
    found = re.search(r">\s*\w+\s+(\w+)\((.*?)\)\s*\{", code, re.DOTALL)
    assert found
    name, parameters = found.group(1), found.group(2).split(",")
    inputs = [f"i{k}" for k in range(len(parameters) - len(numbers) - (outputs if outputs > 1 else 0))]
    results = [f"o{k}" for k in range(outputs)]
    values = [f"{x}[k]" for x in inputs] + [f"float({str(n).replace('inf', 'INFINITY')})" for n in numbers.values()]
    if outputs == 1:
        call = f"o0[k] = {name}<float>({', '.join(values)});"
    else:
        call = f"{name}<float>({', '.join(values + [f'{x}[k]' for x in results])});"
    loop = f"{{ for (long k = 0; k < n; k++) {{ {call} }} }}"
    arrays = ", ".join(f"float* {x}" for x in inputs + results)
    library = _build(f'#include <cmath>\n{code}\nextern "C" void run(long n, {arrays}) {loop}')

    def run(*tensors: Tensor) -> Tensor | list[Tensor]:
        given = [t.contiguous() for t in torch.broadcast_tensors(*tensors)]
        made = [torch.empty_like(given[0]) for _ in results]
        pointers = [ctypes.c_void_p(t.data_ptr()) for t in given + made]
        library.run(ctypes.c_long(given[0].numel()), *pointers)
        return made[0] if outputs == 1 else made

    return run


def _build(source: str) -> Any:
    folder = Path(tempfile.mkdtemp())
    (folder / "code.cpp").write_text(source)
    command = ["g++", "-O2", "-shared", "-fPIC", str(folder / "code.cpp"), "-o", str(folder / "code.so")]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(folder / "code.so"))
