"""The part of the Gym that belongs to a window. Where there is no display, create_viewer gives None, which all take."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from isaacgym._src.enums import INVALID_HANDLE, KeyboardInput, MouseInput
from isaacgym._src.lines import line_arrays
from isaacgym._src.opengl import OpenGLError
from isaacgym._src.options import CameraProperties
from isaacgym._src.results import ActionEvent
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Int2, Transform, Vec2, Vec3

if TYPE_CHECKING:
    from isaacgym._src.viewer import Viewer

LOGGER = logging.getLogger("isaacgym")


class GymViewer:
    """Viewer, keyboard, mouse and debug lines."""

    def create_viewer(self, sim: Sim, props: CameraProperties) -> Any:
        """A window on the display; None where there is none, which stands for it in every call."""
        try:
            from isaacgym._src.viewer import open_viewer  # whose library is not on every machine

            sim.graphics.viewer = open_viewer(sim, props)
        except (ImportError, OpenGLError) as error:
            LOGGER.warning("create_viewer: no window opens (%s); the simulation runs without", error)
        return sim.graphics.viewer

    def destroy_viewer(self, viewer: Viewer | None) -> None:
        if opened := _of(viewer, "destroy_viewer"):
            opened.close()
            opened.sim.graphics.viewer = None

    def viewer_camera_look_at(self, viewer: Viewer | None, env: Env | None, position: Vec3, target: Vec3) -> None:
        """Look from a point at another, in the environment's frame, or both global."""
        if opened := _of(viewer, "viewer_camera_look_at"):
            origin = np.array(env.origin if env else (0.0, 0.0, 0.0))
            opened.camera.look_at(origin + position.floats(), origin + target.floats())

    def draw_viewer(self, viewer: Viewer | None, sim: Sim, render_collision: bool = False) -> None:
        """Show the present state; `render_collision` has no effect."""
        if opened := _of(viewer, "draw_viewer"):
            opened.draw()

    def step_graphics(self, sim: Sim) -> None:
        """Nothing to do: pictures show the present state whenever they are drawn."""

    def sync_frame_time(self, sim: Sim) -> None:
        """Wait until the simulated time has passed, where somebody watches a window; else return at once."""
        if sim.graphics.viewer is not None:
            sim.graphics.viewer.pace()

    def poll_viewer_events(self, viewer: Viewer | None) -> None:
        if opened := _of(viewer, "poll_viewer_events"):
            opened.window.poll()

    def query_viewer_has_closed(self, viewer: Viewer | None) -> bool:
        """Whether its user closed the window; False without one."""
        opened = _of(viewer, "query_viewer_has_closed")
        if opened:
            opened.window.poll()
        return opened is not None and opened.window.closed

    def query_viewer_action_events(self, viewer: Viewer | None) -> list[ActionEvent]:
        """What the user did of what was subscribed to, since the last query."""
        opened = _of(viewer, "query_viewer_action_events")
        if not opened:
            return []
        opened.window.poll()
        return opened.window.take_events()

    def subscribe_viewer_keyboard_event(self, viewer: Viewer | None, key: int, action: str) -> bool:
        """From now on `action` is among the events with 1 when the key is pressed and 0 when it is released."""
        if opened := _of(viewer, "subscribe_viewer_keyboard_event"):
            opened.window.subscribe(KeyboardInput(key), action)
        return True

    def subscribe_viewer_mouse_event(self, viewer: Viewer | None, button: int, action: str) -> bool:
        """As with keys; motions have their part of the window's size, the wheel its steps as the value."""
        if opened := _of(viewer, "subscribe_viewer_mouse_event"):
            opened.window.subscribe(MouseInput(button), action)
        return True

    def get_viewer_size(self, viewer: Viewer | None) -> Int2:
        """Width and height of the picture [pixels]; zero without a window."""
        opened = _of(viewer, "get_viewer_size")
        return Int2(*opened.window.size) if opened else Int2(0, 0)

    def get_viewer_mouse_position(self, viewer: Viewer | None) -> Vec2:
        """Where the pointer is, from the upper left corner (0, 0) to the lower right one (1, 1)."""
        opened = _of(viewer, "get_viewer_mouse_position")
        return Vec2(*opened.window.pointer) if opened else Vec2(0.0, 0.0)

    def get_viewer_camera_handle(self, viewer: Viewer | None) -> int:
        """INVALID_HANDLE: the window's camera is no camera sensor."""
        _of(viewer, "get_viewer_camera_handle")
        return INVALID_HANDLE

    def get_viewer_camera_transform(self, viewer: Viewer | None, env: Env | None) -> Transform:
        """Where the camera is in the environment's frame, or globally, looking along x; without a window, nowhere."""
        opened = _of(viewer, "get_viewer_camera_transform")
        if not opened:
            return Transform()
        pose = opened.camera.pose()
        return Transform(pose.p - Vec3(*env.origin), pose.r) if env else pose

    def add_lines(self, viewer: Viewer | None, env: Env | None, count: int, vertices: Any, colors: Any) -> None:
        """Draw `count` lines of 6 numbers and 3 of colour each, in the environment's frame, until clear_lines."""
        ends, rgb = line_arrays(count, vertices, colors)
        if opened := _of(viewer, "add_lines"):
            origin = np.array(env.origin if env else (0.0, 0.0, 0.0), np.float32)
            opened.lines.add(ends + origin, rgb)

    def clear_lines(self, viewer: Viewer | None) -> None:
        if opened := _of(viewer, "clear_lines"):
            opened.lines.clear()

    def write_viewer_image_to_file(self, viewer: Viewer | None, filename: str) -> None:
        """Write what the window shows; the file's suffix says the format."""
        opened = _of(viewer, "write_viewer_image_to_file")
        if not opened:
            raise RuntimeError(
                f"write_viewer_image_to_file: there is no viewer to write to '{filename}'; use create_camera_sensor "
                "and write_camera_image_to_file"
            )
        opened.write(filename)


def _of(viewer: Any, method: str) -> Viewer | None:
    """What create_viewer gave, None where there is no window any more."""
    if viewer is not None and not hasattr(viewer, "window"):
        raise TypeError(
            f"{method}: needs what create_viewer gave, a viewer or None, given {type(viewer).__name__} {viewer!r}"
        )
    return viewer if viewer is not None and viewer.sim.graphics.viewer is viewer else None
