"""Warp kernels between Isaac Gym's tensors and an engine's fields: a call of the API is one launch, on either engine.

Fields are in the engine's precision, tensors in 32 bits. A row that is set to what it already is stays bitwise as it
is. `place` says where an actor is: the first of its numbers in qpos and in qvel, or its mocap body, -1 for none; and of
a dof where it is in qpos, qvel and ctrl. Some kernels go over a run of environments, from `first` on.
"""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.quiet_warp import wp

# Each operation is rounded on its own, as torch's are: both ways to read a state give the same bits.
wp.set_module_options({"fuse_fp": False, "enable_backward": False})

FREE_POS, FREE_VEL, MOCAP = wp.constant(0), wp.constant(1), wp.constant(2)


@wp.func
def rotated(w: Any, x: Any, y: Any, z: Any, vec: Any) -> Any:
    """A vector turned by a unit quaternion."""
    axis = wp.vector(x, y, z)
    twice = wp.cross(axis, vec)
    twice = twice + twice
    return vec + w * twice + wp.cross(axis, twice)


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
    q, v, m = place[actor, FREE_POS], place[actor, FREE_VEL], place[actor, MOCAP]
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
    q, v, m = place[actor, FREE_POS], place[actor, FREE_VEL], place[actor, MOCAP]
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


@wp.kernel
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


@wp.kernel
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


@wp.func
def refused(indices: wp.array[Any], thread: int, count: int, rows: int, wrong: wp.array[int]) -> bool:
    """Whether any index is out of range; where threads run in order, as on a CPU, the first one looks for all."""
    if thread == 0:
        for i in range(count):
            if int(indices[i]) < 0 or int(indices[i]) >= rows:
                wrong[0] = 1
    return wrong[0] != 0


