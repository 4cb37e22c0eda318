"""Meshes of an asset: a file with who needs it, and the triangles that a spec's mesh is given of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isaacgym._src.asset_errors import AssetError
from isaacgym._src.mesh_formats import MeshError, Piece, joined, mujoco_reads, read_pieces, read_points

THICKNESS = 1e-3  # of collision meshes that have none [m]
FIRST = 300  # points that are looked at before all of them
LEAST_VERTICES = 4  # that MuJoCo takes of a mesh
FLATNESS = 1e-6  # spread of points across a plane, of that along it


class MeshFile(NamedTuple):
    """A file and who refers to it, for messages."""

    path: Path
    owner: str

    def pieces(self, colors: bool = False) -> list[Piece]:
        """Its sub-meshes; what cannot be read is said with the link that needs it."""
        with self._faults():
            return read_pieces(self.path, colors)

    def check(self) -> None:
        """Raise where the file holds no mesh at all, such as one that was never downloaded."""
        self._points(1)

    def give(self, mesh: Any) -> None:
        """Let a mesh of a spec be this file, or the triangles in it where MuJoCo does not read it."""
        if mujoco_reads(self.path):
            mesh.file = str(self.path)
        else:
            fill(mesh, joined(self.pieces()))

    def give_hull(self, mesh: Any) -> None:
        """As `give`, for a mesh that collides: what is flat has no hull, and becomes a millimetre thick."""
        if mujoco_reads(self.path):
            if is_flat(self._points(FIRST)) and is_flat(points := self._points()):
                _thicken(mesh, points)
            else:
                mesh.file = str(self.path)
        elif is_flat((whole := joined(self.pieces())).vertices):
            _thicken(mesh, whole.vertices)
        else:
            fill(mesh, whole)

    def _points(self, most: int | None = None) -> np.ndarray:
        with self._faults():
            return read_points(self.path, most)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except MeshError as error:
            raise AssetError(f"{self.owner}: mesh '{self.path}': {error}") from None
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"{self.owner}: mesh '{self.path}': {error}") from None


def is_flat(points: np.ndarray) -> bool:
    """Whether points (V, 3) enclose no volume."""
    return _depth(points)[1] < 3


def _depth(points: np.ndarray) -> tuple[np.ndarray, int]:
    """The principal axes (3, 3) of points, and along how many of them they spread."""
    _, spread, axes = np.linalg.svd(points - points.mean(0), full_matrices=len(points) < 3)
    return axes, int(np.count_nonzero(spread > FLATNESS * max(spread[0], THICKNESS)))


def _thicken(mesh: Any, points: np.ndarray) -> None:
    """Make a mesh of these points and of others on either side of the plane, line or place in which they lie."""
    points = points * np.asarray(mesh.scale)
    axes, extent = _depth(points)
    for axis in axes[extent:]:
        points = np.concatenate((points + axis * THICKNESS / 2, points - axis * THICKNESS / 2))
    mesh.scale = np.ones(3)
    fill(mesh, Piece(points, np.zeros((0, 3))))


def fill(mesh: Any, piece: Piece) -> None:
    """Make a mesh of a spec consist of these triangles, with their places in a picture."""
    missing = max(0, LEAST_VERTICES - len(piece.vertices))
    mesh.file = ""
    mesh.uservert = np.pad(piece.vertices, ((0, missing), (0, 0)), "edge").astype(np.float32).ravel().tolist()
    mesh.userface = piece.faces.astype(np.int32).ravel().tolist()
    if piece.places is not None:
        mesh.usertexcoord = np.pad(piece.places, ((0, missing), (0, 0)), "edge").astype(np.float32).ravel().tolist()
