"""Meshes of an asset: a file with who needs it, and the triangles that a spec's mesh is given of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import mujoco
import numpy as np

from isaacgym._src.asset_errors import AssetError
from isaacgym._src.mesh_formats import MeshError, Piece, joined, mujoco_reads, read_pieces, read_points

NO_VOLUME = re.compile(r"(?:has co\w+ vertices|at least 4 vertices).*Element name '([^']*)'", re.DOTALL)
THICKNESS = 1e-3  # of collision meshes that have none [m]
FLATNESS = 1e-6  # spread of points across a plane, of that along it


class MeshFile(NamedTuple):
    """A file and who refers to it, for messages."""

    path: Path
    owner: str

    def pieces(self, colors: bool = False) -> list[Piece]:
        """Its sub-meshes; what cannot be read is said with the link that needs it."""
        try:
            return read_pieces(self.path, colors)
        except MeshError as error:
            raise AssetError(f"{self.owner}: mesh '{self.path}': {error}") from None
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"{self.owner}: mesh '{self.path}': {error}") from None

    def give(self, mesh: Any) -> None:
        """Let a mesh of a spec be this file, or the triangles in it where MuJoCo does not read it."""
        if mujoco_reads(self.path):
            mesh.file = str(self.path)
        else:
            fill(mesh, joined(self.pieces()))


def compiled(spec: mujoco.MjSpec, files: dict[str, MeshFile]) -> mujoco.MjModel:
    """The model of a spec; collision meshes without a volume, which have no hull, become a millimetre thick."""
    flat: set[str] = set()
    while True:
        try:
            return spec.compile()
        except ValueError as error:
            found = NO_VOLUME.search(str(error))
            if found is None or found[1] in flat or found[1] not in files:
                raise
            flat.add(found[1])
            _thicken(spec.mesh(found[1]), read_points(files[found[1]].path))


def _thicken(mesh: Any, points: np.ndarray) -> None:
    """Make a mesh of these points and of others on either side of the plane, line or place in which they lie."""
    points = points * np.asarray(mesh.scale)
    _, spread, axes = np.linalg.svd(points - points.mean(0))
    for axis in axes[np.count_nonzero(spread > FLATNESS * max(spread[0], THICKNESS)) :]:
        points = np.concatenate((points + axis * THICKNESS / 2, points - axis * THICKNESS / 2))
    mesh.scale = np.ones(3)
    fill(mesh, Piece(points, np.zeros((0, 3))))


def is_flat(points: np.ndarray) -> bool:
    """Whether points (V, 3) enclose no volume."""
    spread = np.linalg.svd(points - points.mean(0), compute_uv=False)
    return bool(np.count_nonzero(spread > FLATNESS * spread[0]) < 3)


def fill(mesh: Any, piece: Piece) -> None:
    """Make a mesh of a spec consist of these triangles."""
    mesh.file = ""
    mesh.uservert = piece.vertices.astype(np.float32).ravel().tolist()
    mesh.userface = piece.faces.astype(np.int32).ravel().tolist()
