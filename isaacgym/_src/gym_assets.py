"""The part of the Gym that loads assets and answers questions about them."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np

from isaacgym._src import asset_primitives
from isaacgym._src.asset import Asset, AssetError
from isaacgym._src.asset_mjcf import load_mjcf
from isaacgym._src.asset_text import asset_text
from isaacgym._src.asset_urdf import load_urdf
from isaacgym._src.enums import INVALID_HANDLE, DofType
from isaacgym._src.lookup import part_of
from isaacgym._src.options import AssetOptions
from isaacgym._src.properties import IndexRange, RigidShapeProperties
from isaacgym._src.sim import Sim


class GymAssets:
    """load_asset, create_box and the get_asset_* family."""

    def load_asset(self, sim: Sim, rootpath: str, filename: str, options: AssetOptions | None = None) -> Asset:
        """The asset in an MJCF (.xml, .mjcf) or URDF file below `rootpath`."""
        path, options = Path(rootpath or ".") / filename, options or AssetOptions()
        if not path.is_file():
            raise AssetError(f"load_asset: no file '{filename}' below '{rootpath}' ({path.resolve()})")
        suffix = path.suffix.lower()
        if suffix == ".urdf":
            return load_urdf(path, Path(rootpath or "."), options, drawn=sim.graphics.wanted)
        if suffix in (".xml", ".mjcf"):
            return load_mjcf(path, options)
        raise AssetError(f"load_asset: '{filename}' is neither MJCF (.xml, .mjcf) nor URDF (.urdf)")

    def load_mjcf(self, sim: Sim, rootpath: str, filename: str, options: AssetOptions | None = None) -> Asset:
        """As load_asset."""
        return self.load_asset(sim, rootpath, filename, options)

    def load_urdf(self, sim: Sim, rootpath: str, filename: str, options: AssetOptions | None = None) -> Asset:
        """As load_asset."""
        return self.load_asset(sim, rootpath, filename, options)

    def create_box(
        self, sim: Sim, width: float, height: float, depth: float, options: AssetOptions | None = None
    ) -> Asset:
        """A box of full sizes along x, y and z [m]."""
        return asset_primitives.make_box(width, height, depth, options or AssetOptions())

    def create_sphere(self, sim: Sim, radius: float, options: AssetOptions | None = None) -> Asset:
        return asset_primitives.make_sphere(radius, options or AssetOptions())

    def create_capsule(self, sim: Sim, radius: float, width: float, options: AssetOptions | None = None) -> Asset:
        """A capsule along x, `width` [m] long between the half spheres."""
        return asset_primitives.make_capsule(radius, width, options or AssetOptions())

    def get_asset_rigid_body_count(self, asset: Asset) -> int:
        return len(asset.body_names)

    def get_asset_dof_count(self, asset: Asset) -> int:
        return len(asset.dof_names)

    def get_asset_rigid_shape_count(self, asset: Asset) -> int:
        return len(asset.shape_ids)

    def get_asset_rigid_body_shape_indices(self, asset: Asset) -> list[IndexRange]:
        """For each body where its shapes stand in the list of the asset's shapes."""
        owners = asset.model.geom_bodyid[asset.shape_ids] - 1
        return [IndexRange(int(np.sum(owners < b)), int(np.sum(owners == b))) for b in range(len(asset.body_names))]

    def get_asset_rigid_body_names(self, asset: Asset) -> list[str]:
        return list(asset.body_names)

    def get_asset_rigid_body_name(self, asset: Asset, index: int) -> str:
        return str(part_of(asset.name, asset.body_names, index, "get_asset_rigid_body_name", "body"))

    def get_asset_rigid_body_dict(self, asset: Asset) -> dict[str, int]:
        return {name: i for i, name in enumerate(asset.body_names)}

    def get_asset_dof_names(self, asset: Asset) -> list[str]:
        return list(asset.dof_names)

    def get_asset_dof_name(self, asset: Asset, index: int) -> str:
        return str(part_of(asset.name, asset.dof_names, index, "get_asset_dof_name", "dof"))

    def get_asset_dof_dict(self, asset: Asset) -> dict[str, int]:
        return {name: i for i, name in enumerate(asset.dof_names)}

    def get_asset_dof_type(self, asset: Asset, index: int) -> DofType:
        part_of(asset.name, asset.dof_names, index, "get_asset_dof_type", "dof")
        return asset.dof_type(index)

    def get_dof_type_string(self, kind: DofType) -> str:
        return {DofType.DOF_ROTATION: "Rotation", DofType.DOF_TRANSLATION: "Translation"}.get(DofType(kind), "Invalid")

    def find_asset_rigid_body_index(self, asset: Asset, name: str) -> int:
        return asset.body_names.index(name) if name in asset.body_names else INVALID_HANDLE

    def find_asset_dof_index(self, asset: Asset, name: str) -> int:
        return asset.dof_names.index(name) if name in asset.dof_names else INVALID_HANDLE

    def get_asset_dof_properties(self, asset: Asset) -> np.ndarray:
        """(D,) records, a copy; changes count through set_actor_dof_properties."""
        return asset.dof_props.copy()

    def get_asset_rigid_shape_properties(self, asset: Asset) -> list[RigidShapeProperties]:
        return [copy.copy(p) for p in asset.shape_props]

    def debug_print_asset(self, asset: Asset, outpath: str | None = None) -> None:
        """Print what an asset consists of, or write it to a file."""
        text = asset_text(asset)
        if outpath is None:
            print(text)
        else:
            Path(outpath).write_text(text + "\n")

    def set_asset_rigid_shape_properties(self, asset: Asset, props: list[RigidShapeProperties]) -> bool:
        """Surfaces of the actors created from now on; those that exist keep theirs."""
        check_count("set_asset_rigid_shape_properties", asset.name, "shapes", len(asset.shape_ids), len(props))
        asset.shape_props = [copy.copy(p) for p in props]
        return True


def check_count(method: str, owner: str, what: str, expected: int, given: int) -> None:
    if given != expected:
        raise ValueError(f"{method}: '{owner}' has {expected} {what}, given {given} records")
