"""The scene: what the create_* calls recorded, checked to be the same in every environment and compiled once."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import torch

from isaacgym._src import attractor, materials, nested, scale, twins
from isaacgym._src.asset import Asset
from isaacgym._src.collision import GROUND_BITS, ShapeClass, collision_bits
from isaacgym._src.enums import RigidBodyFlags
from isaacgym._src.layout import ActorLayout, Layout
from isaacgym._src.looks import add_ground_material, add_sky
from isaacgym._src.options import AttractorProperties, PlaneParams, SimParams
from isaacgym._src.placement import attach, set_body_options
from isaacgym._src.properties import RigidBodyProperties, RigidShapeProperties, TendonProperties
from isaacgym._src.terrain import Terrain, add_terrain
from isaacgym._src.vectors import Vec3

Color = tuple[float, float, float]
CONES = {
    "auto": mujoco.mjtCone.mjCONE_PYRAMIDAL,
    "pyramidal": mujoco.mjtCone.mjCONE_PYRAMIDAL,
    "elliptic": mujoco.mjtCone.mjCONE_ELLIPTIC,
}


class Actor:
    """One create_actor call: what may differ from environment to environment.

    `pose` is the bytes of a Transform: position and xyzw quaternion as seven float32.
    """

    __slots__ = (
        "asset",
        "body_props",
        "colors",
        "dof_forces",
        "dof_props",
        "dof_states",
        "dof_targets",
        "filter",
        "group",
        "name",
        "pose",
        "scale",
        "segmentation",
        "shape_props",
        "tendon_props",
    )

    def __init__(self, asset: Asset, pose: bytes, name: str, group: int, filter: int) -> None:
        self.asset, self.pose, self.name, self.group, self.filter = asset, pose, name, group, filter
        self.shape_props: list[RigidShapeProperties] = asset.filtered_shape_props(filter)
        self.tendon_props: list[TendonProperties] = asset.tendon_props
        self.dof_props: np.ndarray | None = None
        self.body_props: list[RigidBodyProperties] | None = None
        self.colors: dict[int, Color] | None = None
        self.dof_states: np.ndarray | None = None  # (D, 2) at the start, unless at rest at zero
        self.dof_targets: np.ndarray | None = None  # (D, 2) of position and velocity at the start
        self.dof_forces = False
        self.segmentation = 0
        self.scale = 1.0


class Env:
    """One create_env call: its place in the grid and its actors in order."""

    __slots__ = ("actors", "attractors", "index", "origin", "sim")

    def __init__(self, sim: Any, index: int, origin: tuple[float, float, float]) -> None:
        self.sim, self.index, self.origin = sim, index, origin
        self.actors: list[Actor] = []
        self.attractors: list[AttractorProperties] = []


class Scene:
    """Everything create_sim, add_ground, create_env and create_actor said, until prepare_sim."""

    def __init__(self, params: SimParams) -> None:
        self.params = params
        self.envs: list[Env] = []
        self.planes: list[PlaneParams] = []
        self.terrains: list[Terrain] = []

    def add_env(self, sim: Any, lower: Vec3, upper: Vec3, per_row: int) -> Env:
        """A new environment, laid row by row in a grid of cells as large as its extents."""
        index, per_row = len(self.envs), max(1, int(per_row))
        row, column = divmod(index, per_row)
        size = (upper.x - lower.x, upper.y - lower.y, upper.z - lower.z)
        z_up = int(self.params.up_axis) == 1
        origin = (column * size[0], row * size[1], 0.0) if z_up else (column * size[0], 0.0, row * size[2])
        env = Env(sim, index, origin)
        self.envs.append(env)
        return env

    def add_actor(self, env: Env, actor: Actor) -> int:
        """The actor's handle; its asset must be the one that environment 0 has in the same place."""
        handle = len(env.actors)
        if env.index != len(self.envs) - 1:
            raise ValueError(
                f"create_actor: environment {env.index} is closed since environment {len(self.envs) - 1} exists; "
                "fill environments one after another"
            )
        if env.index:
            first = self.envs[0].actors
            if handle >= len(first) or not twins.alike(first[handle].asset, actor.asset):
                expected = repr(first[handle].asset.name) if handle < len(first) else "no actor"
                raise NotImplementedError(
                    f"create_actor: environment {env.index} has asset '{actor.asset.name}' as actor {handle} "
                    f"('{actor.name}') where environment 0 has {expected}; all environments share one compiled "
                    "model, so create the same assets (files, options, sensors) in the same order in each"
                )
            twins.adopt(actor, first[handle].asset)
        env.actors.append(actor)
        return handle

    def compile(self, device: torch.device) -> tuple[mujoco.MjModel, Layout]:
        """One MuJoCo model that stands for every environment, and where everything is in it."""
        self._leave_out_empty()
        self._check()
        actors = self.envs[0].actors
        gravity_free = self._gravity_free_bodies()
        spec = mujoco.MjSpec()
        _set_options(spec, self.params)
        add_sky(spec)
        ground = add_ground_material(spec)
        bounce = {_add_plane(spec, plane, ground): plane.restitution for plane in self.planes}
        for number, terrain in enumerate(self.terrains):
            bounce |= dict.fromkeys(add_terrain(spec, number, terrain, ground), terrain.restitution)
        for slot, actor in enumerate(actors):
            attach(spec, slot, actor, gravity_free[slot])
        names = [f"{slot}/{name}" for slot, actor in enumerate(actors) for name in actor.asset.body_names]
        attractor.add(spec, names, self.envs[0].attractors)
        _request_body_forces(spec)
        model, layout = self._with_materials(spec, device, bounce)
        set_body_options(model, layout, actors)
        scale.check(model, layout, self.envs)
        return model, layout

    def _with_materials(
        self, spec: mujoco.MjSpec, device: torch.device, bounce: dict[str, float]
    ) -> tuple[mujoco.MjModel, Layout]:
        """Compiled once to see which shapes meet, once more with contacts of their own for pairs of them."""
        materials.name_geoms(spec)
        model, layout = self._compiled(spec, device)
        if pairs_in_all_poses := nested.nested_pairs(model, layout):
            nested.warn(model, pairs_in_all_poses)
            nested.add_pairs(spec, model, pairs_in_all_poses)
            model, layout = self._compiled(spec, device)
        layout.materials = materials.Materials(model, layout, bounce)
        if len(pairs := layout.materials.missing(model, self.envs)):
            materials.add_pairs(spec, model, pairs)
            model, layout = self._compiled(spec, device)
            materials.set_pairs(model)
            layout.materials = materials.Materials(model, layout, bounce)
        if self.params.mujoco.cone == "auto" and layout.materials.slippery(model, self.envs):
            model.opt.cone = CONES["elliptic"]
        return model, layout

    def _compiled(self, spec: mujoco.MjSpec, device: torch.device) -> tuple[mujoco.MjModel, Layout]:
        model = spec.compile()
        layout = Layout(model, _actor_layouts(model, self.envs[0].actors), device)
        self._set_collisions(model, layout)
        return model, layout

    def poses(self) -> np.ndarray:
        """(N, A, 7) poses given to create_actor: position [m] and xyzw quaternion in the environment's frame."""
        flat = b"".join([actor.pose for env in self.envs for actor in env.actors])
        return np.frombuffer(flat, np.float32).astype(np.float64).reshape(len(self.envs), -1, 7)

    def _leave_out_empty(self) -> None:
        """Environments without actors after all others, as clients have for things yet to come, are none."""
        while len(self.envs) > 1 and not self.envs[-1].actors:
            self.envs.pop()

    def _check(self) -> None:
        if not self.envs or not self.envs[0].actors:
            raise ValueError("prepare_sim: the scene is empty; create_env and create_actor come first")
        first = self.envs[0]
        for env in self.envs[1:]:
            if len(env.actors) != len(first.actors):
                raise NotImplementedError(
                    f"prepare_sim: environment {env.index} has {len(env.actors)} actors, environment 0 has "
                    f"{len(first.actors)}; all environments share one compiled model, so create the same actors in each"
                )
        self._check_collisions()
        attractor.check_alike(self.envs)

    def _check_collisions(self) -> None:
        """Groups and filters must agree with environment 0, in which groups are counted in order of appearance."""
        groups, filters = _group_pattern(self.envs[0]), [_filters(actor) for actor in self.envs[0].actors]
        for env in self.envs[1:]:
            if (found := _group_pattern(env)) != groups:
                raise NotImplementedError(
                    f"prepare_sim: the collision groups of environment {env.index} differ from those of environment 0 "
                    f"(actors with equal numbers collide, -1 with all: {found} and {groups}); they must be alike"
                )
            for slot, actor in enumerate(env.actors):
                if actor.shape_props is self.envs[0].actors[slot].shape_props:
                    continue
                if (own := _filters(actor)) != filters[slot]:
                    raise NotImplementedError(
                        f"prepare_sim: the collision filters of '{actor.name}' in environment {env.index} differ from "
                        f"those in environment 0 ({own} and {filters[slot]}); they must be alike"
                    )

    def _gravity_free_bodies(self) -> list[set[str]]:
        """For each actor the bodies without gravity in some environment."""
        flag, found = RigidBodyFlags.RIGID_BODY_DISABLE_GRAVITY, [set[str]() for _ in self.envs[0].actors]
        for env in self.envs:
            for names, actor in zip(found, env.actors, strict=True):
                if actor.body_props is not None or env.index == 0:
                    props = actor.asset.body_props if actor.body_props is None else actor.body_props
                    names.update(n for n, p in zip(actor.asset.body_names, props, strict=True) if p.flags & flag)
        return found

    def _set_collisions(self, model: mujoco.MjModel, layout: Layout) -> None:
        classes = []
        for slot, (actor, place) in enumerate(zip(self.envs[0].actors, layout.actors, strict=True)):
            for props, geom in zip(actor.shape_props, place.mujoco_geoms, strict=True):
                if actor.filter == -1:
                    in_file = int(model.geom_contype[geom]), int(model.geom_conaffinity[geom])
                    classes.append(ShapeClass(actor.group, int(props.filter), slot, *in_file))
                else:
                    classes.append(ShapeClass(actor.group, int(props.filter)))
        bits = collision_bits(classes)
        for geom, key in zip(layout.geom_ids, classes, strict=True):
            model.geom_contype[geom], model.geom_conaffinity[geom] = bits[key]
        _refresh_body_bits(model)


