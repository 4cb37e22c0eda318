"""Scaled actors: lengths by s, masses by s^3, inertias by s^5, limits of sliding dofs by s; drives stay.

The scale of environment 0 is compiled into the model. Other environments may have other scales: their lengths become
per-environment model fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np
import torch

from isaacgym._src.backend.base import Backend
from isaacgym._src.enums import DofType
from isaacgym._src.layout import ActorLayout, Layout
from isaacgym._src.properties import RigidBodyProperties

if TYPE_CHECKING:
    from isaacgym._src.scene import Actor, Env

GEOM_LENGTHS = ("geom_pos", "geom_size", "geom_rbound", "geom_aabb")


def scale_spec(spec: mujoco.MjSpec, scale: float) -> None:
    """Scale a whole tree about its root's origin."""
    for mesh in spec.meshes:
        mesh.scale *= scale
        mesh.refpos *= scale
    for body in spec.bodies[1:]:
        _multiply(body, ("pos", "ipos"), scale)
        if body.explicitinertial:
            body.mass *= scale**3
            _multiply(body, ("inertia", "fullinertia"), scale**5)
    for geom in spec.geoms:
        _multiply(geom, ("pos", "size", "fromto"), scale)
        geom.mass *= scale**3  # which is NaN where the density counts
    for site in spec.sites:
        _multiply(site, ("pos", "size", "fromto"), scale)
    for joint in spec.joints:
        joint.pos *= scale
        if joint.type == mujoco.mjtJoint.mjJNT_SLIDE:
            joint.range *= scale
            joint.ref, joint.springref = joint.ref * scale, joint.springref * scale


def _multiply(element: Any, names: Sequence[str], factor: float) -> None:
    for name in names:
        setattr(element, name, np.asarray(getattr(element, name)) * factor)


def scale_records(actor: Actor, factor: float) -> None:
    """The actor's records of bodies and dofs after a change of its scale by `factor`."""
    asset = actor.asset
    actor.body_props = [_scaled(p, factor) for p in (actor.body_props or asset.body_props)]
    sliding = np.array([asset.dof_type(i) == DofType.DOF_TRANSLATION for i in range(len(asset.dof_names))], bool)
    if sliding.any():
        actor.dof_props = (asset.dof_props if actor.dof_props is None else actor.dof_props).copy()
        limited = sliding & actor.dof_props["hasLimits"]
        for name in ("lower", "upper"):
            actor.dof_props[name][limited] *= factor


def _scaled(props: RigidBodyProperties, factor: float) -> RigidBodyProperties:
    new = props.__copy__()
    new.mass = props.mass * factor**3
    new.com = props.com * factor
    values = props.inertia.floats() * np.float32(factor**5)
    new.inertia = type(props.inertia).from_buffer_copy(values.tobytes())
    return new


def scales(envs: Sequence[Env], slot: int) -> np.ndarray:
    """(N,) scales of an actor."""
    return np.array([env.actors[slot].scale for env in envs])


def check(model: mujoco.MjModel, layout: Layout, envs: Sequence[Env]) -> None:
    """Refuse scales that differ where the engine has no field for it."""
    for slot, place in enumerate(layout.actors):
        found = scales(envs, slot)
        if not (found != found[0]).any():
            continue
        actor, bodies = envs[0].actors[slot], place.mujoco_bodies
        meshes = np.isin(model.geom_bodyid, bodies) & (model.geom_type == mujoco.mjtGeom.mjGEOM_MESH)
        collides = (model.geom_contype | model.geom_conaffinity) != 0
        env = envs[int(np.argmax(found != found[0]))]
        why = "collision meshes" if (meshes & collides).any() else "force sensors" if actor.asset.sensors else ""
        if why:
            raise NotImplementedError(
                f"prepare_sim: '{actor.name}' has {why}, whose scale must be the same in every environment; "
                f"set_actor_scale gave {found[0]:g} in environment 0 and {env.actors[slot].scale:g} in {env.index}"
            )


def write_differences(backend: Backend, layout: Layout, envs: Sequence[Env]) -> None:
    """The lengths of actors whose scale is another than in environment 0."""
    differ = False
    for slot, place in enumerate(layout.actors):
        found = scales(envs, slot)
        if (found != found[0]).any():
            differ = True
            _write(backend, layout.model, place, torch.as_tensor(found / found[0], device=backend.device))
    if differ:
        backend.set_const()  # renews the boxes around several shapes of a body, too


def _write(backend: Backend, model: mujoco.MjModel, place: ActorLayout, ratio: torch.Tensor) -> None:
    bodies = place.mujoco_bodies
    parts = {
        "body_pos": bodies[1:],
        "jnt_pos": place.mujoco_joints,
        "site_pos": np.flatnonzero(np.isin(model.site_bodyid, bodies)),
    } | dict.fromkeys(GEOM_LENGTHS, np.flatnonzero(np.isin(model.geom_bodyid, bodies)))
    for name, index in parts.items():
        if len(index):
            field, columns = backend.field(name), torch.as_tensor(index, device=backend.device)
            rows = field.index_select(1, columns)
            field.index_copy_(1, columns, rows * ratio.to(rows.dtype).view(-1, *[1] * (rows.dim() - 1)))
