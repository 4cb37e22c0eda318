"""Seeds and determinism of everything that draws numbers or chooses kernels."""

from __future__ import annotations

import os
import random
import secrets

import numpy as np
import torch

from learning.devices import useful_threads
from learning.launch import launched

WORKSPACE = ":4096:8"  # the buffers of cuBLAS with which its sums do not vary


def chosen_seed(seed: int) -> int:
    """`seed`, or a new one for -1."""
    return secrets.randbelow(2**31) if seed == -1 else seed


def seed_everything(seed: int, deterministic: bool) -> None:
    """Seed every generator and fix the number of threads, on which sums depend.

    `deterministic` also forbids kernels and number formats that vary.
    """
    if deterministic:  # before CUDA starts, which reads it once
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", WORKSPACE)
    together = launched()
    torch.set_num_threads(max(1, useful_threads() // (together.local_world_size if together else 1)))
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.backends.cuda.matmul.allow_tf32 = not deterministic
    torch.backends.cudnn.allow_tf32 = not deterministic
    torch.backends.cudnn.benchmark = not deterministic
    torch.backends.cudnn.deterministic = deterministic
    if deterministic != torch.are_deterministic_algorithms_enabled():  # the call starts torch's compiler: a second
        torch.use_deterministic_algorithms(deterministic)
