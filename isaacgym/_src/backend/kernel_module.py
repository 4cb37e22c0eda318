"""The Warp module of the kernels behind the API's calls, compiled as one for both engines; what several of them use.

Fields are in the engine's precision, tensors in 32 bits. `place` says where an actor is: the first of its numbers in
qpos and in qvel, or its mocap body, -1 for none; and of a dof where it is in qpos, qvel and ctrl. Some kernels go over
a run of environments, from `first` on.
"""

# mypy: disable-error-code="index,misc,call-overload,operator,attr-defined,type-var,arg-type,return-value,assignment"
# Warp compiles what only looks like Python, and reads annotations as they are: they cannot be postponed.

from typing import Any

from isaacgym._src.backend.quiet_warp import wp

MODULE = "isaacgym.calls"

# Each operation is rounded on its own, as torch's are: both ways to read a state give the same bits.
wp.set_module_options({"fuse_fp": False, "enable_backward": False}, module=wp.get_module(MODULE))

NO_INDEX = wp.constant(-(2**31))
POS, VEL, CTRL, MOCAP = wp.constant(0), wp.constant(1), wp.constant(2), wp.constant(2)


def for_both_engines(kernel: Any) -> None:
    """Say which types a kernel will meet, so that all are compiled at once and not one after the other."""
    generic = {a.label: a.type for a in kernel.adj.args if getattr(a.type, "dtype", None) is Any}
    for real in (wp.float32, wp.float64):
        for index in (wp.int32, wp.int64) if "indices" in generic else (wp.int32,):
            types = {label: index if label == "indices" else real for label in generic}
            wp.overload(kernel, {label: wp.array(dtype=types[label], ndim=generic[label].ndim) for label in generic})


@wp.func
def rotated(w: Any, x: Any, y: Any, z: Any, vec: Any) -> Any:
    """A vector turned by a unit quaternion."""
    axis = wp.vector(x, y, z)
    twice = wp.cross(axis, vec)
    twice = twice + twice
    return vec + w * twice + wp.cross(axis, twice)


@wp.func
def product(a: Any, b: Any) -> Any:
    """Of two wxyz quaternions."""
    return wp.vector(
        a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
        a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
        a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
        a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
    )


@wp.func
def row_at(indices: wp.array[Any], i: int, rows: int, wrong: wp.array[int]) -> int:
    """The row of an actor that was given; -1, and the index left in `wrong`, where there is no such actor."""
    row = int(indices[i])
    if row >= 0 and row < rows:
        return row
    wrong[0] = row
    return -1


@wp.func
def refused(indices: wp.array[Any], thread: int, count: int, rows: int, wrong: wp.array[int]) -> bool:
    """Whether any index is out of range; where threads run in order, as on a CPU, the first one looks for all."""
    if thread == 0:
        for i in range(count):
            row_at(indices, i, rows, wrong)
    return wrong[0] != NO_INDEX
