"""The part of the Gym that belongs to a window. There is none: create_viewer gives None, and every call takes it."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from isaacgym._src.enums import INVALID_HANDLE
from isaacgym._src.options import CameraProperties
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Transform, Vec3

LOGGER = logging.getLogger("isaacgym")


class GymViewer:
    """Viewer, keyboard, mouse and debug lines."""

    def create_viewer(self, sim: Sim, props: CameraProperties) -> Any:
        """None, which stands for a window that could not be opened."""
        LOGGER.warning("create_viewer: this package opens no window; the simulation runs without, use camera sensors")

    def destroy_viewer(self, viewer: None) -> None:
        _check(viewer, "destroy_viewer")

    def viewer_camera_look_at(self, viewer: None, env: Env | None, position: Vec3, target: Vec3) -> None:
        _check(viewer, "viewer_camera_look_at")

    def draw_viewer(self, viewer: None, sim: Sim, render_collision: bool = False) -> None:
        _check(viewer, "draw_viewer")

    def step_graphics(self, sim: Sim) -> None:
        """Nothing to do: pictures show the present state whenever they are drawn."""

    def sync_frame_time(self, sim: Sim) -> None:
        """Return at once: only somebody who watches a window needs real time."""

    def poll_viewer_events(self, viewer: None) -> None:
        _check(viewer, "poll_viewer_events")

    def query_viewer_has_closed(self, viewer: None) -> bool:
        """False: nobody closed it."""
        _check(viewer, "query_viewer_has_closed")
        return False

    def query_viewer_action_events(self, viewer: None) -> list[Any]:
        """No events."""
        _check(viewer, "query_viewer_action_events")
        return []

    def subscribe_viewer_keyboard_event(self, viewer: None, key: int, action: str) -> bool:
        """Accepted; the event never comes."""
        _check(viewer, "subscribe_viewer_keyboard_event")
        return True

    def subscribe_viewer_mouse_event(self, viewer: None, button: int, action: str) -> bool:
        """Accepted; the event never comes."""
        _check(viewer, "subscribe_viewer_mouse_event")
        return True

    def get_viewer_camera_handle(self, viewer: None) -> int:
        """INVALID_HANDLE."""
        _check(viewer, "get_viewer_camera_handle")
        return INVALID_HANDLE

    def get_viewer_camera_transform(self, viewer: None, env: Env | None) -> Transform:
        """The identity."""
        _check(viewer, "get_viewer_camera_transform")
        return Transform()

    def add_lines(self, viewer: None, env: Env | None, count: int, vertices: Any, colors: Any) -> None:
        """Check `count` lines of 6 numbers and 3 of colour each, and draw none."""
        _check(viewer, "add_lines")
        for name, values, width in (("vertices", vertices, 6), ("colors", colors, 3)):
            if (given := _numbers(values)) != width * count:
                raise ValueError(
                    f"add_lines: {count} lines need {width * count} numbers in {name} ({width} a line), given {given}"
                )

    def clear_lines(self, viewer: None) -> None:
        _check(viewer, "clear_lines")

    def write_viewer_image_to_file(self, viewer: None, filename: str) -> None:
        """Raise: there is nothing to write."""
        raise RuntimeError(
            f"write_viewer_image_to_file: there is no viewer to write to '{filename}'; use create_camera_sensor and "
            "write_camera_image_to_file"
        )


def _check(viewer: Any, method: str) -> None:
    if viewer is not None:
        raise TypeError(f"{method}: needs what create_viewer gave, which is None, given {type(viewer).__name__}")


def _numbers(values: Any) -> int:
    """How many numbers there are in nested lists, arrays or records of them."""
    if isinstance(values, Vec3):
        return 3
    array = values if isinstance(values, np.ndarray) else None
    if array is None:
        return sum(map(_numbers, values)) if np.iterable(values) else 1
    return array.size * (len(array.dtype.names) if array.dtype.names else 1)
