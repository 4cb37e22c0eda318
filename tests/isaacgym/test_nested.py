"""Shapes of one actor that overlap in every pose, as hips and ankles of humanoids do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isaacgym.gymapi import SimulationWarning
from tests.isaacgym.world import GYM, Spawn, World, close

MakeWorld = Callable[..., World]

# A hip of three joints: the pelvis' and the thigh's shapes reach over the short link between them.
HIP = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="pelvis"><geom type="sphere" size=".1"/>
    <body name="hip"><joint name="yaw" axis="0 0 1" range="-.4 .4"/>
      <inertial pos="0 0 0" mass=".5" diaginertia=".01 .01 .01"/>
      <body name="thigh" pos="0 .02 {height}"><joint name="roll" axis="1 0 0" range="{range}"/>
        <geom type="capsule" fromto="0 0 0 0 0 {reach}" size=".07"/></body>
    </body>
  </body></worldbody></mujoco>"""
NESTED = HIP.format(height=-0.12, range="-.4 .4", reach=-0.3)
OVERLAPPING = HIP.format(height=-0.2, range="-3 3", reach=0.2)


@pytest.mark.parametrize("filter", [0, -1])
def test_shapes_that_overlap_in_every_pose_do_not_press_and_are_named(world: MakeWorld, filter: int) -> None:
    w = world(gravity=0.0)
    with pytest.warns(SimulationWarning, match="1 pairs of shapes overlap in every pose .* of 'pelvis' and 'thigh'"):
        w.populate(Spawn(w.asset(NESTED), (0, 0, 1), filter=filter))
    assert close(w.contact, 0.0, 1e-6)
    w.step(20)
    assert not len(GYM.get_env_rigid_contacts(w.envs[0]))
    assert close(w.dof, 0.0, 1e-6)
    assert close(w.contact, 0.0, 1e-6)


@pytest.mark.filterwarnings("error")
def test_shapes_that_a_joint_can_part_are_parted(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    w.populate(Spawn(w.asset(OVERLAPPING), (0, 0, 1)))
    w.seconds(1.0)
    assert (w.dof[:, 1, 0].abs() > 0.1).all()


@pytest.mark.filterwarnings("error")
def test_shapes_that_do_not_collide_anyway_are_not_spoken_of(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    w.populate(Spawn(w.asset(NESTED), (0, 0, 1), filter=1))


def test_the_thigh_still_meets_others(world: MakeWorld) -> None:
    w = world(dt=0.005, ground=1.0)
    with pytest.warns(SimulationWarning, match="overlap in every pose"):
        w.populate(Spawn(w.asset(NESTED, fix_base_link=True), (0, 0, 0.45)))
    assert close(w.contact, 0.0, 1e-6)
    w.step(5)
    assert (w.contact[:, 2, 2] > 1.0).all()
