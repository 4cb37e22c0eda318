"""Pictures of a few environments in one scene, drawn by MuJoCo without a window.

Shadows are the robots' own shapes, flattened onto the ground along the sun's rays: where OpenGL is software, a shadow
map costs more than everything else in the picture.
"""

from __future__ import annotations

import copy
from typing import Any

import mujoco
import numpy as np

from isaacgym.gymapi import Sim
from learning.opengl import open_context
from learning.staging import Box, Follower, Lens, stand

SAMPLES = 4  # per pixel, against jagged edges
SLICES, STACKS = 20, 10  # of a sphere; MuJoCo's 28 and 16 take a quarter more time and look the same
NEAR, FAR = 0.05, 160.0  # what the camera sees [m]
SHADOW = np.array([0.33, 0.355, 0.385])  # colour of the ground in it
GLOW = 20.0  # a shadow's light of its own; the scene's, on shapes with next to no thickness, comes out speckled
FLAT = 1e-3  # thickness of a shadow, relative to what casts it
LIFT = 4e-3  # of a shadow above the ground [m]

STATIC, DYNAMIC = (int(getattr(mujoco.mjtCatBit, f"mjCAT_{name}")) for name in ("STATIC", "DYNAMIC"))
GEOM, PLANE = int(mujoco.mjtObj.mjOBJ_GEOM), int(mujoco.mjtGeom.mjGEOM_PLANE)


class Renderer:
    """Draws the first `count` environments of a prepared simulation side by side."""

    def __init__(self, sim: Sim, count: int, width: int, height: int, samples: int = SAMPLES) -> None:
        self.sim, self.count = sim, min(count, len(sim.envs))
        self._model = model = _picture_model(sim.backend.model, width, height, samples)
        self._data = [mujoco.MjData(model) for _ in range(self.count)]
        self._root = int(sim.layout.actors[0].mujoco_bodies[0])
        self._shadow = Shadow.of(model)
        self._gl = open_context(width, height)
        self._context = mujoco.MjrContext(model, int(mujoco.mjtFontScale.mjFONTSCALE_100))
        mujoco.mjr_setBuffer(int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN), self._context)
        self._scene = mujoco.MjvScene(model, maxgeom=2 * self.count * (model.ngeom + model.nsite) + 100)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        self._scene.flags[mujoco.mjtRndFlag.mjRND_HAZE] = True
        self._geoms, self._option, self._still = self._scene.geoms, mujoco.MjvOption(), mujoco.MjvPerturb()
        self._rect, self._pixels = mujoco.MjrRect(0, 0, width, height), np.empty((height, width, 3), np.uint8)
        self._set_stage(width / height)

    def draw(self, seconds: float = 0.0) -> np.ndarray:
        """The picture (H, W, 3), `seconds` of simulated time after the last one."""
        self._aim(self._pose(), seconds)
        mujoco.mjv_updateScene(self._model, self._data[0], self._option, self._still, self._camera, STATIC, self._scene)
        for env in range(self.count):
            self._add(env)
            if self._shadow is not None:
                for geom in self._add(env):
                    self._shadow.cast(geom)
        self._gl.make_current()
        mujoco.mjr_render(self._rect, self._scene, self._context)
        mujoco.mjr_readPixels(self._pixels, None, self._rect, self._context)
        return np.flipud(self._pixels).copy()

    def close(self) -> None:
        """Free what OpenGL holds."""
        self._gl.make_current()
        self._context.free()
        self._gl.free()

    def _set_stage(self, aspect: float) -> None:
        roots = self._pose()
        box = _box(self._model, self._data)
        self._offsets = stand(box, self.count)
        self._follower = Follower(box, roots, Lens(float(self._model.vis.global_.fovy), aspect))
        self._camera = mujoco.MjvCamera()

    def _aim(self, roots: np.ndarray, seconds: float) -> None:
        view, camera = self._follower.view(roots, seconds), self._camera
        camera.lookat[:] = view.lookat
        camera.distance, camera.azimuth, camera.elevation = view.distance, view.azimuth, view.elevation

    def _pose(self) -> np.ndarray:
        """Bring every environment's shapes to its present state; where the robots are, (E, 3) [m]."""
        for name in ("qpos", "mocap_pos", "mocap_quat"):
            values = self.sim.backend.data(name)[: self.count].cpu().numpy()
            for data, value in zip(self._data, values, strict=True):
                getattr(data, name)[:] = value.reshape(getattr(data, name).shape)
        for data in self._data:
            mujoco.mj_kinematics(self._model, data)
        mujoco.mj_comPos(self._model, self._data[0])
        mujoco.mj_camlight(self._model, self._data[0])
        return np.stack([data.xpos[self._root] for data in self._data])

    def _add(self, env: int) -> list[Any]:
        """Put an environment's moving shapes into the scene, at its place and in its colours."""
        first = self._scene.ngeom
        mujoco.mjv_addGeoms(self._model, self._data[env], self._option, self._still, DYNAMIC, self._scene)
        added, colors = self._geoms[first : self._scene.ngeom], self._colors(env)
        for geom in added:
            geom.pos += self._offsets[env]
            if colors and geom.objtype == GEOM and (body := int(self._model.geom_bodyid[geom.objid])) in colors:
                geom.rgba[:3] = colors[body]
        return added

    def _colors(self, env: int) -> dict[int, tuple[float, float, float]]:
        """What `set_rigid_body_color` said about this environment, by MuJoCo body."""
        pairs = zip(self.sim.layout.actors, self.sim.envs[env].actors, strict=True)
        return {
            int(place.mujoco_bodies[body]): color
            for place, actor in pairs
            for body, color in (actor.colors or {}).items()
        }


