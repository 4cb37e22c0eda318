"""Jacobians against motions, mass matrices against energies and known inertias."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tests.graph_safe import graph_safe
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, close, drive, random_quat, rotated

MakeWorld = Callable[..., World]

ARM = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="base"><geom type="box" size=".1 .1 .1"/>
    <body name="upper" pos="0 0 .1" quat=".9 .1 .3 .2"><joint name="turn" axis="0 .6 .8" pos=".02 .03 .01"/>
      <geom type="capsule" fromto="0 0 0 .1 .05 .3" size=".03"/>
      <body name="lower" pos=".1 .05 .3"><joint name="push" type="slide" axis="1 0 0" armature=".3"/>
        <joint name="bend" axis="0 1 0"/><geom type="box" size=".05 .02 .1" pos=".03 .02 .1"/>
        <body name="tool" pos="0 0 .2"><geom type="sphere" size=".03" pos=".01 0 0"/></body></body></body>
    <body name="branch" pos="0 .2 0"><joint name="nod" axis="1 0 0" damping="1"/>
      <geom type="capsule" fromto="0 0 0 0 .2 0" size=".03"/></body>
  </body></worldbody></mujoco>"""


def _scene(world: MakeWorld, text: str, seed: int = 0, **options: bool) -> World:
    """Two environments with a box in front of the robot, in random states that nothing pulls at."""
    w = world(gravity=0.0)
    w.populate(Spawn(w.box(), (3, 0, 1), name="box"), Spawn(w.asset(text, **options), (0, 0, 1), name="robot"))
    generator = torch.Generator().manual_seed(seed)
    root, dof = w.root, w.dof
    root[:, 1, 3:7] = random_quat(np.random.default_rng(seed), 2)
    if not options:
        root[:, 1, 7:13] = torch.randn(2, 6, generator=generator)
    w.set_root(root)
    w.set_dof(torch.randn(dof.shape, generator=generator))
    return w


def _jacobian(w: World, name: str = "robot") -> Tensor:
    tensor = gymtorch.wrap_tensor(GYM.acquire_jacobian_tensor(w.sim, name))
    assert GYM.refresh_jacobian_tensors(w.sim)
    return tensor.clone()


def _mass_matrix(w: World, name: str = "robot") -> Tensor:
    tensor = gymtorch.wrap_tensor(GYM.acquire_mass_matrix_tensor(w.sim, name))
    assert GYM.refresh_mass_matrix_tensors(w.sim)
    return tensor.clone()


def _velocity(w: World, floating: bool) -> Tensor:
    """(N, C) velocities of the columns."""
    return torch.cat((w.root[:, 1, 7:13], w.dof[..., 1]), -1) if floating else w.dof[..., 1]


def _energy(w: World) -> Tensor:
    """(N,) kinetic energy of the robot's bodies [J]."""
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 1)
    body, total = w.body[:, 1:].double(), torch.zeros(2, dtype=torch.float64)
    for b, p in enumerate(props):
        quat, spin = body[:, b, 3:7], body[:, b, 10:13]
        com = torch.tensor([[p.com.x, p.com.y, p.com.z]]).double().expand(2, 3)
        inertia = torch.from_numpy(p.inertia.floats().reshape(3, 3).copy()).double()
        vel = body[:, b, 7:10] + torch.linalg.cross(spin, rotated(quat, com))
        inward = torch.cat((-quat[:, :3], quat[:, 3:]), -1)
        spin = rotated(inward, spin)
        total += 0.5 * p.mass * (vel**2).sum(-1) + 0.5 * torch.einsum("ni,ij,nj->n", spin, inertia, spin)
    return total


@pytest.mark.parametrize("floating", [False, True])
def test_a_jacobian_times_velocities_is_the_velocity_of_each_link_s_origin(world: MakeWorld, floating: bool) -> None:
    w = _scene(world, CHAIN) if floating else _scene(world, ARM, fix_base_link=True)
    jacobian = _jacobian(w)
    velocity = torch.einsum("nrkc,nc->nrk", jacobian, _velocity(w, floating))
    links = w.body[:, 1:] if floating else w.body[:, 2:]
    assert jacobian.shape == (2, links.shape[1], 6, 10 if floating else 4)
    assert close(velocity, links[..., 7:13], 2e-5)


def test_a_jacobian_is_the_derivative_of_the_links_positions(world: MakeWorld) -> None:
    w = _scene(world, ARM, fix_base_link=True)
    jacobian, start, step = _jacobian(w), w.dof, 2e-3
    for column in range(4):
        ends = []
        for side in (step, -step):
            dof = start.clone()
            dof[:, column, 0] += side
            w.set_dof(dof)
            ends.append(w.body[:, 2:, 0:3])
        assert close(jacobian[:, :, :3, column], (ends[0] - ends[1]) / (2 * step), 2e-3)


