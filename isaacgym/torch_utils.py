"""Batched rotations, rigid transforms and ranges on torch tensors, under Isaac Gym's names.

Quaternions are x, y, z, w and of length one unless said. `(..., 4)` takes any leading shape, the same for all
arguments; `(N, 4)` takes one leading axis. All functions of tensors can be called inside `torch.jit.script`.
`torch` and `np` are exported too, because code written for Isaac Gym relies on the star import to bring them.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "compute_heading_and_up",
    "compute_rot",
    "copysign",
    "get_axis_params",
    "get_basis_vector",
    "get_euler_xyz",
    "local_to_world_space",
    "normalise_quat_in_pose",
    "normalize",
    "normalize_angle",
    "np",
    "quat_angle_axis",
    "quat_apply",
    "quat_axis",
    "quat_conjugate",
    "quat_diff_rad",
    "quat_from_angle_axis",
    "quat_from_euler_xyz",
    "quat_identity",
    "quat_identity_like",
    "quat_inverse",
    "quat_mul",
    "quat_mul_norm",
    "quat_rotate",
    "quat_rotate_inverse",
    "quat_unit",
    "saturate",
    "scale",
    "scale_transform",
    "tensor_clamp",
    "tf_apply",
    "tf_combine",
    "tf_inverse",
    "tf_vector",
    "to_torch",
    "torch",
    "torch_rand_float",
    "torch_random_dir_2",
    "unscale",
    "unscale_np",
    "unscale_transform",
]


def to_torch(
    x: Any, dtype: torch.dtype = torch.float, device: str | torch.device | None = None, requires_grad: bool = False
) -> Tensor:
    """A new tensor with the numbers of a list, an array or a tensor; on the first GPU, if there is one."""
    if device is None:
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
    if isinstance(x, Tensor):
        return x.detach().to(device=device, dtype=dtype, copy=True).requires_grad_(requires_grad)
    return torch.tensor(x, dtype=dtype, device=device, requires_grad=requires_grad)


def torch_rand_float(lower: float, upper: float, shape: tuple[int, int], device: str) -> Tensor:
    """Uniform numbers between lower and upper."""
    return (upper - lower) * torch.rand(shape, device=device) + lower


def torch_random_dir_2(shape: tuple[int, int], device: str) -> Tensor:
    """Directions in the plane, uniform over the angle; shape (N, 1) gives (N, 2)."""
    angle = torch_rand_float(-np.pi, np.pi, shape, device).squeeze(-1)
    return torch.stack([torch.cos(angle), torch.sin(angle)], dim=-1)


def get_axis_params(
    value: float, axis_idx: int, x_value: float = 0.0, dtype: type = float, n_dims: int = 3
) -> list[Any]:
    """A list of zeros with `value` at `axis_idx`; index 0 holds `x_value` whatever the axis."""
    params = np.zeros(n_dims)
    params[axis_idx] = value
    params[0] = x_value
    return list(params.astype(dtype))


def normalize(x: Tensor, eps: float = 1e-9) -> Tensor:
    """Vectors scaled to length one along the last axis; one shorter than eps is divided by eps."""
    return x / x.norm(p=2, dim=-1).clamp(min=eps).unsqueeze(-1)


def normalize_angle(x: Tensor) -> Tensor:
    """The same angle between -pi and pi [rad]."""
    return torch.atan2(torch.sin(x), torch.cos(x))


def copysign(a: float, b: Tensor) -> Tensor:
    """The magnitude of a number with the signs of a tensor (N,)."""
    return torch.copysign(torch.full_like(b, abs(a)), b)


def quat_mul(a: Tensor, b: Tensor) -> Tensor:
    """The rotation that does b first, then a (..., 4)."""
    ax, ay, az, aw = a.unbind(-1)
    bx, by, bz, bw = b.unbind(-1)
    return torch.stack(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ],
        dim=-1,
    )


def quat_conjugate(a: Tensor) -> Tensor:
    """The opposite rotation (..., 4)."""
    return torch.cat([-a[..., :3], a[..., 3:]], dim=-1)


def quat_inverse(x: Tensor) -> Tensor:
    """The opposite rotation (..., 4)."""
    return quat_conjugate(x)


def quat_unit(a: Tensor) -> Tensor:
    """Quaternions of any length scaled to length one (..., 4)."""
    return normalize(a)


def quat_mul_norm(x: Tensor, y: Tensor) -> Tensor:
    """The rotation that does y first, then x, scaled to length one (..., 4)."""
    return quat_unit(quat_mul(x, y))


def quat_identity(shape: list[int]) -> Tensor:
    """No rotation, with the given leading shape (*shape, 4), on the CPU."""
    return torch.cat([torch.zeros(shape + [3]), torch.ones(shape + [1])], dim=-1)


def quat_identity_like(x: Tensor) -> Tensor:
    """No rotation, with the leading shape, type and device of x (..., 4)."""
    return torch.cat([torch.zeros_like(x[..., :3]), torch.ones_like(x[..., 3:])], dim=-1)


def quat_from_angle_axis(angle: Tensor, axis: Tensor) -> Tensor:
    """Turn by angle (...) [rad] about axis (..., 3) of any length (..., 4)."""
    half = 0.5 * angle.unsqueeze(-1)
    return quat_unit(torch.cat([normalize(axis) * half.sin(), half.cos()], dim=-1))


def quat_angle_axis(x: Tensor) -> tuple[Tensor, Tensor]:
    """Angle (...) between 0 and pi [rad] and axis (..., 3) of length one of a rotation (..., 4)."""
    positive = torch.where(x[..., 3:] < 0.0, -x, x)
    vector = positive[..., :3]
    angle = 2.0 * torch.atan2(vector.norm(p=2, dim=-1), positive[..., 3])
    return angle, normalize(vector)


def quat_from_euler_xyz(roll: Tensor, pitch: Tensor, yaw: Tensor) -> Tensor:
    """Turn by roll about x, then pitch about y, then yaw about z, fixed axes, (...) each [rad] (..., 4)."""
    sr, cr = torch.sin(0.5 * roll), torch.cos(0.5 * roll)
    sp, cp = torch.sin(0.5 * pitch), torch.cos(0.5 * pitch)
    sy, cy = torch.sin(0.5 * yaw), torch.cos(0.5 * yaw)
    return torch.stack(
        [
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
            cr * cp * cy + sr * sp * sy,
        ],
        dim=-1,
    )


def get_euler_xyz(q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Roll, pitch and yaw (N,) between 0 and 2 pi [rad] of rotations (N, 4)."""
    x, y, z, w = q.unbind(-1)
    roll = torch.atan2(2.0 * (w * x + y * z), w * w - x * x - y * y + z * z)
    pitch = torch.asin((2.0 * (w * y - z * x)).clamp(-1.0, 1.0))
    yaw = torch.atan2(2.0 * (w * z + x * y), w * w + x * x - y * y - z * z)
    return roll % (2.0 * np.pi), pitch % (2.0 * np.pi), yaw % (2.0 * np.pi)


