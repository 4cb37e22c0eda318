"""Properties of dofs, bodies and shapes: from the records of each actor to the model fields of each environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mujoco
import numpy as np
import torch

from isaacgym._src import drive, tendon
from isaacgym._src.backend.base import Backend
from isaacgym._src.enums import RigidBodyFlags
from isaacgym._src.layout import Layout
from isaacgym._src.properties import RigidBodyProperties
from isaacgym._src.scene import Actor, Env

Field = tuple[str, tuple[Any, ...], np.ndarray]

NEEDS_SET_CONST = {"dof_armature", "body_mass", "body_ipos", "body_iquat", "body_inertia"}


def write_to_model(model: mujoco.MjModel, layout: Layout, envs: list[Env]) -> None:
    """The properties of environment 0 into the model that all start from, and the limits any environment has."""
    for kind in ("body", "shape", "tendon", "dof"):  # drives depend on the inertia that the bodies give to their joints
        for slot in range(layout.num_actors):
            for name, index, values in _FIELDS[kind](layout, slot, envs[:1]):
                getattr(model, name)[index] = values[0]
        mujoco.mj_setConst(model, mujoco.MjData(model))
    for slot in range(layout.num_actors):
        _enable_limits(model, layout, slot, envs)


def write_differences(backend: Backend, layout: Layout, envs: list[Env]) -> None:
    """What differs between environments becomes per-environment model fields."""
    changed = set()
    for slot in range(layout.num_actors):
        for kind, fields in _FIELDS.items():
            if not _differ(envs, slot, kind):
                continue
            # The model may name principal axes in another order than records do: write inertias as a whole then.
            whole = kind == "body" and envs[0].actors[slot].body_props is None
            for name, index, values in fields(layout, slot, envs):
                if whole or (values != values[:1]).any():
                    _write(backend, name, index, values, slice(None))
                    changed.add(name)
    if changed & NEEDS_SET_CONST:
        backend.set_const()


def write_actor(backend: Backend, layout: Layout, env: Env, slot: int, kind: str) -> bool:
    """The properties of one actor, changed while the simulation runs, into its environment's fields.

    True if the environment's constants have to be recomputed before its next step.
    """
    if kind == "dof":
        _check_limits(layout, env, slot)
    elif kind == "body":
        _check_gravity(layout, env, slot)
    elif kind == "shape":
        layout.materials.warn_of_plain(slot, env)
    changed = set()
    for name, index, values in _FIELDS[kind](layout, slot, [env]):
        _write(backend, name, index, values, slice(env.index, env.index + 1))
        changed.add(name)
    return bool(changed & NEEDS_SET_CONST)


def masses(layout: Layout, envs: list[Env]) -> np.ndarray:
    """(N, MuJoCo bodies) mass of every body [kg], or one row where no environment differs."""
    touched = any(_differ(envs, slot, "body") for slot in range(layout.num_actors))
    rows = envs if touched else envs[:1]
    found = np.tile(layout.model.body_mass, (len(rows), 1))
    for slot, place in enumerate(layout.actors):
        if touched or envs[0].actors[slot].body_props is not None:
            found[:, place.mujoco_bodies] = [[p.mass for p in body_props(env.actors[slot])] for env in rows]
    return found


def _differ(envs: list[Env], slot: int, kind: str) -> bool:
    """Whether some environment's records are others than those of environment 0; untouched ones are shared."""
    first = getattr(envs[0].actors[slot], f"{kind}_props")
    return any(getattr(env.actors[slot], f"{kind}_props") is not first for env in envs)


def _write(backend: Backend, name: str, index: tuple[Any, ...], values: np.ndarray, envs: slice) -> None:
    field = backend.field(name)[envs]
    columns = tuple(torch.as_tensor(i, device=field.device) if isinstance(i, np.ndarray) else i for i in index)
    field[(slice(None), *columns)] = torch.as_tensor(values, dtype=field.dtype, device=field.device)


