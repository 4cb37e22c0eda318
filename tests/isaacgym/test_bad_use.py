"""Bad use of the API: each mistake is one error that says what was given and what would do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from isaacgym import gymapi, gymtorch
from tests.isaacgym.world import CHAIN, GYM, Spawn, World, indices, wrap

Call = Callable[[World], Any]


@pytest.fixture(scope="module")
def robots(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two environments of a robot and a box, prepared; nothing here changes them."""
    w = World(tmp_path_factory.mktemp("robots"))
    return w.populate(Spawn(w.asset(CHAIN), name="robot"), Spawn(w.box(), (3, 0, 1), name="box"))


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A simulation that was destroyed, of which somebody kept the handles."""
    w = World(tmp_path_factory.mktemp("gone"))
    w.populate(Spawn(w.asset(CHAIN), name="robot"))
    GYM.destroy_sim(w.sim)
    return w


STALE: list[Call] = [
    lambda w: GYM.simulate(w.sim),
    lambda w: GYM.refresh_dof_state_tensor(w.sim),
    lambda w: GYM.acquire_jacobian_tensor(w.sim, "robot"),
    lambda w: GYM.set_dof_state_tensor(w.sim, wrap(torch.zeros(8, 2))),
    lambda w: GYM.set_dof_state_tensor_indexed(w.sim, wrap(torch.zeros(8, 2)), indices(0), 1),
    lambda w: GYM.get_actor_dof_states(w.envs[0], 0, gymapi.STATE_ALL),
    lambda w: GYM.get_actor_rigid_shape_properties(w.envs[0], 0),
    lambda w: GYM.set_actor_dof_states(w.envs[0], 0, [], gymapi.STATE_ALL),
    lambda w: GYM.get_env_rigid_contacts(w.envs[0]),
    lambda w: GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1),
    lambda w: GYM.add_ground(w.sim, gymapi.PlaneParams()),
]


@pytest.mark.parametrize("call", STALE)
def test_a_handle_of_a_simulation_that_was_destroyed_is_refused(gone: World, call: Call) -> None:
    with pytest.raises(RuntimeError, match="destroy_sim has ended"):
        call(gone)


def test_destroying_a_simulation_twice_does_nothing(gone: World) -> None:
    GYM.destroy_sim(gone.sim)


OF_ACTORS = [
    name
    for name in dir(gymapi.Gym)
    if name.startswith(("get_actor_", "find_actor_", "enable_actor_", "set_actor_"))
    and name not in ("get_actor_count", "get_actor_handle", "find_actor_handle", "find_actor_index")
    and "tensor" not in name
]


@pytest.mark.parametrize("handle", [-1, 2])
@pytest.mark.parametrize("name", OF_ACTORS)
def test_an_actor_that_is_not_there_is_refused_by_every_method(robots: World, name: str, handle: int) -> None:
    method = getattr(GYM, name)
    given = method.__code__.co_argcount - 3 - len(method.__defaults__ or ())
    with pytest.raises(IndexError, match=f"environment 1 has no actor {handle}; it has 2 actors"):
        method(robots.envs[1], handle, *[0] * given)


OUT_OF_RANGE: list[tuple[Call, str]] = [
    (lambda w: GYM.get_env(w.sim, 2), "get_env: there is no environment 2; there are 2"),
    (lambda w: GYM.get_rigid_transform(w.envs[0], -1), "no body -1 in an environment of 5"),
    (lambda w: GYM.get_dof_position(w.envs[0], 4), "no dof 4 in an environment of 4"),
    (lambda w: GYM.get_joint_name(w.envs[0], 4), "has no joint 4; it has 4 joints"),
    (lambda w: GYM.get_rigid_body_color(w.envs[0], 1, 1, 3), "'box' has no body 1; it has 1"),
    (lambda w: GYM.get_asset_dof_name(GYM.get_actor_asset(w.envs[0], 0), 4), "has no dof 4; it has 4"),
]


@pytest.mark.parametrize(("call", "message"), OUT_OF_RANGE)
def test_an_index_out_of_range_is_refused(robots: World, call: Call, message: str) -> None:
    with pytest.raises(IndexError, match=message):
        call(robots)


WRONG: list[tuple[Call, type[Exception], str]] = [
    (lambda w: GYM.set_dof_state_tensor(w.sim, wrap(torch.zeros(7, 2))), ValueError, r"given shape \(7, 2\)"),
    (lambda w: GYM.set_dof_state_tensor(w.sim, wrap(torch.zeros(8, 2).int())), ValueError, "torch.int32"),
    (lambda w: GYM.set_dof_state_tensor(w.sim, wrap(torch.zeros(8, 2, device="meta"))), ValueError, "on meta"),
    (lambda w: GYM.set_dof_state_tensor(w.sim, None), TypeError, "needs gymtorch.unwrap_tensor"),
    (lambda w: gymtorch.unwrap_tensor(torch.zeros(2, 8).t()), ValueError, "not contiguous"),
    (
        lambda w: GYM.set_dof_state_tensor_indexed(w.sim, wrap(torch.zeros(8, 2)), wrap(torch.zeros(1).long() + 4), 1),
        IndexError,
        "go from 0 to 3 .* given 4",
    ),
    (lambda w: GYM.set_actor_dof_states(w.envs[0], 0, [1.0], gymapi.STATE_ALL), ValueError, "needs .* given shape"),
    (lambda w: GYM.set_actor_dof_position_targets(w.envs[0], 0, [1.0]), ValueError, "'robot' has 4 dofs, given"),
    (lambda w: GYM.set_actor_rigid_body_properties(w.envs[0], 0, []), ValueError, "has 4 bodies, given 0 records"),
    (lambda w: GYM.create_actor(w.envs[0], w.box(), gymapi.Transform()), RuntimeError, "is prepared"),
    (lambda w: GYM.acquire_jacobian_tensor(w.sim, "arm"), ValueError, "no actor 'arm'; .* robot, box"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_what_does_not_fit_is_refused_with_what_was_given(
    robots: World, call: Call, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call(robots)


def test_an_actor_needs_an_asset_and_a_pose(tmp_path: Path) -> None:
    w = World(tmp_path)
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    with pytest.raises(TypeError, match="needs an Asset and a Transform, given Asset and NoneType"):
        GYM.create_actor(env, w.box(), None)  # type: ignore[arg-type]


def test_other_actors_in_another_environment_are_refused_by_number(tmp_path: Path) -> None:
    w = World(tmp_path)
    box, other = w.box(), w.box(0.3)
    for asset in (box, box):
        w.spawn(GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1), Spawn(asset))
    third = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    with pytest.raises(NotImplementedError, match="create_actor: environment 2 has asset 'box' as actor 0"):
        w.spawn(third, Spawn(other))
