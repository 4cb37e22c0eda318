"""An OpenGL context without a window, for the pictures of camera sensors."""

from __future__ import annotations

import importlib
import os
from typing import Any

LIBRARIES = ("egl", "osmesa")


def open_context(width: int, height: int) -> Any:
    """A context, current in this thread, for pictures up to this size [pixels], of the library MUJOCO_GL names."""
    wish, reasons = os.environ.get("MUJOCO_GL", "").strip().lower(), []
    for name in (wish,) if wish else LIBRARIES:
        try:
            context = importlib.import_module(f"mujoco.{name}").GLContext(width, height)
            context.make_current()
            os.environ["MUJOCO_GL"] = name  # MuJoCo's C library looks there for whom to ask for OpenGL's functions
            return context
        except Exception as error:  # a missing library, driver or device each fails in its own way
            reasons.append(f"{name}: {type(error).__name__}")
            os.environ.pop("PYOPENGL_PLATFORM", None)
    raise RuntimeError(
        f"camera sensor: no OpenGL to draw with ({'; '.join(reasons)}); on Debian and Ubuntu install libegl1 and "
        "libgl1-mesa-dri, or libosmesa6"
    )
