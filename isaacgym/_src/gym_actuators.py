"""The part of the Gym that answers for the actuators of MJCF files; they keep the file's order."""

from __future__ import annotations

import copy

from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE
from isaacgym._src.lookup import actor_of, part_of
from isaacgym._src.properties import ActuatorProperties
from isaacgym._src.scene import Env


class GymActuators:
    """The get_asset_actuator_* and get_actor_actuator_* families."""

    def get_asset_actuator_count(self, asset: Asset) -> int:
        return len(asset.actuators)

    def get_asset_actuator_name(self, asset: Asset, index: int) -> str:
        """The actuator's name, or its joint's where the file gives it none."""
        return str(part_of(asset.name, _names(asset), index, "get_asset_actuator_name", "actuator"))

    def get_asset_actuator_joint_name(self, asset: Asset, index: int) -> str:
        joints = asset.actuator_joints
        return str(part_of(asset.name, joints, index, "get_asset_actuator_joint_name", "actuator"))

    def get_asset_actuator_properties(self, asset: Asset) -> list[ActuatorProperties]:
        """Copies: actuators only set how dofs start, which set_actor_dof_properties changes."""
        return copy.deepcopy(asset.actuators)

    def find_asset_actuator_index(self, asset: Asset, name: str) -> int:
        names = _names(asset)
        return names.index(name) if name in names else INVALID_HANDLE

    def get_actor_actuator_count(self, env: Env, handle: int) -> int:
        return len(actor_of(env, handle, "get_actor_actuator_count").asset.actuators)

    def get_actor_actuator_name(self, env: Env, handle: int, index: int) -> str:
        return self.get_asset_actuator_name(actor_of(env, handle, "get_actor_actuator_name").asset, index)

    def get_actor_actuator_joint_name(self, env: Env, handle: int, index: int) -> str:
        return self.get_asset_actuator_joint_name(actor_of(env, handle, "get_actor_actuator_joint_name").asset, index)

    def get_actor_actuator_properties(self, env: Env, handle: int) -> list[ActuatorProperties]:
        return self.get_asset_actuator_properties(actor_of(env, handle, "get_actor_actuator_properties").asset)

    def find_actor_actuator_index(self, env: Env, handle: int, name: str) -> int:
        return self.find_asset_actuator_index(actor_of(env, handle, "find_actor_actuator_index").asset, name)


def _names(asset: Asset) -> list[str]:
    return [name or joint for name, joint in zip(asset.actuator_names, asset.actuator_joints, strict=True)]
