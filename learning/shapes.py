"""The shapes of an environment as triangles, for those who draw without MuJoCo: what there is, and where it is.

Letters: E environments, G shapes of a kind. What MuJoCo's pictures leave out, such as groups 3 and above, is left out
here too; a texture counts with its mean colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import mujoco
import numpy as np

from learning import triangles
from learning.poses import Poses
from learning.triangles import Mesh

SHOWN_GROUPS = 3  # geoms of groups 0, 1, 2 are drawn
PLAIN = (0.5, 0.5, 0.5, 1.0)  # a geom's colour where none was given; a material's colour then counts
KINDS = mujoco.mjtGeom


class Kind(NamedTuple):
    """Shapes of one environment that share their triangles."""

    mesh: Mesh
    geoms: np.ndarray  # (G,)
    scales: np.ndarray  # (G, 3) of the mesh along its axes
    rgba: np.ndarray  # (G, 4)


class Placed(NamedTuple):
    """Where the shapes of a kind are."""

    positions: np.ndarray  # (E, G, 3) [m]
    quats: np.ndarray  # (E, G, 4) wxyz


class Shapes:
    """What the model of `poses` shows of the robots (`kinds`) and of what never moves (`still`)."""

    def __init__(self, poses: Poses) -> None:
        self._poses, self._model = poses, poses.model
        shown = [geom for geom in range(self._model.ngeom) if _is_shown(self._model, geom)]
        self.kinds = _kinds(self._model, (geom for geom in shown if self._model.geom_bodyid[geom] > 0))
        self.still = _kinds(self._model, (geom for geom in shown if self._model.geom_bodyid[geom] == 0))
        planes = np.flatnonzero(self._model.geom_type == KINDS.mjGEOM_PLANE)
        self.planes = [(self._model.geom_pos[geom].copy(), self._model.geom_quat[geom].copy()) for geom in planes]

    def place(self, offsets: np.ndarray) -> list[Placed]:
        """Where the shapes of each kind are now, each environment moved by its row of `offsets` (E, 3)."""
        at = np.stack([data.geom_xpos for data in self._poses.datas]) + offsets[:, None]
        bodies = np.stack([data.xquat for data in self._poses.datas])[:, self._model.geom_bodyid]
        turned = _product(bodies, self._model.geom_quat)
        return [Placed(at[:, kind.geoms], turned[:, kind.geoms]) for kind in self.kinds]

    def at_rest(self, kind: Kind) -> Placed:
        """Where shapes of a `still` kind are."""
        return Placed(self._model.geom_pos[None, kind.geoms], self._model.geom_quat[None, kind.geoms])

    def colors(self, kind: Kind) -> np.ndarray:
        """(E, G, 3) uint8, with what `set_rigid_body_color` said about each environment."""
        painted = np.repeat(kind.rgba[None, :, :3], self._poses.count, axis=0)
        for env in range(self._poses.count):
            for body, color in self._poses.colors(env).items():
                painted[env, self._model.geom_bodyid[kind.geoms] == body] = color
        return (np.clip(painted, 0.0, 1.0) * 255).astype(np.uint8)


def _is_shown(model: mujoco.MjModel, geom: int) -> bool:
    return model.geom_group[geom] < SHOWN_GROUPS and _rgba(model, geom)[3] > 0.0


def _kinds(model: mujoco.MjModel, geoms: Iterable[int]) -> list[Kind]:
    """The geoms by what they share: triangles and opacity."""
    found: dict[tuple, list[int]] = {}
    meshes: dict[tuple, Mesh] = {}
    for geom in geoms:
        key, mesh = _mesh(model, geom)
        if mesh is not None:
            meshes.setdefault(key, mesh)
            found.setdefault((*key, round(float(_rgba(model, geom)[3]), 3)), []).append(geom)
    return [
        Kind(
            meshes[key[:-1]],
            np.array(geoms),
            np.stack([_scale(model, geom) for geom in geoms]),
            np.stack([_rgba(model, geom) for geom in geoms]),
        )
        for key, geoms in found.items()
    ]


def _mesh(model: mujoco.MjModel, geom: int) -> tuple[tuple, Mesh | None]:
    """What says that another geom has the same triangles, and those; None where there are none to draw."""
    kind, size, data = KINDS(model.geom_type[geom]), model.geom_size[geom], int(model.geom_dataid[geom])
    if kind in (KINDS.mjGEOM_SPHERE, KINDS.mjGEOM_ELLIPSOID):
        return ("ball",), triangles.ball()
    if kind == KINDS.mjGEOM_BOX:
        return ("box",), triangles.box()
    if kind == KINDS.mjGEOM_CYLINDER:
        return ("cylinder",), triangles.cylinder()
    if kind == KINDS.mjGEOM_CAPSULE:
        return ("capsule", float(size[0]), float(size[1])), triangles.capsule(float(size[0]), float(size[1]))
    if kind == KINDS.mjGEOM_MESH:
        return ("mesh", data), _mesh_of_model(model, data)
    if kind == KINDS.mjGEOM_HFIELD:
        return ("field", data), _field_of_model(model, data)
    return ("none",), None


def _scale(model: mujoco.MjModel, geom: int) -> np.ndarray:
    kind, size = KINDS(model.geom_type[geom]), model.geom_size[geom]
    if kind == KINDS.mjGEOM_SPHERE:
        return np.full(3, size[0])
    if kind == KINDS.mjGEOM_CYLINDER:
        return np.array([size[0], size[0], size[1]])
    return size.copy() if kind in (KINDS.mjGEOM_ELLIPSOID, KINDS.mjGEOM_BOX) else np.ones(3)


def _mesh_of_model(model: mujoco.MjModel, mesh: int) -> Mesh:
    points, faces = model.mesh_vertadr[mesh], model.mesh_faceadr[mesh]
    return Mesh(
        model.mesh_vert[points : points + model.mesh_vertnum[mesh]].astype(np.float32),
        model.mesh_face[faces : faces + model.mesh_facenum[mesh]].astype(np.uint32),
    )


def _field_of_model(model: mujoco.MjModel, field: int) -> Mesh:
    rows, columns = int(model.hfield_nrow[field]), int(model.hfield_ncol[field])
    half_x, half_y, top, _ = model.hfield_size[field]
    first = model.hfield_adr[field]
    heights = model.hfield_data[first : first + rows * columns].reshape(rows, columns) * top
    return triangles.grid(heights, float(half_x), float(half_y))


def _rgba(model: mujoco.MjModel, geom: int) -> np.ndarray:
    rgba, material = model.geom_rgba[geom].astype(float), int(model.geom_matid[geom])
    if material < 0:
        return rgba
    rgba = model.mat_rgba[material].astype(float) if np.allclose(rgba, PLAIN) else rgba
    texture = int(model.mat_texid[material, int(mujoco.mjtTextureRole.mjTEXROLE_RGB)])
    return rgba if texture < 0 else rgba * [*_mean_color(model, texture), 1.0]


def _mean_color(model: mujoco.MjModel, texture: int) -> np.ndarray:
    """(3,) of all its pixels, from 0 to 1."""
    first, channels = model.tex_adr[texture], int(model.tex_nchannel[texture])
    count = int(model.tex_height[texture]) * int(model.tex_width[texture]) * channels
    mean = model.tex_data[first : first + count].reshape(-1, channels).mean(0) / 255.0
    return np.broadcast_to(mean[:3] if channels >= 3 else mean[:1], 3)


def _product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Quaternions (..., 4), wxyz: the turn `other`, then `one`."""
    (w, x, y, z), (a, b, c, d) = np.moveaxis(one, -1, 0), np.moveaxis(other, -1, 0)
    return np.stack(
        [
            w * a - x * b - y * c - z * d,
            w * b + x * a + y * d - z * c,
            w * c - x * d + y * a + z * b,
            w * d + x * c - y * b + z * a,
        ],
        -1,
    )
