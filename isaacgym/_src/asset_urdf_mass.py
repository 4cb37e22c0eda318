"""Masses that a URDF leaves out: a mass without inertia, a link without either, a link without any shape."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import mujoco
import numpy as np

PLACEHOLDER_MASS = 1e-3  # of a moving link that has neither mass nor shape [kg]
PLACEHOLDER_RADIUS = 0.1  # of the sphere that stands for a link without a shape [m]
SMALLEST = 1e-9  # what counts as no mass [kg]
SMALLEST_SHARE = 1e-4  # of the largest principal moment, where a file's inertia has a zero or negative one


def take_lone_masses(robot: Element) -> dict[str, float]:
    """Masses [kg] of the links that state one without a usable inertia; these statements leave the tree."""
    masses = {}
    for link in robot.findall("link"):
        inertial = link.find("inertial")
        if inertial is None:
            continue
        mass, inertia = _number(inertial.find("mass"), "value"), inertial.find("inertia")
        if mass > 0 and any(_number(inertia, axis) > 0 for axis in ("ixx", "iyy", "izz")):
            continue
        if mass > 0:
            masses[str(link.get("name"))] = mass
        link.remove(inertial)
    return masses


def mend_inertias(robot: Element) -> None:
    """Keep the first inertial of each link, and make an inertia that no body can have the nearest that one can."""
    for link in robot.findall("link"):
        for surplus in link.findall("inertial")[1:]:
            link.remove(surplus)
        inertia = link.find("inertial/inertia")
        if inertia is not None:
            _make_positive(inertia)


def _make_positive(inertia: Element) -> None:
    entries = {axes: _number(inertia, f"i{axes}") for axes in ("xx", "yy", "zz", "xy", "xz", "yz")}
    matrix = np.array([[entries["".join(sorted(row + column))] for column in "xyz"] for row in "xyz"])
    values, axes = np.linalg.eigh(matrix)
    if values[0] > 0 or values[-1] <= 0:
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


def complete_masses(spec: mujoco.MjSpec, lone_masses: dict[str, float], density: float) -> None:
    """Give every link that states no inertia that of its collision shapes, of `density` or of the mass it states."""
    for geom in spec.geoms:
        geom.density = density
    measured = _measure(spec)
    for body in spec.bodies[1:]:
        mass = lone_masses.get(body.name)
        if mass is not None and measured[body.name] > SMALLEST:
            for geom in body.geoms:
                geom.density *= mass / measured[body.name]
        elif mass is not None:
            stand_in(body, mass)
        elif body.joints and _welded_mass(body, measured) < SMALLEST:
            stand_in(body, PLACEHOLDER_MASS)


def _measure(spec: mujoco.MjSpec) -> dict[str, float]:
    """Mass of every body by name, with the smallest of masses where there is none."""
    compiler = spec.compiler
    compiler.boundmass, compiler.boundinertia = SMALLEST / 100, SMALLEST / 100
    try:
        model = spec.compile()
    finally:
        compiler.boundmass, compiler.boundinertia = 0.0, 0.0
    return {model.body(i).name: float(model.body_mass[i]) for i in range(1, model.nbody)}


def _welded_mass(body: Any, masses: dict[str, float]) -> float:
    """Mass that moves with the body: its own and that of the links fixed to it."""
    return masses[body.name] + sum(_welded_mass(child, masses) for child in body.bodies if not child.joints)


def stand_in(body: Any, mass: float) -> None:
    """Make the body a ball of this mass [kg], whatever its shapes are."""
    body.explicitinertial, body.mass, body.ipos = True, mass, [0.0, 0.0, 0.0]
    body.inertia = [0.4 * mass * PLACEHOLDER_RADIUS**2] * 3
