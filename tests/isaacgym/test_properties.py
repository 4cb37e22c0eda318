"""Properties of bodies, shapes and dofs: records, copies, and that they act in their own environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GRAVITY, GYM, LINK, Spawn, World, close, drive

MakeWorld = Callable[..., World]
Each = Callable[[gymapi.Env, list[int], int], None]


def masses(values: Sequence[float | None], recompute: bool = False) -> Each:
    """For `populate(each=...)`: mass of the first body of the first actor; None leaves it untouched."""

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        if (mass := values[i]) is not None:
            props = GYM.get_actor_rigid_body_properties(env, handles[0])
            props[0].mass = mass
            GYM.set_actor_rigid_body_properties(env, handles[0], props, recompute)

    return each


def pushed(w: World) -> list[float]:
    """Acceleration of each environment's first actor under 8 N."""
    before = w.root[:, 0, 7]
    w.push(force=(8.0, 0.0, 0.0))
    w.step()
    return [float(x) for x in (w.root[:, 0, 7] - before) / w.dt]


def test_masses_differ_between_environments(world: MakeWorld) -> None:
    w = world(num_envs=3)
    w.populate(Spawn(w.box()), each=masses([2.0, 8.0, 16.0]))
    assert pushed(w) == pytest.approx([4.0, 1.0, 0.5], rel=1e-4)


@pytest.mark.parametrize("touched", [0, 1])
def test_a_mass_set_in_one_environment_leaves_the_others_theirs(world: MakeWorld, touched: int) -> None:
    w = world()
    w.populate(Spawn(w.box()), each=masses([2.0 if i == touched else None for i in range(2)]))
    assert pushed(w) == pytest.approx([4.0, 1.0] if touched == 0 else [1.0, 4.0], rel=1e-4)
    read = [GYM.get_actor_rigid_body_properties(env, 0)[0].mass for env in w.envs]
    assert read == pytest.approx([2.0, 8.0] if touched == 0 else [8.0, 2.0])


def test_a_mass_set_in_a_single_environment_acts(world: MakeWorld) -> None:
    w = world(num_envs=1)
    w.populate(Spawn(w.box()), each=masses([2.0]))
    assert pushed(w) == pytest.approx([4.0], rel=1e-4)


