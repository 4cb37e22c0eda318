"""States of single actors, bodies and dofs as NumPy records, while the scene is built and while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, close, drive

MakeWorld = Callable[..., World]


def _robots(world: MakeWorld, each: Callable | None = None, **settings: float) -> World:
    """A box and a floating chain in each of two environments."""
    w = world(**settings)
    w.populate(Spawn(w.box(), (0, 2, 1), name="box"), Spawn(w.asset(CHAIN), (0, 0, 1), name="chain"), each=each)
    return w


def _flat(records: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(records.view(np.float32).reshape(len(records), -1).copy())


def test_records_hold_what_the_tensors_hold(world: MakeWorld) -> None:
    w = _robots(world)
    w.set_dof(torch.randn(2, 4, 2, generator=torch.Generator().manual_seed(0)))
    w.step(2)
    body, dof = w.body, w.dof
    env, handle = w.envs[1], 1
    assert torch.equal(_flat(GYM.get_actor_dof_states(env, handle, gymapi.STATE_ALL)), dof[1])
    assert torch.equal(_flat(GYM.get_actor_rigid_body_states(env, handle, gymapi.STATE_ALL)), body[1, 1:])
    assert torch.equal(_flat(GYM.get_env_rigid_body_states(env, gymapi.STATE_ALL)), body[1])
    assert torch.equal(_flat(GYM.get_sim_rigid_body_states(w.sim, gymapi.STATE_ALL)), body.view(-1, 13))
    shin = GYM.get_rigid_handle(env, "chain", "shin")
    assert GYM.get_rigid_name(env, shin) == "shin"
    assert close(_flat(np.array(GYM.get_rigid_transform(env, shin).floats())[None])[0], body[1, shin, :7], 0)
    assert GYM.get_rigid_linear_velocity(env, shin).z == float(body[1, shin, 9])
    assert GYM.get_rigid_angular_velocity(env, shin).y == float(body[1, shin, 11])
    assert (GYM.get_dof_position(env, 2), GYM.get_dof_velocity(env, 2)) == tuple(map(float, dof[1, 2]))


def test_before_prepare_sim_bodies_are_where_they_will_start(world: MakeWorld) -> None:
    seen = {}

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        states = GYM.get_actor_dof_states(env, 1, gymapi.STATE_ALL)
        states["pos"] = [0.3, -0.2, 0.5, 0.1 * i]
        states["vel"] = [1.0, 0.0, -2.0, 0.5]
        GYM.set_actor_dof_states(env, 1, states, gymapi.STATE_ALL)
        seen[i] = _flat(GYM.get_env_rigid_body_states(env, gymapi.STATE_ALL))

    w = world(num_envs=2)
    turn = (0.0, math.sin(0.4), 0.0, math.cos(0.4))
    w.populate(Spawn(w.box(), (0, 2, 1)), Spawn(w.asset(CHAIN), (1, 0, 1), turn), each=each)
    assert close(w.body, torch.stack([seen[0], seen[1]]), 1e-5)
    assert close(w.dof[:, 3], [[0.0, 0.5], [0.1, 0.5]], 1e-7)


def test_targets_given_while_the_scene_is_built_are_reached(world: MakeWorld) -> None:
    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        drive(driveMode=gymapi.DOF_MODE_POS, stiffness=400.0, damping=40.0)(env, handles, i)
        GYM.set_actor_dof_position_targets(env, 0, np.array([0.2 + i], dtype=np.float32))

    w = world(dt=0.02)
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=each)
    w.seconds(2.0)
    assert close(w.dof[:, 0, 0], [0.2, 1.2], 1e-3)
    assert GYM.get_actor_dof_position_targets(w.envs[1], 0) == pytest.approx([1.2])
    GYM.set_dof_target_position(w.envs[1], 0, 0.4)
    w.seconds(2.0)
    assert close(w.dof[:, 0, 0], [0.2, 0.4], 1e-3)
    assert GYM.get_dof_target_position(w.envs[1], 0) == pytest.approx(0.4)
    assert GYM.get_actor_dof_velocity_targets(w.envs[1], 0) == pytest.approx([0.0])
    hinge = GYM.find_actor_joint_handle(w.envs[0], 0, "hinge")
    GYM.set_joint_target_position(w.envs[0], hinge, 0.6)
    assert GYM.get_joint_target_position(w.envs[0], hinge) == pytest.approx(0.6)
    assert GYM.get_joint_position(w.envs[0], hinge) == pytest.approx(0.2, abs=1e-3)


def test_dof_states_are_set_in_one_actor_by_parts(world: MakeWorld) -> None:
    w = _robots(world)
    before = w.dof
    states = GYM.get_actor_dof_states(w.envs[0], 1, gymapi.STATE_ALL)
    states["pos"], states["vel"] = 0.25, 3.0
    assert GYM.set_actor_dof_states(w.envs[0], 1, states, gymapi.STATE_POS)
    assert close(w.dof[0, :, 0], 0.25, 0)
    assert close(w.dof[0, :, 1], before[0, :, 1], 0)
    assert torch.equal(w.dof[1], before[1])


def test_an_effort_that_is_applied_acts_for_one_step_and_adds_up(world: MakeWorld) -> None:
    w = world(dt=0.01, gravity=0.0)
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=drive(driveMode=gymapi.DOF_MODE_EFFORT))
    GYM.apply_actor_dof_efforts(w.envs[1], 0, np.array([1.0], dtype=np.float32))
    GYM.apply_dof_effort(w.envs[1], 0, 0.5)
    w.step(3)
    assert close(w.dof[:, 0, 1], [0.0, 1.5 * 0.01 / 0.5], 1e-6)  # of an inertia of 0.5 kg m^2


def test_setting_body_states_moves_a_robot_with_all_its_links(world: MakeWorld) -> None:
    w = _robots(world, gravity=0.0)
    start = w.body
    states = GYM.get_actor_rigid_body_states(w.envs[1], 1, gymapi.STATE_ALL)
    states["pose"]["p"]["x"] += 0.5
    states["vel"]["linear"]["z"] = 1.0
    GYM.set_actor_rigid_body_states(w.envs[1], 1, states, gymapi.STATE_ALL)
    moved = w.body
    assert torch.equal(moved[0], start[0])
    assert torch.equal(moved[1, 0], start[1, 0])
    assert close(moved[1, 1:, 0], start[1, 1:, 0] + 0.5, 1e-6)
    assert close(moved[1, 1:, 9], 1.0, 1e-5)


def test_a_snapshot_of_all_bodies_is_restored(world: MakeWorld) -> None:
    w = _robots(world)
    snapshot, start = GYM.get_sim_rigid_body_states(w.sim, gymapi.STATE_ALL), w.body
    dofs = [GYM.get_actor_dof_states(env, 1, gymapi.STATE_ALL) for env in w.envs]
    w.step(20)
    for env, states in zip(w.envs, dofs, strict=True):
        GYM.set_actor_dof_states(env, 1, states, gymapi.STATE_ALL)
    assert GYM.set_sim_rigid_body_states(w.sim, snapshot, gymapi.STATE_ALL)
    assert close(w.body, start, 1e-6)


def test_links_cannot_be_torn_from_their_root(world: MakeWorld) -> None:
    w = _robots(world)
    states = GYM.get_actor_rigid_body_states(w.envs[0], 1, gymapi.STATE_ALL)
    states["pose"]["p"]["z"][2] += 0.1
    with pytest.raises(NotImplementedError, match=r"links of 'chain' are given 0.1 m from where its root"):
        GYM.set_actor_rigid_body_states(w.envs[0], 1, states, gymapi.STATE_ALL)
    with pytest.raises(NotImplementedError, match="body 2 is not the root of an actor"):
        GYM.set_rigid_transform(w.envs[0], 2, gymapi.Transform())


def test_a_root_is_moved_by_its_handle(world: MakeWorld) -> None:
    w = _robots(world, gravity=0.0)
    GYM.set_rigid_transform(w.envs[0], 0, gymapi.Transform(gymapi.Vec3(1, 2, 3)))
    GYM.set_rigid_linear_velocity(w.envs[0], 0, gymapi.Vec3(0, 0, 4))
    GYM.set_rigid_angular_velocity(w.envs[0], 0, gymapi.Vec3(5, 0, 0))
    assert close(w.root[0, 0], [1, 2, 3, 0, 0, 0, 1, 0, 0, 4, 5, 0, 0], 1e-6)
    assert close(w.root[1, 0, :3], [0, 2, 1], 1e-6)


def test_dof_frames_are_anchors_and_axes_in_the_environment(world: MakeWorld) -> None:
    w = _robots(world)
    frames = GYM.get_actor_dof_frames(w.envs[0], 1)
    assert [tuple(axis) for axis in frames["axis"][:2]] == [(1, 0, 0), (0, 1, 0)]
    knee = GYM.get_dof_frame(w.envs[0], 2)
    assert close([knee.origin.x, knee.origin.y, knee.origin.z], w.body[0, 3, :3], 1e-6)


def test_wrong_counts_and_handles_are_refused(world: MakeWorld) -> None:
    w = _robots(world)
    with pytest.raises(ValueError, match="'chain' has 4 dofs, given shape"):
        GYM.set_actor_dof_position_targets(w.envs[0], 1, np.zeros(3))
    with pytest.raises(ValueError, match="given shape"):
        GYM.set_actor_dof_states(w.envs[0], 1, np.zeros(3, gymapi.DofState.dtype), gymapi.STATE_ALL)
    with pytest.raises(IndexError, match="no body -1"):
        GYM.get_rigid_transform(w.envs[0], -1)
