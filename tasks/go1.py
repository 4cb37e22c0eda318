"""Go1: a quadruped of twelve joints follows velocity commands on flat ground.

In the style of legged_gym's flat tasks and MuJoCo Playground's Go1: observations, most reward terms and the tracking
width are theirs. What differs: a clock of a trot, seen as sine and cosine, says how high each foot should be, as in
Playground's walkers on two legs, in place of a reward for time in the air; it stands still where the command is to
stand. Heights follow from joint positions, so that neither bodies nor contact forces are read. Rewards are per
control step, not times its length, and not clipped at zero.

The action in [-1, 1] moves the targets of the joints' drives around the default pose. A command is the velocity ahead
and to the left [m/s] and the yaw rate [rad/s] in the trunk's frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tasks.base.articulation import Placement
from tasks.base.config import ABOVE_ZERO, TaskConfig
from tasks.base.task import Command, Task, Terms
from tasks.mdp import commands, frames, legs, penalties, resets

FRONT, LEFT = (1.0, 1.0, -1.0, -1.0), (-1.0, 1.0, -1.0, 1.0)  # of the legs FR, FL, RR, RL
SWING_FIRST = (1.0, -1.0, -1.0, 1.0)  # in a trot diagonal legs swing together
HIP, OFFSET, LINK = (0.1881, 0.04675), 0.08, 0.213  # assets/mjcf/go1.xml [m]
FOOT_RADIUS = 0.023  # [m]


@dataclass(frozen=True)
class CommandConfig:
    """From which commands to draw, and when."""

    lin_vel_x: tuple[float, float]  # lowest and highest [m/s]
    lin_vel_y: tuple[float, float]  # [m/s]
    ang_vel_yaw: tuple[float, float]  # [rad/s]
    standing_share: float  # of the commands are zero
    interval: int = field(metadata=ABOVE_ZERO)  # [control steps] until a new command


@dataclass(frozen=True)
class PoseConfig:
    """Joint positions of the default pose [rad]."""

    hip: float  # outwards
    thigh: float
    calf: float


@dataclass(frozen=True)
class Go1Config(TaskConfig):
    """Go1's own values."""

    pose: PoseConfig
    spawn_height: float  # of the trunk [m]
    action_scale: float = field(metadata=ABOVE_ZERO)  # of the targets' distance from the pose [rad]
    command: CommandConfig
    fall_height: float  # of the trunk, ends the episode [m]
    fall_up: float  # world z of the trunk's z axis below which the episode ends
    tracking_width: float = field(metadata=ABOVE_ZERO)  # error at which a tracking reward is 1/e [m/s] or [rad/s]
    gait_frequency: float = field(metadata=ABOVE_ZERO)  # of the trot [Hz]
    gait_lift: float  # of each foot in its swing [m]
    gait_width: float = field(metadata=ABOVE_ZERO)  # error of a foot's height at which it is paid 1/e [m]
    start_joint_noise: float  # around the pose [rad]
    start_speed: float  # largest of each velocity of the trunk at the start [m/s] or [rad/s]
    push_speed: float  # largest kick to the trunk along x and y, 0: none [m/s]
    push_interval: int = field(metadata=ABOVE_ZERO)  # [control steps] between kicks
    success_tracking: float  # mean tracking of the planar velocity over a whole episode that counts as success


