"""Draws what camera sensors see: one environment's shapes and the ground, in MuJoCo's OpenGL."""

from __future__ import annotations

import copy
from typing import Any

import mujoco
import numpy as np

from isaacgym._src import camera as cameras
from isaacgym._src.camera import Camera
from isaacgym._src.enums import ImageType
from isaacgym._src.opengl import open_context
from isaacgym._src.scene import Env
from isaacgym._src.terrain import PREFIX
from isaacgym._src.vectors import Quat, Transform, Vec3

STATE = ("qpos", "mocap_pos", "mocap_quat")
GEOM = int(mujoco.mjtObj.mjOBJ_GEOM)
ALL = int(mujoco.mjtCatBit.mjCAT_ALL)


class Studio:
    """Pictures up to one size [pixels] of the states that `look` last took from the engine."""

    def __init__(self, sim: Any, width: int, height: int) -> None:
        self.sim, self.size = sim, (width, height)
        self._model = model = copy.copy(sim.backend.model)
        model.vis.global_.offwidth, model.vis.global_.offheight = width, height
        model.vis.quality.offsamples = 0  # a segmentation image cannot mix its numbers
        self._data = mujoco.MjData(model)
        self._gl = open_context(width, height)
        self._context = mujoco.MjrContext(model, int(mujoco.mjtFontScale.mjFONTSCALE_100))
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR  # keeps the digits of what is far away
        mujoco.mjr_setBuffer(int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN), self._context)
        self._scene = mujoco.MjvScene(model, maxgeom=model.ngeom + model.nsite + 100)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        names = [model.geom(geom).name for geom in range(model.ngeom)]
        self._terrain = [geom for geom, name in enumerate(names) if name.startswith(PREFIX)]
        self._places = {int(b): key for key, b in _bodies(sim).items()}
        self._handles = [int(b) for place in sim.layout.actors for b in place.mujoco_bodies]
        self._planes = {f"ground_{i}": int(plane.segmentation_id) for i, plane in enumerate(sim.scene.planes)}
        self.look()

    def look(self) -> None:
        """Take the present states; pictures show them until the next look."""
        self._states = {name: self.sim.backend.data(name).cpu().numpy().copy() for name in STATE}

    def pose(self, camera: Camera, env: Env) -> Transform:
        """Where a camera is in the environment's frame."""
        if camera.body is None:
            return camera.pose(None)
        self._set(env)
        body = self._handles[camera.body]
        w, x, y, z = self._data.xquat[body]
        return camera.pose(Transform(Vec3(*self._data.xpos[body]), Quat(x, y, z, w)))

    def draw(self, camera: Camera, env: Env, kind: ImageType) -> np.ndarray:
        """(H, W, 4) uint8 colours, (H, W) float32 depths [m], negative, or (H, W) int32 segmentation numbers."""
        pose = self.pose(camera, env)
        self._gl.make_current()
        self._stage(camera, env, pose, kind)
        rect = mujoco.MjrRect(0, 0, camera.props.width, camera.props.height)
        pixels = np.empty((rect.height, rect.width, 3), np.uint8)
        depth = np.empty((rect.height, rect.width), np.float32)
        mujoco.mjr_render(rect, self._scene, self._context)
        mujoco.mjr_readPixels(pixels, depth, rect, self._context)
        if kind == ImageType.IMAGE_DEPTH:
            return _distances(np.flipud(depth), camera)
        if kind == ImageType.IMAGE_SEGMENTATION:
            return self._numbers(np.flipud(pixels).astype(np.int64), env)
        return np.dstack([np.flipud(pixels), np.full(depth.shape, 255, np.uint8)])

    def close(self) -> None:
        """Free what OpenGL holds."""
        self._gl.make_current()
        self._context.free()
        self._gl.free()

    def _set(self, env: Env) -> None:
        for name, values in self._states.items():
            getattr(self._data, name)[:] = values[env.index].reshape(getattr(self._data, name).shape)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)
        self._data.geom_xpos[self._terrain] -= env.origin

    def _stage(self, camera: Camera, env: Env, pose: Transform, kind: ImageType) -> None:
        self._set(env)
        scene, option, still = self._scene, mujoco.MjvOption(), mujoco.MjvPerturb()
        segments = kind == ImageType.IMAGE_SEGMENTATION
        scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = segments
        scene.flags[mujoco.mjtRndFlag.mjRND_SKYBOX] = kind == ImageType.IMAGE_COLOR
        mujoco.mjv_updateScene(self._model, self._data, option, still, mujoco.MjvCamera(), ALL, scene)
        for geom in scene.geoms[: scene.ngeom]:
            self._paint(geom, env)
        for eye in scene.camera:
            _aim(eye, camera, pose)

    def _paint(self, geom: Any, env: Env) -> None:
        """Give a shape the colour that `set_rigid_body_color` said."""
        place = self._places.get(int(self._model.geom_bodyid[geom.objid])) if geom.objtype == GEOM else None
        if place is not None and (colors := env.actors[place[0]].colors) and place[1] in colors:
            geom.rgba[:3] = colors[place[1]]

    def _numbers(self, pixels: np.ndarray, env: Env) -> np.ndarray:
        table = np.zeros(self._scene.ngeom + 1, np.int32)  # its first entry is the background
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.objtype == GEOM and geom.segid >= 0:
                table[geom.segid + 1] = self._number(int(geom.objid), env)
        return table[pixels @ (1, 256, 65536)]

    def _number(self, geom: int, env: Env) -> int:
        place = self._places.get(int(self._model.geom_bodyid[geom]))
        if place is not None:
            return int(self.sim.graphics.segmentation_of(env, *place))
        return self._planes.get(self._model.geom(geom).name, 0)


def _bodies(sim: Any) -> dict[tuple[int, int], int]:
    """MuJoCo's bodies by actor and body within it."""
    return {(a, b): int(m) for a, place in enumerate(sim.layout.actors) for b, m in enumerate(place.mujoco_bodies)}


def _aim(eye: Any, camera: Camera, pose: Transform) -> None:
    near, (wide, high) = camera.props.near_plane, camera.half
    eye.pos[:] = pose.p.floats()
    eye.forward[:], eye.up[:] = cameras.axes(pose)
    eye.orthographic, eye.frustum_center, eye.frustum_width = 0, 0.0, near * wide
    eye.frustum_bottom, eye.frustum_top = -near * high, near * high
    eye.frustum_near, eye.frustum_far = near, camera.props.far_plane


def _distances(depth: np.ndarray, camera: Camera) -> np.ndarray:
    """Depths along the camera's z axis from what OpenGL keeps, one at the near plane and zero at the far one."""
    near, far = camera.props.near_plane, camera.props.far_plane
    distance = near * far / (near + depth.astype(np.float64) * (far - near))
    return np.where(depth > 0, -distance, -np.inf).astype(np.float32)
