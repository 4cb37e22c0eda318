"""Which devices there are, and which one a null means."""

from __future__ import annotations

import os

MOST_THREADS = 4  # of tensor operations; on 16 cores more made a training epoch of Ant slower, not faster


def rl_devices() -> list[str]:
    """Where a policy can run here."""
    import torch

    return ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]


def sim_devices(physics: str | None = None) -> list[str]:
    """Where physics can run here: MuJoCo on the CPU, MuJoCo Warp on CUDA devices or, for tests, on the CPU."""
    return ["cpu"] if physics == "mujoco" else rl_devices()


def chosen(given: str | None, available: list[str]) -> str:
    """The device that a config's value means: the given one, or the first GPU, or the CPU."""
    if given is None:
        return available[1] if len(available) > 1 else "cpu"
    return "cuda:0" if given in ("cuda", "gpu") else given


def device_faults(name: str, given: str | None, available: list[str]) -> list[str]:
    """Why `given` cannot be used, if it cannot."""
    if chosen(given, available) in available:
        return []
    return [f"{name}: '{given}' is not available; available: {', '.join(available)}"]


def useful_threads() -> int:
    """How many threads to give tensor operations; the physics takes every core, these gain nothing beyond a few."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(MOST_THREADS, len(affinity(0)) if affinity else os.cpu_count() or 1)
