"""Masses and inertias of an asset's bodies: as they are stated, and as their shapes have them."""

from __future__ import annotations

import mujoco
import numpy as np

from isaacgym._src.options import AssetOptions

SMALLEST = 1e-9  # what counts as no mass [kg]


def override_masses(spec: mujoco.MjSpec, options: AssetOptions) -> None:
    """Compute centres of mass and inertias from collision shapes where the options ask for it; masses stay.

    Bodies without a shape keep what they have.
    """
    if not (options.override_com or options.override_inertia):
        return
    stated, shapes = spec.compile(), _of_shapes(spec)
    state_masses(spec, stated)
    for body in spec.bodies[1:]:
        i, weight = body.id, float(shapes.body_mass[body.id])
        if weight > SMALLEST and options.override_com:
            body.ipos = shapes.body_ipos[i]
        if weight > SMALLEST and options.override_inertia:
            body.iquat = shapes.body_iquat[i]
            body.inertia = shapes.body_inertia[i] * stated.body_mass[i] / weight


def state_masses(spec: mujoco.MjSpec, model: mujoco.MjModel) -> None:
    """Let every body of `spec` state what it has in its compiled `model`, whatever becomes of its shapes."""
    for body in spec.bodies[1:]:
        i = body.id
        body.explicitinertial, body.mass, body.ipos = True, float(model.body_mass[i]), model.body_ipos[i]
        body.iquat, body.inertia, body.fullinertia = model.body_iquat[i], model.body_inertia[i], [np.nan] + [0.0] * 5
    spec.compiler.inertiafromgeom = mujoco.mjtInertiaFromGeom.mjINERTIAFROMGEOM_FALSE


def _of_shapes(spec: mujoco.MjSpec) -> mujoco.MjModel:
    """The model whose bodies consist of their collision shapes, each of its own density."""
    probe = spec.copy()
    for geom in probe.geoms:
        if not (geom.contype or geom.conaffinity):
            geom.mass, geom.density = np.nan, 0.0
    compiler = probe.compiler
    compiler.inertiafromgeom = mujoco.mjtInertiaFromGeom.mjINERTIAFROMGEOM_TRUE
    compiler.inertiagrouprange = [0, mujoco.mjNGROUP - 1]
    compiler.boundmass, compiler.boundinertia = SMALLEST / 100, SMALLEST / 100
    return probe.compile()
