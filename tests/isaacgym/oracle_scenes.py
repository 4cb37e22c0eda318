"""Scenes that between them hold everything the API can build, for holding one engine to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GYM, PENDULUM, Spawn, World

N = 3  # environments
# Round friction cones: a pyramid's edges lie differently in the two engines.
EXACT: dict[str, Any] = {"dt": 0.005, "substeps": 2, "cone": "elliptic", "iterations": 100, "ls_iterations": 50}
MODES = [gymapi.DOF_MODE_POS, gymapi.DOF_MODE_VEL, gymapi.DOF_MODE_EFFORT, gymapi.DOF_MODE_POS]
SPACING, UNIT = 2.0, 0.005  # of terrain samples [m]: feet stay inside a triangle, where both engines have one normal

LIMB = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="base"><geom type="box" size=".1 .1 .1"/>
    <body name="upper" pos="0 0 .1" quat=".9 .1 .3 .2"><joint name="turn" axis="0 .6 .8" pos=".02 .03 .01"/>
      <geom type="capsule" fromto="0 0 0 .1 .05 .3" size=".03"/>
      <body name="lower" pos=".1 .05 .3"><joint name="push" type="slide" axis="1 0 0" armature=".3" range="-.1 .1"/>
        <joint name="bend" axis="0 1 0" damping=".2"/><geom type="box" size=".05 .02 .1" pos=".03 .02 .1"/></body>
    </body>
  </body></worldbody>
  <tendon><fixed name="line" limited="true" range="-.1 .1"><joint joint="turn" coef="1"/><joint joint="push" coef="2"/>
    </fixed></tendon></mujoco>"""  # two hinges, a slider within limits, and a tendon over two of them

LEGS = """<robot name="legs"><link name="body"><collision><geometry><box size=".4 .3 .1"/></geometry></collision>
    <inertial><mass value="5"/><inertia ixx=".05" iyy=".07" izz=".1" ixy=".01" ixz="0" iyz="0"/></inertial></link>
  {}</robot>"""
LEG = """<link name="leg_{i}"><collision><origin xyz="0 0 -.1"/>
      <geometry><cylinder radius=".02" length=".2"/></geometry></collision>
    <collision><origin xyz="0 0 -.22"/><geometry><sphere radius=".03"/></geometry></collision></link>
  <joint name="hip_{i}" type="revolute"><parent link="body"/><child link="leg_{i}"/><origin xyz="{x} {y} 0"/>
    <axis xyz="0 1 0"/><limit lower="-.5" upper=".5" effort="10" velocity="20"/></joint>"""


def quadruped() -> str:
    places = [(0.2, 0.15), (0.2, -0.15), (-0.2, 0.15), (-0.2, -0.15)]
    return LEGS.format("".join(LEG.format(i=i, x=x, y=y) for i, (x, y) in enumerate(places)))


def drives(env: gymapi.Env, handle: int, index: int) -> None:
    """Every drive mode, with gains of the environment's own, and dof forces that are read."""
    props = GYM.get_actor_dof_properties(env, handle)
    for dof in range(len(props)):
        props["driveMode"][dof] = MODES[dof % len(MODES)]
        props["stiffness"][dof], props["damping"][dof] = 30.0 + 10.0 * index, 2.0
    GYM.set_actor_dof_properties(env, handle, props)
    GYM.enable_actor_dof_force_sensors(env, handle)


def surfaces(env: gymapi.Env, handle: int, friction: float, restitution: float) -> None:
    props = GYM.get_actor_rigid_shape_properties(env, handle)
    for i, shape in enumerate(props):
        shape.friction, shape.restitution = friction + 0.1 * i, restitution
    GYM.set_actor_rigid_shape_properties(env, handle, props)


def robots(w: World) -> World:
    """A floating chain with every drive mode and force sensors, a pendulum on a fixed base, a box that falls."""
    w.add_ground(0.8)
    chain, pendulum, box = w.asset(CHAIN), w.asset(PENDULUM, fix_base_link=True), w.box()
    for body in (0, 2):
        GYM.create_asset_force_sensor(chain, body, gymapi.Transform(gymapi.Vec3(0.01, 0.02, 0.03)))

    def each(env: gymapi.Env, handles: list[int], index: int) -> None:
        drives(env, handles[0], index)
        bodies = GYM.get_actor_rigid_body_properties(env, handles[2])
        bodies[0].mass *= 1.0 + index
        GYM.set_actor_rigid_body_properties(env, handles[2], bodies, True)

    spawns = (Spawn(chain, (0, 0, 0.35)), Spawn(pendulum, (2, 0, 2)), Spawn(box, (-1.0, 0, 0.3), (0.1, 0.2, 0, 0.97)))
    return w.populate(*spawns, each=each)


def toys(w: World) -> World:
    """Primitives of many materials and sizes that fall onto a table and each other, beside a robot."""
    w.add_ground(0.6)
    options = gymapi.AssetOptions()
    table = GYM.create_box(w.sim, 2.0, 2.0, 0.1, _fixed())
    ball, pill, box = GYM.create_sphere(w.sim, 0.1, options), GYM.create_capsule(w.sim, 0.05, 0.2, options), w.box()
    GYM.create_asset_force_sensor(ball, 0, gymapi.Transform(gymapi.Vec3(0.05, 0, 0)))

    def each(env: gymapi.Env, handles: list[int], index: int) -> None:
        for number, handle in enumerate(handles):
            surfaces(env, handle, 0.3 + 0.1 * index + 0.2 * number, 0.2 * number * index)
        GYM.set_actor_scale(env, handles[1], 1.0 + 0.3 * index)
        drives(env, handles[4], index)

    return w.populate(
        Spawn(table, (0, 0, 0.4)),
        Spawn(box, (0, 0, 0.62)),
        Spawn(pill, (0.5, 0.02, 0.52), (0.1, 0, 0, 0.99)),
        Spawn(ball, (0.01, 0.02, 0.95)),
        Spawn(w.asset(CHAIN), (-0.6, 0, 0.75)),
        each=each,
    )


