"""Warp kernels that read states and contact forces of bodies, and push them."""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MODULE, for_both_engines, rotated
from isaacgym._src.backend.quiet_warp import wp


@wp.kernel(module=MODULE)
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


@wp.kernel(module=MODULE)
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


@wp.kernel(module=MODULE)
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


for_both_engines(read_bodies)
for_both_engines(read_contacts)
for_both_engines(push_bodies)