def quat_apply(a: Tensor, b: Tensor) -> Tensor:
    """Vectors b (..., 3) turned by a: as many rotations in any leading shape, or a single one (..., 4)."""
    if a.dim() != b.dim():
        return quat_rotate(a.reshape(-1, 4), b.reshape(-1, 3)).view(b.shape)
    return quat_rotate(a, b)


def quat_rotate(q: Tensor, v: Tensor) -> Tensor:
    """Vectors v (N, 3) turned by q (N, 4)."""
    axis = q[..., :3]
    twice = 2.0 * torch.linalg.cross(axis, v)
    return v + q[..., 3:] * twice + torch.linalg.cross(axis, twice)


def quat_rotate_inverse(q: Tensor, v: Tensor) -> Tensor:
    """Vectors v (N, 3) turned by the opposite of q (N, 4): from world to body axes."""
    axis = q[..., :3]
    twice = 2.0 * torch.linalg.cross(axis, v)
    return v - q[..., 3:] * twice + torch.linalg.cross(axis, twice)


def quat_axis(q: Tensor, axis: int = 0) -> Tensor:
    """The x, y or z axis (N, 3) of a frame turned by q (N, 4)."""
    basis = torch.zeros_like(q[..., :3])
    basis[..., axis] = 1.0
    return quat_apply(q, basis)


def get_basis_vector(q: Tensor, v: Tensor) -> Tensor:
    """Vectors v (N, 3) turned by q (N, 4)."""
    return quat_apply(q, v)


def quat_diff_rad(a: Tensor, b: Tensor) -> Tensor:
    """Angle (N,) between 0 and pi [rad] between two rotations (N, 4)."""
    difference = quat_mul(a, quat_conjugate(b))
    return 2.0 * torch.asin(difference[..., :3].norm(p=2, dim=-1).clamp(max=1.0))


