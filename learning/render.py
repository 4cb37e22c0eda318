"""Pictures of a few environments in one scene, drawn by MuJoCo without a window."""

from __future__ import annotations

import mujoco
import numpy as np

from isaacgym.gymapi import Sim
from learning.opengl import open_context
from learning.poses import Snapshot
from learning.scenery import Scenery

SAMPLES = 4  # per pixel, against jagged edges


class Renderer:
    """Draws the first `count` environments of a prepared simulation side by side; to be used in one thread.

    Each robot stands at its place as it is in `first`, or now, and moves from there.
    """

    def __init__(
        self,
        sim: Sim,
        count: int,
        width: int,
        height: int,
        samples: int = SAMPLES,
        first: Snapshot | None = None,
    ) -> None:
        self._scenery = Scenery(sim, count, width, height, samples, first)
        self._gl = open_context(width, height)
        self._context = mujoco.MjrContext(self._scenery.model, int(mujoco.mjtFontScale.mjFONTSCALE_100))
        mujoco.mjr_setBuffer(int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN), self._context)
        self._rect, self._pixels = mujoco.MjrRect(0, 0, width, height), np.empty((height, width, 3), np.uint8)

    def draw(self, seconds: float = 0.0, snapshot: Snapshot | None = None) -> np.ndarray:
        """The picture (H, W, 3) of a snapshot or of the present, `seconds` of simulated time after the last one."""
        self._scenery.compose(seconds, snapshot)
        self._gl.make_current()
        mujoco.mjr_render(self._rect, self._scenery.scene, self._context)
        mujoco.mjr_readPixels(self._pixels, None, self._rect, self._context)
        return np.flipud(self._pixels).copy()

    def close(self) -> None:
        """Free what OpenGL holds."""
        self._gl.make_current()
        self._context.free()
        self._gl.free()
