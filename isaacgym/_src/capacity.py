"""How much memory contacts and constraints need: a probe on the CPU, with a margin.

MuJoCo Warp wants these sizes before the first step, and drops what does not fit. The probe drops the scene's robots
from random poses near where they start, drives them at random, and looks at the most that one simulation met.
"""

from __future__ import annotations

import copy

import mujoco
import numpy as np

from isaacgym._src.backend.base import Capacities
from isaacgym._src.backend.cpu import counted_not_printed
from isaacgym._src.collision import colliding_pairs

FALLS = 8
FALL_SECONDS, PUSH_SECONDS = 2.0, 0.2  # of a fall, and of one random command in it
LOOKS = 40  # at neighbouring shapes in a fall
ACCELERATION = 100.0  # of joints that motors drive, at most [rad/s^2] or [m/s^2]
MARGIN = 1.75
LEAST_CONTACTS, LEAST_ROWS = 8, 16
IN_ALL = 512  # contacts, at least, for which there is room
PROBE_SEED, PROBE_ITERATIONS = 0, 30
FIELD_CONTACTS = 4  # of a shape with a height field in MuJoCo Warp, where MuJoCo finds up to 50
ABOVE = 1000.0  # from where the ground is looked for [m]


def probed(model: mujoco.MjModel, qpos: np.ndarray, num_envs: int, nconmax: int = 0, njmax: int = 0) -> Capacities:
    """Capacities for `model` around the start states `qpos` (k, nq); a number above zero is taken as it is.

    Few environments may all have the most contacts at the same time, where many share what some do not need.
    """
    if nconmax > 0 and njmax > 0:
        return Capacities(nconmax, njmax)
    with counted_not_printed():  # a robot that is thrown about may well become unstable
        contacts, rows = _probe(model, qpos)
    return Capacities(
        nconmax if nconmax > 0 else max(_roomy(max(contacts, LEAST_CONTACTS)), IN_ALL // num_envs),
        njmax if njmax > 0 else _roomy(max(rows, LEAST_ROWS)),
    )


def _roomy(count: int) -> int:
    """`count` with the margin, a multiple of 8."""
    return -(-int(count * MARGIN) // 8) * 8


def _probe(model: mujoco.MjModel, qpos: np.ndarray) -> tuple[int, int]:
    """The most contacts, or pairs of shapes near enough to be looked at, and the most constraint rows."""
    model = copy.copy(model)
    model.opt.iterations = max(model.opt.iterations, PROBE_ITERATIONS)  # what is not solved flies about
    rng, data, pairs = np.random.default_rng(PROBE_SEED), mujoco.MjData(model), _Pairs(model)
    floor = _floor(model, qpos)
    contacts = rows = 0
    steps = max(1, round(FALL_SECONDS / model.opt.timestep))
    push, look = max(1, round(PUSH_SECONDS / model.opt.timestep)), max(1, steps // LOOKS)
    for fall in range(FALLS):
        mujoco.mj_resetData(model, data)
        data.qpos[:] = qpos[fall % len(qpos)]
        if fall:
            _tumble(model, data, rng, floor[fall % len(qpos)])
        for step in range(steps):
            if step % push == 0:
                data.ctrl[:] = _random_command(model, data, rng)
            mujoco.mj_step(model, data)
            spare, spare_rows = _spare(model, data) if model.nhfield else (0, 0)
            rows = max(rows, data.nefc - spare_rows)
            contacts = max(contacts, data.ncon - spare)
            if step % look == 0:
                contacts = max(contacts, pairs.near(data))
    return contacts, rows


def _floor(model: mujoco.MjModel, qpos: np.ndarray) -> np.ndarray:
    """(k, njnt) height of the ground below each free joint in states `qpos` (k, nq), zero without one [m]."""
    model = copy.copy(model)
    model.geom_matid[:], model.geom_rgba[:, 3] = -1, model.geom_bodyid == 0  # rays see what is opaque
    data, geom = mujoco.MjData(model), np.zeros(1, np.int32)
    mujoco.mj_forward(model, data)
    height = np.zeros((len(qpos), model.njnt))
    for joint in np.flatnonzero(model.jnt_type == mujoco.mjtJoint.mjJNT_FREE):
        for row, state in zip(height, qpos, strict=True):
            at = model.jnt_qposadr[joint]
            eye = np.array([*state[at : at + 2], ABOVE])
            far = mujoco.mj_ray(model, data, eye, np.array([0.0, 0.0, -1.0]), None, 1, -1, geom, None)
            row[joint] = ABOVE - far if far >= 0 else 0.0
    return height


def _spare(model: mujoco.MjModel, data: mujoco.MjData) -> tuple[int, int]:
    """Contacts with height fields that MuJoCo Warp does not make, and their constraint rows."""
    geoms, dims = data.contact.geom, data.contact.dim
    on_field = (model.geom_type[geoms] == mujoco.mjtGeom.mjGEOM_HFIELD).any(1)
    _, first, count = np.unique(geoms[on_field], axis=0, return_index=True, return_counts=True)
    spare = np.maximum(count - FIELD_CONTACTS, 0)
    dim = dims[on_field][first]
    rows = np.where(dim == 1, 1, dim if model.opt.cone == mujoco.mjtCone.mjCONE_ELLIPTIC else 2 * (dim - 1))
    return int(spare.sum()), int((spare * rows).sum())


def _tumble(model: mujoco.MjModel, data: mujoco.MjData, rng: np.random.Generator, floor: np.ndarray) -> None:
    """Random joint positions; floating bodies low above the ground, in any orientation."""
    for joint in range(model.njnt):
        at = model.jnt_qposadr[joint]
        if model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE:
            lift = data.qpos[at + 2] - floor[joint]
            data.qpos[at + 2] = floor[joint] + lift * rng.uniform(0.2, 1.0)
            quat = rng.normal(size=4)
            data.qpos[at + 3 : at + 7] = quat / np.linalg.norm(quat)
        elif model.jnt_type[joint] in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE):
            lower, upper = np.clip(model.jnt_range[joint], -np.pi, np.pi) if model.jnt_limited[joint] else (-1.0, 1.0)
            data.qpos[at] = rng.uniform(lower, upper)


def _random_command(model: mujoco.MjModel, data: mujoco.MjData, rng: np.random.Generator) -> np.ndarray:
    """Targets about the present positions for drives, efforts that move the joint's inertia quickly for motors."""
    joints = model.actuator_trnid[:, 0]
    dofs = model.jnt_dofadr[joints]
    driven = model.actuator_biasprm[:, 1] != 0
    noise = rng.uniform(-1.0, 1.0, model.nu)
    return np.where(driven, data.qpos[model.jnt_qposadr[joints]] + noise, ACCELERATION * noise * model.dof_M0[dofs])


class _Pairs:
    """Pairs of shapes that may collide, and how many are near each other: what the engine's broad phase finds."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._first, self._second = colliding_pairs(model)

    def near(self, data: mujoco.MjData) -> int:
        model, a, b = self._model, self._first, self._second
        reach = model.geom_rbound[a] + model.geom_rbound[b]
        apart = np.linalg.norm(data.geom_xpos[a] - data.geom_xpos[b], axis=-1)
        for one, other in ((a, b), (b, a)):
            plane = model.geom_type[one] == mujoco.mjtGeom.mjGEOM_PLANE
            normal = data.geom_xmat[one].reshape(-1, 3, 3)[:, :, 2]
            height = ((data.geom_xpos[other] - data.geom_xpos[one]) * normal).sum(-1)
            apart = np.where(plane, height, apart)
        return int((apart <= reach).sum())