def test_a_mass_set_while_running_acts_in_its_environment_only(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    w.step(2)
    masses([None, 2.0])(w.envs[1], [0], 1)
    assert pushed(w) == pytest.approx([1.0, 4.0], rel=1e-4)


@pytest.mark.parametrize("running", [False, True])
def test_recompute_inertia_scales_the_inertia_with_the_mass(world: MakeWorld, running: bool) -> None:
    w = world(num_envs=2, gravity=0.0)
    each = [masses([2.0, 2.0], recompute=bool(i)) for i in range(2)]

    def set_up(env: gymapi.Env, handles: list[int], i: int) -> None:
        each[i](env, handles, i)

    w.populate(Spawn(w.box()), each=None if running else set_up)
    if running:
        w.step()
        for i, env in enumerate(w.envs):
            set_up(env, [0], i)
    inertia = 8.0 * 0.2**2 / 6
    found = [GYM.get_actor_rigid_body_properties(env, 0)[0].inertia.x.x for env in w.envs]
    assert found == pytest.approx([inertia, inertia / 4], rel=1e-5)
    w.push(torque=(0.0, 0.0, 0.1))
    w.step()
    assert close(w.root[:, 0, 12] / w.dt, [0.1 / inertia, 0.4 / inertia], 1e-3)


@pytest.mark.parametrize("running", [False, True])
def test_a_moved_centre_of_mass_turns_what_it_hangs_on(world: MakeWorld, running: bool) -> None:
    w = world()

    def shift(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_rigid_body_properties(env, handles[0])
        props[1].com.x += 0.2 * i
        GYM.set_actor_rigid_body_properties(env, handles[0], props)

    asset = w.asset(LINK, fix_base_link=True)
    w.populate(Spawn(asset), each=None if running else shift)
    if running:
        w.step()
        shift(w.envs[1], [0], 1)
    w.step()
    speed = w.dt * 2 * GRAVITY * 0.2 / (0.5 + 2 * 0.2**2)
    assert close(w.dof[:, 0, 1], [0.0, speed], 1e-3)


def test_a_full_inertia_tensor_is_kept(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    inertia = np.array([[0.3, 0.05, 0.02], [0.05, 0.2, 0.01], [0.02, 0.01, 0.25]])

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_rigid_body_properties(env, handles[0])
        for row, values in zip((props[0].inertia.x, props[0].inertia.y, props[0].inertia.z), inertia, strict=True):
            row.x, row.y, row.z = values
        GYM.set_actor_rigid_body_properties(env, handles[0], props)

    w.populate(Spawn(w.box()), each=each)
    w.push(torque=(0.1, 0.0, 0.0))
    w.step()
    assert close(w.root[:, 0, 10:13] / w.dt, np.linalg.inv(inertia) @ [0.1, 0, 0], 1e-3)


@pytest.mark.parametrize("flagged", [0, 1])
def test_gravity_can_be_disabled_for_a_body_of_one_environment(world: MakeWorld, flagged: int) -> None:
    w = world()

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        if i == flagged:
            props = GYM.get_actor_rigid_body_properties(env, handles[0])
            props[0].flags = gymapi.RIGID_BODY_DISABLE_GRAVITY
            GYM.set_actor_rigid_body_properties(env, handles[0], props)

    w.populate(Spawn(w.box(), (0, 0, 5)), each=each)
    w.step(10)
    falling = [-GRAVITY * 0.1, 0.0] if flagged == 1 else [0.0, -GRAVITY * 0.1]
    assert close(w.root[:, 0, 9], falling, 1e-4)
    each(w.envs[1 - flagged], [0], flagged)
    w.step()
    speed = w.root[:, 0, 9]
    w.step(5)
    assert close(w.root[:, 0, 9], speed, 1e-4)


def test_gravity_cannot_be_disabled_while_running_where_no_body_was_without_it(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    props[0].flags = gymapi.RIGID_BODY_DISABLE_GRAVITY
    with pytest.raises(NotImplementedError, match="RIGID_BODY_DISABLE_GRAVITY was set on no body at prepare_sim"):
        GYM.set_actor_rigid_body_properties(w.envs[0], 0, props)


def test_an_asset_without_gravity_says_so_in_its_body_flags(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(disable_gravity=True)))
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].flags == gymapi.RIGID_BODY_DISABLE_GRAVITY


def test_getters_give_copies(world: MakeWorld) -> None:
    w = world()
    asset = w.asset(CHAIN)
    w.populate(Spawn(asset))
    env = w.envs[0]
    GYM.get_asset_dof_properties(asset)["stiffness"][:] = 7
    GYM.get_actor_dof_properties(env, 0)["stiffness"][:] = 7
    GYM.get_actor_rigid_body_properties(env, 0)[0].com.x = 7
    GYM.get_actor_rigid_shape_properties(env, 0)[0].friction = 7
    GYM.get_asset_rigid_shape_properties(asset)[0].friction = 7
    assert GYM.get_actor_dof_properties(env, 0)["stiffness"].max() == 0
    assert GYM.get_actor_rigid_body_properties(env, 0)[0].com.x == pytest.approx(0.05)
    assert GYM.get_actor_rigid_shape_properties(env, 0)[0].friction == 1.0
    assert GYM.get_asset_rigid_shape_properties(asset)[0].friction == 1.0


def test_setters_take_copies(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(CHAIN)))
    dofs = GYM.get_actor_dof_properties(w.envs[0], 0)
    GYM.set_actor_dof_properties(w.envs[0], 0, dofs)
    dofs["damping"] = 3.0
    bodies = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    GYM.set_actor_rigid_body_properties(w.envs[0], 0, bodies)
    mass, bodies[0].mass = bodies[0].mass, 99.0
    assert GYM.get_actor_dof_properties(w.envs[0], 0)["damping"].max() == 0.0
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].mass == mass


def test_setting_back_what_was_read_changes_the_motion_by_no_more_than_rounding(world: MakeWorld) -> None:
    def touch(env: gymapi.Env, handles: list[int], i: int) -> None:
        if i == 1:
            drive()(env, handles, i)
            GYM.set_actor_rigid_body_properties(env, 0, GYM.get_actor_rigid_body_properties(env, 0))
            GYM.set_actor_rigid_shape_properties(env, 0, GYM.get_actor_rigid_shape_properties(env, 0))

    w = world(ground=1.0)
    w.populate(Spawn(w.asset(CHAIN), (0, 0, 0.6)), each=touch)
    w.step(20)
    assert close(w.root[0], w.root[1], 1e-4)
    assert close(w.dof[0], w.dof[1], 1e-3)


def test_body_properties_are_in_the_body_s_frame(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(CHAIN)))
    torso = GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0]
    mass = 8 * 0.15 * 0.1 * 0.05 * 1000
    assert torso.mass == pytest.approx(mass)
    assert (torso.com.x, torso.com.y, torso.com.z) == pytest.approx((0.05, 0.02, -0.03))
    moments = [torso.inertia.x.x, torso.inertia.y.y, torso.inertia.z.z]
    sizes = np.array([0.3, 0.2, 0.1]) ** 2
    assert moments == pytest.approx(list(mass / 12 * (sizes.sum() - sizes)), rel=1e-4)
    assert torso.invMass == pytest.approx(1 / mass)