def tf_inverse(q: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Rotation (..., 4) and translation (..., 3) that undo q and t."""
    back = quat_conjugate(q)
    return back, -quat_apply(back, t)


def tf_apply(q: Tensor, t: Tensor, v: Tensor) -> Tensor:
    """Points v (..., 3) turned by q (..., 4), then moved by t (..., 3)."""
    return quat_apply(q, v) + t


def tf_vector(q: Tensor, v: Tensor) -> Tensor:
    """Directions v (..., 3) turned by q (..., 4)."""
    return quat_apply(q, v)


def tf_combine(q1: Tensor, t1: Tensor, q2: Tensor, t2: Tensor) -> tuple[Tensor, Tensor]:
    """Rotation (..., 4) and translation (..., 3) of transform 2 given in the frame of transform 1."""
    return quat_mul(q1, q2), quat_apply(q1, t2) + t1


def local_to_world_space(pos_offset_local: Tensor, pose_global: Tensor) -> Tensor:
    """Points (N, 3) given in the frame of a pose (N, 7), in the frame the pose is given in."""
    return quat_apply(pose_global[..., 3:7], pos_offset_local) + pose_global[..., :3]


def normalise_quat_in_pose(pose: Tensor) -> Tensor:
    """Poses (N, 7) with their quaternions scaled to length one."""
    return torch.cat([pose[..., :3], normalize(pose[..., 3:7])], dim=-1)


def compute_heading_and_up(
    torso_rotation: Tensor, inv_start_rot: Tensor, to_target: Tensor, vec0: Tensor, vec1: Tensor, up_idx: int
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """How far a torso stands up and faces its target.

    Takes rotations (N, 4), the way to the target (N, 3), and the torso's own forward and up vectors (N, 3).
    Gives the rotation since the start (N, 4), the up vector's component up_idx (N,), the heading's cosine to
    the target (N,), the up vector (N, 3) and the heading (N, 3).
    """
    torso_quat = quat_mul(torso_rotation, inv_start_rot)
    up_vec = quat_apply(torso_quat, vec1)
    heading_vec = quat_apply(torso_quat, vec0)
    heading_proj = (heading_vec * normalize(to_target)).sum(dim=-1)
    return torso_quat, up_vec[:, up_idx], heading_proj, up_vec, heading_vec


def compute_rot(
    torso_quat: Tensor, velocity: Tensor, ang_velocity: Tensor, targets: Tensor, torso_positions: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """A torso's motion in its own axes and its angles.

    Takes rotations (N, 4) and world vectors (N, 3). Gives linear and angular velocity in torso axes (N, 3),
    roll, pitch and yaw (N,) between 0 and 2 pi, and the target's angle less yaw (N,) [rad]. As in Isaac Gym
    the target's angle is taken in the x-z plane, also where z is up.
    """
    roll, pitch, yaw = get_euler_xyz(torso_quat)
    way = targets - torso_positions
    angle_to_target = torch.atan2(way[:, 2], way[:, 0]) - yaw
    vel_loc = quat_rotate_inverse(torso_quat, velocity)
    angvel_loc = quat_rotate_inverse(torso_quat, ang_velocity)
    return vel_loc, angvel_loc, roll, pitch, yaw, angle_to_target


def tensor_clamp(t: Tensor, min_t: Tensor, max_t: Tensor) -> Tensor:
    """Each number kept between its own two limits."""
    return torch.max(torch.min(t, max_t), min_t)


def saturate(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """Each number kept between its own two limits."""
    return torch.max(torch.min(x, upper), lower)


def scale(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """From -1 .. 1 to lower .. upper."""
    return 0.5 * (x + 1.0) * (upper - lower) + lower


def unscale(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """From lower .. upper to -1 .. 1."""
    return (2.0 * x - upper - lower) / (upper - lower)


def unscale_np(x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """From lower .. upper to -1 .. 1, for arrays."""
    return (2.0 * x - upper - lower) / (upper - lower)


def scale_transform(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """From lower .. upper to -1 .. 1: the opposite direction of `scale`, as in Isaac Gym."""
    return 2.0 * (x - 0.5 * (lower + upper)) / (upper - lower)


def unscale_transform(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """From -1 .. 1 to lower .. upper: the opposite direction of `unscale`, as in Isaac Gym."""
    return 0.5 * x * (upper - lower) + 0.5 * (lower + upper)
