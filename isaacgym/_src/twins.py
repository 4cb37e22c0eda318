"""Assets that a client loaded more than once: the same file with the same options, or a primitive of the same sizes.

Environments share one model. An actor of a twin becomes one of the asset that environment 0 has, with what was set on
the twin's records as records of its own.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from isaacgym._src.asset import Asset

if TYPE_CHECKING:
    from isaacgym._src.scene import Actor


def alike(a: Asset, b: Asset) -> bool:
    """Whether actors of the two assets differ in nothing but records."""
    if a is b:
        return True
    same = a.options == b.options and a.fixed == b.fixed and a.sensors == b.sensors
    return same and a.tendon_joints == b.tendon_joints and a.fingerprint == b.fingerprint


def adopt(actor: Actor, first: Asset) -> None:
    """Make an actor of a twin of `first` one of `first`."""
    own = actor.asset
    if own is first:
        return
    shapes, tendons = first.filtered_shape_props(actor.filter), first.tendon_props
    if actor.shape_props == shapes:
        actor.shape_props = shapes
    if actor.tendon_props == tendons:
        actor.tendon_props = tendons
    if not np.array_equal(own.dof_props, first.dof_props):
        actor.dof_props = own.dof_props.copy()
    if own.body_props != first.body_props:
        actor.body_props = copy.deepcopy(own.body_props)
    actor.asset = first
