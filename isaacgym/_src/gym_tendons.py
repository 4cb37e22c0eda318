"""The part of the Gym that answers for the tendons of assets and actors, and sets their properties."""

from __future__ import annotations

import copy

from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE
from isaacgym._src.gym_actors import _actor
from isaacgym._src.gym_assets import check_count
from isaacgym._src.properties import TendonProperties
from isaacgym._src.scene import Env


class GymTendons:
    """The get_asset_tendon_* and get_actor_tendon_* families; tendons keep the file's order."""

    def get_asset_tendon_count(self, asset: Asset) -> int:
        return len(asset.tendon_names)

    def get_asset_tendon_name(self, asset: Asset, index: int) -> str:
        return asset.tendon_names[index]

    def get_asset_tendon_properties(self, asset: Asset) -> list[TendonProperties]:
        return copy.deepcopy(asset.tendon_props)

    def set_asset_tendon_properties(self, asset: Asset, props: list[TendonProperties]) -> bool:
        """Springs and limits of the actors created from now on; those that exist keep theirs."""
        check_count("set_asset_tendon_properties", asset.name, "tendons", len(asset.tendon_names), len(props))
        asset.tendon_props = copy.deepcopy(list(props))
        return True

    def get_asset_fixed_tendon_joint_name(self, asset: Asset, tendon: int, joint: int) -> str:
        return asset.tendon_joints[tendon][joint][0]

    def get_asset_fixed_tendon_joint_coefficients(self, asset: Asset, tendon: int) -> list[float]:
        """How much each joint of a fixed tendon counts in its length."""
        return [coefficient for _, coefficient in asset.tendon_joints[tendon]]

    def get_actor_tendon_count(self, env: Env, handle: int) -> int:
        return len(_actor(env, handle, "get_actor_tendon_count").asset.tendon_names)

    def get_actor_tendon_name(self, env: Env, handle: int, index: int) -> str:
        return _actor(env, handle, "get_actor_tendon_name").asset.tendon_names[index]

    def get_actor_tendon_index(self, env: Env, handle: int, name: str) -> int:
        names = _actor(env, handle, "get_actor_tendon_index").asset.tendon_names
        return names.index(name) if name in names else INVALID_HANDLE

    def get_actor_fixed_tendon_joint_coefficients(self, env: Env, handle: int, tendon: int) -> list[float]:
        asset = _actor(env, handle, "get_actor_fixed_tendon_joint_coefficients").asset
        return self.get_asset_fixed_tendon_joint_coefficients(asset, tendon)

    def get_actor_tendon_properties(self, env: Env, handle: int) -> list[TendonProperties]:
        return copy.deepcopy(_actor(env, handle, "get_actor_tendon_properties").tendon_props)

    def set_actor_tendon_properties(self, env: Env, handle: int, props: list[TendonProperties]) -> bool:
        """Springs and limits of the actor's tendons; a tendon without limits cannot get them after prepare_sim."""
        actor, method = _actor(env, handle, "set_actor_tendon_properties"), "set_actor_tendon_properties"
        check_count(method, actor.name, "tendons", len(actor.asset.tendon_names), len(props))
        new = copy.deepcopy(list(props))
        for name, before, after in zip(actor.asset.tendon_names, actor.tendon_props, new, strict=True):
            if env.sim.prepared and after.is_fixed_limited and not before.is_fixed_limited:
                raise NotImplementedError(
                    f"{method}: tendon '{name}' of '{actor.name}' had no limits at prepare_sim and cannot get them "
                    "now; set is_fixed_limited before prepare_sim, with a wide range where it shall be free"
                )
        actor.tendon_props = new
        env.sim.property_set(env, handle, "tendon")
        return True
