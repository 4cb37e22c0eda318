"""Poses and velocities: frames, reference points and signs, by differences of poses and by reading back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from isaacgym import gymapi
from isaacgym.torch_utils import quat_conjugate, quat_mul
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, close, momentum, random_quat

MakeWorld = Callable[..., World]

OFF_CENTRE = """<mujoco><worldbody><body name="brick"><freejoint/>
  <inertial pos=".1 -.2 .15" mass="2" diaginertia=".02 .05 .04"/><geom type="box" size=".1 .1 .1"/>
</body></worldbody></mujoco>"""


def differences(before: Tensor, after: Tensor, dt: float) -> Tensor:
    """(..., 6) linear and angular velocity in world axes between poses (..., 7)."""
    linear = (after[..., :3] - before[..., :3]) / dt
    turn = quat_mul(after[..., 3:7].reshape(-1, 4), quat_conjugate(before[..., 3:7].reshape(-1, 4)))
    angular = 2 * turn[:, :3] * turn[:, 3:].sign() / dt
    return torch.cat((linear, angular.view_as(linear)), -1)


def tumbling(world: MakeWorld, text: str, seed: int = 0) -> World:
    rng = np.random.default_rng(seed)
    w = world(dt=1e-4)
    w.populate(Spawn(w.asset(text)))
    root = w.root
    root[..., 3:7] = random_quat(rng, 2, 1)
    root[..., 7:13] = torch.from_numpy(rng.normal(size=(2, 1, 6)) * 3).float()
    w.set_root(root)
    if GYM.get_env_dof_count(w.envs[0]):
        dof = w.dof
        dof.copy_(torch.from_numpy(rng.normal(size=dof.shape)))
        w.set_dof(dof)
    return w


def test_root_velocities_are_those_of_the_link_s_origin_in_world_axes(world: MakeWorld) -> None:
    w = tumbling(world, OFF_CENTRE)
    w.step(50)
    before = w.root.double()
    w.step(20)
    after = w.root.double()
    mean = (before + after)[..., 7:13] / 2
    assert close(differences(before, after, 20e-4), mean, 0.02)


def test_body_velocities_are_those_of_the_link_s_origin_in_world_axes(world: MakeWorld) -> None:
    w = tumbling(world, CHAIN)
    w.step(50)
    before = w.body.double()
    w.step(20)
    after = w.body.double()
    mean = (before + after)[..., 7:13] / 2
    assert close(differences(before, after, 20e-4), mean, 0.02 * float(mean.abs().max()))


@pytest.mark.parametrize("moved_base", [False, True])
def test_body_velocities_on_a_fixed_base_are_those_of_the_link_s_origin(world: MakeWorld, moved_base: bool) -> None:
    w = world(dt=1e-4)
    w.populate(Spawn(w.box(), (9, 9, 9)), Spawn(w.asset(CHAIN, fix_base_link=True), (0, 0, 2), (0.5, -0.5, 0.5, 0.5)))
    if moved_base:
        root = w.root
        root[:, 1, :3] += 7.0
        w.set_root(root)
    w.set_dof(torch.from_numpy(np.random.default_rng(3).normal(size=(2, 4, 2))).float())
    w.step(20)
    before = w.body.double()
    w.step(20)
    after = w.body.double()
    mean = (before + after)[..., 7:13] / 2
    assert close(differences(before, after, 20e-4), mean, 0.02 * float(mean.abs().max()))
    assert close(mean[:, 1], 0.0, 0.0)


def test_the_root_s_row_is_the_row_of_its_first_body(world: MakeWorld) -> None:
    w = tumbling(world, CHAIN)
    w.step(30)
    assert close(w.body[:, 0], w.root[:, 0], 1e-5)


def test_a_root_state_set_is_read_back_and_shows_at_once(world: MakeWorld) -> None:
    w = tumbling(world, OFF_CENTRE, seed=1)
    rng = np.random.default_rng(2)
    wanted = torch.from_numpy(rng.normal(size=(2, 1, 13)) * 2).float()
    wanted[..., 3:7] = random_quat(rng, 2, 1)
    w.set_root(wanted)
    assert close(w.root, wanted, 2e-6)
    assert close(w.body, wanted, 2e-6)


def test_the_first_refresh_shows_the_poses_of_creation_at_rest(world: MakeWorld) -> None:
    w = world()
    rotation = (0.1, -0.7, 0.5, 0.5)
    w.populate(Spawn(w.asset(CHAIN), (1, 2, 3), rotation), Spawn(w.box(fix_base_link=True), (0, 0, 5), rotation))
    expected = torch.tensor([[1, 2, 3, *rotation, 0, 0, 0, 0, 0, 0], [0, 0, 5, *rotation, 0, 0, 0, 0, 0, 0]])
    assert close(w.root, expected.expand(2, 2, 13), 1e-6)
    assert close(w.body[:, 0], expected[0].expand(2, 13), 1e-6)
    assert close(w.body[:, 4], expected[1].expand(2, 13), 1e-6)
    assert close(w.dof, 0.0, 0.0)
    assert close(w.contact, 0.0, 0.0)


def test_quaternions_are_xyzw_and_poses_those_of_the_environment(world: MakeWorld) -> None:
    w = world()
    half = 0.5**0.5
    w.populate(Spawn(w.asset(LINK.replace('name="link"', 'name="link" pos="1 0 0"')), (0, 0, 1), (0, 0, half, half)))
    assert close(w.body[:, 1, :3], torch.tensor([0.0, 1.0, 1.0]), 1e-6)
    origins = [GYM.get_env_origin(env) for env in w.envs]
    assert origins[0] != origins[1]


def test_a_quaternion_that_is_not_of_unit_length_is_normalised(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    w.populate(Spawn(w.box()), Spawn(w.box(fix_base_link=True), (2, 0, 0)))
    root = w.root
    root[..., 3:7] = torch.tensor([0.0, 0.0, 3.0, 4.0])
    root[..., 10:13] = torch.tensor([1.0, 2.0, 3.0])
    w.set_root(root)
    assert close(w.root[..., 3:7], torch.tensor([0.0, 0.0, 0.6, 0.8]), 1e-6)
    assert close(w.root[:, 0, 10:13], torch.tensor([1.0, 2.0, 3.0]), 1e-5)


def test_the_position_of_the_root_in_the_file_is_replaced_by_that_of_the_actor(world: MakeWorld) -> None:
    w = world()
    text = CHAIN.replace('name="torso"', 'name="torso" pos="3 4 5" quat="0 1 0 0"')
    w.populate(Spawn(w.asset(text), (0, 0, 2)))
    assert close(w.root[:, 0, :7], torch.tensor([0, 0, 2, 1.0, 0, 0, 0]), 1e-6)


@pytest.mark.parametrize("name", ["torso", "shin"])
def test_a_force_acts_at_the_centre_of_mass_for_one_simulate_only(world: MakeWorld, name: str) -> None:
    w = tumbling_free(world)
    body = GYM.find_actor_rigid_body_handle(w.envs[0], 0, name)
    total = sum(p.mass for p in GYM.get_actor_rigid_body_properties(w.envs[0], 0))
    force = torch.zeros(2, 4, 3)
    force[:, body] = torch.tensor([3.0, -2.0, 5.0])
    w.push(force=force)
    w.step()
    moved = momentum(w)
    assert close(moved, force[:, body] * w.dt, 1e-4 * total)
    w.step(10)
    assert close(momentum(w), moved, 1e-3 * total)


def tumbling_free(world: MakeWorld) -> World:
    w = world(dt=1e-3, gravity=0.0)
    return w.populate(Spawn(w.asset(CHAIN)))


def test_a_force_at_the_centre_of_mass_does_not_turn_a_body(world: MakeWorld) -> None:
    w = world(dt=1e-3, gravity=0.0)
    w.populate(Spawn(w.asset(OFF_CENTRE)))
    w.push(force=(1.0, 2.0, 3.0))
    w.step()
    assert close(w.root[:, 0, 10:13], 0.0, 1e-6)
    assert close(w.root[:, 0, 7:10], torch.tensor([1.0, 2.0, 3.0]) * 1e-3 / 2, 1e-7)


def test_a_torque_turns_a_body_about_its_axis(world: MakeWorld) -> None:
    w = world(dt=1e-3, gravity=0.0)
    w.populate(Spawn(w.asset(OFF_CENTRE)))
    w.push(torque=(0.0, 0.1, 0.0))
    w.step()
    assert close(w.root[:, 0, 11], 0.1 * 1e-3 / 0.05, 1e-6)


def test_forces_in_local_space_turn_with_the_body(world: MakeWorld) -> None:
    w = world(dt=1e-3, gravity=0.0)
    half = 0.5**0.5
    w.populate(Spawn(w.box(), (0, 0, 1), (0, 0, half, half)))  # x of the body is y of the world
    mass = GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].mass
    w.push(force=(mass, 0.0, 0.0), space=gymapi.LOCAL_SPACE)
    w.step()
    assert close(w.root[:, 0, 7:10], torch.tensor([0.0, 1e-3, 0.0]), 1e-7)


def test_forces_in_local_space_use_the_pose_set_since_the_last_step(world: MakeWorld) -> None:
    w = world(dt=1e-3, gravity=0.0)
    w.populate(Spawn(w.box()))
    w.step()
    root = w.root
    root[..., 3:7] = torch.tensor([0.0, 0.0, 0.5**0.5, 0.5**0.5])
    w.set_root(root)
    w.push(force=(8.0, 0.0, 0.0), space=gymapi.LOCAL_SPACE)
    w.step()
    assert close(w.root[:, 0, 7:10], torch.tensor([0.0, 1e-3, 0.0]), 1e-7)


def test_a_force_acts_through_all_substeps(world: MakeWorld) -> None:
    w = world(dt=0.01, substeps=4, gravity=0.0)
    w.populate(Spawn(w.box()))
    w.push(force=(8.0, 0.0, 0.0))
    w.step()
    assert close(w.root[:, 0, 7], 0.01, 1e-6)
