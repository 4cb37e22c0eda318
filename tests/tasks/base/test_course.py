"""The way to a target: speed of coming nearer, asked once a step and begun anew where a mask says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tasks.base.course import Course

DT = 0.5
TARGET = torch.tensor([10.0, 0.0, 3.0])


@pytest.fixture
def robot() -> Any:
    """Two robots at the origin, facing +x and +y."""
    half = 0.5**0.5
    quat = torch.tensor([[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, half, half]])
    return SimpleNamespace(root_pos=torch.zeros(2, 3), root_quat=quat)


@pytest.fixture
def course(robot: Any) -> Course:
    course = Course(robot, TARGET, torch.zeros(2), DT)
    course.restart(torch.ones(2, dtype=torch.bool))
    return course


def test_approach_is_the_horizontal_way_gained_since_the_last_question(robot: Any, course: Course) -> None:
    robot.root_pos += torch.tensor([[1.0, 0.0, 5.0], [-2.0, 0.0, 0.0]])
    torch.testing.assert_close(course.approach(), torch.tensor([2.0, -4.0]))
    torch.testing.assert_close(course.approach(), torch.zeros(2))


def test_a_restart_forgets_the_way_of_the_robots_in_the_mask_only(robot: Any, course: Course) -> None:
    robot.root_pos += torch.tensor([1.0, 0.0, 0.0])
    course.restart(torch.tensor([True, False]))
    torch.testing.assert_close(course.approach(), torch.tensor([0.0, 2.0]))


def test_heading_and_bearing_point_to_the_target(course: Course) -> None:
    torch.testing.assert_close(course.heading(), torch.tensor([1.0, 0.0]), atol=1e-6, rtol=0)
    torch.testing.assert_close(course.bearing(), torch.atan2(TARGET[2], TARGET[0]).expand(2))
