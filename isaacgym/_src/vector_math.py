"""Isaac Gym's functions over arrays of vectors, quaternions and poses, as records or with plain last axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from isaacgym._src.vectors import Quat, Struct, Transform, Vec3

__all__ = [
    "carb_init",
    "cross",
    "dot",
    "eulers_to_quats_zyx",
    "quats_to_eulers_zyx",
    "rotate",
    "rotate_inverse",
    "transform",
    "transform_inverse",
]


def carb_init(config: str = "") -> bool:
    """True: there is nothing to start."""
    return True


def cross(a: Any, b: Any) -> Any:
    """Vector products (...) of vectors."""
    return _like(np.cross(_plain(a, Vec3), _plain(b, Vec3)), Vec3, a, b)


def dot(a: Any, b: Any) -> np.ndarray:
    """Inner products (...) of vectors or of quaternions."""
    kind = Quat if _of(a, Quat) or _of(b, Quat) or np.shape(a)[-1:] == (4,) else Vec3
    return np.asarray((_plain(a, kind) * _plain(b, kind)).sum(-1), np.float32)


def rotate(quats: Any, vectors: Any) -> Any:
    """Vectors (...) turned by quaternions."""
    return _like(_turned(_plain(quats, Quat), _plain(vectors, Vec3)), Vec3, vectors)


def rotate_inverse(quats: Any, vectors: Any) -> Any:
    """Vectors (...) turned back by quaternions."""
    return _like(_turned(_plain(quats, Quat) * BACK, _plain(vectors, Vec3)), Vec3, vectors)


def transform(poses: Any, points: Any) -> Any:
    """Points (...) given in the frames of poses, in the outer frame."""
    pose = _plain(poses, Transform)
    return _like(_turned(pose[..., 3:], _plain(points, Vec3)) + pose[..., :3], Vec3, points)


def transform_inverse(poses: Any, points: Any) -> Any:
    """Points (...) given in the outer frame, in the frames of poses."""
    pose = _plain(poses, Transform)
    return _like(_turned(pose[..., 3:] * BACK, _plain(points, Vec3) - pose[..., :3]), Vec3, points)


def eulers_to_quats_zyx(eulers: Any) -> Any:
    """Quaternions of roll, pitch and yaw [rad] (...), as Quat.from_euler_zyx makes them."""
    angles = _plain(eulers, Vec3).reshape(-1, 3).tolist()
    quats = np.array([Quat.from_euler_zyx(*row).floats() for row in angles])
    return _like(quats.reshape(*_plain(eulers, Vec3).shape[:-1], 4), Quat, eulers)


def quats_to_eulers_zyx(quats: Any) -> Any:
    """Roll, pitch and yaw [rad] of quaternions (...), as Quat.to_euler_zyx gives them."""
    rows = _plain(quats, Quat).reshape(-1, 4).tolist()
    eulers = np.array([Quat(*row).to_euler_zyx() for row in rows])
    return _like(eulers.reshape(*_plain(quats, Quat).shape[:-1], 3), Vec3, quats)


BACK = np.array([-1.0, -1.0, -1.0, 1.0])  # times a quaternion is its conjugate


def _of(value: Any, kind: type[Struct]) -> bool:
    return isinstance(value, kind) or getattr(value, "dtype", None) == kind.dtype


def _plain(value: Any, kind: type[Struct]) -> np.ndarray:
    """(..., n) float64 numbers of a structure, of records, or of a plain array."""
    if isinstance(value, Struct):
        return value.floats().astype(float)
    array = np.ascontiguousarray(value)
    if array.dtype == kind.dtype:
        array = array.view(np.float32).reshape(*np.shape(value), -1)
    return array.astype(float)


def _like(values: np.ndarray, kind: type[Struct], *given: Any) -> Any:
    """Numbers (..., n) as what was handed in: a structure, records, or a plain array."""
    result = np.ascontiguousarray(values, np.float32)
    if all(isinstance(value, Struct) for value in given):
        return kind.from_buffer_copy(result.tobytes())
    recorded = any(getattr(getattr(value, "dtype", None), "names", None) for value in given)
    return result.view(kind.dtype)[..., 0] if recorded else result


def _turned(quats: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    axis, w = quats[..., :3], quats[..., 3:]
    twice = 2.0 * np.cross(axis, vectors)
    return np.asarray(vectors + w * twice + np.cross(axis, twice))
