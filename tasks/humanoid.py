"""Humanoid: a biped of 21 joints runs along x.

Observations, action, rewards, episode length and termination are IsaacGymEnvs' Humanoid, quirks included: the
bearing of the target is taken in the x-z plane. What differs: joint forces are those of the motors, force sensors
read the net wrench on a foot as this package defines it, and a reset shows in the same step.

The action in [-1, 1] is the torque of each joint over the gear of its motor.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.base.articulation import Placement
from tasks.base.config import TaskConfig
from tasks.base.course import Course
from tasks.base.task import Task, Terms
from tasks.mdp import frames, penalties, resets, walking

FEET = ("right_foot", "left_foot")


@dataclass(frozen=True)
class HumanoidConfig(TaskConfig):
    """Humanoid's own values."""

    power: float  # scale of all torques
    fall_height: float  # of the torso, ends the episode [m]


class Humanoid(Task):
    """Run towards a target a kilometre away."""

    config_class = HumanoidConfig
    config: HumanoidConfig

    def setup(self) -> None:
        self.robot = self.add_actor(
            "humanoid",
            Placement(position=(0.0, 0.0, 1.34), collision_filter=0, force_sensors=FEET, joint_forces=True),
        )
        target = torch.tensor([1000.0, 0.0, 0.0], device=self.device)
        self.course = Course(self.robot, target, self.buffer(), self.dt)
        self.gear_ratio = self.robot.motor_efforts / self.robot.motor_efforts.max()

    def act(self) -> None:
        self.robot.apply_effort(self.action * self.robot.motor_efforts * self.config.power)

    def observe(self) -> Terms:
        robot, quat = self.robot, self.robot.root_quat
        yaw = frames.yaw(quat)
        return {
            "height": robot.root_pos[:, 2],
            "lin_vel": frames.rotate_inverse(quat, robot.root_lin_vel),
            "ang_vel": frames.rotate_inverse(quat, robot.root_ang_vel),
            "yaw": yaw,
            "roll": frames.roll(quat),
            "bearing": frames.wrap(self.course.bearing() - yaw),
            "up": frames.up_z(quat),
            "heading": self.course.heading(),
            "joint_pos": robot.unit_joint_pos,
            "joint_vel": robot.joint_vel,
            "joint_force": robot.joint_force,
            "foot_wrench": robot.sensor_wrench,
            "action": self.action,
        }

    def reward(self) -> Terms:
        robot, one = self.robot, torch.ones_like(self.reward_sum)
        return {
            "progress": self.course.approach(),
            "alive": one,
            "up": walking.upright(frames.up_z(robot.root_quat)),
            "heading": walking.heading_reward(self.course.heading()),
            "effort": penalties.l2(self.action),
            "energy": penalties.power(self.action, robot.joint_vel * self.gear_ratio),
            "joints_at_limit": penalties.near_limits(robot.unit_joint_pos, 0.98, self.gear_ratio),
            "death": one,
        }

    def terminate(self) -> Terms:
        return {"torso_low": self.robot.root_pos[:, 2] < self.config.fall_height}

    def reset(self, mask: Tensor) -> None:
        robot, joints = self.robot, len(self.robot.joint_names)
        joint_pos = resets.noisy_joints(robot.default_joint_pos, robot.joint_limits, self.uniform(-0.2, 0.2, joints))
        robot.write(mask, robot.default_root, joint_pos, self.uniform(-0.1, 0.1, joints))
        self.course.restart(mask)
