"""Force sensors one by one: created on bodies of environments, read without a tensor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GRAVITY, GYM, Spawn, World

MakeWorld = Callable[..., World]

CONTACTS_ONLY = gymapi.ForceSensorProperties()
CONTACTS_ONLY.enable_forward_dynamics_forces = False


def sense(env: gymapi.Env, handles: list[int], i: int) -> None:
    """A sensor of contacts on the box."""
    body = GYM.get_actor_rigid_body_handle(env, handles[-1], 0)
    assert GYM.create_force_sensor(env, body, gymapi.Transform(), CONTACTS_ONLY) == 0


def test_a_sensor_of_an_environment_s_body_reads_the_load_on_it(world: MakeWorld) -> None:
    w = world(ground=1.0)
    chain, box = w.asset(CHAIN), w.box(0.2)
    GYM.create_asset_force_sensor(chain, 0, gymapi.Transform())
    w.populate(Spawn(chain, (0, 3, 9)), Spawn(box, (0, 0, 0.1)), each=sense)
    env = w.envs[1]
    assert [GYM.get_actor_force_sensor_count(env, h) for h in (0, 1)] == [1, 1]
    assert GYM.get_sim_force_sensor_count(w.sim) == 4
    assert w.sensor.shape == (2, 2, 6)
    sensor = GYM.get_actor_force_sensor(env, 1, 0)
    assert sensor is not None
    assert sensor.get_global_index() == 3
    w.seconds(0.3)
    forces = sensor.get_forces()
    assert np.isclose(forces.force.z, 8.0 * GRAVITY, rtol=1e-2)
    assert np.array_equal(forces.floats(), w.sensor[1, 1].numpy())
    same = GYM.get_sim_force_sensor(w.sim, 3)
    assert same is not None
    assert same.get_forces() == forces


def test_a_sensor_that_is_not_there_is_none(tmp_path: Path) -> None:
    w = World(tmp_path)
    w.populate(Spawn(w.box()))
    assert GYM.get_actor_force_sensor(w.envs[0], 0, 0) is None
    assert GYM.get_sim_force_sensor(w.sim, 0) is None


def test_sensors_must_be_alike_in_every_environment(tmp_path: Path) -> None:
    w = World(tmp_path)

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        if i == 1:
            sense(env, handles, i)

    with pytest.raises(NotImplementedError, match="sensors added to actors of environment 1 differ"):
        w.populate(Spawn(w.box()), each=each)


def test_a_body_that_is_not_there_and_a_prepared_simulation_are_refused(tmp_path: Path) -> None:
    w = World(tmp_path)
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    w.spawn(env, Spawn(w.box()))
    with pytest.raises(IndexError, match="create_force_sensor: no body -1 in an environment of 1"):
        GYM.create_force_sensor(env, -1, gymapi.Transform())
    w.prepare()
    with pytest.raises(RuntimeError, match="create everything before prepare_sim"):
        GYM.create_force_sensor(env, 0, gymapi.Transform())
