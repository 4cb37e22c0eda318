"""Cartpole: balance a pole by pushing the cart it stands on.

Observations, action, rewards, episode length and termination are IsaacGymEnvs' Cartpole.

| observation | meaning | unit |
| --- | --- | --- |
| cart_pos, cart_vel | along the rail | m, m/s |
| pole_angle, pole_vel | from upright | rad, rad/s |

The action in [-1, 1] is the force on the cart times `max_effort`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.base.articulation import Placement
from tasks.base.config import TaskConfig
from tasks.base.task import Task, Terms


@dataclass(frozen=True)
class CartpoleConfig(TaskConfig):
    """Cartpole's own values."""

    max_effort: float  # force on the cart for an action of one [N]
    reset_distance: float  # of the cart from the middle, ends the episode [m]


class Cartpole(Task):
    """A pole hinged to a cart on a rail."""

    config_class = CartpoleConfig
    config: CartpoleConfig

    def setup(self) -> None:
        self.robot = self.add_actor("cartpole", Placement(position=(0.0, 0.0, 2.0), collision_filter=1, fixed=True))
        self.effort = self.buffer(len(self.robot.joint_names))

    @property
    def pole_angle(self) -> Tensor:
        return self.robot.joint_pos[:, 1]

    def act(self) -> None:
        self.effort[:, 0] = self.action[:, 0] * self.config.max_effort
        self.robot.apply_effort(self.effort)

    def observe(self) -> Terms:
        pos, vel = self.robot.joint_pos, self.robot.joint_vel
        return {"cart_pos": pos[:, 0], "cart_vel": vel[:, 0], "pole_angle": pos[:, 1], "pole_vel": vel[:, 1]}

    def reward(self) -> Terms:
        vel = self.robot.joint_vel
        one = torch.ones_like(vel[:, 0])
        return {
            "alive": one,
            "angle": self.pole_angle.square(),
            "cart_speed": vel[:, 0].abs(),
            "pole_speed": vel[:, 1].abs(),
            "death": one,
        }

    def terminate(self) -> Terms:
        return {
            "cart_far": self.robot.joint_pos[:, 0].abs() > self.config.reset_distance,
            "pole_down": self.pole_angle.abs() > math.pi / 2,
        }

    def reset(self, mask: Tensor) -> None:
        robot = self.robot
        robot.write(mask, robot.default_root, self.uniform(-0.1, 0.1, 2), self.uniform(-0.25, 0.25, 2))
