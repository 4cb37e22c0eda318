"""Materials of contacts: averages of two shapes, against closed forms and against what MuJoCo makes of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import mujoco
import numpy as np
import pytest

from isaacgym import gymapi
from isaacgym._src import materials
from isaacgym._src.health import SimulationWarning
from tests.isaacgym.world import CHAIN, EVERYWHERE, GRAVITY, GYM, Spawn, World, close

MakeWorld = Callable[..., World]
HEIGHT = 0.5  # that balls fall [m]


def surface(w: World, env: int, actor: int, **fields: float) -> None:
    """Set fields of all shapes of an actor."""
    props = GYM.get_actor_rigid_shape_properties(w.envs[env], actor)
    for shape in props:
        for name, value in fields.items():
            setattr(shape, name, value)
    GYM.set_actor_rigid_shape_properties(w.envs[env], actor, props)


def surfaces(**fields: list[float]) -> Callable[[gymapi.Env, list[int], int], None]:
    """For `populate(each=...)`: one value for each environment, for all shapes of the first actor."""

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_rigid_shape_properties(env, handles[0])
        for shape in props:
            for name, values in fields.items():
                setattr(shape, name, values[i])
        GYM.set_actor_rigid_shape_properties(env, handles[0], props)

    return each


def ground(w: World, **fields: Any) -> None:
    plane = gymapi.PlaneParams()
    plane.normal = gymapi.Vec3(0, 0, 1)
    for name, value in fields.items():
        setattr(plane, name, value)
    GYM.add_ground(w.sim, plane)


def sphere(w: World) -> gymapi.Asset:
    options = gymapi.AssetOptions()
    options.angular_damping = 0.0
    return GYM.create_sphere(w.sim, 0.1, options)


def bounced(w: World) -> list[float]:
    """Share of its speed that each environment's first actor has after its first bounce."""
    fastest, risen = np.zeros(w.num_envs), np.zeros(w.num_envs)
    for _ in range(round(1.2 * (2 * HEIGHT / GRAVITY) ** 0.5 / w.dt)):
        w.step()
        speed = w.root[:, 0, 9].double().numpy()
        fastest, risen = np.minimum(fastest, speed), np.maximum(risen, speed)
    return list(-risen / fastest)


HEIGHTS = np.linspace(HEIGHT, 1.1 * HEIGHT, 10)  # by which the first step of a bounce differs


