"""The shapes of environments as rows of a MuJoCo scene: moved and painted all at once, without asking MuJoCo."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from isaacgym._src.opengl_textures import Print
from isaacgym._src.views import Paint

GEOM = int(mujoco.mjtObj.mjOBJ_GEOM)
PLANE, BOX = int(mujoco.mjtGeom.mjGEOM_PLANE), int(mujoco.mjtGeom.mjGEOM_BOX)
STATIC = int(mujoco.mjtCatBit.mjCAT_STATIC)
HIDDEN = 3  # a group of shapes that MuJoCo does not draw
FAR = 1000.0  # half of the edge of a plane without an edge [m]; MuJoCo's own grid of it takes most of a picture's time
BEHIND_TEXTURES = {"matid": 0, "texuniform": 0, "texrepeat": 1.0, "emission": 0.0, "specular": 0.5, "shininess": 0.5}

# MuJoCo's mjvGeom, field by field.
ROW = np.dtype(
    [
        *[(name, "i4") for name in ("type", "dataid", "objtype", "objid", "category", "matid", "texid")],
        *[(name, "i4") for name in ("texuniform", "texcoord", "segid")],
        ("size", "f4", 3),
        ("pos", "f4", 3),
        ("mat", "f4", 9),
        ("rgba", "f4", 4),
        *[(name, "f4") for name in ("emission", "specular", "shininess", "reflectance")],
        ("texrepeat", "f4", 2),
        ("label", "S100"),
        *[(name, "f4") for name in ("camdist", "modelrbound")],
        ("transparent", "u1"),
    ],
    align=True,
)
POS = 4 * 13  # bytes before it


def rows(scene: mujoco.MjvScene) -> np.ndarray:
    """(maxgeom,) live records of a scene's geoms, for as long as the scene lives."""
    first, second = (geom.pos.__array_interface__["data"][0] for geom in scene.geoms[:2])
    if second - first != ROW.itemsize:
        raise RuntimeError(f"shapes: MuJoCo's mjvGeom has {second - first} bytes where {ROW.itemsize} were expected")
    start = first - POS
    memory = (ctypes.c_char * (ROW.itemsize * scene.maxgeom)).from_address(start)
    return np.frombuffer(memory, ROW)


def picture_model(model: mujoco.MjModel, size: tuple[int, int], slices: tuple[int, int], samples: int) -> Any:
    """A copy whose planes end, for an OpenGL context that draws pictures up to `size` [pixels]."""
    copied = model.__copy__()
    copied.vis.global_.offwidth, copied.vis.global_.offheight = size
    copied.vis.quality.offsamples = samples
    copied.vis.quality.numslices, copied.vis.quality.numstacks = slices
    endless = (model.geom_type == PLANE)[:, None] & (model.geom_size[:, :2] <= 0)
    copied.geom_size[:, :2][endless] = FAR
    return copied


def collision_model(model: mujoco.MjModel) -> mujoco.MjModel:
    """A copy of which the shapes that collide are visible, and no others."""
    copied = model.__copy__()
    copied.geom_group[:] = np.where((model.geom_contype | model.geom_conaffinity) != 0, 0, HIDDEN)
    return copied


class Shapes:
    """The visible shapes of one environment, `count` rows of a scene: those that stand still come first."""

    def __init__(self, model: mujoco.MjModel, scene: mujoco.MjvScene) -> None:
        data, option = mujoco.MjData(model), mujoco.MjvOption()
        option.sitegroup[:] = 0
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)
        everything = int(mujoco.mjtCatBit.mjCAT_ALL)
        mujoco.mjv_updateScene(model, data, option, mujoco.MjvPerturb(), mujoco.MjvCamera(), everything, scene)
        found = rows(scene)[: scene.ngeom]
        found = found[found["objtype"] == GEOM]
        self.rows = found[np.argsort(found["category"] != STATIC, kind="stable")].copy()
        self.rows["segid"] = np.arange(len(self.rows))
        self.geoms = self.rows["objid"]  # of the model
        self.bodies = model.geom_bodyid[self.geoms]
        self.count, self.still = len(self.rows), int((self.rows["category"] == STATIC).sum())
        self._boxes = self.rows["type"] == BOX
        self._planes = np.flatnonzero((self.rows["type"] == PLANE) & (self.rows["size"][:, 0] == FAR))

    def prints(self, painted: Mapping[int, Paint]) -> set[Print]:
        """The textures that these bodies show, as they are needed for their shapes."""
        textured = [(body, paint.texture) for body, paint in painted.items() if paint.texture]
        return {Print(t, on_box) for body, t in textured for on_box in set(self._boxes[self.bodies == body].tolist())}

    def paint(self, found: np.ndarray, painted: Mapping[int, Paint], textures: Mapping[Print, int]) -> None:
        """Give the rows of an environment the colours and pictures of its bodies, by the context's numbers of these."""
        for body, (color, texture) in painted.items():
            own = self.bodies == body
            found["rgba"][own, :3] = color
            if texture:
                found["texid"][own] = [textures[Print(texture, on_box)] for on_box in self._boxes[own].tolist()]
                for name, value in BEHIND_TEXTURES.items():
                    found[name][own] = value

    def centre_planes(self, found: np.ndarray, eye: np.ndarray) -> None:
        """Move planes without an edge along themselves to where the eye is, by whole squares of their texture."""
        for plane in self._planes:
            axes = found["mat"][plane].reshape(3, 3)[:, :2]
            repeat = np.maximum(self.rows["texrepeat"][plane], 1e-3)
            squares = np.round((eye - found["pos"][plane]) @ axes * repeat / 2)
            found["pos"][plane] += axes @ (squares * 2 / repeat)


def aim(scene: mujoco.MjvScene, eye: np.ndarray, forward: np.ndarray, up: np.ndarray) -> None:
    """Look from a point (3,) along unit vectors (3,); the light on the camera's head shines there too."""
    for camera in scene.camera:
        camera.pos[:], camera.forward[:], camera.up[:] = eye, forward, up
        camera.orthographic, camera.frustum_center = 0, 0.0
    for light in scene.lights[: scene.nlight]:
        if light.headlight:
            light.pos[:], light.dir[:] = eye, forward


def set_frustum(scene: mujoco.MjvScene, half: tuple[float, float], near: float, far: float) -> None:
    """What the camera sees: half its width and height at a distance of one, and from where to where [m]."""
    for camera in scene.camera:
        camera.frustum_width = near * half[0]
        camera.frustum_bottom, camera.frustum_top = -near * half[1], near * half[1]
        camera.frustum_near, camera.frustum_far = near, far
