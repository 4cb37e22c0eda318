"""A client in the manner of DexterousHands: two hands with tendons, an object between them, and a goal to look at."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from isaacgym import gymapi, gymtorch
from isaacgym.torch_utils import scale, tensor_clamp, to_torch, torch_rand_float, unscale

FINGER = """<body name="{n}proximal" pos="{x} 0 0.05"><joint name="{n}J2" axis="1 0 0" range="-0.3 1.5"/>
  <geom type="capsule" fromto="0 0 0 0 0 0.05" size="0.01"/>
  <body name="{n}distal" pos="0 0 0.05"><joint name="{n}J1" axis="1 0 0" range="0 1.5"/>
    <geom type="capsule" fromto="0 0 0 0 0 0.03" size="0.009"/></body></body>"""
HAND = f"""<mujoco model="hand"><compiler angle="radian"/>
  <default><joint type="hinge" limited="true" damping="0.1" armature="0.002"/><geom density="500"/>
    <position kp="1" ctrllimited="true" ctrlrange="-0.3 1.5" forcerange="-1 1"/></default>
  <worldbody><body name="palm"><geom type="box" size="0.05 0.04 0.02"/>
    {FINGER.format(n="FF", x=-0.03)}{FINGER.format(n="LF", x=0.03)}</body></worldbody>
  <tendon><fixed name="T_FF" limited="true" range="-0.01 0.01"><joint joint="FFJ2" coef="0.1"/>
    <joint joint="FFJ1" coef="-0.1"/></fixed></tendon>
  <actuator><position name="A_FFJ2" joint="FFJ2"/><position name="A_LFJ2" joint="LFJ2"/>
    <position name="A_LFJ1" joint="LFJ1"/></actuator></mujoco>"""
FINGERTIPS = ("FFdistal", "LFdistal")


class HandOver:
    """Rows of the root tensor per environment: hand, other hand, object, goal, table."""

    def __init__(self, num_envs: int, engine: str, folder: Path) -> None:
        self.gym, self.num_envs = gymapi.acquire_gym(), num_envs
        params = gymapi.SimParams()
        params.dt, params.substeps, params.up_axis = 1.0 / 60.0, 2, gymapi.UP_AXIS_Z
        params.gravity = gymapi.Vec3(0.0, 0.0, -9.81)
        setattr(params.mujoco, "engine", engine)  # noqa: B010
        self.sim = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        self.gym.add_ground(self.sim, plane)
        self._load(folder)
        self._create_envs()
        self.gym.prepare_sim(self.sim)
        self._acquire()

    def _load(self, folder: Path) -> None:
        (folder / "hand.xml").write_text(HAND)
        options = gymapi.AssetOptions()
        options.fix_base_link = options.collapse_fixed_joints = options.disable_gravity = True
        options.use_physx_armature, options.thickness, options.angular_damping = True, 0.001, 0.01
        options.default_dof_drive_mode = gymapi.DOF_MODE_NONE
        self.hand = self.gym.load_asset(self.sim, str(folder), "hand.xml", options)
        self._relax_tendons()
        thing = gymapi.AssetOptions()
        thing.density = 300.0
        self.object = self.gym.create_box(self.sim, 0.06, 0.06, 0.06, thing)
        thing.disable_gravity = True
        self.goal = self.gym.create_box(self.sim, 0.06, 0.06, 0.06, thing)
        flat = gymapi.AssetOptions()
        flat.fix_base_link = True
        self.table = self.gym.create_box(self.sim, 0.3, 0.3, 0.0, flat)  # of no height

    def _relax_tendons(self) -> None:
        tendons = self.gym.get_asset_tendon_properties(self.hand)
        for i in range(self.gym.get_asset_tendon_count(self.hand)):
            assert self.gym.get_asset_tendon_name(self.hand, i) == "T_FF"
            tendons[i].limit_stiffness, tendons[i].damping = 30.0, 0.1
        self.gym.set_asset_tendon_properties(self.hand, tendons)
        count = self.gym.get_asset_actuator_count(self.hand)
        driven = [self.gym.get_asset_actuator_joint_name(self.hand, i) for i in range(count)]
        self.actuated = torch.tensor([self.gym.find_asset_dof_index(self.hand, name) for name in driven])

    def _create_envs(self) -> None:
        gym, poses = self.gym, [(0, 0, 0.5), (0, 0.3, 0.5), (0, 0, 0.67), (0.5, 0, 0.9), (0, 0.6, 0.0)]
        assets = (self.hand, self.hand, self.object, self.goal, self.table)
        names = ("hand", "another_hand", "object", "goal_object", "table")
        bodies = sum(gym.get_asset_rigid_body_count(asset) for asset in assets)
        shapes = sum(gym.get_asset_rigid_shape_count(asset) for asset in assets)
        indices, self.envs = list[list[int]](), list[gymapi.Env]()
        for i in range(self.num_envs):
            env = gym.create_env(self.sim, gymapi.Vec3(-0.75, -0.75, 0), gymapi.Vec3(0.75, 0.75, 0.75), 2)
            gym.begin_aggregate(env, bodies, shapes, True)
            groups = (i, i, i, i + self.num_envs, i)
            row = list[int]()
            for asset, name, place, group in zip(assets, names, poses, groups, strict=True):
                pose = gymapi.Transform(gymapi.Vec3(*place))
                actor = gym.create_actor(env, asset, pose, name, group, -1 if asset is self.hand else 0, len(row))
                if asset is self.hand:
                    gym.set_actor_dof_properties(env, actor, gym.get_asset_dof_properties(asset))
                    gym.enable_actor_dof_force_sensors(env, actor)
                    self._set_grip(env, actor, 0.8)
                row.append(gym.get_actor_index(env, actor, gymapi.DOMAIN_SIM))
            gym.set_rigid_body_color(env, 2, 0, gymapi.MESH_VISUAL, gymapi.Vec3(0.6, 0.72, 0.98))
            gym.end_aggregate(env)
            indices.append(row)
            self.envs.append(env)
        self.indices = to_torch(indices, dtype=torch.int32, device="cpu")
        self.fingertips = [
            gym.find_actor_rigid_body_index(self.envs[0], hand, name, gymapi.DOMAIN_ENV)
            for hand in (0, 1)
            for name in FINGERTIPS
        ]

    def _set_grip(self, env: gymapi.Env, actor: int, friction: float) -> None:
        shapes = self.gym.get_actor_rigid_shape_properties(env, actor)
        for shape in shapes:
            shape.friction = friction
        self.gym.set_actor_rigid_shape_properties(env, actor, shapes)

    def _acquire(self) -> None:
        gym, sim, n = self.gym, self.sim, self.num_envs
        self.roots = gymtorch.wrap_tensor(gym.acquire_actor_root_state_tensor(sim)).view(-1, 13)
        self.dofs = gymtorch.wrap_tensor(gym.acquire_dof_state_tensor(sim))
        self.bodies = gymtorch.wrap_tensor(gym.acquire_rigid_body_state_tensor(sim)).view(n, -1, 13)
        self.dof_force = gymtorch.wrap_tensor(gym.acquire_dof_force_tensor(sim)).view(n, 8)
        props = gym.get_asset_dof_properties(self.hand)
        self.lower, self.upper = (to_torch(props[side], device="cpu") for side in ("lower", "upper"))
        self.targets = torch.zeros(n, 8)
        self.forces = torch.zeros(n, self.bodies.shape[1], 3)
        self.refresh()
        self.start = self.roots.clone()

    def refresh(self) -> None:
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_dof_state_tensor(self.sim)
        self.gym.refresh_rigid_body_state_tensor(self.sim)
        self.gym.refresh_dof_force_tensor(self.sim)

    def reset(self, env_ids: torch.Tensor) -> None:
        """New places for goals and objects, and open hands: one merged root setter, dof setters for both hands."""
        things, hands = self.indices[env_ids, 2:4].flatten(), self.indices[env_ids, :2].flatten()
        self.roots[things.long()] = self.start[things.long()]
        self.roots[things.long(), 0] += torch_rand_float(-0.01, 0.01, (len(things), 1), device="cpu").flatten()
        self.targets[env_ids] = 0.0
        self.dofs.view(self.num_envs, 8, 2)[env_ids] = 0.0
        moved, fingers = torch.unique(things).to(torch.int32), hands.to(torch.int32)
        roots, dofs, targets = (gymtorch.unwrap_tensor(t) for t in (self.roots, self.dofs, self.targets))
        whose = gymtorch.unwrap_tensor(fingers)
        self.gym.set_dof_position_target_tensor_indexed(self.sim, targets, whose, len(fingers))
        self.gym.set_dof_state_tensor_indexed(self.sim, dofs, whose, len(fingers))
        self.gym.set_actor_root_state_tensor_indexed(self.sim, roots, gymtorch.unwrap_tensor(moved), len(moved))

    def step(self, actions: torch.Tensor, lift: float = 0.0) -> torch.Tensor:
        for hand in (0, 1):
            columns = self.actuated + 4 * hand
            wanted = scale(actions[:, 3 * hand : 3 * hand + 3], self.lower[self.actuated], self.upper[self.actuated])
            self.targets[:, columns] = tensor_clamp(wanted, self.lower[self.actuated], self.upper[self.actuated])
        self.gym.set_dof_position_target_tensor(self.sim, gymtorch.unwrap_tensor(self.targets))
        self.forces[:, self.object_body, 2] = lift
        forces = gymtorch.unwrap_tensor(self.forces.view(-1, 3))
        self.gym.apply_rigid_body_force_tensors(self.sim, forces, None, gymapi.LOCAL_SPACE)
        self.gym.simulate(self.sim)
        self.gym.fetch_results(self.sim, True)
        self.refresh()
        hands = unscale(self.dofs.view(self.num_envs, 2, 4, 2)[..., 0], self.lower, self.upper).flatten(1)
        tips = self.bodies[:, self.fingertips].flatten(1)
        return torch.cat(
            [hands, self.dof_force, tips, self.roots[self.indices[:, 2:4].flatten().long()].view(-1, 26)], -1
        )

    @property
    def object_body(self) -> int:
        return self.gym.find_actor_rigid_body_handle(self.envs[0], 2, "box")


@pytest.mark.parametrize("engine", ["mujoco", "warp"])
def test_two_hands_an_object_and_a_goal_run_with_random_actions(engine: str, tmp_path: Path) -> None:
    torch.manual_seed(4)
    task = HandOver(3, engine, tmp_path)
    assert [task.gym.get_actor_name(task.envs[0], actor) for actor in (0, 3)] == ["hand", "goal_object"]
    for i in range(30):
        if i % 10 == 0:
            task.reset(torch.tensor([i // 10 % 3]))
        obs = task.step(2.0 * torch.rand(3, 6) - 1.0)
        assert obs.shape == (3, 8 + 8 + 4 * 13 + 26)
        assert torch.isfinite(obs).all()
    goals = task.indices[:, 3].long()
    assert torch.allclose(task.roots[goals, 1:7], task.start[goals, 1:7], atol=1e-4)  # weightless, touched by nothing
    coupled = task.dofs.view(3, 2, 4, 2)[..., 0]
    assert (
        float((coupled[..., 0] - coupled[..., 1]).abs().max()) < 1.0
    )  # the tendon pulls FFJ1 along, which has no motor
    assert not int(sum(count.sum() for count in task.gym.get_sim_health(task.sim).values()))


def test_a_force_on_the_object_lifts_it_off_the_palm(tmp_path: Path) -> None:
    task = HandOver(2, "mujoco", tmp_path)
    weight = 300.0 * 0.06**3 * 9.81
    objects = task.indices[:, 2].long()
    for _ in range(12):
        task.step(torch.zeros(2, 6), lift=2.0 * weight)
    flown = 0.5 * 9.81 * (12 / 60) ** 2
    assert torch.allclose(task.roots[objects, 2] - task.start[objects, 2], torch.full((2,), flown), rtol=0.06)
