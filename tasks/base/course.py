"""The way of a robot to a far target: where the target lies, and how fast the robot comes nearer."""

from __future__ import annotations

from torch import Tensor

from tasks.base.articulation import Articulation
from tasks.mdp import frames, resets, walking


class Course:
    """What a robot that has to go somewhere knows of its way; every tensor has a row per environment.

    `target` (3,) is in the environment's frame [m]; `distance` (N,) is a buffer of the task, `dt` its control step [s].
    """

    def __init__(self, robot: Articulation, target: Tensor, distance: Tensor, dt: float) -> None:
        self.robot, self.target, self._distance, self._dt = robot, target, distance, dt

    def heading(self) -> Tensor:
        """(N,) cosine between the root's forward axis and the direction to the target."""
        return walking.heading_to(frames.forward(self.robot.root_quat), self.robot.root_pos, self.target)

    def bearing(self) -> Tensor:
        """(N,) angle of the target as IsaacGymEnvs takes it, in the x-z plane [rad]."""
        return walking.bearing_xz(self.robot.root_pos, self.target)

    def approach(self) -> Tensor:
        """(N,) speed of coming nearer since it was asked last, or since the episode began [m/s]; ask once a step."""
        distance = walking.distance_xy(self.robot.root_pos, self.target)
        speed = (self._distance - distance) / self._dt
        self._distance.copy_(distance)
        return speed

    def restart(self, mask: Tensor) -> None:
        """Begin anew from where the robot is, in the environments in `mask` (N,)."""
        resets.put(self._distance, mask, walking.distance_xy(self.robot.root_pos, self.target))
