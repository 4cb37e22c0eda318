"""The part of the Gym that answers questions about joints, fixed ones included."""

from __future__ import annotations

import numpy as np

from isaacgym._src import rows
from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE, IndexDomain, JointType
from isaacgym._src.joints import NO_DOF, Joint, joints
from isaacgym._src.lookup import actor_of, bodies_of, part_of
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Transform


class GymJoints:
    """Joints count in the order of the links they hold; handles count through the actors of an environment."""

    def get_asset_joint_count(self, asset: Asset) -> int:
        return len(joints(asset))

    def get_asset_joint_names(self, asset: Asset) -> list[str]:
        return [joint.name for joint in joints(asset)]

    def get_asset_joint_name(self, asset: Asset, index: int) -> str:
        return str(part_of(asset.name, joints(asset), index, "get_asset_joint_name", "joint").name)

    def get_asset_joint_dict(self, asset: Asset) -> dict[str, int]:
        return {joint.name: i for i, joint in enumerate(joints(asset))}

    def get_asset_joint_type(self, asset: Asset, index: int) -> JointType:
        return JointType(part_of(asset.name, joints(asset), index, "get_asset_joint_type", "joint").type)

    def get_joint_type_string(self, kind: JointType) -> str:
        return JointType(kind).name.removeprefix("JOINT_").capitalize()

    def find_asset_joint_index(self, asset: Asset, name: str) -> int:
        return self.get_asset_joint_dict(asset).get(name, INVALID_HANDLE)

    def get_actor_joint_count(self, env: Env, handle: int) -> int:
        return len(joints(actor_of(env, handle, "get_actor_joint_count").asset))

    def get_actor_joint_names(self, env: Env, handle: int) -> list[str]:
        return self.get_asset_joint_names(actor_of(env, handle, "get_actor_joint_names").asset)

    def get_actor_joint_dict(self, env: Env, handle: int) -> dict[str, int]:
        """Index by name; in the Jacobian of a fixed robot the row of the link that the joint holds."""
        return self.get_asset_joint_dict(actor_of(env, handle, "get_actor_joint_dict").asset)

    def get_actor_joint_index(self, env: Env, handle: int, index: int, domain: IndexDomain) -> int:
        actor_of(env, handle, "get_actor_joint_index")
        if domain == IndexDomain.DOMAIN_ACTOR:
            return index
        before = sum(len(joints(actor.asset)) for actor in env.actors[:handle])
        return index + before + (env.index * self.get_env_joint_count(env) if domain == IndexDomain.DOMAIN_SIM else 0)

    def get_actor_joint_handle(self, env: Env, handle: int, index: int) -> int:
        return self.get_actor_joint_index(env, handle, index, IndexDomain.DOMAIN_ENV)

    def find_actor_joint_index(self, env: Env, handle: int, name: str, domain: IndexDomain) -> int:
        index = self.get_actor_joint_dict(env, handle).get(name, INVALID_HANDLE)
        return index if index == INVALID_HANDLE else self.get_actor_joint_index(env, handle, index, domain)

    def find_actor_joint_handle(self, env: Env, handle: int, name: str) -> int:
        return self.find_actor_joint_index(env, handle, name, IndexDomain.DOMAIN_ENV)

    def get_joint_handle(self, env: Env, actor: str, joint: str) -> int:
        """Handle of a joint by the names of its actor and its own, -1 where there is none."""
        slot = next((i for i, a in enumerate(env.actors) if a.name == actor), INVALID_HANDLE)
        return slot if slot == INVALID_HANDLE else self.find_actor_joint_handle(env, slot, joint)

    def get_joint_name(self, env: Env, handle: int) -> str:
        return _joint(env, handle, "get_joint_name").name

    # Where joints are, in the environment's frame: at their anchors, turned as the links that they hold.

    def get_joint_transform(self, env: Env, handle: int) -> Transform:
        """The joint's anchor, with the axes of the link that it holds."""
        _joint(env, handle, "get_joint_transform")
        return Transform.from_buffer_copy(_transforms(env, "get_joint_transform")[handle].tobytes())

    def get_actor_joint_transforms(self, env: Env, handle: int) -> np.ndarray:
        """(J,) records of p and r: each joint's anchor, with the axes of the link that it holds."""
        method = "get_actor_joint_transforms"
        count = len(joints(actor_of(env, handle, method).asset))
        start = self.get_actor_joint_handle(env, handle, 0)
        poses = np.ascontiguousarray(_transforms(env, method)[start : start + count])
        return poses.view(Transform.dtype)[..., 0]

    # Joints with a dof, by their handles.

    def get_joint_position(self, env: Env, handle: int) -> float:
        return float(rows.dof_states(env)[_dof(env, handle, "get_joint_position"), 0])

    def get_joint_velocity(self, env: Env, handle: int) -> float:
        return float(rows.dof_states(env)[_dof(env, handle, "get_joint_velocity"), 1])

    def get_joint_target_position(self, env: Env, handle: int) -> float:
        return float(rows.dof_targets(env)[_dof(env, handle, "get_joint_target_position"), 0])

    def get_joint_target_velocity(self, env: Env, handle: int) -> float:
        return float(rows.dof_targets(env)[_dof(env, handle, "get_joint_target_velocity"), 1])

    def set_joint_target_position(self, env: Env, handle: int, target: float) -> None:
        rows.set_dof_target(env, _dof(env, handle, "set_joint_target_position"), target, 0)

    def set_joint_target_velocity(self, env: Env, handle: int, target: float) -> None:
        rows.set_dof_target(env, _dof(env, handle, "set_joint_target_velocity"), target, 1)

    def get_env_joint_count(self, env: Env) -> int:
        return sum(len(joints(actor.asset)) for actor in env.actors)

    def get_sim_joint_count(self, sim: Sim) -> int:
        return len(sim.envs) * self.get_env_joint_count(sim.envs[0]) if sim.envs else 0


def _dof(env: Env, handle: int, method: str) -> int:
    """The joint's dof, counted through the actors of the environment."""
    name, _, _, dof = _joint(env, handle, method)
    if dof == NO_DOF:
        raise ValueError(f"{method}: joint {handle} ('{name}') of environment {env.index} is fixed and has no dof")
    left = handle
    for actor in env.actors:
        if left < (count := len(joints(actor.asset))):
            break
        left, dof = left - count, dof + len(actor.asset.dof_names)
    return dof


def _joint(env: Env, handle: int, method: str) -> Joint:
    found = [joint for actor in env.actors for joint in joints(actor.asset)]
    if not 0 <= handle < len(found):
        raise IndexError(f"{method}: environment {env.index} has no joint {handle}; it has {len(found)} joints")
    return found[handle]


def _transforms(env: Env, method: str) -> np.ndarray:
    """(J, 7) float32 poses of an environment's joints; a fixed joint is where the link that it holds is."""
    frames, links = rows.dof_frames(env.sim.require(method), env.index), rows.body_states(env)
    poses, first_dof = [], 0
    for slot, actor in enumerate(env.actors):
        first_body = bodies_of(env, slot).start
        for joint in joints(actor.asset):
            pose = links[first_body + joint.body, :7].copy()
            if joint.dof != NO_DOF:
                pose[:3] = frames[first_dof + joint.dof, :3]
            poses.append(pose)
        first_dof += len(actor.asset.dof_names)
    return np.array(poses, np.float32).reshape(-1, 7)
