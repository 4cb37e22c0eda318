"""The part of the Gym that answers for the tendons of assets and actors, and sets their properties."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from isaacgym._src import tendon_records as tendons
from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE
from isaacgym._src.gym_assets import check_count
from isaacgym._src.lookup import actor_of, part_of
from isaacgym._src.properties import TendonProperties
from isaacgym._src.scene import Env
from isaacgym._src.tendon_coefficients import checked


class GymTendons:
    """The get_asset_tendon_* and get_actor_tendon_* families; tendons keep the file's order."""

    def get_asset_tendon_count(self, asset: Asset) -> int:
        return len(asset.tendon_names)

    def get_asset_tendon_name(self, asset: Asset, index: int) -> str:
        return str(part_of(asset.name, asset.tendon_names, index, "get_asset_tendon_name", "tendon"))

    def find_asset_tendon_index(self, asset: Asset, name: str) -> int:
        return asset.tendon_names.index(name) if name in asset.tendon_names else INVALID_HANDLE

    def get_asset_tendon_properties(self, asset: Asset) -> list[TendonProperties]:
        return copy.deepcopy(asset.tendon_props)

    def set_asset_tendon_properties(self, asset: Asset, props: list[TendonProperties]) -> bool:
        """Springs and limits of the actors created from now on; those that exist keep theirs."""
        check_count("set_asset_tendon_properties", asset.name, "tendons", len(asset.tendon_names), len(props))
        asset.tendon_props = tendons.renewed(asset.tendon_props, props)
        return True

    def get_asset_fixed_tendon_joint_name(self, asset: Asset, tendon: int, joint: int) -> str:
        method = "get_asset_fixed_tendon_joint_name"
        joints = part_of(asset.name, asset.tendon_joints, tendon, method, "tendon")
        return str(part_of(asset.name, joints, joint, method, f"joint in tendon {tendon},")[0])

    def get_asset_fixed_tendon_joint_coefficients(self, asset: Asset, tendon: int) -> list[float]:
        """How much each joint of a fixed tendon counts in its length."""
        method = "get_asset_fixed_tendon_joint_coefficients"
        joints = part_of(asset.name, asset.tendon_joints, tendon, method, "tendon")
        return [coefficient for _, coefficient in joints]

    def set_asset_fixed_tendon_joint_coefficients(self, asset: Asset, tendon: int, values: Sequence[float]) -> bool:
        """Coefficients of a fixed tendon of all actors that are not prepared yet, those that exist included."""
        method = "set_asset_fixed_tendon_joint_coefficients"
        new = checked(asset, tendon, values, method)
        names = [name for name, _ in asset.tendon_joints[tendon]]
        asset.tendon_joints[tendon] = list(zip(names, new, strict=True))
        return True

    def get_actor_tendon_count(self, env: Env, handle: int) -> int:
        return len(actor_of(env, handle, "get_actor_tendon_count").asset.tendon_names)

    def get_actor_tendon_name(self, env: Env, handle: int, index: int) -> str:
        return self.get_asset_tendon_name(actor_of(env, handle, "get_actor_tendon_name").asset, index)

    def get_actor_tendon_index(self, env: Env, handle: int, name: str) -> int:
        return self.find_asset_tendon_index(actor_of(env, handle, "get_actor_tendon_index").asset, name)

    def find_actor_tendon_index(self, env: Env, handle: int, name: str) -> int:
        return self.find_asset_tendon_index(actor_of(env, handle, "find_actor_tendon_index").asset, name)

    def get_actor_fixed_tendon_joint_name(self, env: Env, handle: int, tendon: int, joint: int) -> str:
        asset = actor_of(env, handle, "get_actor_fixed_tendon_joint_name").asset
        return self.get_asset_fixed_tendon_joint_name(asset, tendon, joint)

    def find_actor_fixed_tendon_joint_index(self, env: Env, handle: int, tendon: int, name: str) -> int:
        """The joint's place in a fixed tendon, -1 where it is not part of it."""
        method = "find_actor_fixed_tendon_joint_index"
        asset = actor_of(env, handle, method).asset
        names = [joint for joint, _ in part_of(asset.name, asset.tendon_joints, tendon, method, "tendon")]
        return names.index(name) if name in names else INVALID_HANDLE

    def get_actor_fixed_tendon_joint_coefficients(self, env: Env, handle: int, tendon: int) -> list[float]:
        method = "get_actor_fixed_tendon_joint_coefficients"
        actor = actor_of(env, handle, method)
        part_of(actor.name, actor.asset.tendon_names, tendon, method, "tendon")
        return env.sim.tendon_coefficients.of(env, handle, tendon)

    def set_actor_fixed_tendon_joint_coefficients(
        self, env: Env, handle: int, tendon: int, values: Sequence[float]
    ) -> bool:
        """Coefficients of a fixed tendon, the same in every environment, before prepare_sim only."""
        method = "set_actor_fixed_tendon_joint_coefficients"
        actor = actor_of(env, handle, method)
        new = checked(actor.asset, tendon, values, method)
        if env.sim.prepared:
            raise NotImplementedError(
                f"{method}: the tendon coefficients of '{actor.name}' are fixed by prepare_sim; set them when it is "
                "created, or change its stiffness and offset"
            )
        env.sim.tendon_coefficients.set(env.index, handle, tendon, new)
        return True

    def get_actor_tendon_stiffness(self, env: Env, handle: int, tendon: int) -> float:
        return _record(env, handle, tendon, "get_actor_tendon_stiffness").stiffness

    def get_actor_tendon_offset(self, env: Env, handle: int, tendon: int) -> float:
        """What is added to the tendon's length before its spring and limits see it."""
        return tendons.offset_of(_record(env, handle, tendon, "get_actor_tendon_offset"))

    def set_actor_tendon_offset(self, env: Env, handle: int, tendon: int, offset: float) -> bool:
        """Lengthen a tendon: its spring pulls and its limits hold as if it were longer by `offset`."""
        _record(env, handle, tendon, "set_actor_tendon_offset")
        actor = env.actors[handle]
        actor.tendon_props = tendons.with_offset(actor.tendon_props, tendon, float(offset))
        env.sim.property_set(env, handle, "tendon")
        return True

    def get_actor_tendon_properties(self, env: Env, handle: int) -> list[TendonProperties]:
        return copy.deepcopy(actor_of(env, handle, "get_actor_tendon_properties").tendon_props)

    def set_actor_tendon_properties(self, env: Env, handle: int, props: list[TendonProperties]) -> bool:
        """Springs and limits of the actor's tendons; a tendon without limits cannot get them after prepare_sim."""
        actor, method = actor_of(env, handle, "set_actor_tendon_properties"), "set_actor_tendon_properties"
        check_count(method, actor.name, "tendons", len(actor.asset.tendon_names), len(props))
        new = tendons.renewed(actor.tendon_props, props)
        for name, before, after in zip(actor.asset.tendon_names, actor.tendon_props, new, strict=True):
            if env.sim.prepared and after.is_fixed_limited and not before.is_fixed_limited:
                raise NotImplementedError(
                    f"{method}: tendon '{name}' of '{actor.name}' had no limits at prepare_sim and cannot get them "
                    "now; set is_fixed_limited before prepare_sim, with a wide range where it shall be free"
                )
        actor.tendon_props = new
        env.sim.property_set(env, handle, "tendon")
        return True


def _record(env: Env, handle: int, tendon: int, method: str) -> TendonProperties:
    actor = actor_of(env, handle, method)
    record: TendonProperties = part_of(actor.name, actor.tendon_props, tendon, method, "tendon")
    return record
