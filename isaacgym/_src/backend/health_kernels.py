"""Warp kernels around a step: remember the state before it, judge the state after it."""

from __future__ import annotations

import warp as wp
from mujoco_warp import OverflowType

from isaacgym._src.backend.base import HEALTH

HUGE = wp.constant(1.0e10)  # MuJoCo's limit of a sane position, velocity or acceleration
UNSTABLE = wp.constant(HEALTH.index("unstable"))
CONTACTS_DROPPED = wp.constant(HEALTH.index("contacts_dropped"))
CONSTRAINTS_DROPPED = wp.constant(HEALTH.index("constraints_dropped"))
BAD_CONTROL = wp.constant(HEALTH.index("bad_control"))
CONSTRAINT_BITS = wp.constant(int(OverflowType.NEFC | OverflowType.NJMAX_NNZ))
CONTACT_BITS = wp.constant(
    int(
        OverflowType.BROADPHASE
        | OverflowType.NARROWPHASE
        | OverflowType.CCD
        | OverflowType.HFIELD
        | OverflowType.EPA_HORIZON
    )
)


@wp.struct
class StepState:
    """What decides the next step; (rows, n) each."""

    qpos: wp.array2d[float]
    qvel: wp.array2d[float]
    ctrl: wp.array2d[float]
    mocap_pos: wp.array2d[wp.vec3]
    mocap_quat: wp.array2d[wp.quat]


@wp.struct
class BodyState:
    """What a step leaves behind about bodies; (N, bodies) each."""

    xpos: wp.array2d[wp.vec3]
    xipos: wp.array2d[wp.vec3]
    xquat: wp.array2d[wp.quat]
    subtree_com: wp.array2d[wp.vec3]
    cvel: wp.array2d[wp.spatial_vector]
    cfrc_int: wp.array2d[wp.spatial_vector]
    cfrc_ext: wp.array2d[wp.spatial_vector]


@wp.struct
class FaultLog:
    """The states that led out of all bounds, the first few since the start."""

    states: StepState
    env: wp.array[int]
    frame: wp.array[int]
    count: wp.array[int]  # (1,) how many there were, also those that did not fit


@wp.func
def is_sane(x: float) -> bool:
    return x <= HUGE and x >= -HUGE  # false for NaN


@wp.func
def copy_row(source: StepState, row: int, target: StepState, target_row: int) -> None:
    for i in range(source.qpos.shape[1]):
        target.qpos[target_row, i] = source.qpos[row, i]
    for i in range(source.qvel.shape[1]):
        target.qvel[target_row, i] = source.qvel[row, i]
    for i in range(source.ctrl.shape[1]):
        target.ctrl[target_row, i] = source.ctrl[row, i]
    for i in range(source.mocap_pos.shape[1]):
        target.mocap_pos[target_row, i] = source.mocap_pos[row, i]
        target.mocap_quat[target_row, i] = source.mocap_quat[row, i]


@wp.func
def rest(body: BodyState, world: int) -> None:
    zero = wp.vec3(0.0, 0.0, 0.0)
    none = wp.spatial_vector(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for i in range(body.xpos.shape[1]):
        body.xpos[world, i] = zero
        body.xipos[world, i] = zero
        body.subtree_com[world, i] = zero
        body.xquat[world, i] = wp.quat(1.0, 0.0, 0.0, 0.0)
        body.cvel[world, i] = none
        body.cfrc_int[world, i] = none
        body.cfrc_ext[world, i] = none


@wp.kernel(enable_backward=False)
def remember(state: StepState, before: StepState, health: wp.array2d[int], frame: wp.array[int]) -> None:
    """Keep the state before the step; a world's commands become zero where one is no number, as in MuJoCo."""
    world = wp.tid()
    if world == 0:
        frame[0] = frame[0] + 1
    sane = bool(True)  # noqa: UP018 (Warp's way to name a variable that a loop may change)
    for i in range(state.ctrl.shape[1]):
        sane = sane and is_sane(state.ctrl[world, i])
    if not sane:
        health[world, BAD_CONTROL] = health[world, BAD_CONTROL] + 1
        for i in range(state.ctrl.shape[1]):
            state.ctrl[world, i] = 0.0
    copy_row(state, world, before, world)


@wp.kernel(enable_backward=False)
def judge(
    state: StepState,
    before: StepState,
    start: StepState,
    body: BodyState,
    log: FaultLog,
    frame: wp.array[int],
    qacc: wp.array2d[float],
    qacc_warmstart: wp.array2d[float],
    overflow: wp.array[int],
    health: wp.array2d[int],
    unstable: wp.array[bool],
) -> None:
    """Count what did not fit; put a world whose numbers left all bounds back to its start, and log what led there."""
    world = wp.tid()
    bits = overflow[world]
    if bits & CONTACT_BITS != 0:
        health[world, CONTACTS_DROPPED] = health[world, CONTACTS_DROPPED] + 1
    if bits & CONSTRAINT_BITS != 0:
        health[world, CONSTRAINTS_DROPPED] = health[world, CONSTRAINTS_DROPPED] + 1
    overflow[world] = 0
    sane = bool(True)  # noqa: UP018 (Warp's way to name a variable that a loop may change)
    for i in range(state.qpos.shape[1]):
        sane = sane and is_sane(state.qpos[world, i])
    for i in range(state.qvel.shape[1]):
        sane = sane and is_sane(state.qvel[world, i]) and is_sane(qacc[world, i])
    unstable[world] = not sane
    if sane:
        return
    health[world, UNSTABLE] = health[world, UNSTABLE] + 1
    slot = wp.atomic_add(log.count, 0, 1)
    if slot < log.env.shape[0]:
        log.env[slot] = world
        log.frame[slot] = frame[0]
        copy_row(before, world, log.states, slot)
    copy_row(start, world, state, world)
    for i in range(qacc.shape[1]):
        qacc[world, i] = 0.0
        qacc_warmstart[world, i] = 0.0
    rest(body, world)
