"""Which engine simulates a scene, on which device."""

from __future__ import annotations

import mujoco
import numpy as np
import torch

from isaacgym._src import capacity
from isaacgym._src.backend.base import Backend
from isaacgym._src.backend.cpu import BackendCpu
from isaacgym._src.layout import Layout
from isaacgym._src.options import SimParams


def device(params: SimParams, compute_device: int) -> torch.device:
    """Where the state tensors of a simulation will live."""
    if not params.use_gpu_pipeline:
        return torch.device("cpu")
    if params.mujoco.engine == "mujoco":
        raise ValueError(
            "create_sim: mujoco.engine is 'mujoco', which runs on the CPU, and use_gpu_pipeline is on; set "
            "sim_params.use_gpu_pipeline = False or mujoco.engine = 'warp'"
        )
    count = torch.cuda.device_count()
    index = max(0, compute_device)
    if index >= count:
        raise RuntimeError(
            f"create_sim: use_gpu_pipeline is on and asks for cuda:{index}, torch sees {count} CUDA devices; set "
            "sim_params.use_gpu_pipeline = False (sim_device=cpu) to simulate on the CPU"
        )
    return torch.device("cuda", index)


def start(
    model: mujoco.MjModel, layout: Layout, num_envs: int, params: SimParams, device: torch.device, poses: np.ndarray
) -> Backend:
    """The engine, running; `poses` (N, A, 7) are where the actors start."""
    ours = params.mujoco
    if ours.engine == "warp" or (ours.engine == "auto" and params.use_gpu_pipeline):
        from isaacgym._src.backend.warp import BackendWarp  # which starts Warp: a second

        some = poses[:: -(-len(poses) // capacity.FALLS)]
        starts = np.unique([layout.start_qpos(pose) for pose in some], axis=0)
        sizes = capacity.probed(model, starts, num_envs, ours.nconmax, ours.njmax)
        return BackendWarp(model, num_envs, device, sizes, ours.deterministic, ours.graph)
    return BackendCpu(model, num_envs, int(params.physx.num_threads))
