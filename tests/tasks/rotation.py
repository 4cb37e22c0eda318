"""Rotation matrices from quaternions, in NumPy's double precision: a second way to what tasks compute."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor


def matrices(quat: Tensor) -> Any:
    """(..., 3, 3) body to world, from unit quaternions (..., 4) in xyzw."""
    q = quat.double().numpy()
    axis, w = q[..., :3], q[..., 3]
    cross = np.zeros((*w.shape, 3, 3))
    cross[..., 0, 1], cross[..., 0, 2], cross[..., 1, 2] = -axis[..., 2], axis[..., 1], -axis[..., 0]
    cross -= np.swapaxes(cross, -1, -2)
    return np.eye(3) + 2 * w[..., None, None] * cross + 2 * cross @ cross


def euler(quat: Tensor) -> tuple[Any, Any]:
    """Roll and yaw [rad] of Rz(yaw) Ry(pitch) Rx(roll)."""
    r = matrices(quat)
    return np.arctan2(r[..., 2, 1], r[..., 2, 2]), np.arctan2(r[..., 1, 0], r[..., 0, 0])
