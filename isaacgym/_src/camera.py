"""Camera sensors: where they are, what their matrices are, and what they are attached to."""

from __future__ import annotations

import copy
import math

import mujoco
import numpy as np

from isaacgym._src.enums import CameraFollowMode
from isaacgym._src.options import CameraProperties
from isaacgym._src.vectors import Quat, Transform, Vec3


class Camera:
    """One create_camera_sensor call; it looks along its x axis, z is up in its image."""

    def __init__(self, props: CameraProperties) -> None:
        if props.width < 1 or props.height < 1 or not 0 < props.horizontal_fov < 180:
            raise ValueError(
                "create_camera_sensor: needs at least one pixel and a field of view between 0 and 180 degrees, given "
                f"{props.width} x {props.height} pixels and {props.horizontal_fov} degrees"
            )
        if not 0 < props.near_plane < props.far_plane:
            raise ValueError(
                "create_camera_sensor: needs 0 < near_plane < far_plane, given "
                f"near_plane {props.near_plane} and far_plane {props.far_plane}"
            )
        self.props = copy.copy(props)
        self.local = Transform()
        self.body: int | None = None  # handle that counts through the actors of the environment
        self.mode = CameraFollowMode.FOLLOW_TRANSFORM

    @property
    def half(self) -> tuple[float, float]:
        """Half of the image's width and height, at a distance of one."""
        tangent = math.tan(math.radians(self.props.horizontal_fov) / 2)
        return tangent, tangent * self.props.height / self.props.width

    def place(self, pose: Transform) -> None:
        """Put it at a pose in the environment's frame, attached to nothing."""
        self.local, self.body = copy.copy(pose), None

    def attach(self, body: int, local: Transform, mode: CameraFollowMode) -> None:
        """Keep it at `local` relative to a body, or without the body's rotation."""
        self.local, self.body, self.mode = copy.copy(local), body, mode

    def pose(self, body: Transform | None) -> Transform:
        """Where it is in the environment's frame; `body` is the pose of what it is attached to."""
        if body is None:
            return self.local
        if self.mode == CameraFollowMode.FOLLOW_POSITION:
            return Transform(body.p + self.local.p, self.local.r)
        return body * self.local

    def projection(self) -> np.ndarray:
        """(4, 4) float32 from the camera's frame (x right, y up, z back) to the clip cube, for row vectors."""
        near, far = self.props.near_plane, self.props.far_plane
        matrix = np.zeros((4, 4), np.float32)
        matrix[0, 0], matrix[1, 1] = 1 / self.half[0], 1 / self.half[1]
        matrix[2, 2], matrix[3, 2] = -(far + near) / (far - near), -2 * far * near / (far - near)
        matrix[2, 3] = -1
        return matrix


def axes(pose: Transform) -> tuple[np.ndarray, np.ndarray]:
    """The directions (3,) in which a camera looks and in which its image is up."""
    return pose.r.rotate(Vec3(1, 0, 0)).floats(), pose.r.rotate(Vec3(0, 0, 1)).floats()


def view(pose: Transform) -> np.ndarray:
    """(4, 4) float32 from the frame of `pose` to the camera's frame (x right, y up, z back), for row vectors."""
    forward, up = axes(pose)
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = np.stack([np.cross(forward, up), up, -forward], axis=1)
    matrix[3, :3] = -pose.p.floats() @ matrix[:3, :3]
    return matrix


def look_at(position: Vec3, target: Vec3, z_up: bool) -> Transform:
    """The pose of a camera at `position` whose image has `target` in its middle and is upright."""
    forward = (target - position).normalize()
    if forward.length() == 0:
        raise ValueError("set_camera_location: position and target are the same point")
    vertical = Vec3(0, 0, 1) if z_up else Vec3(0, 1, 0)
    left = vertical.cross(forward)
    if left.length() < 1e-6:
        left = Vec3(0, 1, 0) if z_up else Vec3(1, 0, 0)
    left = left.normalize()
    columns = np.stack([forward.floats(), left.floats(), forward.cross(left).floats()], axis=1)
    return Transform(position, quaternion(columns))


def quaternion(matrix: np.ndarray) -> Quat:
    """The rotation with these (3, 3) columns."""
    wxyz = np.zeros(4)
    mujoco.mju_mat2Quat(wxyz, np.asarray(matrix, dtype=float).reshape(9))
    w, x, y, z = wxyz
    return Quat(x, y, z, w)
