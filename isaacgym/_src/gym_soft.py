"""The part of the Gym that is asked for soft bodies: there are none, and that is the answer."""

from __future__ import annotations

from typing import Any

from isaacgym._src.asset import Asset
from isaacgym._src.lookup import actor_of
from isaacgym._src.properties import IndexRange
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Mat33, Vec3


class GymSoft:
    """Counts of zero and empty lists, so that code that looks whether there are soft bodies goes on."""

    def get_asset_soft_body_count(self, asset: Asset) -> int:
        """Zero."""
        return 0

    def get_asset_soft_materials(self, asset: Asset) -> list[Any]:
        """An empty list."""
        return []

    def get_actor_soft_body_count(self, env: Env, handle: int) -> int:
        """Zero."""
        actor_of(env, handle, "get_actor_soft_body_count")
        return 0

    def get_actor_soft_materials(self, env: Env, handle: int) -> list[Any]:
        """An empty list."""
        actor_of(env, handle, "get_actor_soft_materials")
        return []

    def get_actor_triangle_range(self, env: Env, handle: int, soft_body: int) -> IndexRange:
        """An empty range."""
        actor_of(env, handle, "get_actor_triangle_range")
        return IndexRange(0, 0)

    def get_actor_tetrahedra_range(self, env: Env, handle: int, soft_body: int) -> IndexRange:
        """An empty range."""
        actor_of(env, handle, "get_actor_tetrahedra_range")
        return IndexRange(0, 0)

    def get_sim_triangle_count(self, sim: Sim) -> int:
        """Zero: only the triangles of soft bodies count."""
        return 0

    def get_sim_tetrahedra_count(self, sim: Sim) -> int:
        """Zero."""
        return 0

    def get_sim_triangles(self, sim: Sim) -> tuple[list[int], list[int], list[Vec3]]:
        """Empty lists of indices, parents and normals."""
        return [], [], []

    def get_sim_tetrahedra(self, sim: Sim) -> tuple[list[int], list[Mat33]]:
        """Empty lists of indices and stresses."""
        return [], []
