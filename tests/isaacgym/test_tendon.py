"""Tendons: their records, their springs and limits, on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isaacgym import gymapi
from tests.isaacgym.world import GYM, Spawn, World, close

MakeWorld = Callable[..., World]

ARM = 2.0  # length of the tendon per radian of its joint [m]
INERTIA = 0.5  # of each link about its hinge [kg m^2]
TWO = f"""<mujoco><compiler angle="radian"/><worldbody>
  <body name="base"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
    <body name="a"><joint name="a" axis="0 1 0"/><inertial pos="0 0 0" mass="2" diaginertia="0.5 0.5 0.5"/></body>
    <body name="b"><joint name="b" axis="0 1 0"/><inertial pos="0 0 0" mass="2" diaginertia="0.5 0.5 0.5"/></body>
  </body></worldbody>
  <tendon><fixed name="line" limited="true" range="-0.1 0.1"><joint joint="a" coef="{ARM}"/></fixed>
    <fixed><joint joint="a" coef="1"/><joint joint="b" coef="-1"/></fixed></tendon></mujoco>"""


def set_spring(asset: gymapi.Asset, **fields: float) -> None:
    props = GYM.get_asset_tendon_properties(asset)
    for name, value in fields.items():
        setattr(props[0], name, value)
    GYM.set_asset_tendon_properties(asset, props)


def turned(w: World, angle: float, velocity: float = 0.0) -> World:
    """Joint a at an angle in every environment, one step later."""
    dof = w.dof
    dof[:, 0, 0], dof[:, 0, 1] = angle, velocity
    w.set_dof(dof)
    w.step()
    return w


def test_the_records_say_what_the_file_says(world: MakeWorld) -> None:
    asset = world().asset(TWO, fix_base_link=True)
    assert GYM.get_asset_tendon_count(asset) == 2
    assert [GYM.get_asset_tendon_name(asset, i) for i in range(2)] == ["line", "tendon_1"]
    line, other = GYM.get_asset_tendon_properties(asset)
    assert (line.type, line.num_joints, line.is_fixed_limited) == (gymapi.TENDON_FIXED, 1, True)
    assert (line.fixed_lower_limit, line.fixed_upper_limit) == (-0.1, 0.1)
    assert (other.num_joints, other.is_fixed_limited) == (2, False)
    assert GYM.get_asset_fixed_tendon_joint_coefficients(asset, 1) == [1.0, -1.0]
    assert GYM.get_asset_fixed_tendon_joint_name(asset, 1, 1) == "b"


def test_a_limit_with_a_stiffness_is_a_spring_that_is_slack_inside(world: MakeWorld) -> None:
    w = world(dt=1e-3)
    asset = w.asset(TWO, fix_base_link=True)
    set_spring(asset, limit_stiffness=30.0)
    w.populate(Spawn(asset))
    stretched = ARM * 0.1 - 0.1
    expected = -30.0 * stretched * ARM / INERTIA * w.dt
    assert close(turned(w, 0.1).dof[:, 0, 1], expected, 1e-3 * abs(expected))
    assert close(turned(w, 0.04).dof[:, 0, 1], 0.0, 1e-6)


def test_damping_acts_along_the_tendon(world: MakeWorld) -> None:
    w = world(dt=1e-4)
    asset = w.asset(TWO, fix_base_link=True)
    set_spring(asset, damping=3.0)
    w.populate(Spawn(asset))
    expected = 1.0 - 3.0 * ARM**2 / INERTIA * w.dt
    assert close(turned(w, 0.0, 1.0).dof[:, 0, 1], expected, 1e-5)


def test_a_spring_may_differ_by_environment_and_change_while_the_simulation_runs(world: MakeWorld) -> None:
    w = world(dt=1e-3)

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        stiffen(env, 10.0 * i)

    def stiffen(env: gymapi.Env, stiffness: float) -> None:
        props = GYM.get_actor_tendon_properties(env, 0)
        props[0].stiffness, props[0].is_fixed_limited = stiffness, False
        GYM.set_actor_tendon_properties(env, 0, props)

    w.populate(Spawn(w.asset(TWO, fix_base_link=True)), each=each)
    pull = -(ARM**2) * 0.2 / INERTIA * w.dt  # velocity after a step at 0.2 rad, per unit of stiffness
    assert close(turned(w, 0.2).dof[:, 0, 1], [0.0, 10 * pull], 1e-4)
    stiffen(w.envs[0], 20.0)
    assert close(turned(w, 0.2).dof[:, 0, 1], [20 * pull, 10 * pull], 1e-4)


def test_a_limit_cannot_be_added_while_the_simulation_runs(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(TWO, fix_base_link=True)))
    props = GYM.get_actor_tendon_properties(w.envs[0], 0)
    props[1].is_fixed_limited = True
    with pytest.raises(NotImplementedError, match="tendon 'tendon_1' .* had no limits at prepare_sim"):
        GYM.set_actor_tendon_properties(w.envs[0], 0, props)
    with pytest.raises(ValueError, match="has 2 tendons, given 1 records"):
        GYM.set_actor_tendon_properties(w.envs[0], 0, props[:1])
