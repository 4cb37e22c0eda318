"""Warp kernels that damp links, and slow down those that are too fast; see VelocityRules for the laws."""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MODULE, for_both_engines
from isaacgym._src.backend.quiet_warp import wp
from isaacgym._src.backend.velocity_kernels import ANGULAR, BEGIN, BODY, END, FREE, FREE_DOFS, LINEAR


@wp.kernel(module=MODULE)
def screen(
    ranges: wp.array2d[int],
    positions: wp.array[int],
    parents: wp.array[int],
    turns: wp.array[int],
    most: wp.array2d[Any],
    reach: wp.array[Any],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    spin: wp.array2d[Any],
    slide: wp.array2d[Any],
    suspect: wp.array[int],
) -> None:
    """Count the actors of an environment one of whose links may be faster than its options allow.

    No link turns or slides faster than the speeds of its joint and of those before it, `spin` and `slide`, add up to.
    """
    env, actor = wp.tid()
    begin, end, free = ranges[actor, BEGIN], ranges[actor, END], ranges[actor, FREE]
    if ranges[actor, BODY] >= 0 or begin == end:
        return
    far, start = qvel.dtype(reach[actor]), int(begin)
    if free >= 0:
        start = begin + FREE_DOFS
        own = wp.vector(qvel[env, begin + 3], qvel[env, begin + 4], qvel[env, begin + 5])
        spin[env, start - 1] = wp.length(own)
        slide[env, start - 1] = wp.length(wp.vector(qvel[env, begin], qvel[env, begin + 1], qvel[env, begin + 2]))
    for i in range(start, end):
        spin[env, i] = qvel.dtype(0.0)
        slide[env, i] = qvel.dtype(0.0)
        if parents[i] >= 0:
            spin[env, i] = spin[env, parents[i]]
            slide[env, i] = slide[env, parents[i]]
        if turns[i] != 0:
            spin[env, i] += wp.abs(qvel[env, i])
        else:
            slide[env, i] += wp.abs(qvel[env, i])
            far += wp.abs(qpos[env, positions[i]])
    fast = bool(False)  # noqa: UP018 (Warp's way to name a variable that a loop may change)
    for i in range(wp.max(start - 1, begin), end):
        fast = fast or spin[env, i] > most[actor, ANGULAR] or slide[env, i] + spin[env, i] * far > most[actor, LINEAR]
    if fast:
        wp.atomic_add(suspect, env, 1)


@wp.kernel(module=MODULE)
def resist(
    links: wp.array2d[int],
    damping: wp.array2d[Any],
    fastest: wp.array2d[Any],
    mass: wp.array2d[Any],
    inertia: wp.array3d[Any],
    xipos: wp.array3d[Any],
    ximat: wp.array3d[Any],
    cvel: wp.array3d[Any],
    centre: wp.array3d[Any],
    step: float,
    suspect: wp.array[int],
    everyone: int,
    first: int,
    pushed: wp.array3d[Any],
    applied: wp.array3d[Any],
) -> None:
    """The wrench on a link that damps it, and slows it down where it is too fast, on top of what pushes it.

    Unless `everyone` counts, kinematic fields are those of the present state in suspect environments only.
    """
    env, i = wp.tid()
    b, tree = links[i, 0], links[i, 1]
    spin = wp.vector(cvel[env, b, 0], cvel[env, b, 1], cvel[env, b, 2])
    arm = wp.vector(
        xipos[env, b, 0] - centre[env, tree, 0],
        xipos[env, b, 1] - centre[env, tree, 1],
        xipos[env, b, 2] - centre[env, tree, 2],
    )
    slide = wp.vector(cvel[env, b, 3], cvel[env, b, 4], cvel[env, b, 5]) + wp.cross(spin, arm)
    once = xipos.dtype(1.0) / xipos.dtype(step)  # what would stop it in this step [1/s]
    linear, angular = xipos.dtype(damping[i, LINEAR]), xipos.dtype(damping[i, ANGULAR])
    if wp.length(slide) > fastest[i, LINEAR]:
        linear += once * (xipos.dtype(1.0) - fastest[i, LINEAR] / wp.length(slide))
    if wp.length(spin) > fastest[i, ANGULAR]:
        angular += once * (xipos.dtype(1.0) - fastest[i, ANGULAR] / wp.length(spin))
    linear, angular = wp.min(linear, once), wp.min(angular, once)
    if everyone == 0 and suspect[env] == 0:
        linear, angular = xipos.dtype(0.0), xipos.dtype(0.0)
    if first != 0:
        for k in range(6):
            pushed[env, i, k] = applied[env, b, k]
    force = slide * (linear * mass[env, b])
    torque = wp.vector(xipos.dtype(0.0), xipos.dtype(0.0), xipos.dtype(0.0))
    for k in range(3):
        axis = wp.vector(ximat[env, b, k], ximat[env, b, 3 + k], ximat[env, b, 6 + k])
        torque += axis * (angular * inertia[env, b, k] * wp.dot(axis, spin))
    for k in range(3):
        applied[env, b, k] = pushed[env, i, k] - force[k]
        applied[env, b, 3 + k] = pushed[env, i, 3 + k] - torque[k]


for_both_engines(screen)
for_both_engines(resist)
