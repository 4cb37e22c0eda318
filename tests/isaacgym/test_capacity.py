"""The probe that says how much room contacts and constraints need."""

from __future__ import annotations

import mujoco

from isaacgym._src import capacity

BOXES = """<mujoco><worldbody><geom type="plane" size="0 0 1"/>
  <body pos="0 0 .1"><freejoint/><geom type="box" size=".1 .1 .1"/></body>
  <body pos="0 0 .3"><freejoint/><geom type="box" size=".1 .1 .1"/></body></worldbody></mujoco>"""


def test_the_probe_counts_pairs_that_are_near_and_may_collide() -> None:
    model = mujoco.MjModel.from_xml_string(BOXES)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    pairs = capacity._Pairs(model)
    assert pairs.near(data) == 2  # ground and lower box, lower and upper box
    data.qpos[9] = 0.15
    mujoco.mj_forward(model, data)
    assert pairs.near(data) == 3
    data.qpos[7] = 5.0
    mujoco.mj_forward(model, data)
    assert pairs.near(data) == 2
