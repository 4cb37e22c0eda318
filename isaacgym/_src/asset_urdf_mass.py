"""Masses that a URDF leaves out: a mass without inertia, a link without either, a link without any shape."""

from __future__ import annotations

from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import mujoco
import numpy as np

PLACEHOLDER_MASS = 1e-3  # of a moving link that has neither mass nor shape [kg]
PLACEHOLDER_RADIUS = 0.1  # of the sphere that stands for a link without a shape [m]
SMALLEST = 1e-9  # what counts as no mass [kg]
LEAST_INERTIA = 1e-12  # what counts as no inertia [kg m^2]
SMALLEST_SHARE = 1e-4  # of the largest principal moment, where a file's inertia has a zero or negative one


class LoneMass(NamedTuple):
    """A mass [kg] without a usable inertia, and where its centre is in the link's frame [m], if that is said."""

    mass: float
    com: list[float] | None


def take_lone_masses(robot: Element) -> dict[str, LoneMass]:
    """What the links state that state no usable inertia; these statements leave the tree."""
    masses = {}
    for link in robot.findall("link"):
        inertial = link.find("inertial")
        if inertial is None:
            continue
        mass, inertia = _number(inertial.find("mass"), "value"), inertial.find("inertia")
        if mass > 0 and any(_number(inertia, axis) > LEAST_INERTIA for axis in ("ixx", "iyy", "izz")):
            continue
        if mass > 0:
            origin = inertial.find("origin")
            com = None if origin is None else [float(x) for x in origin.get("xyz", "0 0 0").split()]
            masses[str(link.get("name"))] = LoneMass(mass, com)
        link.remove(inertial)
    return masses


def mend_inertias(robot: Element) -> None:
    """Make an inertia that no body can have the nearest that one can."""
    for link in robot.findall("link"):
        inertia = link.find("inertial/inertia")
        if inertia is not None:
            _make_positive(inertia)


def _make_positive(inertia: Element) -> None:
    entries = {axes: _number(inertia, f"i{axes}") for axes in ("xx", "yy", "zz", "xy", "xz", "yz")}
    matrix = np.array([[entries["".join(sorted(row + column))] for column in "xyz"] for row in "xyz"])
    values, axes = np.linalg.eigh(matrix)
    if values[0] > LEAST_INERTIA or values[-1] <= LEAST_INERTIA:
        return
    matrix = axes @ np.diag(np.maximum(values, SMALLEST_SHARE * values[-1])) @ axes.T
    for name in entries:
        inertia.set(f"i{name}", repr(float(matrix["xyz".index(name[0]), "xyz".index(name[1])])))


def _number(element: Element | None, attribute: str) -> float:
    text = None if element is None else element.get(attribute)
    try:
        return float(text or 0.0)
    except ValueError:
        return 1.0  # MuJoCo's parser names the element


def complete_masses(spec: mujoco.MjSpec, lone_masses: dict[str, LoneMass], density: float) -> None:
    """Give every link that states no inertia that of its collision shapes, of `density` or of the mass it states."""
    for geom in spec.geoms:
        geom.density = density if geom.contype or geom.conaffinity else 0.0
    shapes = _measure(spec)
    masses = {shapes.body(i).name: float(shapes.body_mass[i]) for i in range(1, shapes.nbody)}
    for body in spec.bodies[1:]:
        lone = lone_masses.get(body.name)
        if lone is not None and masses[body.name] > SMALLEST:
            _state_inertia(body, lone, shapes)
        elif lone is not None:
            stand_in(body, *lone)
        elif body.joints and _welded_mass(body, masses) < SMALLEST:
            stand_in(body, PLACEHOLDER_MASS)


def _measure(spec: mujoco.MjSpec) -> mujoco.MjModel:
    """The model with the smallest of masses where there is none."""
    compiler = spec.compiler
    compiler.boundmass, compiler.boundinertia = SMALLEST / 100, SMALLEST / 100
    try:
        return spec.compile()
    finally:
        compiler.boundmass, compiler.boundinertia = 0.0, 0.0


def _welded_mass(body: Any, masses: dict[str, float]) -> float:
    """Mass that moves with the body: its own and that of the links fixed to it."""
    return masses[body.name] + sum(_welded_mass(child, masses) for child in body.bodies if not child.joints)


def _state_inertia(body: Any, lone: LoneMass, shapes: mujoco.MjModel) -> None:
    """Spread a body's mass over its shapes; what it says of its centre counts more than theirs."""
    i = shapes.body(body.name).id
    body.explicitinertial, body.mass = True, lone.mass
    body.ipos, body.iquat = shapes.body_ipos[i] if lone.com is None else lone.com, shapes.body_iquat[i]
    body.inertia = shapes.body_inertia[i] * lone.mass / shapes.body_mass[i]


def stand_in(body: Any, mass: float, com: list[float] | None = None) -> None:
    """Make the body a ball of this mass [kg], whatever its shapes are."""
    body.explicitinertial, body.mass, body.ipos = True, mass, com or [0.0, 0.0, 0.0]
    body.inertia = [0.4 * mass * PLACEHOLDER_RADIUS**2] * 3
