"""Warp kernels that read and write dof states, commands and drive forces; what is set to itself stays bitwise."""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import CTRL, MODULE, POS, VEL, for_both_engines, refused, row_at
from isaacgym._src.backend.quiet_warp import wp

POSITION, VELOCITY = wp.constant(1), wp.constant(2)  # bits of StateFlags


@wp.func
def to_dof(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    given: wp.array2d[float],
    env: int,
    dof: int,
    row: int,
    flags: int,
) -> None:
    """Put a row of a dof state tensor into the engine, as far as `flags` asks and it does not say what is there."""
    q, v = place[dof, POS], place[dof, VEL]
    if (flags & POSITION) != 0 and given[row, 0] != float(qpos[env, q]):
        qpos[env, q] = qpos.dtype(given[row, 0])
    if (flags & VELOCITY) != 0 and given[row, 1] != float(qvel[env, v]):
        qvel[env, v] = qvel.dtype(given[row, 1])


@wp.kernel(module=MODULE)
def read_dofs(
    place: wp.array2d[int], qpos: wp.array2d[Any], qvel: wp.array2d[Any], dof: wp.array2d[float], first: int
) -> None:
    number, i = wp.tid()
    env, row = first + number, number * place.shape[0] + i
    dof[row, 0] = float(qpos[env, place[i, POS]])
    dof[row, 1] = float(qvel[env, place[i, VEL]])


@wp.kernel(module=MODULE)
def write_dofs(
    place: wp.array2d[int],
    owner: wp.array[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    given: wp.array2d[float],
    mask: wp.array[bool],
    actors: int,
) -> None:
    env, i = wp.tid()
    if mask[env * actors + owner[i]]:
        to_dof(place, qpos, qvel, given, env, i, env * place.shape[0] + i, POSITION + VELOCITY)


@wp.kernel(module=MODULE)
def write_run_of_dofs(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    given: wp.array2d[float],
    env: int,
    start: int,
    flags: int,
) -> None:
    i = wp.tid()
    to_dof(place, qpos, qvel, given, env, start + i, i, flags)


@wp.kernel(module=MODULE)
def write_dofs_indexed(
    place: wp.array2d[int],
    run: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    given: wp.array2d[float],
    indices: wp.array[Any],
    count: int,
    rows: int,
    ordered: int,
    wrong: wp.array[int],
) -> None:
    if ordered != 0 and refused(indices, wp.tid(), count, rows, wrong):
        return
    for i in range(wp.tid(), count, rows):
        row = row_at(indices, i, rows, wrong)
        if row >= 0:
            env, actor = row // run.shape[0], row % run.shape[0]
            for dof in range(run[actor, 0], run[actor, 1]):
                to_dof(place, qpos, qvel, given, env, dof, env * place.shape[0] + dof, POSITION + VELOCITY)


@wp.kernel(module=MODULE)
def write_commands(
    place: wp.array2d[int],
    owner: wp.array[int],
    modes: wp.array2d[int],
    ctrl: wp.array2d[Any],
    values: wp.array[float],
    mask: wp.array[bool],
    actors: int,
    mode: int,
) -> None:
    env, i = wp.tid()
    if modes[env, i] == mode and mask[env * actors + owner[i]]:
        ctrl[env, place[i, CTRL]] = ctrl.dtype(values[env * place.shape[0] + i])


@wp.kernel(module=MODULE)
def write_commands_indexed(
    place: wp.array2d[int],
    run: wp.array2d[int],
    modes: wp.array2d[int],
    ctrl: wp.array2d[Any],
    values: wp.array[float],
    indices: wp.array[Any],
    count: int,
    rows: int,
    ordered: int,
    wrong: wp.array[int],
    mode: int,
) -> None:
    if ordered != 0 and refused(indices, wp.tid(), count, rows, wrong):
        return
    for i in range(wp.tid(), count, rows):
        row = row_at(indices, i, rows, wrong)
        if row >= 0:
            env, actor = row // run.shape[0], row % run.shape[0]
            for dof in range(run[actor, 0], run[actor, 1]):
                if modes[env, dof] == mode:
                    ctrl[env, place[dof, CTRL]] = ctrl.dtype(values[env * place.shape[0] + dof])


@wp.kernel(module=MODULE)
def read_drives(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    ctrl: wp.array2d[Any],
    gain: wp.array2d[Any],
    stiffness: wp.array2d[Any],
    damping: wp.array2d[Any],
    limit: wp.array2d[Any],
    scale: wp.array2d[float],
    force: wp.array[float],
) -> None:
    env, i = wp.tid()
    spring = gain[env, i] * ctrl[env, place[i, CTRL]] - stiffness[env, i] * qpos[env, place[i, POS]]
    whole = spring - damping[env, i] * qvel[env, place[i, VEL]]
    whole = wp.min(wp.max(whole, -limit[env, i]), limit[env, i])
    force[env * place.shape[0] + i] = float(whole) * scale[env, i]


for_both_engines(read_dofs)
for_both_engines(write_dofs)
for_both_engines(write_run_of_dofs)
for_both_engines(write_dofs_indexed)
for_both_engines(write_commands)
for_both_engines(write_commands_indexed)
for_both_engines(read_drives)
