"""Warp kernels that hold the velocities of dofs and of single bodies within their limits; see VelocityRules.

A floating base's free joint is the first six dofs of its actor. `ranges` says of an actor where its dofs begin and end
in qvel, where its free joint is in qpos, -1 for none, and which body it consists of, -1 for several.
"""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MODULE, for_both_engines, product, rotated
from isaacgym._src.backend.quiet_warp import wp

BEGIN, END, FREE, BODY = wp.constant(0), wp.constant(1), wp.constant(2), wp.constant(3)
LINEAR, ANGULAR = wp.constant(0), wp.constant(1)  # columns of dampings and of the highest speeds
ROUNDS = wp.constant(4)  # in which it is found out which dofs are to be held
FREE_DOFS = wp.constant(6)
HUGE = wp.constant(1.0e10)  # MuJoCo's limit of a sane velocity: what is above is a fault, and left to be found


@wp.func
def above(value: Any, most: Any) -> bool:
    """Whether the size of a number is above `most`; False for NaN."""
    return value > most or value < -most


@wp.func
def at(env: int, item: int, strides: wp.vec2i) -> int:
    """Where an item of an environment is in the scratch memory: neighbours in it are what the device reads together."""
    return env * strides[0] + item * strides[1]


@wp.func
def begin_with(
    nonzeros: wp.array[int],
    address: wp.array[int],
    column: wp.array[int],
    matrix: wp.array2d[Any],
    held: wp.array[Any],
    factor: wp.array[Any],
    change: wp.array[Any],
    env: int,
    begin: int,
    end: int,
    strides: wp.vec2i,
) -> None:
    """The equations of the dofs from `begin` to `end`, where those that are held change by what stands in `change`.

    `factor` becomes M with rows and columns of the dofs that are held as in the unit matrix, `change` the right side.
    """
    none, one = factor.dtype(0.0), factor.dtype(1.0)
    for row in range(begin, end):
        last, r = address[row] + nonzeros[row] - 1, at(env, row, strides)
        free, own = held[r] == none, none + change[r]
        for a in range(address[row], last):
            c = at(env, column[a], strides)
            there = held[c] == none
            factor[at(env, a, strides)] = wp.where(free and there, matrix[env, a], none)
            if free and not there:
                own -= matrix[env, a] * change[c]
            elif there and not free:
                change[c] -= matrix[env, a] * own
        change[r] = own
        factor[at(env, last, strides)] = wp.where(free, matrix[env, last], one)


@wp.func
def solve(
    nonzeros: wp.array[int],
    address: wp.array[int],
    column: wp.array[int],
    factor: wp.array[Any],
    change: wp.array[Any],
    env: int,
    begin: int,
    end: int,
    strides: wp.vec2i,
) -> None:
    """`change` through the inverse of the matrix in `factor`, which becomes L' D L: ancestors, then the diagonal."""
    for back in range(end - begin):
        row = end - 1 - back
        first, last = address[row], address[row] + nonzeros[row] - 1
        for up in range(nonzeros[row] - 1):
            entry = last - 1 - up
            value = factor[at(env, entry, strides)]
            if value != factor.dtype(0.0):
                share = value / factor[at(env, last, strides)]
                target = address[column[entry]]
                for k in range(entry - first + 1):
                    factor[at(env, target + k, strides)] -= share * factor[at(env, first + k, strides)]
                factor[at(env, entry, strides)] = share
        for a in range(first, last):
            change[at(env, column[a], strides)] -= factor[at(env, a, strides)] * change[at(env, row, strides)]
    for row in range(begin, end):
        last = address[row] + nonzeros[row] - 1
        own = change[at(env, row, strides)] / factor[at(env, last, strides)]
        for a in range(address[row], last):
            own -= factor[at(env, a, strides)] * change[at(env, column[a], strides)]
        change[at(env, row, strides)] = own


@wp.func
def impulses(
    nonzeros: wp.array[int],
    address: wp.array[int],
    column: wp.array[int],
    matrix: wp.array2d[Any],
    held: wp.array[Any],
    change: wp.array[Any],
    impulse: wp.array[Any],
    env: int,
    begin: int,
    end: int,
    strides: wp.vec2i,
) -> None:
    """What pushes the dofs that are held so that velocities change by `change`: their rows of M times it."""
    none = impulse.dtype(0.0)
    for row in range(begin, end):
        last, r = address[row] + nonzeros[row] - 1, at(env, row, strides)
        total = matrix[env, last] * change[r]
        for a in range(address[row], last):
            c = at(env, column[a], strides)
            if held[c] != none:
                impulse[c] += matrix[env, a] * change[r]
            if held[r] != none:
                total += matrix[env, a] * change[c]
        impulse[r] = total


@wp.func
def turned(qpos: wp.array2d[Any], env: int, q: int, x: Any, y: Any, z: Any, step: Any) -> None:
    """Turn the quaternion at `q` by an angular velocity in its own axes."""
    speed = wp.sqrt(x * x + y * y + z * z)
    half = qpos.dtype(0.5) * speed * step
    scale = wp.sin(half) / wp.max(speed, qpos.dtype(1.0e-30))
    now = wp.vector(qpos[env, q], qpos[env, q + 1], qpos[env, q + 2], qpos[env, q + 3])
    then = product(now, wp.vector(wp.cos(half), x * scale, y * scale, z * scale))
    for i in range(4):
        qpos[env, q + i] = then[i]


