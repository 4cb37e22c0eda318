"""The joints of an asset in Isaac Gym's count: one or more between a link and its parent, fixed ones included."""

from __future__ import annotations

from typing import NamedTuple

import mujoco

from isaacgym._src.asset import Asset
from isaacgym._src.enums import JointType

NO_DOF = -1


class Joint(NamedTuple):
    """A joint that moves or holds body `body`; `dof` is its dof within the asset, or NO_DOF."""

    name: str
    type: JointType
    body: int
    dof: int


def joints(asset: Asset) -> list[Joint]:
    """The asset's joints in the order of the bodies they hold, so that joint i holds link i + 1 in a usual robot."""
    found = []
    for body in range(len(asset.body_names)):
        own = asset.model.body(body + 1)
        first, count = int(own.jntadr[0]), int(own.jntnum[0])
        found += [Joint(asset.dof_names[i], _type(asset, i), body, i) for i in range(first, first + count)]
        if body and not count:
            link = asset.body_names[body]
            found.append(Joint(asset.fixed_joints.get(link, link), JointType.JOINT_FIXED, body, NO_DOF))
    return found


def _type(asset: Asset, joint: int) -> JointType:
    slide = asset.model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_SLIDE
    return JointType.JOINT_PRISMATIC if slide else JointType.JOINT_REVOLUTE
