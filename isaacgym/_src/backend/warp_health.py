"""The health of simulations in MuJoCo Warp: what went wrong, counted on the device, and what led there."""

from __future__ import annotations

from typing import Any

import torch
import warp as wp
from torch import Tensor

from isaacgym._src.backend import health_kernels as kernels
from isaacgym._src.backend.base import HEALTH, MOST_FAULTS, STATE_FIELDS

BODY_FIELDS = ("xpos", "xipos", "xquat", "subtree_com", "cvel", "cfrc_int", "cfrc_ext")


class WarpHealth:
    """Watches the fields of mujoco_warp's `data`, without asking the device."""

    def __init__(self, data: Any, device: torch.device) -> None:
        self._d = data
        n = data.nworld
        self.counts = torch.zeros(n, len(HEALTH), dtype=torch.int32, device=device)
        self.unstable = torch.zeros(n, dtype=torch.bool, device=device)
        self.seen = self.counts.cpu().numpy()  # the same memory on a CPU, where looking costs nothing
        self._counts, self._unstable = wp.from_torch(self.counts), wp.from_torch(self.unstable)
        self._frame = wp.zeros(1, dtype=int)
        self._state = kernels.StepState()
        self._body = kernels.BodyState()
        for struct, names in ((self._state, STATE_FIELDS), (self._body, BODY_FIELDS)):
            for name in names:
                setattr(struct, name, getattr(data, name))
        self._before, self._start = self._like_state(n), self._like_state(n)
        self._log = kernels.FaultLog()
        self._logged = self._log.states = self._like_state(MOST_FAULTS)
        self._log.env, self._log.frame = wp.zeros(MOST_FAULTS, dtype=int), wp.zeros(MOST_FAULTS, dtype=int)
        self._log.count = wp.zeros(1, dtype=int)
        self.keep_start()

    def keep_start(self) -> None:
        """The present state is where a simulation that went wrong begins anew."""
        for name in STATE_FIELDS:
            wp.copy(getattr(self._start, name), getattr(self._state, name))

    def before_step(self) -> None:
        """Remember what the step starts from."""
        inputs = [self._state, self._before, self._counts, self._frame]
        wp.launch(kernels.remember, dim=self._d.nworld, inputs=inputs)

    def after_step(self) -> None:
        """Judge what came out of it."""
        d = self._d
        inputs = [self._state, self._before, self._start, self._body, self._log, self._frame]
        outputs = [d.qacc, d.qacc_warmstart, d.overflow, self._counts, self._unstable]
        wp.launch(kernels.judge, dim=d.nworld, inputs=inputs, outputs=outputs)

    def faults(self) -> dict[str, Tensor]:
        """The logged states; waits for the device."""
        count = min(int(self._log.count.numpy()[0]), MOST_FAULTS)
        arrays = {"env": self._log.env, "frame": self._log.frame}
        arrays |= {name: getattr(self._logged, name) for name in STATE_FIELDS}
        return {name: wp.to_torch(array)[:count].clone() for name, array in arrays.items() if array.size}

    def _like_state(self, rows: int) -> Any:
        struct = kernels.StepState()
        for name in STATE_FIELDS:
            array = getattr(self._state, name)
            setattr(struct, name, wp.zeros((rows, array.shape[1]), dtype=array.dtype))
        return struct
