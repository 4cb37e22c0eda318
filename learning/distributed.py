"""Training in several processes: who this one is, and what all of them compute together.

Alone, which is the normal case, every function here is a no-op and torch.distributed is never imported. The
collectives work in place, never wait for a GPU and can be captured in CUDA graphs.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor

from learning.launch import Launch, launched
from learning.peers import Peers

# Longer than the slowest start of a process, which compiles kernels; a dead peer is noticed by `Peers`, not by this.
TIMEOUT = timedelta(minutes=10)
LEAVING = 15  # the longest that a process may take to end [s]

_alone = Launch(rank=0, local_rank=0, world_size=1, local_world_size=1)
_now = _alone
_peers: Peers | None = None
_store: Any = None
_starts = 0


def start(device: torch.device | str) -> None:
    """Join the processes that torchrun started; `device` is where this one's tensors will be."""
    global _now, _peers
    now, device = launched(), torch.device(device)
    if now is None or now.world_size == 1:
        return
    import torch.distributed as dist

    on_gpu = device.type == "cuda"
    if on_gpu:
        torch.cuda.set_device(device)
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if on_gpu else "gloo",  # what the host decides need not pass through the GPU
        store=_meeting_point(),
        rank=now.rank,
        world_size=now.world_size,
        timeout=TIMEOUT,
        device_id=device if on_gpu else None,
    )
    _now = now
    _peers = Peers(now.rank, gathered(Peers.here()))
    broadcast_(torch.zeros(1, device=device))  # a first collective connects; it must not be one that is captured


def _meeting_point() -> Any:
    """Where the processes find each other: a new place for each run of a sweep, because the old one keeps addresses."""
    global _store, _starts
    from torch.distributed.distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    if _store is None:
        _store, _, _ = next(rendezvous("env://", timeout=TIMEOUT))
    _starts += 1
    return PrefixStore(f"run{_starts}", _store)


def stop() -> None:
    """Leave when all processes have come here; what they did is complete."""
    global _now, _peers
    if _peers is None:
        return
    import torch.distributed as dist

    any_of(False)
    _peers.forget()
    gc.collect()  # NCCL waits for the CUDA graphs that hold its collectives; should one be left, all is done anyway
    rescue = threading.Timer(LEAVING, os._exit, [0])
    rescue.daemon = True
    rescue.start()
    dist.destroy_process_group()
    rescue.cancel()
    _now, _peers = _alone, None


def abandon() -> None:
    """Leave without the others, after an error; they will see this process end."""
    global _now, _peers
    if _peers is not None:
        _peers.forget()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LEAVING)  # taking NCCL down can wait for the others, who may wait for this process
    _now, _peers = _alone, None


def end_if_alone() -> None:
    """End this process if another one has died."""
    if _peers is not None:
        _peers.end_if_dead()


def rank() -> int:
    """This process's number, from 0."""
    return _now.rank


def world_size() -> int:
    """How many processes train together."""
    return _now.world_size


def is_main() -> bool:
    """Whether this process writes the files and speaks to the user."""
    return _now.rank == 0


def sum_(tensor: Tensor) -> Tensor:
    """`tensor`, which becomes the sum over all processes."""
    if _peers is not None:
        import torch.distributed as dist

        with _peers.needed():
            dist.all_reduce(tensor)
    return tensor


def mean_(tensor: Tensor) -> Tensor:
    """`tensor`, which becomes the mean over all processes."""
    return tensor if _peers is None else sum_(tensor).div_(_now.world_size)


def broadcast_(tensor: Tensor, src: int = 0) -> Tensor:
    """`tensor`, which becomes that of process `src`."""
    if _peers is not None or _now.world_size > 1:
        import torch.distributed as dist

        dist.broadcast(tensor, src)
    return tensor


def any_of(flag: bool) -> bool:
    """Whether `flag` is true in any process; the same answer in all of them."""
    return bool(sum_(torch.tensor(float(flag)))) if _peers is not None else flag


def gathered(value: Any) -> list[Any]:
    """Every process's `value`, by rank, in all of them; for small things and rarely."""
    if _now.world_size == 1:
        return [value]
    import torch.distributed as dist

    found: list[Any] = [None] * _now.world_size
    dist.all_gather_object(found, value)
    return found
