"""Procedural assets: box, sphere and capsule, each one body with one shape."""

from __future__ import annotations

import mujoco

from isaacgym._src.asset import Asset
from isaacgym._src.options import AssetOptions

PLATE = 1e-4  # [m], how thick a box is that was given no height, width or depth
SPECK = 1e-3  # [m], in the place of sizes of a box that was given more than one that is zero


def make_box(x: float, y: float, z: float, options: AssetOptions) -> Asset:
    """A box of full sizes x, y, z [m] centred on its frame; what is zero makes it a thin plate, a wire or a speck."""
    sizes = [x, y, z]
    thin = PLATE if sizes.count(0) == 1 else SPECK
    return _primitive("box", mujoco.mjtGeom.mjGEOM_BOX, [(size or thin) / 2 for size in sizes], options)


def make_sphere(radius: float, options: AssetOptions) -> Asset:
    """A sphere of the given radius [m]."""
    return _primitive("sphere", mujoco.mjtGeom.mjGEOM_SPHERE, [radius], options)


def make_capsule(radius: float, length: float, options: AssetOptions) -> Asset:
    """A capsule along x; `length` [m] is the cylinder between the two half spheres."""
    half_turn_about_y = [0.5**0.5, 0.0, 0.5**0.5, 0.0]
    return _primitive("capsule", mujoco.mjtGeom.mjGEOM_CAPSULE, [radius, length / 2], options, half_turn_about_y)


def _primitive(
    name: str,
    kind: mujoco.mjtGeom,
    size: list[float],
    options: AssetOptions,
    quat: list[float] | None = None,
) -> Asset:
    if min(size) <= 0:
        given = ", ".join(f"{s:g}" for s in size)
        raise ValueError(f"create_{name}: sizes must be positive, given (radius and half lengths) {given}")
    spec = mujoco.MjSpec()
    body = spec.worldbody.add_body(name=name)
    body.add_geom(type=kind, size=[*size, 0, 0][:3], quat=quat or [1, 0, 0, 0], density=options.density)
    return Asset(name, spec, options)
