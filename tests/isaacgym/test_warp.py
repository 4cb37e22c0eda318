"""What only MuJoCo Warp does: sizes from a probe, what does not fit is said by name, faults and what led to them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

from isaacgym import gymapi
from isaacgym._src import capacity
from tests.isaacgym.world import GYM, Spawn, World

MakeWorld = Callable[..., World]

pytestmark = pytest.mark.parametrize("world", ["warp"], indirect=True)


def pile(world: MakeWorld, **settings: int) -> World:
    """Two boxes, one on the other, on the ground."""
    w = world(num_envs=3, ground=1.0, **settings)
    box = w.box()
    return w.populate(Spawn(box, (0, 0, 0.1)), Spawn(box, (0, 0, 0.3)))


def test_a_probe_finds_room_for_what_happens(world: MakeWorld) -> None:
    w = pile(world)
    sizes = w.sim.backend.capacities
    assert sizes is not None
    w.seconds(1.0)
    assert not bool(w.sim.backend.health.any())
    start = w.sim.layout.start_qpos(w.sim.scene.poses()[0])[None]
    assert 8 <= capacity.probed(w.sim.backend.model, start, 4096).nconmax <= min(64, sizes.nconmax)
    assert 32 <= sizes.njmax <= 200


def test_given_sizes_are_taken(world: MakeWorld) -> None:
    assert pile(world, nconmax=40, njmax=90).sim.backend.capacities == (40, 90)


@pytest.mark.parametrize(("small", "fault"), [("njmax", "constraints_dropped"), ("nconmax", "contacts_dropped")])
def test_what_does_not_fit_is_said_with_the_number_to_raise(world: MakeWorld, small: str, fault: str) -> None:
    w = pile(world, **{small: 2})
    with pytest.warns(gymapi.SimulationWarning, match=f"{fault}: .* raise sim.mujoco.{small} from 2 to 4"):
        w.step(3)
    counts = GYM.get_sim_health(w.sim)
    assert bool(counts[fault].all())
    assert [name for name, each in counts.items() if bool(each.any())] == [fault]
    assert f"raise sim.mujoco.{small}" in GYM.get_sim_health_message(w.sim, fault)


def test_the_state_that_led_to_a_fault_is_kept(world: MakeWorld) -> None:
    w = pile(world)
    w.step(4)
    assert len(GYM.get_sim_faults(w.sim)["env"]) == 0
    root = w.root
    root[1, 0, 7] = 1e12
    w.set_root(root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w.step(2)
    faults = GYM.get_sim_faults(w.sim)
    assert faults["env"].tolist() == [1]
    assert faults["frame"].tolist() == [5]
    assert faults["qpos"].shape == (1, 14)
    assert float(faults["qvel"][0, 0]) == pytest.approx(1e12)
    assert bool(torch.isfinite(w.root).all())


def test_a_recorded_step_does_what_the_step_does(world: MakeWorld) -> None:
    recorded, plain = pile(world), pile(world, graph=False)
    for w in (recorded, plain):
        w.step(30)
    backends: list[Any] = [w.sim.backend for w in (recorded, plain)]
    assert [step.replays for backend in backends for step in backend._steps.values()] == [True, False]
    assert recorded.engine()["qpos"].equal(plain.engine()["qpos"])
    assert recorded.contact.equal(plain.contact)
