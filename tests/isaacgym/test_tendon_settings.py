"""Tendons apart from their records: offsets of their length, coefficients of their joints, names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isaacgym import gymapi
from tests.isaacgym.test_tendon import ARM, INERTIA, TWO, set_spring, turned
from tests.isaacgym.world import GYM, Spawn, World, close

MakeWorld = Callable[..., World]
STIFFNESS = 30.0


def sprung(world: MakeWorld, each: Any = None) -> World:
    """Two environments of a spring over joint a, without limits."""
    w = world(dt=1e-3)
    asset = w.asset(TWO, fix_base_link=True)
    set_spring(asset, stiffness=STIFFNESS, is_fixed_limited=False)
    return w.populate(Spawn(asset), each=each)


def speed(length: float, arm: float = ARM) -> float:
    """Of joint a, one step after a tendon of this length began to pull [rad/s]."""
    return -STIFFNESS * length * arm / INERTIA * 1e-3


def test_an_offset_lengthens_the_tendon_of_one_environment_before_and_after_prepare_sim(world: MakeWorld) -> None:
    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        GYM.set_actor_tendon_offset(env, 0, 0, 0.05 * i)

    w = sprung(world, each)
    assert close(turned(w, 0.1).dof[:, 0, 1], [speed(ARM * 0.1), speed(ARM * 0.1 + 0.05)], 1e-4)
    GYM.set_actor_tendon_offset(w.envs[0], 0, 0, -0.1)
    assert [GYM.get_actor_tendon_offset(env, 0, 0) for env in w.envs] == [-0.1, 0.05]
    assert close(turned(w, 0.1).dof[:, 0, 1], [speed(ARM * 0.1 - 0.1), speed(ARM * 0.1 + 0.05)], 1e-4)


def test_setting_records_leaves_the_offset(world: MakeWorld) -> None:
    w = sprung(world)
    GYM.set_actor_tendon_offset(w.envs[0], 0, 0, 0.2)
    props = GYM.get_actor_tendon_properties(w.envs[1], 0)
    assert GYM.set_actor_tendon_properties(w.envs[0], 0, props)
    assert GYM.get_actor_tendon_offset(w.envs[0], 0, 0) == 0.2
    assert GYM.get_actor_tendon_stiffness(w.envs[0], 0, 0) == STIFFNESS


@pytest.mark.parametrize("of_asset", [True, False])
def test_coefficients_that_were_set_pull_like_those_of_a_file(world: MakeWorld, of_asset: bool) -> None:
    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        if of_asset:
            GYM.set_asset_fixed_tendon_joint_coefficients(GYM.get_actor_asset(env, 0), 0, [0.5])
        else:
            GYM.set_actor_fixed_tendon_joint_coefficients(env, 0, 0, [0.5])

    w = sprung(world, each)
    assert GYM.get_actor_fixed_tendon_joint_coefficients(w.envs[1], 0, 0) == [0.5]
    assert close(turned(w, 0.1).dof[:, 0, 1], speed(0.5 * 0.1, arm=0.5), 1e-4)
    with pytest.raises(NotImplementedError, match="coefficients of .* are fixed by prepare_sim"):
        GYM.set_actor_fixed_tendon_joint_coefficients(w.envs[0], 0, 0, [1.0])


def test_coefficients_must_be_alike_and_as_many_as_there_are_joints(world: MakeWorld) -> None:
    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        with pytest.raises(ValueError, match="tendon 'tendon_1' has 2 joints, given 1 coefficients"):
            GYM.set_actor_fixed_tendon_joint_coefficients(env, 0, 1, [1.0])
        GYM.set_actor_fixed_tendon_joint_coefficients(env, 0, 0, [1.0 + i])

    with pytest.raises(NotImplementedError, match="tendon coefficients of environment 1 differ"):
        sprung(world, each)


def test_tendons_and_their_joints_are_found_by_name(world: MakeWorld) -> None:
    w = sprung(world)
    env, asset = w.envs[0], GYM.get_actor_asset(w.envs[0], 0)
    assert GYM.find_asset_tendon_index(asset, "tendon_1") == GYM.find_actor_tendon_index(env, 0, "tendon_1") == 1
    assert GYM.get_actor_fixed_tendon_joint_name(env, 0, 1, 1) == "b"
    assert [GYM.find_actor_fixed_tendon_joint_index(env, 0, 1, name) for name in ("b", "c")] == [1, -1]
    with pytest.raises(IndexError, match="has no tendon 2; it has 2"):
        GYM.get_actor_tendon_offset(env, 0, 2)