@wp.func
def go_again(
    positions: wp.array[int],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    before: wp.array2d[Any],
    env: int,
    begin: int,
    end: int,
    free: int,
    step: Any,
) -> None:
    """Take back the step of the positions with the velocities `before` and make it with the present ones."""
    start = int(begin)
    if free >= 0:
        start = begin + FREE_DOFS
        for i in range(3):
            qpos[env, free + i] += step * (qvel[env, begin + i] - before[env, begin + i])
        r = begin + 3
        turned(qpos, env, free + 3, before[env, r], before[env, r + 1], before[env, r + 2], -step)
        turned(qpos, env, free + 3, qvel[env, r], qvel[env, r + 1], qvel[env, r + 2], step)
    for i in range(start, end):
        qpos[env, positions[i]] += step * (qvel[env, i] - before[env, i])


@wp.func
def hold_body(
    com: wp.array3d[Any],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    env: int,
    v: int,
    q: int,
    body: int,
    most_linear: Any,
    most_angular: Any,
) -> bool:
    """Shorten the velocities of a single body's centre of mass and of its turning; whether that was needed."""
    w, x, y, z = qpos[env, q + 3], qpos[env, q + 4], qpos[env, q + 5], qpos[env, q + 6]
    arm = rotated(w, x, y, z, wp.vector(com[env, body, 0], com[env, body, 1], com[env, body, 2]))
    own = wp.vector(qvel[env, v + 3], qvel[env, v + 4], qvel[env, v + 5])
    spin = rotated(w, x, y, z, own)
    slide = wp.vector(qvel[env, v], qvel[env, v + 1], qvel[env, v + 2]) + wp.cross(spin, arm)
    linear, angular = wp.length(slide), wp.length(own)
    if not (linear > most_linear or angular > most_angular):
        return False
    if linear > most_linear:
        slide = slide * (most_linear / linear)
    if angular > most_angular:
        own, spin = own * (most_angular / angular), spin * (most_angular / angular)
    slide = slide - wp.cross(spin, arm)
    for i in range(3):
        qvel[env, v + i] = slide[i]
        qvel[env, v + 3 + i] = own[i]
    return True


@wp.func
def bound_root(
    most: wp.array2d[Any], limits: wp.array2d[Any], qvel: wp.array2d[Any], env: int, actor: int, begin: int
) -> None:
    """Limits of the six dofs of a floating base, where it is too fast those of the velocity that is shortened."""
    for kind in range(2):
        first = begin + 3 * kind
        speed = wp.length(wp.vector(qvel[env, first], qvel[env, first + 1], qvel[env, first + 2]))
        for i in range(first, first + 3):
            limits[env, i] = limits.dtype(wp.inf)
            if speed > most[actor, kind]:
                limits[env, i] = wp.abs(qvel[env, i]) * most[actor, kind] / speed


@wp.kernel(module=MODULE)
def hold(
    ranges: wp.array2d[int],
    positions: wp.array[int],
    most: wp.array2d[Any],
    limits: wp.array2d[Any],
    nonzeros: wp.array[int],
    address: wp.array[int],
    column: wp.array[int],
    matrix: wp.array2d[Any],
    com: wp.array3d[Any],
    step: float,
    strides: wp.vec2i,
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    factor: wp.array[Any],
    change: wp.array[Any],
    impulse: wp.array[Any],
    held: wp.array[Any],
    before: wp.array2d[Any],
) -> None:
    """Hold the dofs of an actor, or its single body, as if it had been done before the positions were integrated.

    Impulses on the dofs that are held bring these to their limits and leave the momentum of all others as it is; a dof
    that others slow down enough is let go, one that they make too fast is held as well.
    """
    env, actor = wp.tid()
    begin, end, free, body = ranges[actor, BEGIN], ranges[actor, END], ranges[actor, FREE], ranges[actor, BODY]
    if free >= 0 and body < 0:
        bound_root(most, limits, qvel, env, actor, begin)
    fast, sane = bool(False), bool(True)  # noqa: UP018 (Warp's way to name variables that a loop may change)
    for i in range(begin, end):
        fast = fast or above(qvel[env, i], limits[env, i])
        sane = sane and not above(qvel[env, i], qvel.dtype(HUGE))
    if not sane or not (fast or body >= 0):
        return
    for i in range(begin, end):
        before[env, i] = qvel[env, i]
    h = qpos.dtype(step)
    if body >= 0:
        if hold_body(com, qpos, qvel, env, begin, free, body, most[actor, LINEAR], most[actor, ANGULAR]):
            go_again(positions, qpos, qvel, before, env, begin, end, free, h)
        return
    none = held.dtype(0.0)
    for i in range(begin, end):
        held[at(env, i, strides)] = wp.where(above(qvel[env, i], limits[env, i]), wp.sign(qvel[env, i]), none)
    for _round in range(ROUNDS):
        for i in range(begin, end):
            side = held[at(env, i, strides)]
            change[at(env, i, strides)] = wp.where(side != none, side * limits[env, i] - qvel[env, i], none)
        begin_with(nonzeros, address, column, matrix, held, factor, change, env, begin, end, strides)
        solve(nonzeros, address, column, factor, change, env, begin, end, strides)
        impulses(nonzeros, address, column, matrix, held, change, impulse, env, begin, end, strides)
        again = bool(False)  # noqa: UP018
        for i in range(begin, end):
            place = at(env, i, strides)
            if held[place] == none:
                if above(qvel[env, i] + change[place], limits[env, i]):
                    held[place] = wp.sign(qvel[env, i] + change[place])
                    again = True
            elif impulse[place] * held[place] > none:
                held[place] = none
                again = True
        if not again:
            break
    for i in range(begin, end):
        qvel[env, i] = wp.clamp(qvel[env, i] + change[at(env, i, strides)], -limits[env, i], limits[env, i])
    go_again(positions, qpos, qvel, before, env, begin, end, free, h)


for_both_engines(hold)
