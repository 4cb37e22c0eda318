"""The part of the Gym that creates camera sensors and reads their images and matrices."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import imageio.v3 as imageio
import numpy as np
import torch

from isaacgym._src import camera as cameras
from isaacgym._src.camera import Camera
from isaacgym._src.enums import CameraFollowMode, ImageType
from isaacgym._src.graphics import PIXEL
from isaacgym._src.opengl import OpenGLError
from isaacgym._src.options import CameraProperties
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.studio import Studio
from isaacgym._src.tensor import Tensor
from isaacgym._src.vectors import Transform, Vec3

if TYPE_CHECKING:
    from isaacgym._src.ray_studio import RayStudio

LOGGER = logging.getLogger("isaacgym")
TRACED_PIXELS = 256 * 256  # of a picture that rays draw faster than OpenGL does, where both are software


class GymCameras:
    """create_camera_sensor and the calls that take its handle."""

    def create_camera_sensor(self, env: Env, props: CameraProperties) -> int:
        """Handle of a new camera, which sees its environment and the ground."""
        return env.sim.graphics.add_camera(env, Camera(props))

    def destroy_camera_sensor(self, sim: Sim, env: Env, camera: int) -> None:
        sim.graphics.camera(env, camera, "destroy_camera_sensor")
        sim.graphics.remove_camera(env, camera)

    def set_camera_location(self, camera: int, env: Env, position: Vec3, target: Vec3) -> None:
        """Look from a point to another, both in the environment's frame, upright."""
        found = env.sim.graphics.camera(env, camera, "set_camera_location")
        found.place(cameras.look_at(position, target, int(env.sim.params.up_axis) == 1))
        env.sim.graphics.change += 1

    def set_camera_transform(self, camera: int, env: Env, pose: Transform) -> None:
        """Look along x from a pose in the environment's frame, z up in the image."""
        env.sim.graphics.camera(env, camera, "set_camera_transform").place(pose)
        env.sim.graphics.change += 1

    def attach_camera_to_body(self, camera: int, env: Env, body: int, pose: Transform, mode: CameraFollowMode) -> None:
        """Move with a body; `body` counts through the environment's actors, `pose` is relative to it."""
        found = env.sim.graphics.camera(env, camera, "attach_camera_to_body")
        count = sum(len(actor.asset.body_names) for actor in env.actors)
        if not 0 <= body < count:
            raise IndexError(
                f"attach_camera_to_body: environment {env.index} has no body {body}; it has {count} bodies"
            )
        found.attach(body, pose, CameraFollowMode(mode))
        env.sim.graphics.change += 1

    def render_all_camera_sensors(self, sim: Sim) -> None:
        """Images and matrices show the present state from now on, tensors too."""
        if any(sim.graphics.cameras.values()):
            studio = _studio(sim, "render_all_camera_sensors")
            studio.look()
            if sim.graphics.tensors:
                studio.renew(sim.graphics.tensors)

    def get_camera_image(self, sim: Sim, env: Env, camera: int, kind: ImageType) -> np.ndarray:
        """(H, 4 W) uint8 of red, green, blue, alpha; (H, W) float32 depth [m], negative; (H, W) int32 numbers."""
        image = _draw(sim, env, camera, kind, "get_camera_image")
        return image.reshape(len(image), -1)

    def get_camera_image_gpu_tensor(self, sim: Sim, env: Env, camera: int, kind: ImageType) -> Tensor:
        """The image that every render_all_camera_sensors renews, on the device of the other tensors.

        It is zero before the first one.

        (H, W, 4) uint8 colours, (H, W) float32 depths or (H, W) int32 segmentation numbers.
        """
        method = "get_camera_image_gpu_tensor"
        props = sim.graphics.camera(env, camera, method).props
        if not props.enable_tensors:
            raise RuntimeError(
                f"{method}: camera {camera} of environment {env.index} has no tensors; "
                "set CameraProperties.enable_tensors = True"
            )
        key = env.index, camera, _checked(kind, method)
        if key not in sim.graphics.tensors:
            channels, dtype = PIXEL[key[2]]
            image = torch.zeros(props.height, props.width, *channels, dtype=dtype, device=sim.device)
            if sim.graphics.studio is not None:
                image.copy_(_studio(sim, method).draw(*key))
            sim.graphics.tensors[key] = image
        return Tensor(sim.graphics.tensors[key])

    def start_access_image_tensors(self, sim: Sim) -> None:
        """Nothing to wait for: render_all_camera_sensors returns when the tensors are written."""

    def end_access_image_tensors(self, sim: Sim) -> None:
        """Nothing to do."""

    def get_camera_transform(self, sim: Sim, env: Env, camera: int) -> Transform:
        """Where the camera is in the environment's frame."""
        found = sim.graphics.camera(env, camera, "get_camera_transform")
        if found.body is None:
            return found.pose(None)
        views = sim.require("get_camera_transform").graphics.views(sim)
        if views.changed:
            views.look()
        return views.pose(env.index, camera)

    def get_camera_view_matrix(self, sim: Sim, env: Env, camera: int) -> np.ndarray:
        """(4, 4) float32 from global coordinates to the camera's frame (x right, y up, z back), for row vectors."""
        pose = self.get_camera_transform(sim, env, camera)
        return cameras.view(Transform(pose.p + Vec3(*env.origin), pose.r))

    def get_camera_proj_matrix(self, sim: Sim, env: Env, camera: int) -> np.ndarray:
        """(4, 4) float32 from the camera's frame to the clip cube, for row vectors."""
        return np.asarray(sim.graphics.camera(env, camera, "get_camera_proj_matrix").projection())

    def write_camera_image_to_file(self, sim: Sim, env: Env, camera: int, kind: ImageType, filename: str) -> None:
        """Write a colour image; the file's suffix says its format."""
        if kind != ImageType.IMAGE_COLOR:
            raise NotImplementedError(
                f"write_camera_image_to_file: writes IMAGE_COLOR, given {ImageType(kind).name}; use get_camera_image"
            )
        imageio.imwrite(filename, _draw(sim, env, camera, kind, "write_camera_image_to_file")[..., :3])


