"""Warp kernels that read and write root states; a row that is set to what it already is stays bitwise as it is."""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MOCAP, MODULE, POS, VEL, for_both_engines, refused, rotated, row_at
from isaacgym._src.backend.quiet_warp import wp


@wp.func
def free_velocity(qpos: wp.array2d[Any], qvel: wp.array2d[Any], env: int, q: int, v: int) -> Any:
    """The angular velocity of a free joint in world axes."""
    spin = wp.vector(qvel[env, v + 3], qvel[env, v + 4], qvel[env, v + 5])
    return rotated(qpos[env, q + 3], qpos[env, q + 4], qpos[env, q + 5], qpos[env, q + 6], spin)


@wp.func
def in_root(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    mocap_pos: wp.array3d[Any],
    mocap_quat: wp.array3d[Any],
    root: wp.array2d[float],
    env: int,
    actor: int,
    row: int,
) -> None:
    """Fill a row of the root tensor."""
    q, v, m = place[actor, POS], place[actor, VEL], place[actor, MOCAP]
    if q >= 0:
        for i in range(3):
            root[row, i] = float(qpos[env, q + i])
            root[row, 3 + i] = float(qpos[env, q + 4 + i])
            root[row, 7 + i] = float(qvel[env, v + i])
        root[row, 6] = float(qpos[env, q + 3])
        spin = free_velocity(qpos, qvel, env, q, v)
        for i in range(3):
            root[row, 10 + i] = float(spin[i])
    else:
        for i in range(3):
            root[row, i] = float(mocap_pos[env, m, i])
            root[row, 3 + i] = float(mocap_quat[env, m, 1 + i])
        root[row, 6] = float(mocap_quat[env, m, 0])
        for i in range(6):
            root[row, 7 + i] = 0.0


@wp.func
def to_root(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    mocap_pos: wp.array3d[Any],
    mocap_quat: wp.array3d[Any],
    given: wp.array2d[float],
    env: int,
    actor: int,
    row: int,
) -> None:
    """Put a row of a root tensor into the engine, unless it says what is there."""
    q, v, m = place[actor, POS], place[actor, VEL], place[actor, MOCAP]
    same = True
    if q >= 0:
        spin = free_velocity(qpos, qvel, env, q, v)
        for i in range(3):
            same = same and given[row, i] == float(qpos[env, q + i])
            same = same and given[row, 3 + i] == float(qpos[env, q + 4 + i])
            same = same and given[row, 7 + i] == float(qvel[env, v + i])
            same = same and given[row, 10 + i] == float(spin[i])
        same = same and given[row, 6] == float(qpos[env, q + 3])
    else:
        for i in range(3):
            same = same and given[row, i] == float(mocap_pos[env, m, i])
            same = same and given[row, 3 + i] == float(mocap_quat[env, m, 1 + i])
        same = same and given[row, 6] == float(mocap_quat[env, m, 0])
    if same:
        return
    x, y, z, w = (
        qpos.dtype(given[row, 3]),
        qpos.dtype(given[row, 4]),
        qpos.dtype(given[row, 5]),
        qpos.dtype(given[row, 6]),
    )
    length = wp.sqrt(w * w + x * x + y * y + z * z)
    least = qpos.dtype(1.0e-12)
    if length < least:
        length = least
    x, y, z, w = x / length, y / length, z / length, w / length
    if q >= 0:
        for i in range(3):
            qpos[env, q + i] = qpos.dtype(given[row, i])
            qvel[env, v + i] = qvel.dtype(given[row, 7 + i])
        qpos[env, q + 3] = w
        qpos[env, q + 4] = x
        qpos[env, q + 5] = y
        qpos[env, q + 6] = z
        world = wp.vector(qvel.dtype(given[row, 10]), qvel.dtype(given[row, 11]), qvel.dtype(given[row, 12]))
        own = rotated(w, -x, -y, -z, world)
        for i in range(3):
            qvel[env, v + 3 + i] = own[i]
    else:
        for i in range(3):
            mocap_pos[env, m, i] = mocap_pos.dtype(given[row, i])
        mocap_quat[env, m, 0] = w
        mocap_quat[env, m, 1] = x
        mocap_quat[env, m, 2] = y
        mocap_quat[env, m, 3] = z


@wp.kernel(module=MODULE)
def read_roots(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    mocap_pos: wp.array3d[Any],
    mocap_quat: wp.array3d[Any],
    root: wp.array2d[float],
) -> None:
    env, actor = wp.tid()
    in_root(place, qpos, qvel, mocap_pos, mocap_quat, root, env, actor, env * place.shape[0] + actor)


@wp.kernel(module=MODULE)
def write_roots(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    mocap_pos: wp.array3d[Any],
    mocap_quat: wp.array3d[Any],
    given: wp.array2d[float],
    mask: wp.array[bool],
) -> None:
    env, actor = wp.tid()
    row = env * place.shape[0] + actor
    if mask[row]:
        to_root(place, qpos, qvel, mocap_pos, mocap_quat, given, env, actor, row)


@wp.kernel(module=MODULE)
def write_roots_indexed(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    mocap_pos: wp.array3d[Any],
    mocap_quat: wp.array3d[Any],
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
            actors = place.shape[0]
            to_root(place, qpos, qvel, mocap_pos, mocap_quat, given, row // actors, row % actors, row)


for_both_engines(read_roots)
for_both_engines(write_roots)
for_both_engines(write_roots_indexed)
