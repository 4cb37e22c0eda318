"""Draws what camera sensors see with MuJoCo's OpenGL, one picture at a time: an environment's shapes and the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mujoco
import numpy as np
import torch
from torch import Tensor

from isaacgym._src import camera as cameras
from isaacgym._src.camera import Camera
from isaacgym._src.enums import ImageType
from isaacgym._src.lights import SceneLights
from isaacgym._src.opengl import open_context
from isaacgym._src.opengl_textures import OpenGLTextures
from isaacgym._src.shapes import Shapes, aim, collision_model, picture_model, rows, set_frustum
from isaacgym._src.views import SHAPE_FIELDS, numbers, painted, scale_ratios

if TYPE_CHECKING:
    from isaacgym._src.graphics import ImageKey
    from isaacgym._src.sim import Sim

SLICES = 20, 10  # of a sphere; MuJoCo's 28 and 16 take a third more time and look the same


class Studio:
    """Pictures up to one size [pixels] of the states that `look` last took from the engine."""

    def __init__(self, sim: Sim, width: int, height: int) -> None:
        self.sim, self.size = sim, (width, height)
        self._model = picture_model(sim.backend.model, self.size, SLICES, samples=0)  # numbers cannot be mixed
        self._gl = open_context(width, height)
        self._context = mujoco.MjrContext(self._model, int(mujoco.mjtFontScale.mjFONTSCALE_100))
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR  # keeps the digits of what is far away
        mujoco.mjr_setBuffer(int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN), self._context)
        self._scene = mujoco.MjvScene(self._model, maxgeom=self._model.ngeom + 100)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            self._scene.flags[flag] = False
        models = {False: self._model, True: collision_model(self._model)}
        self._shapes = {collision: Shapes(model, self._scene) for collision, model in models.items()}
        self._rows, self._lights = rows(self._scene), SceneLights(self._model, self._scene)
        self._textures = OpenGLTextures(self._context)
        self._views = sim.graphics.views(sim)
        self.change = -1  # of the graphics, when the last look was taken

    def serves(self, size: tuple[int, int]) -> bool:
        """Whether pictures of this size [pixels] fit."""
        return size[0] <= self.size[0] and size[1] <= self.size[1]

    def look(self) -> None:
        """Take the present states; pictures show them until the next look."""
        now = self._views.look()
        self.change = self._views.change
        envs = torch.unique(self._views.envs)
        self._places = {env: place for place, env in enumerate(envs.tolist())}
        picked = [now[name].index_select(0, envs) for name in SHAPE_FIELDS]
        self._pos, self._mat = (p.flatten(2).float().cpu().numpy() for p in picked)

    def draw(self, env: int, handle: int, kind: ImageType) -> Tensor:
        """(H, W, 4) uint8 colours, (H, W) float32 depths [m], negative, or (H, W) int32 segmentation numbers."""
        if self.change != self.sim.graphics.change:
            self.look()
        camera = self.sim.graphics.cameras[env][handle]
        rect = mujoco.MjrRect(0, 0, camera.props.width, camera.props.height)
        self._gl.make_current()
        self._stage(env, handle, camera, kind)
        mujoco.mjr_render(rect, self._scene, self._context)
        if kind == ImageType.IMAGE_DEPTH:
            depth = np.empty((rect.height, rect.width), np.float32)
            mujoco.mjr_readPixels(None, depth, rect, self._context)
            return torch.from_numpy(_distances(np.flipud(depth), camera))
        pixels = np.empty((rect.height, rect.width, 3), np.uint8)
        mujoco.mjr_readPixels(pixels, None, rect, self._context)
        if kind == ImageType.IMAGE_SEGMENTATION:
            return torch.from_numpy(self._numbers(pixels, env, camera))
        return torch.from_numpy(_opaque(pixels))

    def renew(self, tensors: dict[ImageKey, Tensor]) -> None:
        """Draw into each of the tensors what its camera sees."""
        for key, tensor in tensors.items():
            tensor.copy_(self.draw(*key))

    def dress(self) -> None:
        """Nothing to do: every picture asks how its environment looks."""

    def close(self) -> None:
        """Free what OpenGL holds."""
        self._gl.make_current()
        self._textures.free()
        self._context.free()
        self._gl.free()

    def _stage(self, env: int, handle: int, camera: Camera, kind: ImageType) -> None:
        scene, flags, shapes = self._scene, mujoco.mjtRndFlag, self._seen(camera)
        scene.ngeom, place, found = shapes.count, self._places[env], self._rows[: shapes.count]
        scene.flags[flags.mjRND_SEGMENT] = scene.flags[flags.mjRND_IDCOLOR] = kind == ImageType.IMAGE_SEGMENTATION
        scene.flags[flags.mjRND_SKYBOX] = kind == ImageType.IMAGE_COLOR  # which has a depth of its own
        found[:] = shapes.rows
        found["pos"], found["mat"] = self._pos[place, shapes.geoms], self._mat[place, shapes.geoms]
        if (ratios := scale_ratios(self.sim, env)) is not None:
            found["mat"] *= ratios[shapes.bodies, None]
        if kind == ImageType.IMAGE_COLOR:
            paints = painted(self.sim, env)
            known = self._textures.numbers(shapes.prints(paints), self.sim.graphics.textures.values())
            shapes.paint(found, paints, known)
            self._lights.renew(self.sim.graphics)
        pose = self._views.pose(env, handle)
        eye = pose.p.floats()
        shapes.centre_planes(found, eye)
        aim(scene, eye, *cameras.axes(pose))
        set_frustum(scene, camera.half, camera.props.near_plane, camera.props.far_plane)

    def _seen(self, camera: Camera) -> Shapes:
        return self._shapes[bool(camera.props.use_collision_geometry)]

    def _numbers(self, pixels: np.ndarray, env: int, camera: Camera) -> np.ndarray:
        geoms = self._seen(camera).geoms
        table = np.zeros(len(geoms) + 1, np.int32)  # its first entry is the background
        table[1:] = numbers(self.sim, env)[geoms]
        found: np.ndarray = table[np.flipud(pixels).astype(np.int64) @ (1, 256, 65536)]
        return found


def _opaque(pixels: np.ndarray) -> np.ndarray:
    return np.dstack([np.flipud(pixels), np.full(pixels.shape[:2], 255, np.uint8)])


def _distances(depth: np.ndarray, camera: Camera) -> np.ndarray:
    """Depths along the camera's z axis from what OpenGL keeps, one at the near plane and zero at the far one."""
    near, far = camera.props.near_plane, camera.props.far_plane
    distance = near * far / (near + depth.astype(np.float64) * (far - near))
    return np.where(depth > 0, -distance, -np.inf).astype(np.float32)
