"""Meshes of an asset: a file with who needs it, and the triangles that a spec's mesh is given of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isaacgym._src.asset_errors import AssetError
from isaacgym._src.mesh_formats import MeshError, Piece, joined, mujoco_reads, read_pieces


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


def fill(mesh: Any, piece: Piece) -> None:
    """Make a mesh of a spec consist of these triangles."""
    mesh.file = ""
    mesh.uservert = piece.vertices.astype(np.float32).ravel().tolist()
    mesh.userface = piece.faces.astype(np.int32).ravel().tolist()
