"""How a policy that is played is watched: in a window, in a page of a browser, or not at all."""

from __future__ import annotations

import os
import sys

from omegaconf import DictConfig

from learning.view.address import port_faults

AUTO, WINDOW, WEB, NONE = "auto", "window", "web", "none"


def chosen_viewer(wish: str) -> str:
    """`wish`, or for auto what suits the machine; where nobody sits at a terminal, nobody watches."""
    if wish != AUTO:
        return wish
    if not sys.stdout.isatty():
        return NONE
    return WINDOW if has_display() and not _window_faults() else WEB


def viewer_faults(config: DictConfig) -> list[str]:
    """What keeps the viewer that `config` asks for from opening, one line each."""
    viewer = chosen_viewer(config.viewer)
    if viewer == WINDOW:
        return _window_faults()
    return port_faults(config.web_host, config.web_port) if viewer == WEB else []


def has_display() -> bool:
    """Whether there is a screen that a window could open on."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _window_faults() -> list[str]:
    advice = "viewer=web serves a page for a browser, viewer=none plays without"
    if not has_display():
        return [f"viewer: no display for a window, DISPLAY is not set; {advice}"]
    from learning.view.window import WindowError, require_window

    try:
        require_window()
    except WindowError as error:
        return [f"viewer: no window: {error}; {advice}"]
    return []
