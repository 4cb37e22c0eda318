"""Setters: whom they reach, when it shows, what stays bitwise as it was, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from isaacgym import gymapi
from tests.graph_safe import graph_safe
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, close, indices, wrap

MakeWorld = Callable[..., World]


def moving(world: MakeWorld, num_envs: int = 3) -> World:
    """Per environment a floating chain of 4 dofs, a box without dofs, and a fixed flywheel of 1 dof, all in motion."""
    w = world(num_envs=num_envs)
    w.populate(
        Spawn(w.asset(CHAIN), (0, 0, 2), (0.1, 0.2, 0.3, 0.9), name="robot"),
        Spawn(w.box(), (3, 0, 2), name="box"),
        Spawn(w.asset(LINK, fix_base_link=True), (0, 3, 2), (0, 0, 0.6, 0.8), name="wheel"),
    )
    w.set_dof(w.dof + torch.arange(num_envs).view(-1, 1, 1) * 0.1 + 0.3)
    w.step(7)
    return w


def unchanged(before: dict[str, Tensor], after: dict[str, Tensor], envs: list[int] | None = None) -> bool:
    chosen = slice(None) if envs is None else envs
    return all(torch.equal(before[name][chosen], after[name][chosen]) for name in before)


def test_setting_back_what_was_read_changes_no_bit_of_the_engine(world: MakeWorld) -> None:
    w = moving(world)
    root, dof, before = w.root, w.dof, w.engine()
    w.set_root(root)
    w.set_dof(dof)
    assert unchanged(before, w.engine())


def test_one_changed_row_changes_only_its_actor(world: MakeWorld) -> None:
    w = moving(world)
    root, before = w.root, w.engine()
    root[1, 0, 0] += 1.0
    w.set_root(root)
    after = w.engine()
    assert unchanged(before, after, [0, 2])
    assert torch.equal(before["qpos"][1, 7:], after["qpos"][1, 7:])
    assert not torch.equal(before["qpos"][1, :7], after["qpos"][1, :7])


def other_states(w: World) -> tuple[Tensor, Tensor]:
    root, dof = w.root, w.dof
    root[..., :3] += 1.0
    root[..., 3:7] = torch.tensor([0.5, 0.5, 0.5, 0.5])
    root[..., 7:13] = 2.0
    return root, dof + 0.7


def test_an_indexed_setter_reaches_its_actors_in_any_order_and_number(world: MakeWorld) -> None:
    w = moving(world)
    before, (root, dof) = w.root, other_states(w)
    rows = [7, 0, 5, 7]  # the box of env 2, the robot of env 0, the wheel of env 1
    GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(root), indices(*rows), 4)
    after, expected = w.root.view(-1, 13), before.view(-1, 13)
    for row in range(9):
        wanted = root.view(-1, 13)[row].clone() if row in rows else expected[row]
        if row == 5:
            wanted[7:13] = 0.0  # a fixed actor has no velocity
        assert close(after[row], wanted, 2e-6), row
    assert torch.equal(after[[1, 2, 3, 4, 6, 8]], expected[[1, 2, 3, 4, 6, 8]])
    dofs = w.dof
    GYM.set_dof_state_tensor_indexed(w.sim, wrap(dof), indices(5, 0), 2)
    chosen = torch.zeros(3, 5, dtype=torch.bool)
    chosen[0, :4] = chosen[1, 4] = True
    assert torch.equal(w.dof, torch.where(chosen.unsqueeze(-1), dof, dofs))


def test_only_the_first_count_indices_are_used(world: MakeWorld) -> None:
    w = moving(world)
    before, (root, _) = w.root, other_states(w)
    GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(root), indices(0, 3), 1)
    assert torch.equal(w.root[1:], before[1:])
    assert not torch.equal(w.root[0], before[0])


def test_dof_setters_skip_actors_without_dofs(world: MakeWorld) -> None:
    w = moving(world)
    before, (_, dof) = w.engine(), other_states(w)
    GYM.set_dof_state_tensor_indexed(w.sim, wrap(dof), indices(1, 4, 7), 3)
    assert unchanged(before, w.engine())


def test_masked_and_indexed_setters_do_the_same(world: MakeWorld) -> None:
    rows = [0, 1, 5, 6]
    states = []
    for masked in (False, True):
        w = moving(world)
        root, dof = other_states(w)
        mask = torch.zeros(9, dtype=torch.bool)
        mask[rows] = True
        for name, tensor in (
            ("set_actor_root_state_tensor", root),
            ("set_dof_state_tensor", dof),
            ("set_dof_actuation_force_tensor", torch.arange(15.0)),
        ):
            given = wrap(tensor)
            if masked:
                getattr(GYM, f"{name}_masked")(w.sim, given, wrap(mask))
            else:
                getattr(GYM, f"{name}_indexed")(w.sim, given, indices(*rows), len(rows))
        states.append(w.engine())
    assert unchanged(states[0], states[1])


def test_environments_outside_the_mask_are_bitwise_untouched_and_go_on_the_same(world: MakeWorld) -> None:
    kept, reset = moving(world), moving(world)
    mask = torch.tensor([False, True, False]).repeat_interleave(3)
    root, dof = other_states(reset)
    before = reset.engine()
    GYM.set_actor_root_state_tensor_masked(reset.sim, wrap(root), wrap(mask))
    GYM.set_dof_state_tensor_masked(reset.sim, wrap(dof), wrap(mask))
    assert unchanged(before, reset.engine(), [0, 2])
    kept.step(5)
    reset.step(5)
    assert unchanged(kept.engine(), reset.engine(), [0, 2])
    assert not unchanged(kept.engine(), reset.engine(), [1])


def test_states_set_show_at_once_in_bodies_too(world: MakeWorld) -> None:
    w = moving(world)
    root, dof = other_states(w)
    w.set_root(root)
    w.set_dof(dof)
    assert close(w.root[:, :2], root[:, :2], 2e-6)
    assert torch.equal(w.dof, dof)
    assert close(w.body[:, 0], root[:, 0], 2e-5)
    assert close(w.body[:, 4], root[:, 1], 2e-5)
    assert close(w.body[:, 5, :7], root[:, 2, :7], 2e-6)
    wheel_turn = w.body[:, 6, 10:13].norm(dim=-1)
    assert close(wheel_turn, dof[:, 4, 1].abs(), 1e-5)


def test_a_refresh_that_nobody_set_anything_for_changes_nothing(world: MakeWorld) -> None:
    w = moving(world)
    first = (w.root, w.dof, w.body)
    assert all(torch.equal(a, b) for a, b in zip(first, (w.root, w.dof, w.body), strict=True))


def test_a_fixed_actor_moves_with_everything_on_it(world: MakeWorld) -> None:
    w = world(dt=0.005)
    wheel = w.asset(LINK.replace('name="link"', 'name="link" pos="0 0 1"'), fix_base_link=True)
    w.populate(Spawn(wheel), Spawn(w.box(fix_base_link=True), (2, 0, 0)), Spawn(w.box(), (2, 0, 0.21)))
    w.step(40)
    root = w.root
    root[0, 0, :7] = torch.tensor([1, 1, 1, 0.5**0.5, 0, 0, 0.5**0.5])
    root[1, 1, 0] += 5.0
    w.set_root(root)
    assert close(w.body[0, 1, :3], torch.tensor([1.0, 0.0, 1.0]), 1e-6)
    w.step(100)
    assert close(w.root[:, :2, :7], root[:, :2, :7], 1e-6)
    assert close(w.root[:, :2, 7:], 0.0, 0.0)
    assert close(w.root[0, 2, 2], 0.2, 0.005)  # still on its table
    assert float(w.root[1, 2, 2]) < -0.5  # its table was taken away


def test_acquired_tensors_stay_the_same_memory(world: MakeWorld) -> None:
    w = moving(world)
    names = ("actor_root_state", "dof_state", "rigid_body_state", "net_contact_force", "force_sensor", "dof_force")
    first = [getattr(GYM, f"acquire_{name}_tensor")(w.sim) for name in names]
    w.step()
    again = [getattr(GYM, f"acquire_{name}_tensor")(w.sim) for name in names]
    assert [t.data_ptr for t in first] == [t.data_ptr for t in again]
    assert [t.shape for t in first] == [(9, 13), (15, 2), (21, 13), (21, 3), (0, 6), (15,)]


def test_a_task_may_write_into_the_tensor_it_hands_over(world: MakeWorld) -> None:
    w = moving(world)
    acquired = GYM.acquire_actor_root_state_tensor(w.sim)
    GYM.refresh_actor_root_state_tensor(w.sim)
    acquired.torch[0, :3] = torch.tensor([4.0, 5.0, 6.0])
    GYM.set_actor_root_state_tensor(w.sim, acquired)
    assert close(w.root[0, 0, :3], torch.tensor([4.0, 5.0, 6.0]), 1e-6)


def test_sizes_count_and_not_shapes(world: MakeWorld) -> None:
    w = moving(world)
    dof = w.dof + 0.5
    GYM.set_dof_state_tensor(w.sim, wrap(dof.view(-1)))
    assert torch.equal(w.dof, dof)


# Refusals.

ROOTS = torch.zeros(9, 13)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda w: w.set_root(torch.zeros(4, 13)), ValueError, "needs 117 torch.float32 .* given shape \\(4, 13\\)"),
        (lambda w: w.set_root(ROOTS.double()), ValueError, "given shape \\(9, 13\\) torch.float64"),
        (lambda w: w.set_dof(torch.zeros(5, 2)), ValueError, "set_dof_state_tensor: needs 30"),
        (lambda w: GYM.set_actor_root_state_tensor(w.sim, 3), TypeError, "gymtorch.unwrap_tensor"),
        (
            lambda w: GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(ROOTS), indices(0, 9), 2),
            IndexError,
            "go from 0 to 8 .* given 9",
        ),
        (
            lambda w: GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(ROOTS), indices(-1), 1),
            IndexError,
            "given -1",
        ),
        (
            lambda w: GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(ROOTS), wrap(torch.tensor([0.0])), 1),
            ValueError,
            "needs int32 actor indices on cpu, given torch.float32",
        ),
        (
            lambda w: GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(ROOTS), indices(0, 1), 3),
            ValueError,
            "count is 3, given 2 indices",
        ),
        (
            lambda w: GYM.set_dof_state_tensor_masked(w.sim, wrap(torch.zeros(15, 2)), wrap(torch.ones(3).bool())),
            ValueError,
            "needs a bool mask on cpu over 9 actors, .* given \\(3,\\)",
        ),
        (
            lambda w: GYM.apply_rigid_body_force_tensors(w.sim, wrap(torch.zeros(2, 3))),
            ValueError,
            "apply_rigid_body_force_tensors: needs 63",
        ),
    ],
)
def test_a_wrong_tensor_is_refused_with_what_was_given_and_needed(
    world: MakeWorld, call: Callable[[World], Any], error: Any, message: str
) -> None:
    w = moving(world)
    before = w.engine()
    with pytest.raises(error, match=message):
        call(w)
    assert unchanged(before, w.engine())


@pytest.mark.parametrize(
    "method",
    [
        "acquire_actor_root_state_tensor",
        "acquire_dof_force_tensor",
        "refresh_dof_state_tensor",
        "refresh_net_contact_force_tensor",
        "simulate",
        "get_sim_health",
    ],
)
def test_a_call_before_prepare_sim_names_itself_and_prepare_sim(world: MakeWorld, method: str) -> None:
    w = world()
    GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    with pytest.raises(RuntimeError, match=f"{method}: the simulation is not prepared; call prepare_sim"):
        getattr(GYM, method)(w.sim)


@pytest.mark.parametrize("suffix", ["", "_masked", "_indexed"])
@pytest.mark.parametrize(
    "name", ["set_actor_root_state_tensor", "set_dof_state_tensor", "set_dof_position_target_tensor"]
)
def test_a_setter_before_prepare_sim_names_itself(world: MakeWorld, name: str, suffix: str) -> None:
    w = world()
    which = {"": (), "_masked": (wrap(torch.ones(1).bool()),), "_indexed": (indices(0), 1)}[suffix]
    with pytest.raises(RuntimeError, match=f"{name}{suffix}: the simulation is not prepared"):
        getattr(GYM, name + suffix)(w.sim, wrap(torch.zeros(13)), *which)


# What a captured step may use.


def test_steps_refreshes_and_masked_setters_ask_nothing_of_the_device(world: MakeWorld) -> None:
    w = moving(world)
    sim, mask = w.sim, wrap(torch.tensor([False, True, False]).repeat_interleave(3))
    names = ("actor_root_state", "dof_state", "rigid_body_state", "net_contact_force", "force_sensor", "dof_force")
    acquired = {name: getattr(GYM, f"acquire_{name}_tensor")(sim) for name in names}
    command, push = wrap(torch.zeros(15)), wrap(torch.zeros(21, 3))

    def step() -> None:
        GYM.set_dof_position_target_tensor(sim, command)
        GYM.set_dof_velocity_target_tensor_masked(sim, command, mask)
        GYM.set_dof_actuation_force_tensor(sim, command)
        GYM.apply_rigid_body_force_tensors(sim, push, push, gymapi.LOCAL_SPACE)
        GYM.simulate(sim)
        GYM.fetch_results(sim, True)
        for name in names:
            getattr(GYM, f"refresh_{name}{'_tensor'}")(sim)
        GYM.set_actor_root_state_tensor_masked(sim, acquired["actor_root_state"], mask)
        GYM.set_dof_state_tensor_masked(sim, acquired["dof_state"], mask)
        GYM.refresh_rigid_body_state_tensor(sim)

    step()
    with graph_safe(SimpleNamespace(state=w.sim.state)):
        step()
