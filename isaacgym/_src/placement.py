"""Placing actors: a copy of each asset's tree in the scene's spec, free to move or held by a mocap body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np

from isaacgym._src.layout import Layout
from isaacgym._src.scale import scale_spec
from isaacgym._src.velocity import damped_by_joint

if TYPE_CHECKING:
    from isaacgym._src.scene import Actor

USERS = ("actuator", "body", "cam", "geom", "jnt", "sensor", "site", "tendon")
SIZES = ("njmax", "nconmax", *(f"nuser_{kind}" for kind in USERS))  # about which MuJoCo warns where they differ


def attach(spec: mujoco.MjSpec, slot: int, actor: Actor, gravity_free: set[str]) -> None:
    """Put a copy of the actor's tree into the world; the bodies in `gravity_free` can be relieved of gravity."""
    asset, prefix = actor.asset, f"{slot}/"
    child = asset.spec.copy()
    if actor.scale != 1.0:
        scale_spec(child, actor.scale)
    _copy_options(spec, child)
    if actor.filter != -1:
        for pair in list(child.pairs):  # a pair collides whatever the filters say
            child.delete(pair)
    has_root_dofs = bool(asset.spec.bodies[1].joints)
    base = spec.worldbody.add_body(name=f"{prefix}base", mocap=True) if has_root_dofs else spec.worldbody
    spec.attach(child, prefix=prefix, frame=base.add_frame())
    root = spec.body(prefix + asset.root)
    root.pos, root.quat, root.alt.type = [0, 0, 0], [1, 0, 0, 0], mujoco.mjtOrientation.mjORIENTATION_QUAT
    if not asset.fixed:
        root.add_freejoint(name=f"{prefix}free")
    elif not has_root_dofs:
        root.mocap = True
        _exclude_first_links(spec, root)
    for name in asset.body_names:
        spec.body(prefix + name).simple = False  # or the centre of mass could not be moved later
    for name in asset.dof_names:
        _add_drive(spec, prefix + name)
    for name in gravity_free:
        spec.body(prefix + name).gravcomp = 1.0


def _copy_options(spec: mujoco.MjSpec, child: mujoco.MjSpec) -> None:
    """The simulation's options and sizes hold for all: what the file says about its own solver is dropped."""
    for name in SIZES:
        setattr(child, name, getattr(spec, name))
    for name in dir(spec.option):
        if not name.startswith("_"):
            setattr(child.option, name, getattr(spec.option, name))


def _add_drive(spec: mujoco.MjSpec, joint: str) -> None:
    spec.add_actuator(
        name=joint,
        target=joint,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        gaintype=mujoco.mjtGain.mjGAIN_FIXED,
        biastype=mujoco.mjtBias.mjBIAS_AFFINE,
        forcelimited=mujoco.mjtLimited.mjLIMITED_FALSE,
    )
    spec.joint(joint).actfrclimited, spec.joint(joint).actfrcrange = mujoco.mjtLimited.mjLIMITED_TRUE, [-1, 1]


def _exclude_first_links(spec: mujoco.MjSpec, root: Any) -> None:
    """Neighbouring links do not collide; MuJoCo knows this of all but the links that hang on a fixed base."""
    base: list[Any] = []
    first: list[Any] = []

    def visit(body: Any, found: list[Any], on_base: bool) -> None:
        found.append(body)
        for link in body.bodies:
            if not link.joints:
                visit(link, found, on_base)
            elif on_base:
                visit(link, first, False)

    visit(root, base, True)
    known = {frozenset((e.bodyname1, e.bodyname2)) for e in spec.excludes}
    for a in (body for body in base if body.geoms):
        for b in (body for body in first if body.geoms):
            if frozenset((a.name, b.name)) not in known:
                spec.add_exclude(bodyname1=a.name, bodyname2=b.name)


def set_body_options(model: mujoco.MjModel, layout: Layout, actors: list[Actor]) -> None:
    """What AssetOptions says about bodies: armature of links, and damping that is that of a joint."""
    for place, actor in zip(layout.actors, actors, strict=True):
        asset, bodies = actor.asset, place.mujoco_bodies
        model.body_inertia[bodies] += asset.link_armature
        if damped_by_joint(asset):
            first = model.jnt_dofadr[model.body_jntadr[bodies[0]]]
            model.dof_damping[first : first + 3] = asset.options.linear_damping * model.body_mass[bodies[0]]
            inertia = asset.body_props[0].inertia.floats().reshape(3, 3) * actor.scale**5
            model.dof_damping[first + 3 : first + 6] = asset.options.angular_damping * np.diag(inertia)
