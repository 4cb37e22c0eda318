"""A window with an OpenGL context of its own, and what its user does: keys, buttons, pointer, wheel."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

import glfw

from isaacgym._src import opengl
from isaacgym._src.enums import KeyboardInput, MouseInput
from isaacgym._src.results import ActionEvent

SAMPLES = 4  # per pixel, against jagged edges
FEW_SAMPLES = 0  # where the display has no more
BUTTONS = {
    glfw.MOUSE_BUTTON_LEFT: MouseInput.MOUSE_LEFT_BUTTON,
    glfw.MOUSE_BUTTON_RIGHT: MouseInput.MOUSE_RIGHT_BUTTON,
    glfw.MOUSE_BUTTON_MIDDLE: MouseInput.MOUSE_MIDDLE_BUTTON,
    glfw.MOUSE_BUTTON_4: MouseInput.MOUSE_BACK_BUTTON,
    glfw.MOUSE_BUTTON_5: MouseInput.MOUSE_FORWARD_BUTTON,
}
SCROLLS = (
    (MouseInput.MOUSE_SCROLL_LEFT, MouseInput.MOUSE_SCROLL_RIGHT),
    (
        MouseInput.MOUSE_SCROLL_DOWN,
        MouseInput.MOUSE_SCROLL_UP,
    ),
)
MOVES = (
    (MouseInput.MOUSE_MOVE_LEFT, MouseInput.MOUSE_MOVE_RIGHT),
    (
        MouseInput.MOUSE_MOVE_UP,
        MouseInput.MOUSE_MOVE_DOWN,
    ),
)


class WindowError(opengl.OpenGLError):
    """There is no display on which a window could open."""


def _glfw_name(key: str) -> str:
    """What GLFW calls the key that Isaac Gym calls `key`."""
    special = {"KEY_DEL": "KEY_DELETE", "KEY_NUMPAD_DEL": "KEY_KP_DECIMAL"}
    return special.get(key, key.replace("NUMPAD_", "KP_"))


KEYS = {int(getattr(glfw, _glfw_name(key.name))): key for key in KeyboardInput}


class Window:
    """Opened on the display; `dragged` and `scrolled` are told of what nobody subscribed to."""

    def __init__(self, width: int, height: int, title: str) -> None:
        _start()
        self._handle = _opened(width, height, title)
        self._actions: dict[KeyboardInput | MouseInput, list[str]] = {}
        self._events: list[ActionEvent] = []
        self.held: set[KeyboardInput | MouseInput] = set()
        self.pointer = (0.0, 0.0)  # from the upper left corner to the lower right one in 0..1
        self.dragged: Callable[[MouseInput, float, float], None] = lambda button, dx, dy: None
        self.scrolled: Callable[[float], None] = lambda steps: None
        glfw.set_key_callback(self._handle, self._on_key)
        glfw.set_mouse_button_callback(self._handle, self._on_button)
        glfw.set_cursor_pos_callback(self._handle, self._on_pointer)
        glfw.set_scroll_callback(self._handle, self._on_scroll)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is drawn [pixels]; zero of a window that is iconified or gone."""
        return glfw.get_framebuffer_size(self._handle) if self._handle else (0, 0)

    @property
    def closed(self) -> bool:
        """Whether the user closed it, or the program."""
        return not self._handle or bool(glfw.window_should_close(self._handle))

    def subscribe(self, what: KeyboardInput | MouseInput, action: str) -> None:
        """Report `action` whenever this key, button or motion is used."""
        self._actions.setdefault(what, []).append(action)

    def subscribed(self, what: KeyboardInput | MouseInput) -> bool:
        """Whether somebody waits for this key, button or motion."""
        return what in self._actions

    def take_events(self) -> list[ActionEvent]:
        """What happened since this was last asked, in order."""
        taken, self._events = self._events, []
        return taken

    def poll(self) -> None:
        """Let the display tell what its user did."""
        if self._handle:
            glfw.poll_events()

    def make_current(self) -> None:
        """Draw in here until `show` or `release`."""
        opengl.release()
        glfw.make_context_current(self._handle)

    def show(self) -> None:
        """Let what was drawn be seen."""
        glfw.swap_buffers(self._handle)
        self.release()

    def release(self) -> None:
        """Leave this thread to contexts without a window."""
        _leave()

    def close(self) -> None:
        """Take it off the display."""
        if self._handle:
            glfw.destroy_window(self._handle)
        self._handle = None

    def _report(self, what: KeyboardInput | MouseInput, value: float) -> bool:
        actions = self._actions.get(what, ())
        self._events.extend(ActionEvent(action, value) for action in actions)
        return bool(actions)

    def _press(self, what: KeyboardInput | MouseInput, pressed: bool) -> None:
        (self.held.add if pressed else self.held.discard)(what)
        self._report(what, float(pressed))

    def _on_key(self, window: Any, key: int, scancode: int, action: int, modifiers: int) -> None:
        if key in KEYS and action != glfw.REPEAT:
            self._press(KEYS[key], action == glfw.PRESS)

    def _on_button(self, window: Any, button: int, action: int, modifiers: int) -> None:
        if button in BUTTONS:
            self._press(BUTTONS[button], action == glfw.PRESS)

    def _on_pointer(self, window: Any, x: float, y: float) -> None:
        width, height = glfw.get_window_size(self._handle)
        new = x / max(1, width), y / max(1, height)
        moved = new[0] - self.pointer[0], new[1] - self.pointer[1]
        self.pointer = new
        self._report_both(MOVES, moved)
        for button in self.held & set(BUTTONS.values()):
            if isinstance(button, MouseInput) and not self.subscribed(button):
                self.dragged(button, *moved)

    def _on_scroll(self, window: Any, x: float, y: float) -> None:
        if not self._report_both(SCROLLS, (x, y)):
            self.scrolled(y)

    def _report_both(self, inputs: tuple[tuple[MouseInput, MouseInput], ...], moved: tuple[float, float]) -> bool:
        """Report a motion along both axes by its name for its direction; whether anybody waited for it."""
        pairs = zip(inputs, moved, strict=True)
        return any([self._report(names[amount > 0], abs(amount)) for names, amount in pairs if amount])


def _start() -> None:
    """Start GLFW, or say why there is no display."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise WindowError("neither DISPLAY nor WAYLAND_DISPLAY is set")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        started = glfw.init()
    if not started:
        raise WindowError(_reason(caught))


def _opened(width: int, height: int, title: str) -> Any:
    """A window with smooth edges, or else with jagged ones."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for samples in (SAMPLES, FEW_SAMPLES):
            glfw.default_window_hints()
            glfw.window_hint(glfw.SAMPLES, samples)
            glfw.window_hint(glfw.FOCUS_ON_SHOW, glfw.FALSE)
            if handle := glfw.create_window(width, height, title, None, None):
                glfw.make_context_current(handle)
                glfw.swap_interval(0)  # sync_frame_time waits, not the display
                _leave()
                return handle
    raise WindowError(_reason(caught))


def _leave() -> None:
    glfw.make_context_current(None)  # type: ignore[arg-type]


def _reason(caught: list[warnings.WarningMessage]) -> str:
    return str(caught[-1].message) if caught else "GLFW does not say why"
