"""An OpenGL context without a window: through EGL or OSMesa, whichever this machine has."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

# MuJoCo would read the variable while it is imported and, where that library is missing, end there with a traceback.
WISH = os.environ.pop("MUJOCO_GL", "").strip().lower()

CHOICES = {"linux": ("egl", "osmesa"), "darwin": ("cgl", "glfw"), "win32": ("glfw",)}


class OpenGLError(RuntimeError):
    """There is nothing on this machine to draw with."""


def open_context(width: int, height: int) -> Any:
    """A context, current in this thread, for pictures up to this size [pixels]; `free()` ends it."""
    reasons = []
    for name in candidates():
        try:
            context = importlib.import_module(f"mujoco.{name}").GLContext(width, height)
            context.make_current()
            os.environ["MUJOCO_GL"] = name  # MuJoCo's C library looks there for whom to ask for OpenGL's functions
            return context
        except Exception as error:  # a missing library, driver or device each fails in its own way
            reasons.append(f"{name}: {_reason(error)}")
            _forget(name)
    raise OpenGLError(_advice(reasons))


def candidates() -> Sequence[str]:
    """The libraries to try, in this order; MUJOCO_GL picks one."""
    return (WISH,) if WISH else CHOICES.get(sys.platform, ("egl", "osmesa"))


def _forget(name: str) -> None:
    """Undo the import of a library that did not work: PyOpenGL binds to one for the life of its modules."""
    os.environ.pop("PYOPENGL_PLATFORM", None)
    for module in list(sys.modules):
        if module.split(".")[0] == "OpenGL" or module.startswith(f"mujoco.{name}"):
            del sys.modules[module]


def _reason(error: Exception) -> str:
    if isinstance(error, AttributeError):  # what PyOpenGL comes to where the library is not there
        return "no such library"
    return str(error).strip().split("\n")[0].split(". ")[0] or type(error).__name__


def _advice(reasons: list[str]) -> str:
    wish = f" through MUJOCO_GL={WISH}" if WISH else ""
    return (
        f"no OpenGL{wish} to draw with ({'; '.join(reasons)}); on Debian and Ubuntu install libegl1 and "
        "libgl1-mesa-dri, or libosmesa6"
    )