class Go1(Task):
    """Walk as commanded."""

    config_class = Go1Config
    config: Go1Config

    def setup(self) -> None:
        cfg = self.config
        placement = Placement(position=(0.0, 0.0, cfg.spawn_height), collision_filter=1)
        self.robot = self.add_actor("go1", placement)
        self._describe_robot()
        ranges = (cfg.command.lin_vel_x, cfg.command.lin_vel_y, cfg.command.ang_vel_yaw)
        self.command_low, high = torch.tensor(ranges, device=self.device).unbind(-1)
        self.command_span = high - self.command_low
        self.down = torch.tensor([0.0, 0.0, -1.0], device=self.device).repeat(self.num_envs, 1)
        self.command = self.buffer(3)
        self.target = self.buffer(12)
        self.memory = self.buffer(25)  # of the episode
        self.last_action, self.last_joint_vel, tracked = self.memory.split((12, 12, 1), -1)
        self.tracked = tracked.squeeze(-1)  # sum of the tracking of the planar velocity

    def act(self) -> None:
        if self.config.push_speed > 0.0:
            self._push()
        torch.add(self.pose, self.action, alpha=self.config.action_scale, out=self.target)
        self.robot.apply_position(self.target)

    def observe(self) -> Terms:
        phase, moving = self._phase(), commands.moving(self.command, 0.1)
        lin_vel, ang_vel, gravity = self._in_trunk()
        return {
            "lin_vel": lin_vel,
            "ang_vel": ang_vel,
            "gravity": gravity,
            "command": self.command,
            "clock": torch.stack((torch.sin(phase), torch.cos(phase)), -1) * moving.unsqueeze(-1),
            "joint_pos": self.robot.joint_pos - self.pose,
            "joint_vel": self.robot.joint_vel,
            "action": self.last_action,
        }

    def reward(self) -> Terms:
        cfg, robot = self.config, self.robot
        lin_vel, ang_vel, gravity = self._in_trunk()
        error = (torch.cat((lin_vel[:, :2], ang_vel[:, 2:]), -1) - self.command).square()
        squared_errors = torch.stack((error[:, :2].sum(-1), error[:, 2]), -1)
        track_lin_vel, track_ang_vel = commands.following(squared_errors, cfg.tracking_width).unbind(-1)
        bent = robot.joint_pos - self.pose
        effort = self.stiffness * (self.target - robot.joint_pos) - self.damping * robot.joint_vel
        joint_acc = (robot.joint_vel - self.last_joint_vel) / self.dt
        costs = penalties.l2(torch.stack((bent, effort, joint_acc, self.action - self.last_action), 1))
        terms = {
            "track_lin_vel": track_lin_vel,
            "track_ang_vel": track_ang_vel,
            "lin_vel_z": lin_vel[:, 2].square(),
            "ang_vel_xy": penalties.l2(ang_vel[:, :2]),
            "tilt": penalties.l2(gravity[:, :2]),
            "posture": costs[:, 0],
            "effort": costs[:, 1],
            "joint_acc": costs[:, 2],
            "action_rate": costs[:, 3],
            "gait": self._gait(gravity),
            "death": torch.ones_like(track_lin_vel),
        }
        self._remember(track_lin_vel)
        return terms

    def terminate(self) -> Terms:
        robot, cfg = self.robot, self.config
        return {
            "trunk_low": robot.root_pos[:, 2] < cfg.fall_height,
            "trunk_tilted": frames.up_z(robot.root_quat) < cfg.fall_up,
        }

    def commands(self) -> list[Command]:
        ranges = self.config.command
        return [
            Command("ahead [m/s]", *ranges.lin_vel_x, self.command[:, 0]),
            Command("left [m/s]", *ranges.lin_vel_y, self.command[:, 1]),
            Command("turn left [rad/s]", *ranges.ang_vel_yaw, self.command[:, 2]),
        ]

    def success(self) -> Tensor:
        return self.truncated & (self.tracked > self.config.success_tracking * self.max_episode_length)

    def reset(self, mask: Tensor) -> None:
        cfg, robot = self.config, self.robot
        noise = self.uniform(-1.0, 1.0, 18)
        joint_pos = torch.add(self.pose, noise[:, :12], alpha=cfg.start_joint_noise)
        root = torch.cat((robot.default_root[:, :7], cfg.start_speed * noise[:, 12:]), -1)
        robot.write(mask, root, joint_pos, torch.zeros_like(joint_pos))
        resets.put(self.command, mask, self._new_command())
        self.memory.masked_fill_(mask.unsqueeze(-1), 0.0)

    def _describe_robot(self) -> None:
        """What the steps compute with and never change: default pose, legs, gains and swings."""
        cfg, left = self.config, torch.tensor(LEFT)
        thigh, calf = torch.full((4,), cfg.pose.thigh), torch.full((4,), cfg.pose.calf)
        self.pose = torch.stack((cfg.pose.hip * left, thigh, calf), -1).flatten().to(self.device)
        hips = torch.tensor([(HIP[0] * f, HIP[1] * s, 0.0) for f, s in zip(FRONT, LEFT, strict=True)])
        self.legs = legs.LegGeometry(hips.to(self.device), (OFFSET * left).to(self.device), LINK, LINK)
        drives = self.gym.get_asset_dof_properties(self.robot.asset)
        self.stiffness = torch.from_numpy(drives["stiffness"].copy()).to(self.device)
        self.damping = torch.from_numpy(drives["damping"].copy()).to(self.device)
        self.lift = torch.tensor(SWING_FIRST, device=self.device) * cfg.gait_lift

    def _in_trunk(self) -> tuple[Tensor, Tensor, Tensor]:
        """Linear and angular velocity and the direction of gravity in the trunk's frame, (N, 3) each."""
        robot = self.robot
        world = torch.stack((robot.root_lin_vel, robot.root_ang_vel, self.down), 1)
        lin_vel, ang_vel, gravity = frames.rotate_inverse(robot.root_quat.unsqueeze(1), world).unbind(1)
        return lin_vel, ang_vel, gravity

    def _phase(self) -> Tensor:
        """(N,) of the trot [rad]."""
        return self.progress * (2.0 * math.pi * self.config.gait_frequency * self.dt)

    def _gait(self, down: Tensor) -> Tensor:
        """(N,) in [0, 1], how close the feet are to the heights that the clock of the trot gives them.

        `down` (N, 3) is where gravity points in the trunk's frame; a robot that is to stand keeps its feet down.
        """
        feet = legs.foot_positions(self.robot.joint_pos, self.legs)
        heights = legs.foot_heights(self.robot.root_pos[:, 2], down, feet) - FOOT_RADIUS
        wanted = legs.trot_heights(self._phase(), self.lift) * commands.moving(self.command, 0.1).unsqueeze(-1)
        return commands.following((heights - wanted).square(), self.config.gait_width).mean(-1)

    def _remember(self, tracked: Tensor) -> None:
        """What the next step is compared with; commands whose time is over give way to new ones."""
        self.last_action.copy_(self.action)
        self.last_joint_vel.copy_(self.robot.joint_vel)
        self.tracked += tracked
        resets.put(self.command, commands.due(self.progress, self.config.command.interval), self._new_command())

    def _new_command(self) -> Tensor:
        """(N, 3)."""
        unit = torch.rand(self.num_envs, 4, device=self.device)
        command = commands.scatter(unit[:, :3], self.command_low, self.command_span)
        return commands.stand_still(command, unit[:, 3], self.config.command.standing_share)

    def _push(self) -> None:
        """Kick the trunks whose time has come."""
        robot, cfg = self.robot, self.config
        root = robot.root.clone()
        root[:, 7:9] += self.uniform(-cfg.push_speed, cfg.push_speed, 2)
        mask = commands.due(self.progress, cfg.push_interval) & (self.progress > 0)
        robot.write(mask, root, robot.joint_pos, robot.joint_vel)