def bound(w: World) -> World:
    """A limb with a tendon, another that attractors hold, and a box that hangs on one; none touches another."""
    limb, box = w.asset(LIMB, fix_base_link=True), w.box()
    GYM.create_asset_force_sensor(limb, 2, gymapi.Transform(gymapi.Vec3(0, 0, 0.1)))

    def each(env: gymapi.Env, handles: list[int], index: int) -> None:
        tendons = GYM.get_actor_tendon_properties(env, handles[0])
        tendons[0].limit_stiffness, tendons[0].damping = 100.0 + 50.0 * index, 1.0
        GYM.set_actor_tendon_properties(env, handles[0], tendons)
        for handle in handles[:2]:
            drives(env, handle, index)
        for handle, body, axes in (
            (handles[1], "lower", gymapi.AXIS_TRANSLATION),
            (handles[2], "box", gymapi.AXIS_ALL),
        ):
            props = gymapi.AttractorProperties()
            props.rigid_handle = GYM.find_actor_rigid_body_handle(env, handle, body)
            props.axes, props.stiffness, props.damping = axes, 200.0 * (1 + index), 5.0
            props.target.p = gymapi.Vec3(2.0 * handle + 0.1, 0.1, 1.3)
            GYM.create_rigid_body_attractor(env, props)

    return w.populate(Spawn(limb, (0, 0, 1)), Spawn(limb, (2, 0, 1)), Spawn(box, (4, 0, 1.2)), each=each)


def slow(w: World) -> World:
    """A robot and a box whose dofs, links and masses are damped and held at low speeds."""
    w.add_ground(0.6)
    most = {"max_linear_velocity": 0.8, "max_angular_velocity": 1.0}
    robot, box = w.asset(CHAIN, angular_damping=0.5, linear_damping=0.2, **most), w.box(**most)
    GYM.create_asset_force_sensor(robot, 1, gymapi.Transform())

    def each(env: gymapi.Env, handles: list[int], index: int) -> None:
        drives(env, handles[0], index)
        props = GYM.get_actor_dof_properties(env, handles[0])
        props["velocity"] = 0.1 + 0.3 * index
        GYM.set_actor_dof_properties(env, handles[0], props)

    return w.populate(Spawn(robot, (0, 0, 0.32)), Spawn(box, (1, 0, 0.13)), each=each)


def field(w: World) -> World:
    """Quadrupeds of an URDF file on a height field, each environment elsewhere on it."""
    heights = np.random.default_rng(0).integers(-20, 21, (6, 6)).astype(np.int16)
    params = gymapi.HeightFieldParams()
    params.nbColumns, params.nbRows = heights.shape
    params.column_scale = params.row_scale = SPACING
    params.vertical_scale, params.static_friction = UNIT, 0.7
    params.transform.p = gymapi.Vec3(-SPACING - 1.4, -SPACING - 0.6, 0.0)
    GYM.add_heightfield(w.sim, heights, params)
    return _walkers(w, 0.36)


def mesh(w: World) -> World:
    """The same on a triangle mesh of convex pieces: slabs, turned and on top of each other."""
    for number in range(3):
        vertices, triangles = slab(3.0 - 0.7 * number, 0.05)
        params = gymapi.TriangleMeshParams()
        params.nb_vertices, params.nb_triangles = len(vertices), len(triangles)
        params.static_friction, params.restitution = 0.5, 0.3
        params.transform.p, params.transform.r = gymapi.Vec3(0, 0, 0.05 * number), gymapi.Quat(0, 0, 0.2, 0.98)
        GYM.add_triangle_mesh(w.sim, vertices.flatten(), triangles.flatten(), params)
    return _walkers(w, 0.42)


def slab(edge: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of a square of the given edge [m] that stands on zero."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0, 1)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [triangle for a, b, c, d in faces for triangle in ((a, b, c), (a, c, d))]
    return corners * [edge, edge, height], np.array(triangles)


def _walkers(w: World, height: float) -> World:
    """Quadrupeds that fall and walk, each environment elsewhere on the ground."""
    walker = w.asset(quadruped())
    for leg in (1, 3):
        GYM.create_asset_force_sensor(walker, leg, gymapi.Transform(gymapi.Vec3(0, 0, -0.22)))

    def each(env: gymapi.Env, handles: list[int], index: int) -> None:
        drives(env, handles[0], index)
        surfaces(env, handles[0], 0.3 + 0.2 * index, 0.0)

    return w.populate(Spawn(walker, (0, 0, height), (0.03, 0.05, 0.1, 0.99)), each=each)


def _fixed() -> gymapi.AssetOptions:
    options = gymapi.AssetOptions()
    options.fix_base_link = True
    return options


SCENES: dict[str, Callable[[World], World]] = {f.__name__: f for f in (robots, toys, bound, slow, field, mesh)}
