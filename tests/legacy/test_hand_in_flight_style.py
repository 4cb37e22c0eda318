"""A client of the kind that moves hands through the air by forces and looks for grasps in contact records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from isaacgym import gymapi, gymtorch

HAND = """<mujoco><compiler angle="radian"/>
  <worldbody><body name="mount" pos="1 1.25 0.15" euler="1.5708 0 3.14159">
    <inertial pos="0 0 0" mass="0.1" diaginertia="0.001 0.001 0.001"/>
    <body name="forearm"><geom type="box" size="0.03 0.02 0.1" pos="0 0 0.1" mass="2"/>
      <body name="palm" pos="0 0 0.2"><joint name="wrist" axis="0 1 0" range="-0.4 0.4" damping="0.5" armature="0.005"/>
        <geom type="box" size="0.05 0.012 0.08" pos="0 0 0.08" mass="0.3"/></body></body></body></worldbody>
  <actuator><position name="drive" joint="wrist" kp="5"/><position name="of_another" joint="elbow" kp="5"/></actuator>
  </mujoco>"""
PUSH, DAMPING, MASS = 24.0, 100.0, 2.4


class Client:
    """Two environments of a hand in the air, palm up, with a ball on it; every asset is loaded for each."""

    num_envs = 2

    def __init__(self, folder: Path) -> None:
        self.gym, self.envs = gymapi.acquire_gym(), list[gymapi.Env]()
        params = gymapi.SimParams()
        params.up_axis, params.gravity = gymapi.UP_AXIS_Z, gymapi.Vec3(0, 0, -9.81)
        params.dt, params.substeps = 1 / 60, 2
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        (folder / "hand.xml").write_text(HAND)
        for i in range(self.num_envs):
            self._create_env(folder, i)
        self.gym.prepare_sim(self.sim)
        self.root = gymtorch.wrap_tensor(self.gym.acquire_actor_root_state_tensor(self.sim)).view(self.num_envs, -1, 13)
        self.bodies = gymtorch.wrap_tensor(self.gym.acquire_rigid_body_state_tensor(self.sim)).view(
            self.num_envs, -1, 13
        )

    def _create_env(self, folder: Path, i: int) -> None:
        gym = self.gym
        env = gym.create_env(self.sim, gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1), 2)
        options = gymapi.AssetOptions()
        options.fix_base_link, options.disable_gravity = False, True
        options.linear_damping = options.angular_damping = DAMPING
        asset = gym.load_asset(self.sim, str(folder), "hand.xml", options)
        gym.set_asset_tendon_properties(asset, gym.get_asset_tendon_properties(asset))
        hand = gym.create_actor(env, asset, gymapi.Transform(gymapi.Vec3(0, 0, 0.5)), "hand", i, -1)
        for body in range(5):
            gym.set_rigid_body_color(env, hand, body, gymapi.MESH_VISUAL, gymapi.Vec3(0.6, 0.3, 0.3))
        thing = gymapi.AssetOptions()
        thing.density = 100.0
        place = gymapi.Transform(gymapi.Vec3(0, -0.28, 0.545))
        gym.create_actor(env, gym.create_sphere(self.sim, 0.03, thing), place, "object", i, 0)
        nothing = gym.create_box(self.sim, 0, 0, 0, thing)
        gym.create_actor(env, nothing, gymapi.Transform(gymapi.Vec3(3, 3, 3)), "table", i + self.num_envs, 0)
        self.envs.append(env)

    def step(self, force: torch.Tensor) -> None:
        self.gym.apply_rigid_body_force_tensors(self.sim, gymtorch.unwrap_tensor(force), None, gymapi.ENV_SPACE)
        self.gym.simulate(self.sim)
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_rigid_body_state_tensor(self.sim)

    def grasped(self, env: gymapi.Env) -> bool:
        """Whether the ball, body 3, touches the palm, body 2."""
        return 3 * 100 + 2 in np.unique([c[2] * 100 + c[3] for c in self.gym.get_env_rigid_contacts(env)])


@pytest.fixture
def client(tmp_path: Path) -> Client:
    with pytest.warns(gymapi.SimulationWarning, match="'hand' has no body [34]"):
        return Client(tmp_path)


def test_the_hand_lies_palm_up_as_its_file_turns_it(client: Client) -> None:
    client.step(torch.zeros(2, 5, 3))
    assert torch.allclose(client.bodies[:, 2, :3], torch.tensor([0.0, -0.2, 0.5]), atol=2e-3)


def test_the_ball_rests_on_the_palm_and_the_records_say_so(client: Client) -> None:
    for _ in range(20):
        client.step(torch.zeros(2, 5, 3))
    assert all(client.grasped(env) for env in client.envs)
    assert float(client.root[:, 1, 2].min()) > 0.52


def test_a_force_moves_the_hand_as_fast_as_its_damping_lets_it(client: Client) -> None:
    force = torch.zeros(2, 5, 3)
    force[:, 1, 1] = PUSH
    client.gym.refresh_actor_root_state_tensor(client.sim)
    client.root[:, 1, 0] = 2.0  # the ball away
    client.gym.set_actor_root_state_tensor(client.sim, gymtorch.unwrap_tensor(client.root))
    for _ in range(30):
        client.step(force)
    assert client.root[:, 0, 8] == pytest.approx(PUSH / (MASS * DAMPING), rel=0.05)
    assert all(int(count.sum()) == 0 for count in client.gym.get_sim_health(client.sim).values())