@EVERYWHERE
@pytest.mark.parametrize("dt", [1 / 120, 0.005, 0.001])
def test_a_ball_bounces_with_the_average_restitution(world: MakeWorld, dt: float) -> None:
    balls, expected = (0.2, 0.6, 1.0, 1.2), (0.3, 0.5, 0.7, 0.8)
    w = world(dt=dt, num_envs=len(expected) * len(HEIGHTS))
    ground(w, restitution=0.4)
    ball = sphere(w)
    for i in range(w.num_envs):
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 4))
        w.spawn(w.envs[-1], Spawn(ball, (0, 0, 0.1 + HEIGHTS[i % len(HEIGHTS)])))
        surface(w, i, 0, restitution=balls[i // len(HEIGHTS)])
    w.prepare()
    found = np.reshape(bounced(w), (len(expected), -1))
    assert found.mean(1) + 0.02 == pytest.approx(np.array(expected), abs=0.02)  # gravity acts during the bounce, too
    assert found.std(1).max() < 0.06


def test_without_restitution_contacts_are_the_engine_s_own(world: MakeWorld) -> None:
    w = world(dt=0.001)
    ground(w)
    w.populate(Spawn(sphere(w), (0, 0, 0.1 + HEIGHT)))
    assert max(bounced(w)) < 0.15
    assert close(w.sim.backend.model.pair_solref, [[0.02, 1.0]], 0.0)


@EVERYWHERE
def test_restitution_set_while_running_acts_in_its_environment_only(world: MakeWorld) -> None:
    w = world(dt=0.001)
    ground(w)
    w.populate(Spawn(sphere(w), (0, 0, 0.1 + HEIGHT)))
    w.step()
    surface(w, 1, 0, restitution=1.6)
    assert bounced(w) == pytest.approx([0.12, 0.8], abs=0.04)


def test_balls_bounce_off_each_other_with_their_average(world: MakeWorld) -> None:
    w = world(dt=0.001, num_envs=1, gravity=0.0)
    ball = sphere(w)
    w.populate(Spawn(ball, (0, 0, 1)), Spawn(ball, (0.3, 0, 1)))
    surface(w, 0, 0, restitution=1.0)
    surface(w, 0, 1, restitution=0.6)
    root = w.root
    root[0, 0, 7] = 1.0
    w.set_root(root)
    w.seconds(0.3)
    assert close(w.root[0, :, 7], [0.1, 0.9], 0.02)  # (1 - e) / 2 and (1 + e) / 2


SLOPE = 0.4


@EVERYWHERE
@pytest.mark.parametrize("running", [False, True])
def test_a_box_slides_down_a_slope_against_the_average_friction(world: MakeWorld, running: bool) -> None:
    angle = float(np.arctan(SLOPE))
    w = world(dt=0.001)
    ground(w, normal=gymapi.Vec3(float(np.sin(angle)), 0, float(np.cos(angle))), static_friction=0.3)
    at = 0.05 * np.sin(angle), 0.0, 0.05 * np.cos(angle)
    turn = 0.0, float(np.sin(angle / 2)), 0.0, float(np.cos(angle / 2))
    each = surfaces(friction=[0.1, 0.6])
    w.populate(Spawn(w.plate(), at, turn), each=None if running else each)
    if running:
        w.step()
        for i, env in enumerate(w.envs):
            each(env, [0], i)
    before = w.root[:, 0, 7:10].norm(dim=-1)
    w.seconds(0.3)
    speed = w.root[:, 0, 7:10].norm(dim=-1) - before
    down = GRAVITY * (np.sin(angle) - 0.2 * np.cos(angle)) * 0.3
    assert float(speed[0]) == pytest.approx(down, rel=0.03)
    assert close(speed[1], 0.0, 0.02)  # sticks: 0.45 is more than the slope


@EVERYWHERE
def test_a_box_slides_on_a_table_against_the_average_friction(world: MakeWorld) -> None:
    w = world(dt=0.001)
    table = GYM.create_box(w.sim, 8.0, 8.0, 0.2, _fixed())
    w.populate(Spawn(w.plate(), (0, 0, 0.25)), Spawn(table, (0, 0, 0.1)), each=surfaces(friction=[0.2, 0.6]))
    for env in range(2):
        surface(w, env, 1, friction=0.4)
    w.seconds(0.1)
    root = w.root
    root[:, 0, 7] = 3.0
    w.set_root(root)
    w.seconds(0.25)
    assert close((3.0 - w.root[:, 0, 7]) / 0.25, [0.3 * GRAVITY, 0.5 * GRAVITY], 0.05 * 0.5 * GRAVITY)


def _fixed() -> gymapi.AssetOptions:
    options = gymapi.AssetOptions()
    options.fix_base_link = True
    return options


def test_a_material_that_comes_too_late_is_named(world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materials, "FEW", 0)
    w = world(ground=1.0)
    w.populate(Spawn(w.box(), (0, 0, 0.1), name="crate"))
    with pytest.warns(SimulationWarning, match="1 pairs of shapes of 'crate' were alike at prepare_sim"):
        surface(w, 1, 0, friction=0.3)
    surface(w, 1, 0, friction=0.4)  # said once


def test_materials_that_are_set_again_leave_what_was_recorded_of_the_step(world: MakeWorld) -> None:
    w = world(ground=1.0)
    w.populate(Spawn(w.box(), (0, 0, 0.1)))
    surface(w, 1, 0, friction=0.3, restitution=0.5)
    w.step()
    captured = w.sim.backend.revision
    surface(w, 1, 0, friction=0.6, restitution=0.8)
    assert w.sim.backend.revision == captured
    assert close(w.sim.backend.field("pair_friction")[:, 0, :2], [[1.0, 1.0], [0.8, 0.8]], 1e-6)


def test_materials_that_differ_are_averaged_however_many_pairs_there_are(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(materials, "FEW", 0)
    w = world(ground=1.0)
    w.populate(Spawn(w.box(), (0, 0, 0.1)), Spawn(w.box(), (1, 0, 0.1)), each=surfaces(friction=[1.0, 0.5]))
    model = w.sim.backend.model
    assert [(int(a), int(b)) for a, b in zip(model.pair_geom1, model.pair_geom2, strict=True)] == [(0, 1), (1, 2)]
    assert close(w.sim.backend.field("pair_friction")[:, :, :2], [[[1.0]], [[0.75]]], 1e-6)


SHAPES = """<mujoco><worldbody><body name="a">
  <geom name="a" size=".1" condim="1" solref=".01 .8" solimp=".8 .9 .01 .4 3" margin=".01" gap=".002" solmix="3"/>
  <geom name="b" size=".1" pos="1 0 0" condim="4" solref="-1000 -20" friction=".7 .02 .001"/>
  <geom name="c" size=".1" pos="2 0 0" condim="6" priority="1" friction="1.5 .01 .002"/>
  <geom name="d" size=".1" pos="3 0 0" solmix="0"/></body></worldbody></mujoco>"""


def test_but_for_the_material_a_pair_is_what_mujoco_makes_of_its_shapes(world: MakeWorld) -> None:
    w = world(num_envs=1)
    ground(w)
    w.populate(Spawn(w.asset(SHAPES), (0, 0, 0.09)))
    explicit = w.sim.backend.model
    assert explicit.npair == 4
    own = _contacts(explicit)
    plain = _without_pairs(w)
    theirs = _contacts(plain)
    assert len(own) == len(theirs) == 4
    for name in ("dim", "solref", "solimp", "includemargin"):
        assert close(np.array(getattr(own, name)), np.array(getattr(theirs, name)), 1e-12), name
    assert close(own.friction[:, 2:], theirs.friction[:, 2:], 1e-12)


def test_where_materials_are_alike_nothing_moves_otherwise_than_by_mujoco_s_own_contacts(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = []
    for explicit in (True, False):
        if not explicit:
            monkeypatch.setattr(materials.Materials, "missing", _nothing)
        w = world(ground=1.0)
        w.populate(Spawn(w.asset(CHAIN), (0, 0, 0.4)), Spawn(w.box(), (0.1, 0.05, 0.75)))
        assert bool(w.sim.backend.model.npair) == explicit
        w.step(60)
        moved.append(w.engine())
    assert all(moved[0][name].equal(other) for name, other in moved[1].items())


def test_a_robot_s_own_contacts_are_averaged_where_its_shapes_differ(world: MakeWorld) -> None:
    w = world(num_envs=1)

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_rigid_shape_properties(env, handles[0])
        props[2].friction = 0.2
        GYM.set_actor_rigid_shape_properties(env, handles[0], props)

    w.populate(Spawn(w.asset(CHAIN)), each=each)
    model = w.sim.backend.model
    assert model.npair > 0
    assert close(model.pair_friction[:, :2], 0.6, 1e-6)


def _contacts(model: mujoco.MjModel) -> mujoco._structs._MjContactList:
    data = mujoco.MjData(model)
    data.qpos[:7] = 0, 0, 0.09, 1, 0, 0, 0
    mujoco.mj_forward(model, data)
    return data.contact


def _without_pairs(w: World) -> mujoco.MjModel:
    """The scene's model with MuJoCo's own contacts only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(materials.Materials, "missing", _nothing)
        return w.sim.scene.compile(w.sim.device)[0]


def _nothing(self: materials.Materials, model: mujoco.MjModel, envs: Sequence[gymapi.Env]) -> np.ndarray:
    return np.zeros((0, 2), int)


def test_a_dynamic_friction_of_its_own_is_named(world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "isaacgym"):
        ground(world(), static_friction=0.8, dynamic_friction=0.8)
        assert not caplog.records
        ground(world(), static_friction=0.8, dynamic_friction=0.6)
    assert "add_ground: dynamic_friction 0.6 is without effect" in caplog.text


SLAB = "<mujoco><worldbody><body name='slab'><geom type='box' size='.3 .2 .02' mass='1'/></body></worldbody></mujoco>"


def test_a_slab_slides_for_ever_on_a_ground_without_friction(world: MakeWorld) -> None:
    w = world(iterations=10, tolerance=1e-6)
    ground(w, static_friction=0.0)
    w.populate(Spawn(w.asset(SLAB), (0, 0, 0.3), (0.3, 0.2, 0.1, 0.9)), each=surfaces(friction=[0.0, 0.01]))
    roots = w.root
    roots[..., 7] = 1.0
    w.set_root(roots)
    w.step(150)
    assert close(w.root[:, 0, 2], 0.02, 1e-3)
    assert close(w.root[0, 0, 7], 1.0, 0.02)


def test_what_becomes_slippery_too_late_for_round_cones_is_named(world: MakeWorld) -> None:
    w = world()
    ground(w, static_friction=0.0)
    w.populate(Spawn(w.asset(SLAB), (0, 0, 0.02)))
    with pytest.warns(SimulationWarning, match=r"'asset_0' have a friction below 0.05, which counts as 0.05"):
        surface(w, 1, 0, friction=0.0)
    w.step(50)
    assert close(w.root[:, 0, 2], 0.02, 1e-3)
