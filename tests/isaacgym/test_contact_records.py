"""Who touches whom as records, and net contact forces without a tensor, on both engines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from isaacgym import gymapi
from tests.isaacgym.world import GRAVITY, GYM, Spawn, World, asset_options

MakeWorld = Callable[..., World]

SIZE = 0.2
WEIGHT = 1000.0 * SIZE**3 * GRAVITY
PALM = """<mujoco><worldbody><body name="post"><geom type="box" size=".02 .02 .02" pos="0 0 .3"/>
  <body name="palm" pos="0 0 .5"><joint name="lift" type="slide" axis="0 0 1" range="0 .001"/>
    <geom type="box" size=".2 .2 .05"/></body></body></worldbody></mujoco>"""


def stack(world: MakeWorld) -> World:
    """A box on the ground and one on top of it, at rest, after half a second."""
    w = world(ground=1.0)
    box = w.box(SIZE)
    w.populate(Spawn(box, (0, 0, SIZE / 2), name="low"), Spawn(box, (0, 0, 1.5 * SIZE), name="high"))
    GYM.acquire_net_contact_force_tensor(w.sim)
    w.seconds(0.5)
    return w


def test_the_records_of_a_stack_say_who_stands_on_whom_and_how_hard(world: MakeWorld) -> None:
    w = stack(world)
    found = GYM.get_env_rigid_contacts(w.envs[1])
    assert found.dtype == gymapi.RigidContact.dtype
    assert set(zip(found["body0"].tolist(), found["body1"].tolist(), strict=True)) == {(0, -1), (1, 0)}
    assert set(zip(found["env0"].tolist(), found["env1"].tolist(), strict=True)) == {(1, -1), (1, 1)}
    for body, load in ((-1, 2 * WEIGHT), (0, WEIGHT)):
        here = found[found["body1"] == body]
        assert np.isclose(here["lambda"].sum(), load, rtol=1e-2)
        assert np.allclose(here["normal"]["z"], 1.0, atol=1e-4)
    on_ground = found[found["body1"] == -1]
    assert np.allclose(on_ground["localPos1"]["z"], 0.0, atol=1e-3)
    assert np.allclose(on_ground["localPos0"]["z"], -SIZE / 2, atol=1e-3)
    assert np.all(np.abs(on_ground["initialOverlap"]) < 1e-2)


@pytest.mark.parametrize("shape", ["box", "ball"])
def test_the_later_body_of_a_record_comes_first_and_what_is_fixed_second(world: MakeWorld, shape: str) -> None:
    w = world(ground=1.0)
    thing = w.box(SIZE) if shape == "box" else GYM.create_sphere(w.sim, SIZE / 2, asset_options())
    hand = w.asset(PALM, fix_base_link=True)
    table = w.box(SIZE, fix_base_link=True)
    w.populate(Spawn(hand, (0, 0, 0)), Spawn(thing, (0, 0, 0.65)), Spawn(thing, (3, 0, 0.3)), Spawn(table, (3, 0, 0.1)))
    w.seconds(0.5)
    found = GYM.get_env_rigid_contacts(w.envs[0])
    assert set(zip(found["body0"].tolist(), found["body1"].tolist(), strict=True)) == {(2, 1), (3, 4)}
    assert np.allclose(found["normal"]["z"], 1.0, atol=1e-3)


def test_the_records_of_a_simulation_are_those_of_its_environments(world: MakeWorld) -> None:
    w = stack(world)
    every = GYM.get_rigid_contacts(w.sim)
    assert len(every) == sum(len(GYM.get_env_rigid_contacts(env)) for env in w.envs)
    assert set(every["env0"]) == {0, 1}


def test_there_are_no_records_where_nothing_touches(world: MakeWorld) -> None:
    w = world(ground=1.0).populate(Spawn((world()).box(), (0, 0, 2)))
    assert GYM.get_env_rigid_contacts(w.envs[0]).shape == (0,)


def test_records_follow_what_was_set_in_their_environment_alone(world: MakeWorld) -> None:
    w = stack(world)
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 1)
    props[0].mass *= 2
    GYM.set_actor_rigid_body_properties(w.envs[0], 1, props)
    w.seconds(0.5)
    loads = [GYM.get_env_rigid_contacts(env) for env in w.envs]
    on_ground = [found["lambda"][found["body1"] == -1].sum() for found in loads]
    assert np.allclose(on_ground, [3 * WEIGHT, 2 * WEIGHT], rtol=1e-2)


def test_net_contact_forces_are_those_of_the_tensor(world: MakeWorld) -> None:
    w = stack(world)
    tensor = w.contact.numpy()
    for i, env in enumerate(w.envs):
        forces = GYM.get_env_rigid_contact_forces(env)
        assert np.array_equal(np.stack([forces[axis] for axis in "xyz"], -1), tensor[i])
    assert np.array_equal(GYM.get_rigid_contact_forces(w.sim)["z"], tensor[..., 2].reshape(-1))
    assert np.array_equal(GYM.get_vec_env_rigid_contact_forces(w.envs[::-1])["z"], tensor[::-1, :, 2].reshape(-1))


def test_contacts_can_be_drawn_without_a_window(world: MakeWorld) -> None:
    w = stack(world)
    GYM.draw_env_rigid_contacts(None, w.envs[0], gymapi.Vec3(1, 0, 0), 0.01, True)
    GYM.draw_env_soft_contacts(None, w.envs[0], gymapi.Vec3(1, 0, 0), 0.01, True, False)
    assert len(GYM.get_soft_contacts(w.sim)) == len(GYM.get_env_soft_contacts(w.envs[0])) == 0


def test_lines_of_contacts_are_as_long_as_their_forces(world: MakeWorld) -> None:
    from isaacgym._src.contacts import contact_lines

    w = stack(world)
    found = GYM.get_env_rigid_contacts(w.envs[0])
    lines = contact_lines(w.envs[0], found, 0.5, sqrt=False)
    assert np.allclose(np.linalg.norm(lines[:, 3:] - lines[:, :3], axis=1), 0.5 * found["lambda"], rtol=1e-3)
    assert np.allclose(lines[found["body1"] == 0, 2], SIZE, atol=1e-2)


def test_contacts_before_prepare_sim_are_refused(world: MakeWorld) -> None:
    w = world()
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    with pytest.raises(RuntimeError, match="get_env_rigid_contacts: .* call prepare_sim"):
        GYM.get_env_rigid_contacts(env)
