"""What the keys of a window do."""

from __future__ import annotations

from collections.abc import Callable

import glfw

from learning.view.controls import Controls
from tasks.base.task import Command

STRIDES = 20  # key strokes over a command's range
COMMAND_KEYS = (("Down", "Up"), ("Right", "Left"), ("E", "Q"))  # lower and raise the first commands of a task

SIMULATION: dict[int, Callable[[Controls], None]] = {
    glfw.KEY_SPACE: lambda controls: setattr(controls, "paused", not controls.paused),
    glfw.KEY_PERIOD: lambda controls: controls.step_once(),
    glfw.KEY_BACKSPACE: lambda controls: controls.reset(),
    glfw.KEY_EQUAL: lambda controls: controls.faster(1),
    glfw.KEY_KP_ADD: lambda controls: controls.faster(1),
    glfw.KEY_MINUS: lambda controls: controls.faster(-1),
    glfw.KEY_KP_SUBTRACT: lambda controls: controls.faster(-1),
    glfw.KEY_F: lambda controls: setattr(controls, "follow", not controls.follow),
    glfw.KEY_A: lambda controls: setattr(controls, "env", None),
    glfw.KEY_C: lambda controls: setattr(controls, "steering", not controls.steering),
}
NAMED = {
    "Space": "pause, go on",
    ".": "one step",
    "Backspace": "reset",
    "+ -": "faster, slower",
    "] [": "next, previous environment",
    "A": "all environments",
    "F": "follow, or not",
    "Left drag": "turn",
    "Right drag": "shift",
    "Wheel": "zoom",
    "Esc": "close",
}


def typed(key: int, controls: Controls, commands: list[Command], envs: int) -> None:
    """Answer a key of GLFW, where it means something."""
    if key in SIMULATION:
        SIMULATION[key](controls)
    elif key in (glfw.KEY_LEFT_BRACKET, glfw.KEY_RIGHT_BRACKET):
        _next_env(controls, 1 if key == glfw.KEY_RIGHT_BRACKET else -1, envs)
    else:
        _steer(key, controls, commands)


def help_of(commands: list[Command]) -> dict[str, str]:
    """What each key does."""
    if not commands:
        return NAMED
    steer = {f"{up} {down}": command.name for command, (down, up) in zip(commands, COMMAND_KEYS, strict=False)}
    return NAMED | {"C": "steer, or not", **steer}


def _next_env(controls: Controls, by: int, envs: int) -> None:
    first = 0 if by > 0 else envs - 1
    controls.env = first if controls.env is None else (controls.env + by) % envs


def _steer(key: int, controls: Controls, commands: list[Command]) -> None:
    """Raise or lower a command, and let it count."""
    for command, names in zip(commands, COMMAND_KEYS, strict=False):
        for name, sign in zip(names, (-1.0, 1.0), strict=True):
            if key == getattr(glfw, f"KEY_{name.upper()}"):
                value = controls.command[command.name] + sign * (command.high - command.low) / STRIDES
                controls.command[command.name] = min(command.high, max(command.low, value))
                controls.steering = True
