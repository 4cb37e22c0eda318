"""What a figure was measured on: the processor, the card and its memory, versions, and kernels compiled meanwhile."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

from learning.summary import Summary

MIB = 2**20
CLOCK_SLACK = 0.1  # a file can be stamped with a time a little before its writing [s]


def machine(device: str) -> dict[str, Any]:
    """The machine of figures that were measured on `device`."""
    on_gpu = device.startswith("cuda")
    return {
        "gpu": torch.cuda.get_device_name(device) if on_gpu else None,
        "driver": _nvidia_smi(device, "driver_version") if on_gpu else None,
        "cuda": torch.version.cuda if on_gpu else None,
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "versions": Summary(Path(), {}, ()).figures()["versions"],
        "measured": time.strftime("%Y-%m-%d"),
    }


class GpuMemory:
    """What this process takes of a card's memory; made before it touches the card.

    Torch counts only what went through torch, and Warp allocates for itself; so this asks the driver for the whole
    card and subtracts what others had before. Nobody else may start or end work on the card meanwhile.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._before = self._driver_says() or 0

    def mib(self) -> int | None:
        """In use now; allocators keep what they had once, so this is the peak. None without a GPU."""
        if not self._device.startswith("cuda"):
            return None
        torch.cuda.synchronize(self._device)
        now = self._driver_says()
        if now is None:
            free, total = torch.cuda.mem_get_info(self._device)
            now = (total - free) // MIB
        return now - self._before

    def _driver_says(self) -> int | None:
        said = _nvidia_smi(self._device, "memory.used") if self._device.startswith("cuda") else None
        return int(said) if said and said.isdecimal() else None


class KernelCaches:
    """Whether the kernels of a run were found compiled; made when it begins."""

    def __init__(self) -> None:
        self._began = time.time() - CLOCK_SLACK
        self._graphs = self._torch_graphs()

    def found(self, engine: str) -> dict[str, Any]:
        """`state` is cold where there was nothing, warm where all was there, else partly warm; and what was compiled.

        MuJoCo on the CPU has no kernels, and `state` is null.
        """
        if engine != "warp":
            return {"state": None, "warp_modules_compiled": 0, "torch_graphs_compiled": 0}
        there, compiled = self._warp_modules()
        graphs = self._torch_graphs() - self._graphs
        state = "warm" if not compiled + graphs else "partly warm" if there else "cold"
        return {"state": state, "warp_modules_compiled": compiled, "torch_graphs_compiled": graphs}

    def _warp_modules(self) -> tuple[int, int]:
        """How many modules Warp's cache held before, and how many were written to it since."""
        import warp as wp

        folders = [path for path in Path(wp.config.kernel_cache_dir).glob("wp_*") if path.is_dir()]
        new = sum(path.stat().st_mtime >= self._began for path in folders)
        return len(folders) - new, new

    def _torch_graphs(self) -> int:
        """How many graphs torch's compiler has compiled in this process, because its cache did not have them."""
        dynamo = sys.modules.get("torch._dynamo.utils")  # which is slow to import, and absent where nothing is compiled
        found = dynamo.counters["inductor"] if dynamo else {}
        return sum(found.get(f"fxgraph_cache_{how}", 0) for how in ("miss", "bypass"))


def _nvidia_smi(device: str, field: str) -> str | None:
    """A field of `nvidia-smi` for the card that torch calls `device`; None where it does not answer."""
    index = int(device.partition(":")[2] or 0)
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    card = visible[index] if index < len(visible) else str(index)
    command = ["nvidia-smi", f"--id={card}", f"--query-gpu={field}", "--format=csv,noheader,nounits"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
