"""Joints in Isaac Gym's count, fixed ones included."""

from __future__ import annotations

from pathlib import Path

from isaacgym import gymapi
from tests.isaacgym.world import CHAIN, GYM, Spawn, World

MASS = '<inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>'

HAND = f"""<robot name="hand">
  <link name="base">{MASS}</link>
  <link name="arm">{MASS}</link>
  <link name="grip">{MASS}</link>
  <joint name="shoulder" type="revolute"><parent link="base"/><child link="arm"/><axis xyz="0 0 1"/>
    <limit lower="-1" upper="1" effort="1" velocity="1"/></joint>
  <joint name="grip_joint" type="fixed"><parent link="arm"/><child link="grip"/></joint>
</robot>"""


def test_a_fixed_joint_counts_and_gives_the_jacobian_s_row_of_the_link_it_holds(tmp_path: Path) -> None:
    w = World(tmp_path)
    asset = w.asset(HAND, fix_base_link=True)
    w.populate(Spawn(asset, name="hand"))
    env = w.envs[0]
    assert GYM.get_actor_joint_dict(env, 0) == {"shoulder": 0, "grip_joint": 1}
    assert GYM.get_asset_joint_names(asset) == ["shoulder", "grip_joint"]
    assert [GYM.get_asset_joint_type(asset, i) for i in range(2)] == [gymapi.JOINT_REVOLUTE, gymapi.JOINT_FIXED]
    assert GYM.get_actor_rigid_body_dict(env, 0)["grip"] - 1 == GYM.get_actor_joint_dict(env, 0)["grip_joint"]
    assert GYM.acquire_jacobian_tensor(w.sim, "hand").shape == (2, 2, 6, 1)


def test_joint_handles_count_through_the_actors(tmp_path: Path) -> None:
    w = World(tmp_path)
    chain = w.asset(CHAIN)
    w.populate(Spawn(chain, name="first"), Spawn(chain, (3, 0, 1), name="second"))
    env = w.envs[1]
    assert GYM.get_actor_joint_names(env, 0) == ["hip_x", "hip_y", "knee", "slide"]
    assert GYM.get_joint_handle(env, "second", "knee") == 6
    assert GYM.get_joint_name(env, 6) == "knee"
    assert GYM.find_actor_joint_index(env, 1, "knee", gymapi.DOMAIN_SIM) == 14
    assert GYM.find_actor_joint_handle(env, 1, "wrist") == GYM.get_joint_handle(env, "third", "knee") == -1
    assert (GYM.get_env_joint_count(env), GYM.get_sim_joint_count(w.sim)) == (8, 16)
