"""The Warp kernel that computes where bodies are and how they move from positions and velocities, and nothing else.

On a CPU it stands in for the engine's own kinematics, which come with collisions and constraints.
"""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MODULE, for_both_engines, product, rotated
from isaacgym._src.backend.quiet_warp import wp

PARENT, MOCAP, FIRST, LAST = wp.constant(0), wp.constant(1), wp.constant(2), wp.constant(3)  # of a body
QPOS, QVEL, KIND = wp.constant(0), wp.constant(1), wp.constant(2)  # of a joint
FREE, SLIDE = wp.constant(0), wp.constant(2)  # MuJoCo's kinds


@wp.func
def triple(field: wp.array3d[Any], env: int, row: int) -> Any:
    return wp.vector(field[env, row, 0], field[env, row, 1], field[env, row, 2])


@wp.func
def quadruple(field: wp.array3d[Any], env: int, row: int) -> Any:
    return wp.vector(field[env, row, 0], field[env, row, 1], field[env, row, 2], field[env, row, 3])


@wp.func
def by(quat: Any, vec: Any) -> Any:
    return rotated(quat[0], quat[1], quat[2], quat[3], vec)


@wp.kernel(module=MODULE)
def move(
    bodies: wp.array2d[int],
    joints: wp.array2d[int],
    body_pos: wp.array3d[Any],
    body_quat: wp.array3d[Any],
    body_ipos: wp.array3d[Any],
    body_iquat: wp.array3d[Any],
    jnt_pos: wp.array3d[Any],
    jnt_axis: wp.array3d[Any],
    qpos0: wp.array2d[Any],
    mocap_pos: wp.array3d[Any],
    mocap_quat: wp.array3d[Any],
    qpos: wp.array2d[Any],
    qvel: wp.array2d[Any],
    suspect: wp.array[int],
    everyone: int,
    xpos: wp.array3d[Any],
    xquat: wp.array3d[Any],
    xipos: wp.array3d[Any],
    ximat: wp.array3d[Any],
    cvel: wp.array3d[Any],
) -> None:
    """Velocities are those of the point of each body that is at the origin; only of suspect environments, or of all."""
    env = wp.tid()
    if everyone == 0 and suspect[env] == 0:
        return
    for b in range(1, bodies.shape[0]):
        parent, mocap = bodies[b, PARENT], bodies[b, MOCAP]
        pos = triple(xpos, env, parent) + by(
            quadruple(xquat, env, parent), triple(body_pos, env % body_pos.shape[0], b)
        )
        quat = product(quadruple(xquat, env, parent), quadruple(body_quat, env % body_quat.shape[0], b))
        spin = triple(cvel, env, parent)
        slide = wp.vector(cvel[env, parent, 3], cvel[env, parent, 4], cvel[env, parent, 5])
        if mocap >= 0:
            pos = triple(mocap_pos, env, mocap)
            quat = quadruple(mocap_quat, env, mocap)
        for j in range(bodies[b, FIRST], bodies[b, LAST]):
            q, v, kind = joints[j, QPOS], joints[j, QVEL], joints[j, KIND]
            if kind == FREE:
                pos = wp.vector(qpos[env, q], qpos[env, q + 1], qpos[env, q + 2])
                quat = wp.vector(qpos[env, q + 3], qpos[env, q + 4], qpos[env, q + 5], qpos[env, q + 6])
                spin = by(quat, wp.vector(qvel[env, v + 3], qvel[env, v + 4], qvel[env, v + 5]))
                slide = wp.vector(qvel[env, v], qvel[env, v + 1], qvel[env, v + 2]) - wp.cross(spin, pos)
            else:
                own = triple(jnt_axis, env % jnt_axis.shape[0], j)
                axis, way = by(quat, own), qpos[env, q] - qpos0[env % qpos0.shape[0], q]
                if kind == SLIDE:
                    pos = pos + axis * way
                    slide = slide + axis * qvel[env, v]
                else:
                    place = triple(jnt_pos, env % jnt_pos.shape[0], j)
                    anchor = pos + by(quat, place)
                    half = way * qpos.dtype(0.5)
                    own = own * wp.sin(half)
                    quat = product(quat, wp.vector(wp.cos(half), own[0], own[1], own[2]))
                    pos = anchor - by(quat, place)
                    spin = spin + axis * qvel[env, v]
                    slide = slide + wp.cross(anchor, axis * qvel[env, v])
        centre = pos + by(quat, triple(body_ipos, env % body_ipos.shape[0], b))
        turn = product(quat, quadruple(body_iquat, env % body_iquat.shape[0], b))
        for k in range(3):
            unit = wp.vector(qpos.dtype(0.0), qpos.dtype(0.0), qpos.dtype(0.0))
            unit[k] = qpos.dtype(1.0)
            column = by(turn, unit)
            xpos[env, b, k] = pos[k]
            xipos[env, b, k] = centre[k]
            cvel[env, b, k] = spin[k]
            cvel[env, b, 3 + k] = slide[k]
            for row in range(3):
                ximat[env, b, 3 * row + k] = column[row]
        for k in range(4):
            xquat[env, b, k] = quat[k]


for_both_engines(move)