def _group_pattern(env: Env) -> list[int]:
    """Collision groups numbered in order of appearance: equal for environments that collide alike."""
    order: dict[int, int] = {-1: -1}
    return [order.setdefault(a.group, len(order)) for a in env.actors]


def _filters(actor: Actor) -> tuple[int, list[int]]:
    return actor.filter, [int(props.filter) for props in actor.shape_props]


def _set_options(spec: mujoco.MjSpec, params: SimParams) -> None:
    ours, option = params.mujoco, spec.option
    option.timestep = params.dt / max(1, int(params.substeps))
    option.gravity = [params.gravity.x, params.gravity.y, params.gravity.z]
    option.integrator = mujoco.mjtIntegrator.mjINT_EULER
    option.solver = {"newton": mujoco.mjtSolver.mjSOL_NEWTON, "cg": mujoco.mjtSolver.mjSOL_CG}[ours.solver]
    option.cone = CONES[ours.cone]
    option.iterations, option.ls_iterations = int(ours.iterations), int(ours.ls_iterations)
    option.impratio, option.tolerance = float(ours.impratio), float(ours.tolerance)


def _add_plane(spec: mujoco.MjSpec, plane: PlaneParams, material: str) -> str:
    """The name of the plane's geom."""
    normal = np.asarray([plane.normal.x, plane.normal.y, plane.normal.z], dtype=float)
    length = np.linalg.norm(normal)
    if length == 0:
        raise ValueError("add_ground: the plane's normal is zero; Vec3(0, 0, 1) is the usual one for z up")
    normal /= length
    quat = np.zeros(4)
    mujoco.mju_quatZ2Vec(quat, normal)
    geom = spec.worldbody.add_geom(name=f"ground_{len(spec.worldbody.geoms)}", type=mujoco.mjtGeom.mjGEOM_PLANE)
    geom.size, geom.quat, geom.pos = [0, 0, 1], quat, -normal * plane.distance
    geom.friction = [max(plane.static_friction, materials.LEAST_FRICTION), 0.005, 0.0001]
    geom.contype, geom.conaffinity = GROUND_BITS
    geom.material, geom.rgba = material, [1, 1, 1, 1]
    return str(geom.name)


