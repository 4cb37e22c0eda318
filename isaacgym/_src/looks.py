"""How a scene looks in pictures: sky, sunlight, and a ground in squares that shows motion. Physics sees none of it."""

from __future__ import annotations

import mujoco

SUN = "sun"  # name of the light that shines until a client sets lights
GROUND = "ground"  # name of the ground's texture and material
SQUARE = 1.0  # edge of a square of the ground [m]


def add_sky(spec: mujoco.MjSpec) -> None:
    """A sky that fades towards the horizon, and a sun; what an asset brings of its own stays."""
    sky = spec.add_texture(name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, width=64, height=384)
    sky.builtin = mujoco.mjtBuiltin.mjBUILTIN_GRADIENT
    sky.rgb1, sky.rgb2 = [0.42, 0.60, 0.80], [0.93, 0.95, 0.97]
    spec.worldbody.add_light(
        name=SUN,
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[0, 0, 10],
        dir=[-0.4, 0.5, -1],
        diffuse=[0.62, 0.60, 0.56],
        specular=[0.2, 0.2, 0.2],
    )
    spec.visual.headlight.ambient = [0.36, 0.37, 0.40]
    spec.visual.headlight.diffuse = [0.22, 0.22, 0.22]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    spec.visual.rgba.haze = [0.93, 0.95, 0.97, 1.0]


def add_ground_material(spec: mujoco.MjSpec) -> str:
    """The name of a new material of two-tone squares."""
    squares = spec.add_texture(name=GROUND, type=mujoco.mjtTexture.mjTEXTURE_2D, width=256, height=256)
    squares.builtin = mujoco.mjtBuiltin.mjBUILTIN_CHECKER
    squares.rgb1, squares.rgb2 = [0.56, 0.60, 0.64], [0.50, 0.54, 0.585]
    material = spec.add_material(name=GROUND, texrepeat=[0.5 / SQUARE, 0.5 / SQUARE], texuniform=True)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = GROUND
    return material.name
