"""Randomisation while the simulation runs: each property acts in its environment, there only, and without recapture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from torch import Tensor

from isaacgym import gymapi
from tests.isaacgym.world import EVERYWHERE, GRAVITY, GYM, LINK, Spawn, World, close, drive

MakeWorld = Callable[..., World]
INERTIA, LEVER = 0.5, 0.2  # of the flywheel [kg m^2], of a mass off its axis [m]
STEP = 0.01
FLYWHEEL, BOX = 0, 1  # actors

EFFORT, POSITION = int(gymapi.DOF_MODE_EFFORT), int(gymapi.DOF_MODE_POS)


class Change(NamedTuple):
    """What is set in environment 1, from where both move on, and how they accelerate then."""

    set: Callable[[World, float], None]
    value: float
    expected: tuple[float, float]  # in environments 0 and 1 [rad/s^2] or [m/s^2]
    mode: int = EFFORT
    start: tuple[float, float] = (0.0, 0.0)  # angle and angular velocity of the flywheel
    command: float = 0.0  # effort, or position target
    push: float = 0.0  # on the box along x [N]
    of: tuple[int, int] | None = None  # actor and column of the root state, else the flywheel's dof


def dof(name: str) -> Callable[[World, float], None]:
    return lambda w, value: w.drive(1, FLYWHEEL, **{name: value})


def body(actor: int, edit: Callable[[gymapi.RigidBodyProperties, float], None]) -> Callable[[World, float], None]:
    """Edit the last body of an actor."""

    def set_it(w: World, value: float) -> None:
        props = GYM.get_actor_rigid_body_properties(w.envs[1], actor)
        edit(props[-1], value)
        GYM.set_actor_rigid_body_properties(w.envs[1], actor, props)

    return set_it


def mass(props: gymapi.RigidBodyProperties, value: float) -> None:
    props.mass = value


def com(props: gymapi.RigidBodyProperties, value: float) -> None:
    props.com.x = value


def inertia(props: gymapi.RigidBodyProperties, value: float) -> None:
    props.inertia.x.x = props.inertia.y.y = props.inertia.z.z = value


def gravity(w: World, value: float) -> None:
    GYM.set_env_gravity(w.envs[1], gymapi.Vec3(0, 0, -value))


CHANGES = {
    "mass": Change(body(BOX, mass), 2.0, (1.0, 4.0), push=8.0, of=(BOX, 7)),
    "com": Change(body(FLYWHEEL, com), LEVER, (0.0, 2 * GRAVITY * LEVER / (INERTIA + 2 * LEVER**2))),
    "inertia": Change(body(FLYWHEEL, inertia), 2.0, (2.0, 0.5), command=1.0),
    "gravity": Change(gravity, 1.62, (-GRAVITY, -1.62), of=(BOX, 9)),
    "armature": Change(dof("armature"), 1.5, (2.0, 0.5), command=1.0),
    "damping": Change(dof("damping"), 2.0, (0.0, -2.0 / (INERTIA + STEP * 2.0)), start=(0.0, 1.0)),
    "stiffness": Change(dof("stiffness"), 3.0, (0.0, -0.5 * 3.0 / INERTIA), start=(0.5, 0.0)),
    "friction": Change(dof("friction"), 0.25, (0.0, -0.25 / INERTIA), start=(0.0, 1.0)),
    "gain": Change(
        dof("stiffness"),
        50.0,
        (20.0 / (INERTIA + STEP**2 * 20.0), 50.0 / (INERTIA + STEP**2 * 50.0)),
        POSITION,
        command=1.0,
    ),
    "effort": Change(dof("effort"), 3.0, (20.0 / (INERTIA + STEP**2 * 20.0), 6.0), POSITION, command=1.0),
}


def built(world: MakeWorld, change: Change) -> World:
    """Both environments in motion, their step recorded."""
    w = world(dt=STEP)
    fields: dict[str, Any] = {"driveMode": change.mode, "hasLimits": True, "lower": -3.0, "upper": 3.0}
    if change.mode == POSITION:
        fields["stiffness"] = 20.0
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), Spawn(w.box(), (0, 0, 9)), each=drive(**fields))
    w.step(3)
    return w


def acceleration(w: World, change: Change) -> Tensor:
    """(N,) of the step that starts from the change's start."""
    state = w.dof
    state[:, 0, 0], state[:, 0, 1] = change.start
    w.set_dof(state)
    w.effort(change.command)
    w.target(change.command)
    w.push(force=(change.push, 0.0, 0.0))
    before = _speed(w, change)
    w.step()
    return (_speed(w, change) - before) / w.dt


def _speed(w: World, change: Change) -> Tensor:
    return w.dof[:, 0, 1] if change.of is None else w.root[:, change.of[0], change.of[1]]


@EVERYWHERE
@pytest.mark.parametrize("name", CHANGES)
def test_what_is_set_while_running_acts_in_its_environment_only(world: MakeWorld, name: str) -> None:
    change = CHANGES[name]
    w = built(world, change)
    assert close(acceleration(w, change), change.expected[0], 0.01 * abs(change.expected[0]) + 1e-3)
    change.set(w, 0.8 * change.value)
    w.step()
    captured = w.sim.backend.revision
    change.set(w, change.value)
    assert close(acceleration(w, change), change.expected, 0.01 * max(map(abs, change.expected)))
    assert w.sim.backend.revision == captured, "what was recorded of the step does not hold any more"


@EVERYWHERE
def test_limits_that_move_while_running_hold_in_their_environment_only(world: MakeWorld) -> None:
    change = Change(dof("upper"), 0.2, (0.0, 0.0), start=(0.3, 0.0))
    w = built(world, change)
    change.set(w, 0.25)
    w.step()
    captured = w.sim.backend.revision
    change.set(w, 0.2)
    found = acceleration(w, change)
    assert close(found[0], 0.0, 1e-3)
    assert float(found[1]) < -10.0
    assert w.sim.backend.revision == captured


@EVERYWHERE
def test_gravity_of_one_environment_counts_in_its_sensors_and_ends_with_that_of_all(world: MakeWorld) -> None:
    w = world(dt=STEP)
    box = w.box()
    GYM.create_asset_force_sensor(box, 0, gymapi.Transform())
    w.populate(Spawn(box, (0, 0, 9)))
    assert close(w.sensor, 0.0, 0.0)
    GYM.set_env_gravity(w.envs[1], gymapi.Vec3(2.0, 0, 0))
    w.step()
    assert close(w.sensor[:, 0, :3], [[0.0, 0.0, -8.0 * GRAVITY], [16.0, 0.0, 0.0]], 1e-3)
    params = GYM.get_sim_params(w.sim)
    params.gravity = gymapi.Vec3(0, 0, -1.0)
    GYM.set_sim_params(w.sim, params)
    w.step()
    assert close(w.sensor[:, 0, :3], [0.0, 0.0, -8.0], 1e-3)


def test_gravity_of_an_environment_needs_a_simulation_that_runs(world: MakeWorld) -> None:
    w = world()
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    with pytest.raises(RuntimeError, match="set_env_gravity: the simulation is not prepared"):
        GYM.set_env_gravity(env, gymapi.Vec3())
