"""Warp kernels for Jacobians and mass matrices of one actor; see ActorDynamics for what they compute."""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.kernel_module import MODULE, for_both_engines
from isaacgym._src.backend.quiet_warp import wp

BASE = wp.constant(6)  # columns of a floating base, in front of the dofs


@wp.func
def three(field: wp.array3d[Any], env: int, row: int, first: int) -> Any:
    return wp.vector(field[env, row, first], field[env, row, first + 1], field[env, row, first + 2])


@wp.func
def turning(cdof: wp.array3d[Any], env: int, dof: int, column: int, floating: int) -> Any:
    """Angular velocity for a unit of a column's."""
    if floating == 0 or column >= BASE:
        return three(cdof, env, dof, 0)
    axis = wp.vector(cdof.dtype(0.0), cdof.dtype(0.0), cdof.dtype(0.0))
    if column >= 3:
        axis[column - 3] = cdof.dtype(1.0)
    return axis


@wp.func
def sliding(cdof: wp.array3d[Any], env: int, dof: int, column: int, floating: int, arm: Any) -> Any:
    """Linear velocity at the tree's centre for a unit of a column's; `arm` is from the root to there."""
    if floating == 0 or column >= BASE:
        return three(cdof, env, dof, 3)
    axis = wp.vector(cdof.dtype(0.0), cdof.dtype(0.0), cdof.dtype(0.0))
    if column < 3:
        axis[column] = cdof.dtype(1.0)
        return axis
    axis[column - 3] = cdof.dtype(1.0)
    return wp.cross(axis, arm)


@wp.kernel(module=MODULE)
def read_jacobian(
    links: wp.array[int],
    dofs: wp.array[int],
    moves: wp.array2d[int],
    root: int,
    tree: int,
    floating: int,
    xpos: wp.array3d[Any],
    centre: wp.array3d[Any],
    cdof: wp.array3d[Any],
    jacobian: wp.array4d[float],
) -> None:
    env, row, column = wp.tid()
    if moves[row, column] == 0:
        for k in range(6):
            jacobian[env, row, k, column] = 0.0
        return
    middle = three(centre, env, tree, 0)
    spin = turning(cdof, env, dofs[column], column, floating)
    slide = sliding(cdof, env, dofs[column], column, floating, middle - three(xpos, env, root, 0))
    there = slide + wp.cross(spin, three(xpos, env, links[row], 0) - middle)
    for k in range(3):
        jacobian[env, row, k, column] = float(there[k])
        jacobian[env, row, 3 + k, column] = float(spin[k])


@wp.kernel(module=MODULE)
def read_mass_matrix(
    bodies: wp.array[int],
    dofs: wp.array[int],
    carries: wp.array2d[int],
    before: wp.array2d[int],
    root: int,
    tree: int,
    floating: int,
    first: int,
    of_stiffness: float,
    of_damping: float,
    xpos: wp.array3d[Any],
    centre: wp.array3d[Any],
    cdof: wp.array3d[Any],
    cinert: wp.array3d[Any],
    armature: wp.array2d[Any],
    stiffness: wp.array2d[Any],
    damping: wp.array2d[Any],
    matrix: wp.array3d[float],
) -> None:
    """One column a thread: what it carries moves as one body, and is felt by the columns before it."""
    env, column = wp.tid()
    zero = cdof.dtype(0.0)
    diagonal, mixed, moment, mass = (
        wp.vector(zero, zero, zero),
        wp.vector(zero, zero, zero),
        wp.vector(zero, zero, zero),
        zero,
    )
    for i in range(bodies.shape[0]):
        if carries[column, i] != 0:
            diagonal += three(cinert, env, bodies[i], 0)
            mixed += three(cinert, env, bodies[i], 3)
            moment += three(cinert, env, bodies[i], 6)
            mass += cinert[env, bodies[i], 9]
    arm = three(centre, env, tree, 0) - three(xpos, env, root, 0)
    spin = turning(cdof, env, dofs[column], column, floating)
    slide = sliding(cdof, env, dofs[column], column, floating, arm)
    torque = wp.vector(
        diagonal[0] * spin[0] + mixed[0] * spin[1] + mixed[1] * spin[2],
        mixed[0] * spin[0] + diagonal[1] * spin[1] + mixed[2] * spin[2],
        mixed[1] * spin[0] + mixed[2] * spin[1] + diagonal[2] * spin[2],
    ) + wp.cross(moment, slide)
    force = mass * slide - wp.cross(moment, spin)
    for i in range(dofs.shape[0]):
        if before[i, column] != 0:
            felt = wp.dot(turning(cdof, env, dofs[i], i, floating), torque)
            felt += wp.dot(sliding(cdof, env, dofs[i], i, floating, arm), force)
            if i == column:
                felt += armature[env, dofs[i]]
                own = first + column - BASE * floating
                if floating == 0 or column >= BASE:
                    felt -= cdof.dtype(of_stiffness) * stiffness[env, own] + cdof.dtype(of_damping) * damping[env, own]
            matrix[env, i, column] = float(felt)
            matrix[env, column, i] = float(felt)
        elif before[column, i] == 0:
            matrix[env, i, column] = 0.0


for_both_engines(read_jacobian)
for_both_engines(read_mass_matrix)
