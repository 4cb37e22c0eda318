"""What the engine goes past is counted, said by name, and leaves no environment in a state nobody chose."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, close, nothing_in

MakeWorld = Callable[..., World]


def two_actors(world: MakeWorld, num_envs: int = 4) -> World:
    w = world(num_envs=num_envs)
    return w.populate(
        Spawn(w.asset(CHAIN), (1, 2, 3), (0, 0, 0.6, 0.8)),
        Spawn(w.asset(LINK, fix_base_link=True), (5, 6, 7), (0.6, 0, 0, 0.8)),
    )


def spoil(w: World, env: int, value: float = float("nan")) -> None:
    dof = w.dof
    dof[env, 0, 1] = value
    w.set_dof(dof)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e20])
def test_an_environment_that_became_nan_begins_anew_where_its_actors_were_placed(
    world: MakeWorld, value: float
) -> None:
    w, untouched = two_actors(world), two_actors(world)
    start = w.engine()
    for each in (w, untouched):
        each.step(20)
    spoil(w, 2, value)
    with pytest.warns(gymapi.SimulationWarning, match="unstable: 1 times so far, in 1 of 4 environments \\(2\\)"):
        w.step()
    untouched.step()
    after, other = w.engine(), untouched.engine()
    assert all(torch.equal(after[name][2], start[name][2]) for name in start)
    assert all(torch.equal(after[name][[0, 1, 3]], other[name][[0, 1, 3]]) for name in start)
    assert close(w.body[2, 0, :7], torch.tensor([1, 2, 3, 0, 0, 0.6, 0.8]), 1e-6)
    assert close(w.body[2, 4, :7], torch.tensor([5, 6, 7, 0.6, 0, 0, 0.8]), 1e-6)
    w.step(10)
    assert bool(torch.isfinite(w.root).all())
    assert close(w.root[2, 1, :3], torch.tensor([5.0, 6.0, 7.0]), 1e-6)


def test_faults_are_counted_per_environment_each_time(world: MakeWorld) -> None:
    w = two_actors(world)
    health = GYM.get_sim_health(w.sim)
    assert list(health) == ["unstable", "singular_inertia", "contacts_dropped", "constraints_dropped", "bad_control"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for env in (1, 3, 1):
            spoil(w, env)
            w.step(2)
    assert health["unstable"].tolist() == [0, 2, 0, 1]


def test_nothing_is_counted_or_said_while_all_goes_well(world: MakeWorld) -> None:
    w = two_actors(world)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w.step(20)
    assert not any(bool(counts.any()) for counts in GYM.get_sim_health(w.sim).values())


def test_a_fault_that_repeats_is_said_each_time_its_number_has_doubled(world: MakeWorld) -> None:
    w = two_actors(world)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(9):
            spoil(w, 0)
            w.step()
    said = [str(warning.message).split(":")[2].split(",")[0].strip() for warning in caught]
    assert said == ["1 times so far", "2 times so far", "4 times so far", "8 times so far"]


def test_a_command_that_is_nan_is_said(world: MakeWorld) -> None:
    w = two_actors(world)
    for env in range(4):
        w.drive(env=env, actor=1, driveMode=int(gymapi.DOF_MODE_EFFORT))
    effort = torch.zeros(4, 5)
    effort[3, 4] = float("nan")
    w.effort(effort)
    with pytest.warns(gymapi.SimulationWarning, match="bad_control: 1 times so far, in 1 of 4 environments \\(3\\)"):
        w.step()
    assert bool(torch.isfinite(w.dof).all())


def test_mujoco_neither_prints_nor_leaves_a_log_file(
    world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    w = two_actors(world)
    monkeypatch.chdir(tmp_path)
    spoil(w, 0)
    with nothing_in(tmp_path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w.step()
        spoil(w, 1)
        w.body  # noqa: B018
    printed = capfd.readouterr()
    assert "WARNING" not in printed.out + printed.err


def test_a_warning_of_another_mujoco_user_is_left_alone(world: MakeWorld) -> None:
    import mujoco

    taken: list[str] = []
    mujoco.set_mju_user_warning(taken.append)
    try:
        w = two_actors(world)
        w.step()
        assert mujoco.get_mju_user_warning() is not None
    finally:
        mujoco.set_mju_user_warning(None)