@wp.kernel
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
        row = int(indices[i])
        if row >= 0 and row < rows:
            actors = place.shape[0]
            to_root(place, qpos, qvel, mocap_pos, mocap_quat, given, row // actors, row % actors, row)


@wp.func
def to_dof(
    place: wp.array2d[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    given: wp.array2d[float],
    env: int,
    dof: int,
    row: int,
) -> None:
    """Put a row of a dof state tensor into the engine, unless it says what is there."""
    q, v = place[dof, FREE_POS], place[dof, FREE_VEL]
    if given[row, 0] != float(qpos[env, q]):
        qpos[env, q] = qpos.dtype(given[row, 0])
    if given[row, 1] != float(qvel[env, v]):
        qvel[env, v] = qvel.dtype(given[row, 1])


@wp.kernel
def read_dofs(
    place: wp.array2d[int], qpos: wp.array2d[Any], qvel: wp.array2d[Any], dof: wp.array2d[float], first: int
) -> None:
    number, i = wp.tid()
    env, row = first + number, number * place.shape[0] + i
    dof[row, 0] = float(qpos[env, place[i, FREE_POS]])
    dof[row, 1] = float(qvel[env, place[i, FREE_VEL]])


@wp.kernel
def write_dofs(
    place: wp.array2d[int],
    owner: wp.array[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    given: wp.array2d[float],
    mask: wp.array[bool],
    actors: int,
    first: int,
) -> None:
    number, i = wp.tid()
    env = first + number
    if mask[env * actors + owner[i]]:
        to_dof(place, qpos, qvel, given, env, i, number * place.shape[0] + i)


@wp.kernel
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
        row = int(indices[i])
        if row >= 0 and row < rows:
            env, actor = row // run.shape[0], row % run.shape[0]
            for dof in range(run[actor, 0], run[actor, 1]):
                to_dof(place, qpos, qvel, given, env, dof, env * place.shape[0] + dof)


@wp.kernel
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
        ctrl[env, place[i, MOCAP]] = ctrl.dtype(values[env * place.shape[0] + i])


@wp.kernel
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
        row = int(indices[i])
        if row >= 0 and row < rows:
            env, actor = row // run.shape[0], row % run.shape[0]
            for dof in range(run[actor, 0], run[actor, 1]):
                if modes[env, dof] == mode:
                    ctrl[env, place[dof, MOCAP]] = ctrl.dtype(values[env * place.shape[0] + dof])


@wp.kernel
def read_bodies(
    place: wp.array2d[int],
    xpos: wp.array3d[Any],
    xquat: wp.array3d[Any],
    cvel: wp.array3d[Any],
    centre: wp.array3d[Any],
    body: wp.array2d[float],
    first: int,
) -> None:
    number, i = wp.tid()
    env, b, tree, row = first + number, place[i, 0], place[i, 1], number * place.shape[0] + i
    spin = wp.vector(cvel[env, b, 0], cvel[env, b, 1], cvel[env, b, 2])
    arm = wp.vector(
        xpos[env, b, 0] - centre[env, tree, 0],
        xpos[env, b, 1] - centre[env, tree, 1],
        xpos[env, b, 2] - centre[env, tree, 2],
    )
    turn = wp.cross(spin, arm)
    for k in range(3):
        body[row, k] = float(xpos[env, b, k])
        body[row, 3 + k] = float(xquat[env, b, 1 + k])
        body[row, 7 + k] = float(cvel[env, b, 3 + k] + turn[k])
        body[row, 10 + k] = float(cvel[env, b, k])
    body[row, 6] = float(xquat[env, b, 0])


@wp.kernel
def read_contacts(
    place: wp.array2d[int],
    external: wp.array3d[Any],
    applied: wp.array3d[Any],
    force: wp.array2d[float],
) -> None:
    env, i = wp.tid()
    b = place[i, 0]
    for k in range(3):
        force[env * place.shape[0] + i, k] = float(external[env, b, 3 + k] - applied[env, b, k])


@wp.kernel
def push_bodies(
    place: wp.array2d[int],
    xquat: wp.array3d[Any],
    force: wp.array2d[float],
    torque: wp.array2d[float],
    parts: int,
    local: int,
    applied: wp.array3d[Any],
) -> None:
    """Parts are 1 for forces, 2 for torques, 3 for both; local ones are in the bodies' axes."""
    env, i = wp.tid()
    b, row = place[i, 0], env * place.shape[0] + i
    for part in range(2):
        vec = wp.vector(applied.dtype(0.0), applied.dtype(0.0), applied.dtype(0.0))
        if part == 0 and (parts & 1) != 0:
            vec = wp.vector(applied.dtype(force[row, 0]), applied.dtype(force[row, 1]), applied.dtype(force[row, 2]))
        if part == 1 and (parts & 2) != 0:
            vec = wp.vector(applied.dtype(torque[row, 0]), applied.dtype(torque[row, 1]), applied.dtype(torque[row, 2]))
        if local != 0:
            vec = rotated(xquat[env, b, 0], xquat[env, b, 1], xquat[env, b, 2], xquat[env, b, 3], vec)
        for k in range(3):
            applied[env, b, 3 * part + k] = vec[k]


@wp.kernel
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
    spring = gain[env, i] * ctrl[env, place[i, MOCAP]] - stiffness[env, i] * qpos[env, place[i, FREE_POS]]
    whole = spring - damping[env, i] * qvel[env, place[i, FREE_VEL]]
    whole = wp.min(wp.max(whole, -limit[env, i]), limit[env, i])
    force[env * place.shape[0] + i] = float(whole) * scale[env, i]


INDEXED = (write_roots_indexed, write_dofs_indexed, write_commands_indexed)
ALL = (
    read_roots,
    write_roots,
    read_dofs,
    write_dofs,
    write_commands,
    read_bodies,
    read_contacts,
    push_bodies,
    read_drives,
    *INDEXED,
)

# All are compiled at once, for both engines, and not one after the other as they are met.
for _kernel in ALL:
    for _real in (wp.float32, wp.float64):
        for _index in (wp.int32, wp.int64) if _kernel in INDEXED else (wp.int32,):
            _generic = {a.label: a.type for a in _kernel.adj.args if getattr(a.type, "dtype", None) is Any}
            _types = {label: _index if label == "indices" else _real for label in _generic}
            wp.overload(_kernel, {name: wp.array(dtype=_types[name], ndim=_generic[name].ndim) for name in _generic})