@pytest.mark.parametrize("floating", [False, True])
def test_half_the_velocities_square_in_the_mass_matrix_is_the_kinetic_energy(world: MakeWorld, floating: bool) -> None:
    w = _scene(world, CHAIN) if floating else _scene(world, ARM, fix_base_link=True)
    mass, velocity = _mass_matrix(w).double(), _velocity(w, floating).double()
    energy = 0.5 * torch.einsum("ni,nij,nj->n", velocity, mass, velocity)
    armature = 0.0 if floating else 0.5 * 0.3 * w.dof[:, 1, 1].double() ** 2
    expected = _energy(w) + armature
    assert close(energy / expected, 1.0, 1e-5)
    assert close(mass, mass.transpose(1, 2), 1e-6)


def test_the_mass_matrix_of_a_flywheel_is_its_inertia(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.asset(LINK, fix_base_link=True), name="wheel"))
    assert close(_mass_matrix(w, "wheel"), 0.5, 1e-6)


def test_the_mass_matrix_is_without_what_drives_add(world: MakeWorld) -> None:
    w = world(dt=0.01)
    w.populate(
        Spawn(w.asset(LINK, fix_base_link=True), name="wheel"), each=drive(driveMode=1, stiffness=1e4, damping=5.0)
    )
    assert close(_mass_matrix(w, "wheel"), 0.5, 1e-5)
    w.drive(env=1, stiffness=10.0)
    w.step()
    assert close(_mass_matrix(w, "wheel"), 0.5, 1e-5)


def test_the_mass_matrix_of_a_free_box_is_its_mass_and_its_inertia_in_world_axes(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(GYM.create_box(w.sim, 0.1, 0.2, 0.3, gymapi.AssetOptions()), rotation=(0, 0, 0.5**0.5, 0.5**0.5)))
    matrix = _mass_matrix(w, GYM.get_actor_name(w.envs[0], 0))
    moments = [6 / 12 * (a**2 + b**2) for a, b in ((0.1, 0.3), (0.2, 0.3), (0.1, 0.2))]  # x and y change places
    assert close(matrix, torch.diag(torch.tensor([6.0, 6.0, 6.0, *moments])), 1e-5)


def test_a_heavier_body_in_one_environment_keeps_its_principal_axes(world: MakeWorld) -> None:
    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        if i == 1:
            props = GYM.get_actor_rigid_body_properties(env, 0)
            props[0].mass *= 3.0
            GYM.set_actor_rigid_body_properties(env, 0, props, recomputeInertia=True)

    w = world()
    text = """<mujoco><worldbody><body name="rod"><freejoint/>
      <geom type="capsule" fromto="0 0 0 .1 .2 .3" size=".03"/></body></worldbody></mujoco>"""
    w.populate(Spawn(w.asset(text), name="rod"), each=each)
    light, heavy = _mass_matrix(w, "rod")
    assert close(heavy, 3.0 * light, 1e-5)


def test_jacobians_and_mass_matrices_follow_setters_and_steps(world: MakeWorld) -> None:
    w = _scene(world, ARM, fix_base_link=True)
    before = _jacobian(w), _mass_matrix(w)
    w.step(3)
    assert not close(_jacobian(w), before[0], 1e-4)
    stepped = torch.einsum("nrkc,nc->nrk", _jacobian(w), _velocity(w, False))
    assert close(stepped, w.body[:, 2:, 7:13], 2e-5)
    old = _mass_matrix(w)
    w.drive(actor=1, armature=[2.0, 2.3, 2.0, 2.0])
    added = _mass_matrix(w) - old
    assert close(added[0], torch.diag(torch.tensor([2.0, 2.0, 2.0, 2.0])), 1e-5)
    assert close(added[1], 0.0, 1e-6)


def test_an_actor_name_that_is_not_there_is_refused_with_those_that_are(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(), name="cube"))
    with pytest.raises(ValueError, match=r"no actor 'franka'; actors of environment 0: cube"):
        GYM.acquire_jacobian_tensor(w.sim, "franka")


def test_refreshing_jacobians_and_mass_matrices_can_stand_in_a_graph(world: MakeWorld) -> None:
    w = _scene(world, CHAIN)
    before = _jacobian(w), _mass_matrix(w)
    assert all(float(tensor.abs().sum()) > 0 for tensor in before)
    with graph_safe(w.sim.dynamics):
        GYM.refresh_jacobian_tensors(w.sim)
        GYM.refresh_mass_matrix_tensors(w.sim)
