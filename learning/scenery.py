"""What is in a picture of a few environments: their shapes side by side, shadows, and the camera.

Shadows are the robots' own shapes, flattened onto the ground along the sun's rays: where OpenGL is software, a shadow
map costs more than everything else in the picture.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np

from isaacgym.gymapi import Sim
from learning.poses import Poses, Snapshot
from learning.staging import Lens, View

SLICES, STACKS = 20, 10  # of a sphere; MuJoCo's 28 and 16 take a quarter more time and look the same
NEAR, FAR = 0.05, 160.0  # what the camera sees [m]
SHADOW = np.array([0.33, 0.355, 0.385])  # colour of the ground in it
GLOW = 20.0  # a shadow's light of its own; the scene's, on shapes with next to no thickness, comes out speckled
FLAT = 1e-3  # thickness of a shadow, relative to what casts it
LIFT = 4e-3  # of a shadow above the ground [m]

STATIC, DYNAMIC = (int(getattr(mujoco.mjtCatBit, f"mjCAT_{name}")) for name in ("STATIC", "DYNAMIC"))
Turn = Callable[[View], View]
GEOM, PLANE = int(mujoco.mjtObj.mjOBJ_GEOM), int(mujoco.mjtGeom.mjGEOM_PLANE)


class Scenery:
    """The first `count` environments of a prepared simulation side by side, as MuJoCo draws them.

    Each robot stands at its place as it is in `first`, or now, and moves from there.
    """

    def __init__(
        self, sim: Sim, count: int, width: int, height: int, samples: int, first: Snapshot | None = None
    ) -> None:
        self.model = model = _picture_model(sim.backend.model, width, height, samples)
        self.poses = Poses(sim, count, model)
        self.count = self.poses.count
        self._shadow = Shadow.of(model)
        self.scene = mujoco.MjvScene(model, maxgeom=2 * self.count * (model.ngeom + model.nsite) + 100)
        self.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        self.scene.flags[mujoco.mjtRndFlag.mjRND_HAZE] = True
        self._geoms, self._option, self._still = self.scene.geoms, mujoco.MjvOption(), mujoco.MjvPerturb()
        self._camera = mujoco.MjvCamera()
        self._lineup = self.poses.lineup(first)
        self._lens = Lens(float(model.vis.global_.fovy), width / height)
        self.follow(None)

    def follow(self, env: int | None) -> None:
        """Keep one environment in view from now on, or all."""
        self._view = self._lineup.follow(env, self._lens)

    def compose(self, seconds: float, snapshot: Snapshot | None = None, turn: Turn = lambda view: view) -> None:
        """Fill `scene` with a snapshot or the present, `seconds` of simulated time after the last.

        `turn` may look from elsewhere than the view that follows the robots.
        """
        view = turn(self._view(self.poses.show(snapshot), seconds))
        first = self.poses.datas[0]
        mujoco.mj_comPos(self.model, first)
        mujoco.mj_camlight(self.model, first)
        self._aim(view)
        for env in range(self.count):
            self._add(env)
            if self._shadow is not None:
                for geom in self._add(env):
                    self._shadow.cast(geom)

    def _aim(self, view: View) -> None:
        """Put the camera there and begin the scene with what does not move."""
        camera = self._camera
        camera.lookat[:] = view.lookat
        camera.distance, camera.azimuth, camera.elevation = view.distance, view.azimuth, view.elevation
        mujoco.mjv_updateScene(self.model, self.poses.datas[0], self._option, self._still, camera, STATIC, self.scene)

    def _add(self, env: int) -> list[Any]:
        """Put an environment's moving shapes into the scene, at its place and in its colours."""
        first = self.scene.ngeom
        mujoco.mjv_addGeoms(self.model, self.poses.datas[env], self._option, self._still, DYNAMIC, self.scene)
        added, colors = self._geoms[first : self.scene.ngeom], self.poses.colors(env)
        for geom in added:
            geom.pos += self._lineup.offsets[env]
            if colors and geom.objtype == GEOM and (body := int(self.model.geom_bodyid[geom.objid])) in colors:
                geom.rgba[:3] = colors[body]
        return added


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