def _draw(sim: Sim, env: Env, camera: int, kind: ImageType, method: str) -> np.ndarray:
    sim.graphics.camera(env, camera, method)
    image = _studio(sim, method).draw(env.index, camera, _checked(kind, method))
    return image.cpu().numpy().copy()


def _checked(kind: ImageType, method: str) -> ImageType:
    if kind == ImageType.IMAGE_OPTICAL_FLOW:
        raise NotImplementedError(f"{method}: there is no IMAGE_OPTICAL_FLOW; IMAGE_COLOR, _DEPTH, _SEGMENTATION are")
    return ImageType(kind)


def _studio(sim: Sim, method: str) -> Studio | RayStudio:
    """What draws; the first image opens it, and so does a camera that it is too small for."""
    graphics = sim.require(method).graphics
    if graphics.studio is None or graphics.studio.change != graphics.change:
        props = [camera.props for row in graphics.cameras.values() for camera in row.values()]
        size = max(p.width for p in props), max(p.height for p in props)
        if graphics.studio is None or not graphics.studio.serves(size):
            if graphics.studio is not None:
                graphics.studio.close()
            graphics.studio = _opened(sim, size)
    return graphics.studio


def _opened(sim: Sim, size: tuple[int, int]) -> Studio | RayStudio:
    """OpenGL for pictures beside MuJoCo that are so large that it is the faster one, and rays for all others."""
    from isaacgym._src.ray_studio import RayStudio

    if sim.backend.name != "mujoco":
        return RayStudio(sim)
    small = size[0] * size[1] <= TRACED_PIXELS
    try:
        return RayStudio(sim, TRACED_PIXELS) if small else Studio(sim, *size)
    except OpenGLError as error:
        LOGGER.warning("cameras: %s; MuJoCo Warp traces the images instead, more slowly", error)
        return RayStudio(sim)
    except (NotImplementedError, ValueError) as error:
        LOGGER.warning("cameras: MuJoCo Warp cannot trace this scene (%s); OpenGL draws the images instead", error)
        return Studio(sim, *size)