@pytest.mark.parametrize("kind", ["dof", "rigid_body", "rigid_shape"])
def test_a_wrong_number_of_records_is_refused(world: MakeWorld, kind: str) -> None:
    w = world()
    w.populate(Spawn(w.asset(CHAIN), name="robot"))
    props = getattr(GYM, f"get_actor_{kind}_properties")(w.envs[0], 0)
    with pytest.raises(ValueError, match=f"set_actor_{kind}_properties: 'robot' has 4 .*, given 3 records"):
        getattr(GYM, f"set_actor_{kind}_properties")(w.envs[0], 0, props[:3])


def test_an_actor_that_is_not_there_is_refused(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    with pytest.raises(IndexError, match="get_actor_dof_properties: environment 1 has no actor 4; it has 1"):
        GYM.get_actor_dof_properties(w.envs[1], 4)


def test_link_armature_is_added_to_inertias_and_joint_armature_to_joints(world: MakeWorld) -> None:
    w = world(dt=0.001)
    joint = w.asset(LINK, fix_base_link=True, armature=0.3)
    link = w.asset(LINK, fix_base_link=True, armature=0.3, use_physx_armature=False)
    w.populate(Spawn(joint), Spawn(link), each=_efforts)
    assert GYM.get_asset_dof_properties(joint)["armature"][0] == pytest.approx(0.3)
    assert GYM.get_asset_dof_properties(link)["armature"][0] == 0.0
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[1].inertia.y.y == pytest.approx(0.5)
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 1)[1].inertia.y.y == pytest.approx(0.8)
    w.effort(0.8)
    w.step()
    assert close(w.dof[:, :, 1], 0.001 * 0.8 / 0.8, 1e-6)


def _efforts(env: gymapi.Env, handles: list[int], i: int) -> None:
    for handle in handles:
        drive(driveMode=int(gymapi.DOF_MODE_EFFORT))(env, [handle], i)


def test_touching_one_of_two_actors_of_the_same_asset_leaves_the_other(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    box = w.box()
    w.populate(Spawn(box, (0, 0, 1)), Spawn(box, (5, 0, 1)), each=masses([2.0, 2.0]))
    w.push(force=(8.0, 0.0, 0.0))
    w.step()
    assert close(w.root[:, :, 7] / w.dt, torch.tensor([4.0, 1.0]), 1e-4)


def test_a_column_of_dof_records_is_a_tensor_too(world: MakeWorld) -> None:
    props = GYM.get_asset_dof_properties(world().asset(LINK))
    assert torch.tensor(props["damping"]).tolist() == [0.0]
    assert torch.from_numpy(props["hasLimits"]).tolist() == [False]


def test_shape_indices_say_which_shapes_belong_to_a_body(world: MakeWorld) -> None:
    w = world()
    text = """<mujoco><worldbody><body name="a"><geom size=".1"/><geom size=".1" pos="1 0 0"/>
      <body name="b"><joint/><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
        <body name="c"><joint/><geom size=".1" pos="0 1 0"/></body></body></body></worldbody></mujoco>"""
    w.populate(Spawn(w.asset(text)))
    ranges = GYM.get_actor_rigid_body_shape_indices(w.envs[0], 0)
    assert [(r.start, r.count) for r in ranges] == [(0, 2), (2, 0), (2, 1)]


def set_back(env: gymapi.Env, handles: list[int], _: int) -> None:
    for handle in handles:
        for kind in ("dof", "rigid_body", "rigid_shape", "tendon"):
            records = getattr(GYM, f"get_actor_{kind}_properties")(env, handle)
            getattr(GYM, f"set_actor_{kind}_properties")(env, handle, records)


def test_records_of_what_an_actor_lacks_may_be_set_back_at_any_time(world: MakeWorld) -> None:
    w = world()
    assets = w.box(), w.asset('<robot name="frame"><link name="frame"/></robot>', fix_base_link=True)
    for asset in assets:
        GYM.set_asset_tendon_properties(asset, GYM.get_asset_tendon_properties(asset))
        GYM.set_asset_rigid_shape_properties(asset, GYM.get_asset_rigid_shape_properties(asset))
    w.populate(*[Spawn(asset) for asset in assets], each=set_back)
    for i, env in enumerate(w.envs):
        set_back(env, [0, 1], i)
    w.step()
    assert close(w.root[:, 0, 9], -GRAVITY * w.dt, 1e-5)
