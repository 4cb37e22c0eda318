"""The OpenGL libraries that videos may be drawn with, in the order in which they are tried."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

# MuJoCo would read the variable while it is imported and, where that library is missing, end there with a traceback.
WISH = os.environ.pop("MUJOCO_GL", "").strip().lower()

from isaacgym.gymutil import OpenGLError, offscreen_context  # noqa: E402

__all__ = ["OpenGLError", "candidates", "open_context", "use"]

CHOICES = {"linux": ("egl", "osmesa"), "darwin": ("cgl", "glfw"), "win32": ("glfw",)}


def open_context(width: int, height: int) -> Any:
    """A context, current in this thread, for pictures up to this size [pixels]; `free()` ends it."""
    return offscreen_context(candidates(), width, height, through=f" through MUJOCO_GL={WISH}" if WISH else "")


def use(library: str) -> None:
    """Draw with this library from now on, whatever MUJOCO_GL says."""
    global WISH
    WISH = library


def candidates() -> Sequence[str]:
    """The libraries to try, in this order; MUJOCO_GL picks one."""
    return (WISH,) if WISH else CHOICES.get(sys.platform, ("egl", "osmesa"))
