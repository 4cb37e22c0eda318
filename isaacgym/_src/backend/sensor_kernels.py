"""The Warp kernel that reads force sensors; see ForceSensors for what it adds up."""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MODULE, for_both_engines, rotated
from isaacgym._src.backend.quiet_warp import wp

BODY, ROOT, FIRST_CHILD, LAST_CHILD = wp.constant(0), wp.constant(1), wp.constant(2), wp.constant(3)
INERTIAL, CONTACT, LOCAL = wp.constant(1), wp.constant(2), wp.constant(4)


@wp.func
def three(field: wp.array3d[Any], env: int, row: int, first: int) -> Any:
    """Three numbers of a row as a vector of 32 bits."""
    return wp.vec3(float(field[env, row, first]), float(field[env, row, first + 1]), float(field[env, row, first + 2]))


@wp.kernel(module=MODULE)
def read_sensors(
    place: wp.array2d[int],
    children: wp.array[int],
    flags: wp.array[int],
    poses: wp.array2d[float],
    weight: wp.array3d[float],
    xpos: wp.array3d[Any],
    xquat: wp.array3d[Any],
    xipos: wp.array3d[Any],
    centre: wp.array3d[Any],
    inner: wp.array3d[Any],
    external: wp.array3d[Any],
    applied: wp.array3d[Any],
    wrench: wp.array2d[float],
) -> None:
    env, s = wp.tid()
    b, says = place[s, BODY], flags[s]
    w, x, y, z = float(xquat[env, b, 0]), float(xquat[env, b, 1]), float(xquat[env, b, 2]), float(xquat[env, b, 3])
    arm = wp.vec3(poses[s, 0], poses[s, 1], poses[s, 2])
    pos = three(xpos, env, b, 0) + rotated(w, x, y, z, arm)
    from_centre = three(centre, env, place[s, ROOT], 0) - pos
    from_mass = three(xipos, env, b, 0) - pos
    touch, twist = three(external, env, b, 3), three(external, env, b, 0)
    force, torque = touch + three(inner, env, b, 3), twist + three(inner, env, b, 0)
    for i in range(place[s, FIRST_CHILD], place[s, LAST_CHILD]):
        force -= three(inner, env, children[i], 3)
        torque -= three(inner, env, children[i], 0)
    pull = wp.vec3(weight[env, s, 0], weight[env, s, 1], weight[env, s, 2])
    torque += wp.cross(from_centre, force) + wp.cross(from_mass, pull)
    force += pull
    if (says & INERTIAL) == 0 or (says & CONTACT) == 0:
        by_hand = three(applied, env, b, 0)
        contact = touch - by_hand
        turn = twist + wp.cross(from_centre, touch) - three(applied, env, b, 3) - wp.cross(from_mass, by_hand)
        force, torque = force - contact, torque - turn
        if (says & INERTIAL) == 0:
            force, torque = wp.vec3(), wp.vec3()
        if (says & CONTACT) != 0:
            force, torque = force + contact, torque + turn
    if (says & LOCAL) != 0:
        force, torque = rotated(w, -x, -y, -z, force), rotated(w, -x, -y, -z, torque)
        px, py, pz, pw = poses[s, 3], poses[s, 4], poses[s, 5], poses[s, 6]
        force, torque = rotated(pw, -px, -py, -pz, force), rotated(pw, -px, -py, -pz, torque)
    row = env * place.shape[0] + s
    for k in range(3):
        wrench[row, k] = force[k]
        wrench[row, 3 + k] = torque[k]


for_both_engines(read_sensors)
