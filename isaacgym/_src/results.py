"""What calls hand back: events, versions, times, forces and contacts."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from isaacgym._src.vectors import Int3, Struct, Vec2, Vec3

__all__ = [
    "ActionEvent",
    "ForceSensor",
    "PerformanceTimers",
    "RigidContact",
    "SoftContact",
    "SpatialForce",
    "Version",
]


class ActionEvent(NamedTuple):
    """Something that a viewer's user did: a subscribed action, with a value above zero for a press, else zero."""

    action: str
    value: float


class Version(NamedTuple):
    """A version of the API."""

    major: int
    minor: int


@dataclass
class PerformanceTimers:
    """Seconds spent on each activity since the last query."""

    frame_idling: float = 0.0
    graphics_image_retrieval: float = 0.0
    graphics_sensor_rendering: float = 0.0
    graphics_viewer_rendering: float = 0.0
    physics_data_movement: float = 0.0
    physics_sim: float = 0.0

    @property
    def total_time(self) -> float:
        """The sum of all others."""
        return float(sum(vars(self).values()))


class SpatialForce(Struct):
    """A force [N] and a torque [N m]."""

    __slots__ = ()
    _fields_ = (("force", Vec3), ("torque", Vec3))


class ForceSensor:
    """One force sensor of one actor; `read` gives its six numbers."""

    def __init__(self, row: int, read: Callable[[int], np.ndarray]) -> None:
        self._row, self._read = row, read

    def get_global_index(self) -> int:
        """The sensor's row in the force sensor tensor."""
        return self._row

    def get_forces(self) -> SpatialForce:
        """What it measured in the last step."""
        return SpatialForce.from_buffer_copy(np.ascontiguousarray(self._read(self._row), np.float32).tobytes())


class RigidContact(Struct):
    """A point where two bodies touch; -1 stands for the ground, as a body and as an environment.

    `lambda` is the normal force [N], `lambdaFriction` the friction along two tangents [N]; positions and offsets are in
    the bodies' frames [m], those of the ground in the environment's; `normal` points from body 0 to body 1.
    """

    __slots__ = ()
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("env0", "env1", "body0", "body1")),
        ("localPos0", Vec3),
        ("localPos1", Vec3),
        ("minDist", ctypes.c_float),
        ("initialOverlap", ctypes.c_float),
        ("normal", Vec3),
        ("offset0", Vec3),
        ("offset1", Vec3),
        ("lambda", ctypes.c_float),
        ("lambdaFriction", Vec2),
        *((name, ctypes.c_float) for name in ("friction", "torsionFriction", "rollingFriction")),
    )


class SoftContact(Struct):
    """A point where a soft body touches a rigid one; there are no soft bodies here, so there is never one."""

    __slots__ = ()
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("env0", "env1", "bodyIndex")),
        ("lambda", ctypes.c_float),
        ("normal", Vec3),
        ("particleBarys", Vec3),
        ("particleIndices", Int3),
    )
