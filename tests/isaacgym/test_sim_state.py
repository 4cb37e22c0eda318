"""set_sim_state: a simulation goes on from a state that get_sim_faults handed out."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch

from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, close

MakeWorld = Callable[..., World]


def falling(world: MakeWorld, height: float = 0.3) -> World:
    """A chain of four dofs that lands on the ground, and a fixed flywheel."""
    w = world(ground=1.0)
    return w.populate(
        Spawn(w.asset(CHAIN), (0, 0, height)), Spawn(w.asset(LINK, fix_base_link=True), (0, 3, 2), (0, 0, 0.6, 0.8))
    )


def test_a_simulation_goes_on_from_the_state_of_another(world: MakeWorld) -> None:
    w, other = falling(world), falling(world, height=1.0)
    w.step(30)
    GYM.set_sim_state(other.sim, GYM.get_sim_state(w.sim))
    assert all(torch.equal(rows, other.engine()[name]) for name, rows in GYM.get_sim_state(w.sim).items())
    assert close(other.body, w.body, 1e-6)
    w.step(20)
    other.step(20)
    assert close(other.dof, w.dof, 1e-3)
    assert close(other.root, w.root, 1e-3)


def test_what_was_simulated_before_leaves_no_trace(world: MakeWorld) -> None:
    w = falling(world)
    start = GYM.get_sim_state(w.sim)
    ends = []
    for _ in range(2):
        GYM.set_sim_state(w.sim, start)
        w.step(40)
        ends.append(GYM.get_sim_state(w.sim))
    assert all(torch.equal(rows, ends[1][name]) for name, rows in ends[0].items())


def test_a_recorded_fault_happens_again(world: MakeWorld) -> None:
    w, other = falling(world), falling(world)
    dof = w.dof
    dof[1, 0, 1] = 1e12
    w.set_dof(dof)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w.step()
        recorded, start = GYM.get_sim_faults(w.sim), GYM.get_sim_state(other.sim)
        GYM.set_sim_state(other.sim, {name: recorded[name].expand(2, *recorded[name].shape[1:]) for name in start})
        other.step()
    assert GYM.get_unstable_tensor(other.sim).tolist() == [True, True]


def test_fields_that_are_left_out_stay(world: MakeWorld) -> None:
    w = falling(world)
    w.step(5)
    before = GYM.get_sim_state(w.sim)
    GYM.set_sim_state(w.sim, {"qvel": torch.zeros_like(before["qvel"])})
    after = GYM.get_sim_state(w.sim)
    assert not after["qvel"].any()
    assert torch.equal(after["qpos"], before["qpos"])


def test_a_state_of_another_model_is_refused_and_changes_nothing(world: MakeWorld) -> None:
    w = falling(world)
    before = GYM.get_sim_state(w.sim)
    with pytest.raises(ValueError, match=r"set_sim_state: needs qpos of shape \(2, 12\), given \(2, 3\)"):
        GYM.set_sim_state(w.sim, {"qvel": torch.ones_like(before["qvel"]), "qpos": torch.zeros(2, 3)})
    with pytest.raises(ValueError, match="set_sim_state: no field 'xpos'; fields: qpos, qvel, ctrl"):
        GYM.set_sim_state(w.sim, {"xpos": torch.zeros(2, 3)})
    assert all(torch.equal(rows, GYM.get_sim_state(w.sim)[name]) for name, rows in before.items())
