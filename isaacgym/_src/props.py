"""Properties of dofs, bodies and shapes: from the records of each actor to the model fields of each environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mujoco
import numpy as np
import torch

from isaacgym._src import drive
from isaacgym._src.asset import read_body_props
from isaacgym._src.backend.base import Backend
from isaacgym._src.layout import ActorLayout, Layout
from isaacgym._src.properties import RigidBodyProperties
from isaacgym._src.scene import Actor, Env

Field = tuple[str, tuple[Any, ...], np.ndarray]

NEEDS_SET_CONST = {"dof_armature", "body_mass", "body_ipos", "body_iquat", "body_inertia"}


def write_to_model(model: mujoco.MjModel, layout: Layout, env: Env) -> None:
    """The properties of one environment into the model that all start from."""
    for fields in _fields(layout, [env]):
        for name, index, values in fields:
            getattr(model, name)[index] = values[0]
    mujoco.mj_setConst(model, mujoco.MjData(model))


def write_differences(backend: Backend, layout: Layout, envs: list[Env]) -> None:
    """What differs between environments becomes per-environment model fields."""
    changed = set()
    for fields in _fields(layout, envs):
        for name, index, values in fields:
            if values.shape[0] > 1 and (values != values[:1]).any():
                _write(backend, name, index, values, slice(None))
                changed.add(name)
    if changed & NEEDS_SET_CONST:
        backend.set_const()


def write_actor(backend: Backend, layout: Layout, env: Env, slot: int, kind: str) -> None:
    """The properties of one actor, changed while the simulation runs, into its environment's fields."""
    changed = set()
    for name, index, values in _FIELDS[kind](layout, slot, [env]):
        _write(backend, name, index, values, slice(env.index, env.index + 1))
        changed.add(name)
    if changed & NEEDS_SET_CONST:
        backend.set_const()


def _write(backend: Backend, name: str, index: tuple[Any, ...], values: np.ndarray, envs: slice) -> None:
    field = backend.field(name)[envs]
    columns = tuple(torch.as_tensor(i, device=field.device) if isinstance(i, np.ndarray) else i for i in index)
    field[(slice(None), *columns)] = torch.as_tensor(values, dtype=field.dtype, device=field.device)


def _fields(layout: Layout, envs: list[Env]) -> Iterator[Iterator[Field]]:
    """For each actor and kind of property, (field, index, (N, ...) values); one row where no record was touched."""
    for slot in range(layout.num_actors):
        for kind, fields in _FIELDS.items():
            touched = envs if any(_TOUCHED[kind](env.actors[slot]) for env in envs) else envs[:1]
            yield fields(layout, slot, touched)


def _dof_fields(layout: Layout, slot: int, envs: list[Env]) -> Iterator[Field]:
    place = layout.actors[slot]
    if place.dof.start == place.dof.stop:
        return iter(())
    props = np.stack([dof_props(env.actors[slot]) for env in envs])
    return drive.model_fields(props, place, layout.model.jnt_dofadr, layout.model.opt.timestep)


def _body_fields(layout: Layout, slot: int, envs: list[Env]) -> Iterator[Field]:
    if envs[0].actors[slot].body_props is None and len(envs) == 1:
        return
    place, asset_bodies = layout.actors[slot], layout.actors[slot].mujoco_bodies
    records = [body_props(env.actors[slot], layout, place) for env in envs]
    yield "body_mass", (asset_bodies,), np.array([[p.mass for p in row] for row in records])
    yield (
        "body_ipos",
        (asset_bodies,),
        np.array([[[p.com.x, p.com.y, p.com.z] for p in row] for row in records]),
    )
    frames = [[_principal(p) for p in row] for row in records]
    yield "body_iquat", (asset_bodies,), np.array([[quat for quat, _ in row] for row in frames])
    yield "body_inertia", (asset_bodies,), np.array([[moments for _, moments in row] for row in frames])


def _principal(props: RigidBodyProperties) -> tuple[np.ndarray, np.ndarray]:
    """Wxyz frame and moments of a body's principal axes."""
    inertia = props.inertia.floats().astype(float).reshape(3, 3)
    moments, axes = np.linalg.eigh((inertia + inertia.T) / 2)
    if np.linalg.det(axes) < 0:
        axes[:, 0] *= -1
    quat = np.zeros(4)
    mujoco.mju_mat2Quat(quat, axes.reshape(-1))
    return quat, moments


def _shape_fields(layout: Layout, slot: int, envs: list[Env]) -> Iterator[Field]:
    geoms = layout.actors[slot].mujoco_geoms
    if not len(geoms):
        return
    rows = [env.actors[slot].shape_props for env in envs]
    yield "geom_friction", (geoms, 0), np.array([[p.friction for p in row] for row in rows])


_FIELDS: dict[str, Callable[[Layout, int, list[Env]], Iterator[Field]]] = {
    "dof": _dof_fields,
    "body": _body_fields,
    "shape": _shape_fields,
}
_TOUCHED: dict[str, Callable[[Actor], bool]] = {
    "dof": lambda actor: actor.dof_props is not None,
    "body": lambda actor: actor.body_props is not None,
    "shape": lambda actor: actor.asset.shapes_changed or actor.shape_props is not actor.asset.shape_props,
}


def dof_props(actor: Actor) -> np.ndarray:
    """The dof records in force for an actor, its own or its asset's."""
    return actor.asset.dof_props if actor.dof_props is None else actor.dof_props


def body_props(actor: Actor, layout: Layout | None, place: ActorLayout | None) -> list[RigidBodyProperties]:
    """The body records in force for an actor."""
    if actor.body_props is not None:
        return actor.body_props
    if layout is None or place is None:
        return actor.asset.body_props()
    return [read_body_props(layout.model, int(body)) for body in place.mujoco_bodies]
