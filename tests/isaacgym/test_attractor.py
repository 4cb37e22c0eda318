"""Attractors against the closed forms of springs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import GRAVITY, GYM, LINK, Spawn, World, close, rotated

MakeWorld = Callable[..., World]
ANGLES = (0.0, 2 * math.pi / 3, 4 * math.pi / 3)
MASS = 8.0  # of World.box() [kg]


def _attract(
    position: Any = (0.0, 0.0, 1.0),
    axes: Any = gymapi.AXIS_TRANSLATION,
    stiffness: Any = 400.0,
    damping: float = 0.0,
    body: int = 0,
    **fields: Any,
) -> Callable[[gymapi.Env, list[int], int], None]:
    """For `populate(each=...)`: an attractor on one body; a list of stiffnesses holds one per environment."""

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = gymapi.AttractorProperties()
        props.rigid_handle, props.axes, props.damping = body, axes, damping
        props.stiffness = stiffness[i] if isinstance(stiffness, list) else stiffness
        props.target.p = gymapi.Vec3(*position)
        for name, value in fields.items():
            setattr(props, name, value)
        assert GYM.create_rigid_body_attractor(env, props) == 0

    return each


def _decay(squared_frequency: float, step: float) -> float:
    """What half a period of implicit integration leaves of an amplitude."""
    return math.exp(-0.5 * squared_frequency * step * math.pi / math.sqrt(squared_frequency))


def test_a_body_on_an_attractor_hangs_lower_by_its_weight_over_the_stiffness(world: MakeWorld) -> None:
    w = world(dt=0.02)
    w.populate(Spawn(w.box()), each=_attract(stiffness=[400.0, 4000.0], damping=200.0))
    w.seconds(4.0)
    sag = torch.tensor([MASS * GRAVITY / 400.0, MASS * GRAVITY / 4000.0])
    assert close(w.root[:, 0, 2], 1.0 - sag, 1e-4)


def test_a_body_on_an_attractor_swings_with_the_period_of_its_mass_and_stiffness(world: MakeWorld) -> None:
    w = world(dt=0.001, gravity=0.0)
    w.populate(Spawn(w.box(), (0.1, 0.0, 1.0)), each=_attract())
    w.seconds(math.pi * math.sqrt(MASS / 400.0))  # half a period
    assert close(w.root[:, 0, 0], -0.1 * _decay(400.0 / MASS, w.dt), 2e-4)
    assert close(w.root[:, 0, 7], 0.0, 5e-3)


def test_an_attractor_follows_the_implicit_spring_step_by_step(world: MakeWorld) -> None:
    step, stiffness, damping = 0.02, 3000.0, 50.0
    w = world(dt=step, gravity=0.0)
    w.populate(Spawn(w.box(), (0.1, 0.0, 1.0)), each=_attract(stiffness=stiffness, damping=damping))
    x, v = 0.1, 0.0
    for _ in range(20):
        v = (MASS * v - step * stiffness * x) / (MASS + step * damping + step**2 * stiffness)
        x += step * v
        w.step()
        assert close(w.root[:, 0, 0], x, 1e-5)


def test_an_attractor_on_all_axes_turns_its_body_with_the_same_stiffness(world: MakeWorld) -> None:
    w = world(dt=0.001, gravity=0.0)
    angle, inertia = 0.1, MASS * 0.2**2 / 6
    spawn = Spawn(w.box(), rotation=(0.0, 0.0, math.sin(angle / 2), math.cos(angle / 2)))
    w.populate(spawn, each=_attract(axes=gymapi.AXIS_ALL, stiffness=20.0))
    w.seconds(math.pi * math.sqrt(inertia / 20.0))
    assert close(w.root[:, 0, 5], -math.sin(angle / 2) * _decay(20.0 / inertia, w.dt), 2e-4)


def test_an_attractor_pulls_the_frame_on_its_body(world: MakeWorld) -> None:
    w = world(dt=0.005)
    offset = gymapi.Transform(gymapi.Vec3(0.0, 0.0, 0.3))
    w.populate(Spawn(w.box(), (0, 0, 0.7)), each=_attract(stiffness=5e7, damping=5e3, offset=offset))
    w.seconds(1.0)
    assert close(w.root[:, 0, 0:3], [0.0, 0.0, 0.7], 2e-4)  # hangs at rest below what it is pinned to


def test_a_target_moves_at_run_time_in_one_environment(world: MakeWorld) -> None:
    w = world(dt=0.01, gravity=0.0)
    w.populate(Spawn(w.box()), each=_attract(stiffness=1e5, damping=1e4))
    GYM.set_attractor_target(w.envs[1], 0, gymapi.Transform(gymapi.Vec3(0.2, -0.1, 1.5)))
    w.seconds(2.0)
    assert close(w.root[:, 0, 0:3], [[0.0, 0.0, 1.0], [0.2, -0.1, 1.5]], 1e-3)


def test_gains_and_masses_change_at_run_time(world: MakeWorld) -> None:
    w = world(dt=0.02)
    w.populate(Spawn(w.box()), each=_attract(stiffness=4000.0, damping=400.0))
    w.step(2)
    props = GYM.get_attractor_properties(w.envs[0], 0)
    assert (props.stiffness, props.rigid_handle) == (4000.0, 0)
    props.stiffness = 2000.0
    GYM.set_attractor_properties(w.envs[0], 0, props)
    bodies = GYM.get_actor_rigid_body_properties(w.envs[1], 0)
    bodies[0].mass *= 3.0
    GYM.set_actor_rigid_body_properties(w.envs[1], 0, bodies, recomputeInertia=True)
    w.seconds(6.0)
    assert close(w.root[:, 0, 2], 1.0 - MASS * GRAVITY * torch.tensor([1 / 2000, 3 / 4000]), 1e-4)


def test_an_attractor_without_gains_does_nothing(world: MakeWorld) -> None:
    w = world(dt=0.001)
    w.populate(Spawn(w.box(), (0, 0, 5)), each=_attract(stiffness=0.0))
    w.seconds(0.2)
    assert close(w.root[:, 0, 9], -GRAVITY * 0.2, 1e-4)


def _tray() -> str:
    """A tray on three legs of two links, whose tips stand 0.3 m from the middle and 0.5 m below it."""
    legs = "".join(
        f"""<body name="upper{i}" pos="{0.3 * math.cos(a)} {0.3 * math.sin(a)} 0" euler="0 0 {a}">
        <joint name="hip{i}" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 .15 0 -.25" size=".02"/>
        <body name="lower{i}" pos=".15 0 -.25"><joint name="knee{i}" axis="0 1 0"/>
          <geom type="capsule" fromto="0 0 0 -.15 0 -.25" size=".02"/></body></body>"""
        for i, a in enumerate(ANGLES)
    )
    return f"""<mujoco><compiler angle="radian"/><worldbody><body name="tray"><freejoint/>
      <geom type="cylinder" size=".5 .01" density="100"/>{legs}</body></worldbody></mujoco>"""


def _stand(env: gymapi.Env, handles: list[int], i: int) -> None:
    """Tips pinned to the ground as firmly as can be, knees held by stiff drives."""
    for leg, angle in enumerate(ANGLES):
        props = gymapi.AttractorProperties()
        props.axes, props.stiffness, props.damping = gymapi.AXIS_TRANSLATION, 5e7, 5e3
        props.rigid_handle = GYM.find_actor_rigid_body_handle(env, 0, f"lower{leg}")
        props.offset.p = gymapi.Vec3(-0.15, 0.0, -0.25)
        props.target.p = gymapi.Vec3(0.3 * math.cos(angle), 0.3 * math.sin(angle), 0.02)
        GYM.create_rigid_body_attractor(env, props)
    dofs = GYM.get_actor_dof_properties(env, 0)
    dofs["driveMode"][1::2], dofs["stiffness"][1::2], dofs["damping"][1::2] = gymapi.DOF_MODE_POS, 4000.0, 100.0
    GYM.set_actor_dof_properties(env, 0, dofs)


def test_a_tray_stands_on_legs_with_stiff_drives_whose_tips_are_pinned(world: MakeWorld) -> None:
    w = world(dt=0.01, iterations=10)
    w.populate(Spawn(w.asset(_tray()), (0, 0, 0.52), filter=1), Spawn(w.box(0.1), (0, 0, 0.7)), each=_stand)
    for _ in range(10):
        w.step(10)
        for leg, angle in enumerate(ANGLES):
            link = w.body[:, 2 + 2 * leg].double()
            tip = link[:, :3] + rotated(link[:, 3:7], torch.tensor([-0.15, 0.0, -0.25]).double().expand(2, 3))
            assert close(tip, [0.3 * math.cos(angle), 0.3 * math.sin(angle), 0.02], 1e-4)
    assert close(w.body[:, :, 7:13], 0.0, 1e-2)
    assert close(w.root[:, 0, 2], 0.52, 0.01)


def test_what_an_attractor_cannot_be_is_refused(world: MakeWorld) -> None:
    w = world()
    with pytest.raises(NotImplementedError, match="AXIS_TRANSLATION or AXIS_ALL"):
        w.populate(Spawn(w.box()), each=_attract(axes=gymapi.AXIS_X))
    w = world()
    with pytest.raises(IndexError, match="rigid_handle 3 is no body"):
        w.populate(Spawn(w.box()), each=_attract(body=3))
    w = world()
    with pytest.raises(ValueError, match="body 0 is fixed"):
        w.populate(Spawn(w.asset(LINK, fix_base_link=True)), each=_attract())
    w = world()
    with pytest.raises(NotImplementedError, match="environment 1 has attractors"):
        w.populate(Spawn(w.box()), each=lambda env, handles, i: _attract()(env, handles, i) if i == 0 else None)


@pytest.mark.parametrize("axes", [gymapi.AXIS_TRANSLATION, gymapi.AXIS_ALL])
def test_a_pull_is_no_contact_and_belongs_to_the_dynamics_of_a_sensor(world: MakeWorld, axes: Any) -> None:
    w = world(dt=0.005, ground=1.0)
    box = w.box()
    for constraints in (True, False):
        props = gymapi.ForceSensorProperties()
        props.enable_constraint_solver_forces, props.enable_forward_dynamics_forces = constraints, not constraints
        props.use_world_frame = True
        GYM.create_asset_force_sensor(box, 0, gymapi.Transform(gymapi.Vec3(0, 0, 0.02)), props)
    offset = gymapi.Transform(gymapi.Vec3(0.05, 0, 0.1))
    each = _attract((0.05, 0.0, 0.2 + 30.0 / 400.0), axes, [400.0, 200.0], 20.0, offset=offset)
    w.populate(Spawn(box, (0, 0, 0.1)), each=each)
    assert close(w.contact, 0.0, 0.0)
    assert close(w.sensor, 0.0, 0.0)
    w.seconds(1.5)
    held = torch.tensor([30.0, 15.0]) - MASS * GRAVITY
    assert close(w.contact[:, 0, 2], -held, 0.5)
    assert close(w.sensor[:, 0, 2], -held, 0.5)
    assert close(w.sensor[:, 1, 2], held, 0.5)
    assert close(w.sensor[:, 0, :2], 0.0, 0.5)
    assert close(w.sensor[:, 0, 3:] + w.sensor[:, 1, 3:], 0.0, 0.05)
    assert close(w.sensor[:, 1, 4], -0.05 * torch.tensor([30.0, 15.0]), 0.1)  # of the pull, which is off the centre
