"""An OpenGL context without a window: through EGL or OSMesa, whichever this machine has."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

LIBRARIES = ("egl", "osmesa")


class OpenGLError(RuntimeError):
    """There is nothing on this machine to draw with."""


def open_context(width: int, height: int) -> Any:
    """A context for the pictures of camera sensors, of the library that MUJOCO_GL names."""
    wish = os.environ.get("MUJOCO_GL", "").strip().lower()
    return offscreen_context((wish,) if wish else LIBRARIES, width, height)


def offscreen_context(libraries: Sequence[str], width: int, height: int, through: str = "") -> Any:
    """A context of the first of MuJoCo's `libraries` that works, for pictures up to this size [pixels].

    It is current in this thread; `free()` ends it. OpenGLError says why none works, `through` what they were chosen by.
    """
    reasons = []
    for name in libraries:
        try:
            context = importlib.import_module(f"mujoco.{name}").GLContext(width, height)
            context.make_current()
            os.environ["MUJOCO_GL"] = name  # MuJoCo's C library looks there for whom to ask for OpenGL's functions
            return context
        except Exception as error:  # a missing library, driver or device each fails in its own way
            reasons.append(f"{name}: {_reason(error)}")
            _forget(name)
    raise OpenGLError(
        f"no OpenGL{through} to draw with ({'; '.join(reasons)}); on Debian and Ubuntu install libegl1 and "
        "libgl1-mesa-dri, or libosmesa6"
    )


def release() -> None:
    """Leave this thread to a window: its library refuses while a context without one is current."""
    if egl := sys.modules.get("mujoco.egl"):
        none = egl.EGL.EGL_NO_SURFACE
        egl.EGL.eglMakeCurrent(egl.EGL_DISPLAY, none, none, egl.EGL.EGL_NO_CONTEXT)


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