class Shadow:
    """The sun's projection onto a level ground."""

    def __init__(self, sun: np.ndarray, ground: float) -> None:
        self._ground = ground  # height [m]
        self._flatten = np.eye(3)
        self._flatten[:, 2] = -sun / sun[2]
        self._flatten[2, 2] = FLAT

    @classmethod
    def of(cls, model: mujoco.MjModel) -> Shadow | None:
        """The shadow in a model's pictures; None where there is no light or no level ground to cast one on."""
        planes = [g for g in np.flatnonzero(model.geom_type == PLANE) if model.geom_bodyid[g] == 0]
        level = [g for g in planes if np.allclose(model.geom_quat[g], (1, 0, 0, 0), atol=1e-6)]
        if not level or not model.nlight or model.light_dir[0][2] >= 0:
            return None
        return cls(model.light_dir[0], max(float(model.geom_pos[g][2]) for g in level))

    def cast(self, geom: Any) -> None:
        """Turn a shape of the scene into its shadow."""
        position = np.array(geom.pos, dtype=float) - (0.0, 0.0, self._ground)
        geom.pos[:] = self._flatten @ position + (0.0, 0.0, self._ground + LIFT)
        geom.mat[:] = self._flatten @ np.array(geom.mat, dtype=float).reshape(3, 3)
        geom.matid, geom.emission, geom.specular, geom.reflectance = -1, GLOW, 0.0, 0.0
        geom.rgba[:3] = SHADOW / GLOW


def _picture_model(model: mujoco.MjModel, width: int, height: int, samples: int) -> mujoco.MjModel:
    """A copy with the settings of a picture; distances in its `vis.map` are in metres."""
    copied = copy.copy(model)
    copied.vis.global_.offwidth, copied.vis.global_.offheight = width, height
    copied.vis.quality.offsamples = samples
    copied.vis.quality.numslices, copied.vis.quality.numstacks = SLICES, STACKS
    copied.stat.extent = 1.0
    copied.vis.map.znear, copied.vis.map.zfar, copied.vis.map.haze = NEAR, FAR, 0.4
    return copied


def _box(model: mujoco.MjModel, datas: list[mujoco.MjData]) -> Box:
    """What holds the shapes of every actor in every one of these states, all at one place."""
    shapes = np.flatnonzero(model.geom_bodyid > 0)
    centres, halves = model.geom_aabb[shapes, :3], model.geom_aabb[shapes, 3:]
    lows, highs = [], []
    for data in datas:
        turn = data.geom_xmat[shapes].reshape(-1, 3, 3)
        middle = data.geom_xpos[shapes] + np.einsum("gij,gj->gi", turn, centres)
        reach = np.einsum("gij,gj->gi", np.abs(turn), halves)
        lows.append((middle - reach).min(0))
        highs.append((middle + reach).max(0))
    return Box(np.min(lows, 0), np.max(highs, 0))
