"""An actor seen as tensors with names: the right slices, the right motors, and writing where a mask says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from isaacgym import gymapi, gymtorch
from tasks.base.articulation import Articulation, Placement

ARM = """
<mujoco><compiler angle="radian"/><worldbody><body name="{name}">{free}<geom size="0.1" mass="1"/>
  <body name="{name}_upper" pos="0 0 0.5"><joint name="{name}_a" axis="1 0 0" range="-1 2"/><geom size="0.1" mass="1"/>
    <body name="{name}_lower" pos="0 0 0.5"><joint name="{name}_b" axis="1 0 0"/><geom size="0.1" mass="1"/></body>
  </body></body></worldbody>
  <actuator><motor joint="{name}_b" gear="3"/><motor joint="{name}_a" gear="5"/></actuator></mujoco>
"""
N = 4


class Scene:
    """Two kinds of actor in each environment: a floating one with a sensor, and one fixed to the world."""

    def __init__(self, folder: Path) -> None:
        self.gym, params = gymapi.acquire_gym(), gymapi.SimParams()
        params.up_axis, params.gravity = gymapi.UP_AXIS_Z, gymapi.Vec3(0.0, 0.0, -9.81)
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        self.first = self.load(folder, "p", Placement((0.0, 0.0, 3.0), 1, force_sensors=("p_lower",)))
        self.second = self.load(folder, "q", Placement((1.0, 0.0, 1.0), 1, fixed=True, joint_forces=True))
        for i in range(N):
            env = self.gym.create_env(self.sim, gymapi.Vec3(-2, -2, 0), gymapi.Vec3(2, 2, 2), 2)
            self.first.spawn(env, i)
            self.second.spawn(env, i)
        self.gym.prepare_sim(self.sim)
        self.first.bind(N)
        self.second.bind(N)

    def load(self, folder: Path, name: str, placement: Placement) -> Articulation:
        free = "" if placement.fixed else "<freejoint/>"
        (folder / f"{name}.xml").write_text(ARM.format(name=name, free=free))
        options = gymapi.AssetOptions()
        options.fix_base_link = placement.fixed
        asset = self.gym.load_asset(self.sim, str(folder), f"{name}.xml", options)
        return Articulation(self.gym, self.sim, name, asset, placement)

    def step(self) -> None:
        self.gym.simulate(self.sim)
        self.first.refresh()
        self.second.refresh()

    def raw(self, kind: str, width: int) -> Any:
        return gymtorch.wrap_tensor(getattr(self.gym, f"acquire_{kind}_tensor")(self.sim)).view(N, -1, width)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_each_actor_sees_its_own_part_of_the_state(scene: Scene) -> None:
    roots, dofs = scene.raw("actor_root_state", 13), scene.raw("dof_state", 2)
    dofs[..., 0] = torch.arange(4.0) / 10
    dofs[..., 1] = -torch.arange(4.0) / 10
    torch.testing.assert_close(scene.first.joint_pos[0], torch.tensor([0.0, 0.1]))
    torch.testing.assert_close(scene.second.joint_pos[0], torch.tensor([0.2, 0.3]))
    torch.testing.assert_close(scene.second.joint_vel[0], -torch.tensor([0.2, 0.3]))
    assert scene.first.root_pos[:, 2].eq(3.0).all()
    assert scene.second.root_pos[0].tolist() == [1.0, 0.0, 1.0]
    assert scene.second.root_quat[0].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert scene.first.root.data_ptr() == roots.data_ptr()


def test_default_state_is_a_copy_of_the_first(scene: Scene) -> None:
    scene.step()
    assert scene.first.default_root[:, 2].eq(3.0).all()
    assert scene.first.root_pos[:, 2].lt(3.0).all()
    assert scene.first.default_joint_pos.eq(0.0).all()


def test_names_find_their_index_and_an_unknown_one_is_told_with_the_known(scene: Scene) -> None:
    assert scene.second.joint_index("q_b") == 1
    assert scene.second.body_index("q_lower") == 2
    with pytest.raises(KeyError, match="p: no joint 'p_c'; there are p_a, p_b"):
        scene.first.joint_index("p_c")
    with pytest.raises(KeyError, match="p: no body 'foot'; there are p, p_upper, p_lower"):
        scene.first.body_index("foot")


def test_limits_and_motors_come_in_joint_order_though_the_file_lists_motors_otherwise(scene: Scene) -> None:
    assert scene.first.joint_names == ["p_a", "p_b"]
    assert scene.first.joint_limits[:, 0].tolist() == [-1.0, 2.0]
    assert scene.first.motor_efforts.tolist() == [5.0, 3.0]


def test_an_effort_reaches_its_own_joint_and_stays(scene: Scene) -> None:
    scene.second.apply_effort(torch.tensor([[0.5, -0.25]]).repeat(N, 1))
    for _ in range(2):
        scene.step()
        torch.testing.assert_close(scene.second.joint_force, torch.tensor([[0.5, -0.25]]).repeat(N, 1))


def test_efforts_of_one_actor_leave_those_of_the_other(scene: Scene) -> None:
    scene.second.apply_effort(torch.ones(N, 2))
    scene.first.apply_effort(torch.ones(N, 2))
    scene.step()
    assert scene.second.joint_force.eq(1.0).all()


def test_the_force_sensor_reads_the_wrench_on_its_body(scene: Scene) -> None:
    assert scene.first.sensor_wrench.shape == (N, 1, 6)


def test_body_states_are_those_of_the_actor(scene: Scene) -> None:
    states = scene.second.body_state
    assert states.shape == (N, 3, 13)
    torch.testing.assert_close(states[0, :, 2], torch.tensor([1.0, 1.5, 2.0]))
    scene.second.write(torch.ones(N, dtype=torch.bool), scene.second.root, torch.ones(N, 2), torch.zeros(N, 2))
    scene.second.refresh()
    assert states[0, 2, 2] < 2.0


def test_write_changes_the_environments_of_the_mask_and_the_views_at_once(scene: Scene) -> None:
    for _ in range(3):
        scene.step()
    mask = torch.tensor([True, False, False, True])
    before = scene.first.root.clone(), scene.first.joint_pos.clone(), scene.second.joint_pos.clone()
    scene.first.write(mask, scene.first.default_root + 0.5, torch.full((N, 2), 0.3), torch.full((N, 2), 0.1))
    assert scene.first.root[~mask].equal(before[0][~mask])
    assert scene.first.joint_pos[~mask].equal(before[1][~mask])
    assert scene.second.joint_pos.equal(before[2])
    assert scene.first.joint_pos[mask].eq(0.3).all()
    assert scene.first.root_pos[mask][:, 2].eq(3.5).all()
    scene.first.refresh()
    torch.testing.assert_close(scene.first.joint_pos[mask], torch.full((2, 2), 0.3))
    torch.testing.assert_close(scene.first.joint_vel[mask], torch.full((2, 2), 0.1))


def test_write_reaches_the_engine(scene: Scene) -> None:
    mask = torch.tensor([False, True, True, True])
    root = scene.first.default_root.clone()
    root[:, 2], root[:, 9] = 10.0, 6.0  # thrown upwards
    scene.first.write(mask, root, scene.first.default_joint_pos, torch.zeros(N, 2))
    scene.step()
    assert scene.first.root_pos[mask][:, 2].gt(10.0).all()
    assert scene.first.root_pos[0, 2] < 3.0


def test_a_fixed_root_is_left_where_it_stands(scene: Scene) -> None:
    scene.second.write(torch.ones(N, dtype=torch.bool), scene.second.root + 1.0, torch.zeros(N, 2), torch.zeros(N, 2))
    scene.second.refresh()
    assert scene.second.root_pos[0].tolist() == [1.0, 0.0, 1.0]


def test_bodies_show_at_once_where_an_actor_was_written_to(scene: Scene) -> None:
    bodies = scene.first.body_state
    scene.step()
    root, joints = scene.first.root.clone(), torch.full((N, 2), 0.3)
    root[:, 0] = 7.0
    scene.first.write(torch.tensor([True, False, True, False]), root, joints, torch.zeros(N, 2))
    torch.testing.assert_close(bodies[:, 0, :3], scene.first.root_pos)
    assert bodies[:, 0, 0].tolist() == [7.0, 0.0, 7.0, 0.0]