def _enable_limits(model: mujoco.MjModel, layout: Layout, slot: int, envs: list[Env]) -> None:
    """What is limited in any environment is in the model; a range too wide to meet stands for no limit."""
    joints = layout.actors[slot].mujoco_joints
    if len(joints):
        distinct = {id(props): props for props in (dof_props(env.actors[slot]) for env in envs)}
        model.jnt_limited[joints] = np.any([props["hasLimits"] for props in distinct.values()], axis=0)
    tendons = tendon.ids(model, slot, envs[0].actors[slot].asset.tendon_names)
    for row in {id(env.actors[slot].tendon_props): env.actors[slot].tendon_props for env in envs}.values():
        model.tendon_limited[tendons] |= np.array([props.is_fixed_limited for props in row], dtype=bool)


def _check_limits(layout: Layout, env: Env, slot: int) -> None:
    place, props = layout.actors[slot], dof_props(env.actors[slot])
    added = props["hasLimits"] & ~layout.model.jnt_limited[place.mujoco_joints].astype(bool)
    if added.any():
        name = env.actors[slot].asset.dof_names[int(np.argmax(added))]
        raise NotImplementedError(
            f"set_actor_dof_properties: dof '{name}' of '{place.name}' had no limits in any environment at prepare_sim "
            "and cannot get them now; set hasLimits before prepare_sim, with a wide range where it shall be free"
        )


def _check_gravity(layout: Layout, env: Env, slot: int) -> None:
    wanted = any(p.flags & RigidBodyFlags.RIGID_BODY_DISABLE_GRAVITY for p in body_props(env.actors[slot]))
    if wanted and not layout.model.ngravcomp:
        raise NotImplementedError(
            "set_actor_rigid_body_properties: RIGID_BODY_DISABLE_GRAVITY was set on no body at prepare_sim and cannot "
            "be set now; set it on any body of any environment before prepare_sim"
        )


def _dof_fields(layout: Layout, slot: int, envs: list[Env]) -> Iterator[Field]:
    place = layout.actors[slot]
    if place.dof.start == place.dof.stop:
        return iter(())
    props = np.stack([dof_props(env.actors[slot]) for env in envs])
    return drive.model_fields(props, place, layout.model)


def _body_fields(layout: Layout, slot: int, envs: list[Env]) -> Iterator[Field]:
    if all(env.actors[slot].body_props is None for env in envs):
        return
    bodies = layout.actors[slot].mujoco_bodies
    records = [body_props(env.actors[slot]) for env in envs]
    frames = {id(row): [_principal(p) for p in row] for row in records}
    yield "body_mass", (bodies,), np.array([[p.mass for p in row] for row in records])
    yield "body_ipos", (bodies,), np.array([[[p.com.x, p.com.y, p.com.z] for p in row] for row in records])
    yield "body_iquat", (bodies,), np.array([[quat for quat, _ in frames[id(row)]] for row in records])
    yield "body_inertia", (bodies,), np.array([[moments for _, moments in frames[id(row)]] for row in records])
    if layout.model.ngravcomp:
        in_file = envs[0].actors[slot].asset.model.body_gravcomp[1:]
        partial = np.where(in_file == 1.0, 0.0, in_file)
        without = np.array([[bool(p.flags & RigidBodyFlags.RIGID_BODY_DISABLE_GRAVITY) for p in r] for r in records])
        yield "body_gravcomp", (bodies,), np.where(without, 1.0, partial)


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
    friction = np.array([[p.friction for p in row] for row in rows], dtype=float)
    yield "geom_friction", (geoms, 0), np.maximum(friction, layout.materials.least)
    yield from layout.materials.fields(slot, envs)


def _tendon_fields(layout: Layout, slot: int, envs: list[Env]) -> Iterator[Field]:
    asset, rows = envs[0].actors[slot].asset, [env.actors[slot].tendon_props for env in envs]
    if not asset.tendon_names or all(row is asset.file_tendon_props for row in rows):
        return iter(())
    return tendon.model_fields(tendon.ids(layout.model, slot, asset.tendon_names), rows)


_FIELDS: dict[str, Callable[[Layout, int, list[Env]], Iterator[Field]]] = {
    "dof": _dof_fields,
    "body": _body_fields,
    "shape": _shape_fields,
    "tendon": _tendon_fields,
}


def dof_props(actor: Actor) -> np.ndarray:
    """The dof records in force for an actor, its own or its asset's."""
    return actor.asset.dof_props if actor.dof_props is None else actor.dof_props


def body_props(actor: Actor) -> list[RigidBodyProperties]:
    """The body records in force for an actor, its own or its asset's."""
    return actor.asset.body_props if actor.body_props is None else actor.body_props
