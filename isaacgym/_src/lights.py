"""The lights that a client sets: what they are in numbers, and how a scene of OpenGL gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import mujoco
import numpy as np

from isaacgym._src.looks import SUN
from isaacgym._src.vectors import Vec3

if TYPE_CHECKING:
    from isaacgym._src.graphics import Graphics

MOST_LIGHTS = 4
GLOSS = 0.3  # of a light's colour in highlights, which is that of the sun


class Light(NamedTuple):
    """One of the scene's lights, as it was set."""

    intensity: Vec3
    ambient: Vec3
    direction: Vec3  # towards the light


class Lamps(NamedTuple):
    """All lights: (MOST_LIGHTS, 3) colours, and unit vectors along which they shine; those that were not set: dark."""

    ambient: np.ndarray
    diffuse: np.ndarray
    specular: np.ndarray
    dir: np.ndarray


def lamps(lights: dict[int, Light]) -> Lamps:
    """Lights by their index; one without a direction has its ambient part only."""
    ambient, diffuse, ways = (np.zeros((MOST_LIGHTS, 3), np.float32) for _ in range(3))
    ways[:, 2] = -1
    for index, light in lights.items():
        ambient[index] = light.ambient.floats()
        if length := light.direction.length():
            ways[index] = -light.direction.floats() / length
            diffuse[index] = light.intensity.floats()
    return Lamps(ambient, diffuse, GLOSS * diffuse, ways)


class SceneLights:
    """Lights of an OpenGL scene that MuJoCo has filled: those that are set take the places of sun and headlight."""

    def __init__(self, model: mujoco.MjModel, scene: mujoco.MjvScene) -> None:
        self._scene, count = scene, scene.nlight
        sun = model.light(SUN).id
        replaced = [i for i, light in enumerate(scene.lights[:count]) if light.headlight or light.id == sun]
        self._places = [*replaced, *range(count, count + MOST_LIGHTS)][:MOST_LIGHTS]
        self._known = 0  # the graphics' count of lights that were set

    def renew(self, graphics: Graphics) -> None:
        """Let the scene have the lights that were set, if any was."""
        if self._known == graphics.lighting:
            return
        self._known = graphics.lighting
        self._scene.nlight = max(self._scene.nlight, *(place + 1 for place in self._places))
        for place, *values in zip(self._places, *lamps(graphics.lights), strict=True):
            light = self._scene.lights[place]
            light.headlight, light.castshadow = 0, 0
            light.type, light.texid = int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL), -1
            light.attenuation[:] = 1, 0, 0
            for name, value in zip(Lamps._fields, values, strict=True):
                getattr(light, name)[:] = value