def _request_body_forces(spec: mujoco.MjSpec) -> None:
    """MuJoCo computes the forces on bodies only where a sensor reads one; start with sensors off."""
    body = spec.bodies[1]
    site = body.add_site(name="body_forces", group=5)
    spec.add_sensor(
        name="body_forces",
        type=mujoco.mjtSensor.mjSENS_FORCE,
        objtype=mujoco.mjtObj.mjOBJ_SITE,
        objname=site.name,
    )
    spec.option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_SENSOR)


def _actor_layouts(model: mujoco.MjModel, actors: list[Actor]) -> list[ActorLayout]:
    places, start = [], {"body": 0, "dof": 0, "shape": 0, "sensor": 0}

    def take(kind: str, count: int) -> slice:
        start[kind] += count
        return slice(start[kind] - count, start[kind])

    for slot, actor in enumerate(actors):
        asset, prefix = actor.asset, f"{slot}/"
        bodies = np.asarray([model.body(prefix + name).id for name in asset.body_names])
        own_geoms = np.flatnonzero(np.isin(model.geom_bodyid, bodies))
        places.append(
            ActorLayout(
                name=actor.name,
                fixed=asset.fixed,
                body=take("body", len(asset.body_names)),
                dof=take("dof", len(asset.dof_names)),
                shape=take("shape", len(asset.shape_ids)),
                sensor=take("sensor", len(asset.sensors)),
                mujoco_bodies=bodies,
                mujoco_joints=np.asarray([model.joint(prefix + n).id for n in asset.dof_names], dtype=np.int64),
                mujoco_geoms=own_geoms[np.asarray(asset.shape_ids, dtype=np.int64)],
                mujoco_actuators=np.asarray([model.actuator(prefix + n).id for n in asset.dof_names], dtype=np.int64),
            )
        )
    return places


def _refresh_body_bits(model: mujoco.MjModel) -> None:
    """The bodies' collision bits, which the broad phase reads, are the union of their geoms'."""
    model.body_contype[:], model.body_conaffinity[:] = 0, 0
    np.bitwise_or.at(model.body_contype, model.geom_bodyid, model.geom_contype)
    np.bitwise_or.at(model.body_conaffinity, model.geom_bodyid, model.geom_conaffinity)
