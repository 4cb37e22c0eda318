"""Drives of a flywheel of 0.5 kg m^2 against the closed forms of oscillators, dampers and free motion."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GRAVITY, GYM, LINK, Spawn, World, close, drive, wrap

MakeWorld = Callable[..., World]
INERTIA = 0.5  # [kg m^2]
BOX = 8.0  # mass of World.box() [kg]
POS, VEL, EFFORT, NONE = (
    gymapi.DOF_MODE_POS,
    gymapi.DOF_MODE_VEL,
    gymapi.DOF_MODE_EFFORT,
    gymapi.DOF_MODE_NONE,
)


def flywheel(world: MakeWorld, dt: float = 0.001, text: str = LINK, substeps: int = 1, **fields: object) -> World:
    w = world(dt=dt, substeps=substeps)
    return w.populate(Spawn(w.asset(text, fix_base_link=True)), each=drive(**fields))


@pytest.mark.parametrize("damping", [0.4, 6.0])
def test_a_position_drive_answers_a_step_as_a_damped_oscillator(world: MakeWorld, damping: float) -> None:
    w, stiffness = flywheel(world, driveMode=int(POS), stiffness=12.0, damping=damping), 12.0
    w.target(0.7)
    for time in np.arange(0.2, 2.1, 0.2):
        w.seconds(0.2)
        decay, square = damping / (2 * INERTIA), stiffness / INERTIA - (damping / (2 * INERTIA)) ** 2
        root = complex(square) ** 0.5
        ratio = np.cos(root * time) + decay / root * np.sin(root * time)
        expected = 0.7 * (1 - math.exp(-decay * time) * ratio.real)
        assert close(w.dof[:, 0, 0], expected, 0.01), time


@pytest.mark.parametrize("dt", [1 / 60, 0.002])
def test_a_position_drive_of_a_million_stays_stable_and_reaches_its_target(world: MakeWorld, dt: float) -> None:
    w = flywheel(world, dt=dt, driveMode=int(POS), stiffness=1e6, damping=1e2)
    w.target(1.0)
    highest = 0.0
    for _ in range(60):
        w.step()
        highest = max(highest, float(w.dof[:, 0, 0].max()))
    assert close(w.dof[:, 0, 0], 1.0, 1e-3)
    assert close(w.dof[:, 0, 1], 0.0, 1e-2)
    assert highest < 1.1


@pytest.mark.parametrize(("stiffness", "damping"), [(1e6, 1e2), (1e4, 1e3), (50.0, 1.0)])
def test_a_position_drive_answers_a_step_as_implicit_integration_does_step_by_step(
    world: MakeWorld, stiffness: float, damping: float
) -> None:
    dt = 1 / 60
    w = flywheel(world, dt=dt, driveMode=int(POS), stiffness=stiffness, damping=damping)
    w.target(0.7)
    angle = speed = 0.0
    for _ in range(20):
        pull = stiffness * (0.7 - angle - dt * speed) - damping * speed
        speed += dt * pull / (INERTIA + dt * damping + dt**2 * stiffness)
        angle += dt * speed
        w.step()
        assert close(w.dof[:, 0, 0], angle, 2e-4)
        assert close(w.dof[:, 0, 1], speed, 2e-3 * 0.7 / dt)


def test_a_stiff_position_drive_carries_a_load_to_its_target(world: MakeWorld) -> None:
    w = world(dt=1 / 60, substeps=2)
    w.populate(Spawn(w.asset(CHAIN, fix_base_link=True)), each=drive(driveMode=int(POS), stiffness=1e6, damping=1e3))
    target = torch.tensor([0.3, -0.5, 0.7, 0.05])
    w.target(target)
    w.step(120)
    assert close(w.dof[:, :, 0], target, 1e-3)


def test_a_load_falls_onto_a_stiff_lift_and_lies_still(world: MakeWorld) -> None:
    lift = """<mujoco><worldbody><body name="base"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
      <body name="lift"><joint name="lift" type="slide" axis="0 0 1"/>
        <geom type="box" size=".3 .3 .02" density="100"/></body></body></worldbody></mujoco>"""
    w = world(dt=1 / 60, substeps=2)
    spawns = Spawn(w.asset(lift, fix_base_link=True), (0, 0, 1)), Spawn(w.box(), (0, 0, 1.14))
    w.populate(*spawns, each=drive(driveMode=int(POS), stiffness=1e5, damping=1e3))
    assert close(w.contact, 0.0, 0.0)
    w.seconds(1.0)
    for _ in range(10):
        w.step()
        assert close(w.contact[:, 2, 2], BOX * GRAVITY, 0.01 * BOX * GRAVITY)
        assert close(w.dof[:, 0, 0], -(BOX + 1.44) * GRAVITY / 1e5, 1e-6)
        assert close(w.body[:, 1:, 7:13], 0.0, 1e-3)


def test_a_position_drive_saturates_at_the_effort_limit(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(POS), stiffness=1e4, damping=0.0, effort=2.0)
    w.target(100.0)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], 0.5 * 2.0 / INERTIA, 1e-3)


def test_a_stiff_position_drive_saturates_at_the_effort_limit_too(world: MakeWorld) -> None:
    w = flywheel(world, dt=0.01, driveMode=int(POS), stiffness=1e6, damping=1e2, effort=2.0)
    w.target(100.0)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], 0.5 * 2.0 / INERTIA, 1e-3)


def test_a_stiff_drive_with_an_effort_limit_does_not_swing_from_limit_to_limit(world: MakeWorld) -> None:
    finger = LINK.replace('axis="0 1 0"', 'type="slide" axis="0 1 0"').replace('mass="2"', 'mass="0.1"')
    w = flywheel(
        world, dt=1 / 60, substeps=2, text=finger, driveMode=int(POS), stiffness=1e6, damping=1e2, effort=200.0
    )
    w.target(0.04)
    w.step(5)
    for _ in range(10):
        w.step()
        assert close(w.dof[:, 0, 0], 0.04, 1e-4)


def test_a_velocity_drive_approaches_its_target_exponentially(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(VEL), stiffness=0.0, damping=2.0)
    w.target_velocity(3.0)
    w.seconds(0.3)
    assert close(w.dof[:, 0, 1], 3 * (1 - math.exp(-0.3 * 2.0 / INERTIA)), 0.01)
    w.seconds(3.0)
    assert close(w.dof[:, 0, 1], 3.0, 1e-3)


def test_a_velocity_drive_saturates_at_the_effort_limit(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(VEL), stiffness=0.0, damping=1e4, effort=1.0)
    w.target_velocity(100.0)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], 0.5 * 1.0 / INERTIA, 1e-3)


def test_an_effort_accelerates_by_effort_over_inertia(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(EFFORT))
    w.effort(0.8)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], 0.5 * 0.8 / INERTIA, 1e-4)


def test_an_effort_set_by_hand_is_not_clipped_by_the_effort_limit(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(EFFORT), effort=0.1)
    w.effort(0.8)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], 0.5 * 0.8 / INERTIA, 1e-4)


def test_efforts_and_targets_stay_until_they_are_set_again(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(EFFORT))
    w.effort(0.8)
    w.step(10)
    before = w.dof[:, 0, 1]
    w.step(10)
    assert close(w.dof[:, 0, 1] - before, 10 * 0.001 * 0.8 / INERTIA, 1e-6)


def test_a_gear_in_the_file_does_not_multiply_efforts(world: MakeWorld) -> None:
    text = LINK.replace("</worldbody>", '</worldbody><actuator><motor joint="hinge" gear="15"/></actuator>')
    w = flywheel(world, text=text)
    assert GYM.get_actor_dof_properties(w.envs[0], 0)["driveMode"][0] == EFFORT
    w.effort(0.8)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], 0.5 * 0.8 / INERTIA, 1e-4)


@pytest.mark.parametrize("mode", [NONE, EFFORT])
def test_damping_is_passive_without_a_drive(world: MakeWorld, mode: gymapi.DofDriveMode) -> None:
    w = flywheel(world, driveMode=int(mode), stiffness=0.0, damping=0.6)
    w.set_dof(torch.tensor([0.0, 2.0]).expand(2, 1, 2))
    w.seconds(1.0)
    assert close(w.dof[:, 0, 1], 2 * math.exp(-0.6 / INERTIA), 1e-3)


@pytest.mark.parametrize("mode", [NONE, EFFORT])
def test_stiffness_is_a_passive_spring_without_a_drive(world: MakeWorld, mode: gymapi.DofDriveMode) -> None:
    w = flywheel(world, driveMode=int(mode), stiffness=8.0, damping=0.0)
    w.set_dof(torch.tensor([0.5, 0.0]).expand(2, 1, 2))
    w.seconds(1.0)
    assert close(w.dof[:, 0, 0], 0.5 * math.cos(math.sqrt(8.0 / INERTIA)), 0.01)


def test_the_file_s_spring_and_damper_are_the_stiffness_and_damping(world: MakeWorld) -> None:
    w = flywheel(world, text=LINK.replace("<joint ", '<joint stiffness="8" damping="0.3" '))
    props = GYM.get_actor_dof_properties(w.envs[0], 0)
    assert (props["stiffness"][0], props["damping"][0]) == (8.0, pytest.approx(0.3))
    w.set_dof(torch.tensor([0.5, 0.0]).expand(2, 1, 2))
    w.seconds(1.0)
    decay = 0.3 / (2 * INERTIA)
    rate = math.sqrt(8 / INERTIA - decay**2)
    ratio = math.cos(rate) + decay / rate * math.sin(rate)
    assert close(w.dof[:, 0, 0], 0.5 * math.exp(-decay) * ratio, 0.01)


def test_a_spring_of_the_file_pulls_to_the_rest_position_of_the_file(world: MakeWorld) -> None:
    w = flywheel(world, text=LINK.replace("<joint ", '<joint stiffness="8" damping="4" springref="0.4" '))
    w.seconds(6.0)
    assert close(w.dof[:, 0, 0], 0.4, 1e-3)


def test_a_drive_in_position_mode_replaces_the_spring_of_the_file(world: MakeWorld) -> None:
    text = LINK.replace("<joint ", '<joint stiffness="8" damping="4" springref="0.4" ')
    w = flywheel(world, text=text, driveMode=int(POS))
    w.target(-0.2)
    w.seconds(6.0)
    assert close(w.dof[:, 0, 0], -0.2, 1e-3)


@pytest.mark.parametrize("command", ["effort", "target", "target_velocity"])
def test_commands_reach_only_dofs_in_their_mode(world: MakeWorld, command: str) -> None:
    w = world(num_envs=4)
    modes = [int(mode) for mode in (NONE, POS, VEL, EFFORT)]
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=drive(driveMode=modes, stiffness=5.0, damping=1.0))
    getattr(w, command)(1.0)
    w.step(10)
    reached = {"target": POS, "target_velocity": VEL, "effort": EFFORT}[command]
    assert (w.dof[:, 0, 1].abs() > 1e-3).tolist() == [mode == reached for mode in modes]


def test_a_dof_whose_mode_changes_starts_without_a_command(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(EFFORT), stiffness=20.0, damping=10.0)
    w.effort(5.0)
    w.drive(env=0, driveMode=int(POS))
    w.seconds(2.0)
    assert close(w.dof[0, 0, 0], 0.0, 1e-6)
    assert float(w.dof[1, 0, 0]) > 0.1


def test_armature_adds_to_the_inertia_of_its_joint(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(EFFORT), armature=[0.0, 0.3])
    w.effort(0.8)
    w.seconds(0.5)
    assert close(w.dof[:, 0, 1], [0.5 * 0.8 / INERTIA, 0.5 * 0.8 / (INERTIA + 0.3)], 1e-4)


def test_friction_stops_a_dof_at_a_constant_rate(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(NONE), friction=0.25)
    w.set_dof(torch.tensor([0.0, 2.0]).expand(2, 1, 2))
    w.seconds(1.0)
    assert close(w.dof[:, 0, 1], 2 - 0.25 / INERTIA, 0.02)


@pytest.mark.parametrize("kind", ["hinge", "slide"])
def test_a_limited_dof_stops_at_its_limit(world: MakeWorld, kind: str) -> None:
    text = LINK.replace("<joint ", f'<joint type="{kind}" range="-0.4 0.5" ')
    w = flywheel(world, text=text, dt=0.005, driveMode=int(EFFORT), damping=0.5)
    w.effort(1.0 if kind == "hinge" else 30.0)
    w.seconds(3.0)
    assert close(w.dof[:, 0, 0], 0.5, 0.02)


def test_limits_can_be_lifted_and_moved_in_single_environments(world: MakeWorld) -> None:
    w = world(num_envs=3, dt=0.005)
    asset = w.asset(LINK.replace("<joint ", '<joint range="-0.4 0.5" '), fix_base_link=True)
    w.populate(Spawn(asset), each=drive(driveMode=int(EFFORT), damping=0.5, hasLimits=[True, False, True]))
    w.drive(env=2, upper=0.2)
    w.effort(1.0)
    w.seconds(3.0)
    angles = w.dof[:, 0, 0]
    assert close(angles[[0, 2]], [0.5, 0.2], 0.02)
    assert float(angles[1]) > 1.0


def test_limits_can_be_given_to_a_dof_that_has_none_in_the_file(world: MakeWorld) -> None:
    w = flywheel(world, dt=0.005, driveMode=int(EFFORT), damping=0.5, hasLimits=[False, True], lower=-0.3, upper=0.3)
    w.effort(1.0)
    w.seconds(3.0)
    assert close(w.dof[1, 0, 0], 0.3, 0.02)
    assert float(w.dof[0, 0, 0]) > 1.0


def test_limits_that_no_environment_had_cannot_appear_while_running(world: MakeWorld) -> None:
    w = flywheel(world)
    with pytest.raises(NotImplementedError, match="dof 'hinge' .* had no limits in any environment"):
        w.drive(env=1, hasLimits=True, lower=-1, upper=1)


def test_gains_differ_between_environments(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(POS), stiffness=[5.0, 20.0], damping=0.0)
    w.target(0.1)
    w.seconds(0.1)
    ratio = w.dof[1, 0, 1] / w.dof[0, 0, 1]
    exact = 2 * math.sin(0.1 * math.sqrt(40)) / math.sin(0.1 * math.sqrt(10))
    assert close(ratio, exact, 0.02)


def test_gains_set_while_running_act_in_their_environment_only(world: MakeWorld) -> None:
    w = flywheel(world, driveMode=int(POS), stiffness=5.0, damping=0.0)
    w.target(0.1)
    w.step()
    w.drive(env=1, stiffness=20.0)
    w.seconds(0.1)
    exact = 0.1 * math.sqrt(10) * math.sin(0.1 * math.sqrt(10))
    assert close(w.dof[0, 0, 1], exact, 0.002)
    assert float(w.dof[1, 0, 1]) > 1.8 * exact


def test_the_dof_force_tensor_is_the_applied_effort(world: MakeWorld) -> None:
    def enable(env: gymapi.Env, handles: list[int], i: int) -> None:
        drive(driveMode=int(EFFORT), damping=0.5)(env, handles, i)
        GYM.enable_actor_dof_force_sensors(env, handles[0])

    w = world()
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=enable)
    assert close(w.dof_force, 0.0, 0.0)
    w.effort(0.8)
    w.step(20)
    assert close(w.dof_force, 0.8, 1e-6)


def _with_dof_forces(**fields: object) -> Callable[[gymapi.Env, list[int], int], None]:
    def enable(env: gymapi.Env, handles: list[int], i: int) -> None:
        drive(**fields)(env, handles, i)
        GYM.enable_actor_dof_force_sensors(env, handles[0])

    return enable


@pytest.mark.parametrize("stiffness", [10.0, 1e3, 1e6])
def test_the_dof_force_tensor_is_what_a_drive_did_to_its_dof(world: MakeWorld, stiffness: float) -> None:
    w = world(dt=0.01)
    each = _with_dof_forces(driveMode=int(POS), stiffness=stiffness, damping=0.2, effort=[1e9, 3.0])
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=each)
    assert close(w.dof_force, 0.0, 0.0)
    # A stiff spring multiplies the last digit of its position: of half a radian, in the engine's numbers.
    last_digit = 0.5 * torch.finfo(w.sim.backend.data("qpos").dtype).eps
    w.target(0.5)
    for _ in range(10):
        before = w.dof[:, 0, 1]
        w.step()
        force = INERTIA * (w.dof[:, 0, 1] - before) / 0.01
        assert close(w.dof_force[:, 0], force, 1e-3 * float(force.abs().max()) + 1e-3 + stiffness * last_digit)
        assert float(w.dof_force[1, 0].abs()) <= 3.0


def test_setting_states_and_commands_does_not_change_the_forces_of_the_last_step(world: MakeWorld) -> None:
    w = world(dt=0.01)
    each = _with_dof_forces(driveMode=int(POS), stiffness=10.0, damping=0.0)
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=each)
    assert close(w.dof_force, 0.0, 0.0)
    w.target(0.5)
    w.step()
    w.set_dof(torch.tensor([2.0, 3.0]).expand(2, 1, 2))
    w.target(-7.0)
    w.drive(env=1, stiffness=1e3)
    assert close(w.dof_force, 5.0, 0.02)


def test_the_dof_force_tensor_reads_zero_where_it_is_not_enabled(world: MakeWorld) -> None:
    def enable(env: gymapi.Env, handles: list[int], i: int) -> None:
        for handle in handles:
            drive(driveMode=int(EFFORT))(env, [handle], i)
        if i == 1:
            GYM.enable_actor_dof_force_sensors(env, handles[1])

    w = world()
    asset = w.asset(LINK, fix_base_link=True)
    w.populate(Spawn(asset), Spawn(asset, (0, 2, 1)), each=enable)
    assert close(w.dof_force, 0.0, 0.0)
    w.effort(0.8)
    w.step()
    assert close(w.dof_force, [[0.0, 0.0], [0.0, 0.8]], 1e-6)


def test_a_drive_command_can_be_masked_or_indexed(world: MakeWorld) -> None:
    w = world(num_envs=3)
    w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=drive(driveMode=int(EFFORT)))
    efforts = wrap(torch.tensor([1.0, 2.0, 3.0]))
    GYM.set_dof_actuation_force_tensor_masked(w.sim, efforts, wrap(torch.tensor([False, True, False])))
    ids = wrap(torch.tensor([2, 2], dtype=torch.int32))
    GYM.set_dof_actuation_force_tensor_indexed(w.sim, efforts, ids, 2)
    assert w.engine()["ctrl"][:, 0].tolist() == [0.0, 2.0, 3.0]
