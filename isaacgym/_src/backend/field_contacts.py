"""Contacts of MuJoCo Warp with height fields: each pushes along the normal of the triangle that it is with.

A field is collided with as columns below its triangles, side by side. Where a shape is deeper below the ground than
it reaches into a column from the side, the least way out of that column leads sideways, into the next one. MuJoCo Warp
3.17 answers with a depth measured at whichever end of the shape points away from the field's centre, which throws boxes
into the air; and it takes the normal from points so close that rounding turns it. Here a contact keeps its depth, and
borders between cells neither catch nor throw what slides over them.

A column whose triangle a shape stays above is left out before anything is searched for, and balls and capsules, of
which robots' feet and shanks are made, are measured against the triangle itself. On a GPU each shape goes through its
columns one by one while others wait for the slowest: a general search took most of a robot's step on rough ground.
"""

# mypy: disable-error-code="index,operator,assignment"

from __future__ import annotations

from importlib.metadata import version

import warp as wp
from mujoco_warp import GeomType
from mujoco_warp._src import collision_convex
from mujoco_warp._src import collision_gjk as gjk

FIELD, BALL, CAPSULE = (wp.constant(int(kind)) for kind in (GeomType.HFIELD, GeomType.SPHERE, GeomType.CAPSULE))
PLAIN = wp.constant(int(GeomType.PLANE))  # a kind of shape that is given no special treatment
APART = wp.constant(1.0e10)  # a distance without a contact [m]

_witness, _grown, _search = gjk._epa_witness, gjk._inflate, gjk.ccd


@wp.func
def top_normal(a: wp.vec3, b: wp.vec3, c: wp.vec3) -> wp.vec3:
    """The upward unit normal of a column's triangle."""
    top = wp.normalize(wp.cross(b - a, c - a))
    return wp.where(top[2] < 0.0, -top, top)


@wp.func
def upright(field: gjk.Geom, x1: wp.vec3, x2: wp.vec3) -> tuple[wp.vec3, wp.vec3]:
    """Points about the middle of two, whose difference is along the normal of the column's triangle."""
    top = top_normal(field.polyvert[3], field.polyvert[4], field.polyvert[5])
    middle = 0.5 * (x1 + x2)
    return middle + top, middle - top  # a metre each way, or rounding would turn the normal of a shallow contact


@wp.func
def epa_witness(
    pt: gjk.Polytope, geom1: gjk.Geom, geom2: gjk.Geom, geomtype1: int, geomtype2: int, face: int
) -> tuple[wp.vec3, wp.vec3, float]:
    """Nearest points and distance where shapes overlap."""
    kind = wp.where(geomtype1 == FIELD, PLAIN, geomtype1)
    x1, x2, dist = _witness(pt, geom1, geom2, kind, geomtype2, face)
    if geomtype1 == FIELD:
        x1, x2 = upright(geom1, x1, x2)
    return x1, x2, dist


@wp.func
def inflate(
    result: gjk.GJKResult,
    geom1: gjk.Geom,
    geom2: gjk.Geom,
    geomtype1: int,
    geomtype2: int,
    margin1: float,
    margin2: float,
) -> tuple[float, wp.vec3, wp.vec3]:
    """Distance and nearest points of shapes grown by their radii and margins."""
    kind = wp.where(geomtype1 == FIELD, PLAIN, geomtype1)
    dist, x1, x2 = _grown(result, geom1, geom2, kind, geomtype2, margin1, margin2)
    if geomtype1 == FIELD:
        x1, x2 = upright(geom1, x1, x2)
    return dist, x1, x2


@wp.func
def cross_2d(u: wp.vec3, v: wp.vec3) -> float:
    return u[0] * v[1] - u[1] * v[0]


@wp.func
def cut(start: float, end: float, side1: float, side2: float) -> tuple[float, float]:
    """What is left of a stretch of a segment whose two ends are at `side1` and `side2`, where these are positive."""
    if side1 < 0.0 and side2 < 0.0:
        return 1.0, 0.0
    if side1 < 0.0:
        return wp.max(start, side1 / (side1 - side2)), end
    if side2 < 0.0:
        return start, wp.min(end, side1 / (side1 - side2))
    return start, end


@wp.func
def lowest_inside(e1: wp.vec3, e2: wp.vec3, a: wp.vec3, b: wp.vec3, c: wp.vec3, top: wp.vec3) -> tuple[float, wp.vec3]:
    """Height above the triangle's plane, and place, of a segment's lowest point in the column; APART if none is."""
    turn = wp.where(cross_2d(b - a, c - a) < 0.0, -1.0, 1.0)
    start, end = cut(0.0, 1.0, turn * cross_2d(b - a, e1 - a), turn * cross_2d(b - a, e2 - a))
    start, end = cut(start, end, turn * cross_2d(c - b, e1 - b), turn * cross_2d(c - b, e2 - b))
    start, end = cut(start, end, turn * cross_2d(a - c, e1 - c), turn * cross_2d(a - c, e2 - c))
    if start > end:
        return APART, e1
    p, q = e1 + start * (e2 - e1), e1 + end * (e2 - e1)
    p_height, q_height = wp.dot(top, p - a), wp.dot(top, q - a)
    if p_height < q_height:
        return p_height, p
    return q_height, q


@wp.func
def nearer(
    e1: wp.vec3, e2: wp.vec3, a: wp.vec3, b: wp.vec3, top: wp.vec3, dist: float, x1: wp.vec3, x2: wp.vec3
) -> tuple[float, wp.vec3, wp.vec3]:
    """The best so far, or an edge of the triangle and the segment above its plane, where they are nearer."""
    found = wp.closest_point_edge_edge(a, b, e1, e2, 1.0e-10)
    on_edge, on_segment = a + found[0] * (b - a), e1 + found[1] * (e2 - e1)
    if found[2] < dist and wp.dot(top, on_segment - a) >= 0.0:
        return found[2], on_edge, on_segment
    return dist, x1, x2


@wp.func
def over(p: wp.vec3, a: wp.vec3, b: wp.vec3, c: wp.vec3, top: wp.vec3) -> bool:
    """Whether the foot of a point on the triangle's plane is in the triangle."""
    turn = wp.where(cross_2d(b - a, c - a) < 0.0, -1.0, 1.0)
    along = turn * top
    return (
        wp.dot(wp.cross(b - a, p - a), along) >= 0.0
        and wp.dot(wp.cross(c - b, p - b), along) >= 0.0
        and wp.dot(wp.cross(a - c, p - c), along) >= 0.0
    )


@wp.func
def above(
    p: wp.vec3, a: wp.vec3, b: wp.vec3, c: wp.vec3, top: wp.vec3, dist: float, x1: wp.vec3, x2: wp.vec3
) -> tuple[float, wp.vec3, wp.vec3]:
    """The best so far, or a point right above the triangle, where it is nearer."""
    height = wp.dot(top, p - a)
    if height >= 0.0 and height < dist and over(p, a, b, c, top):
        return height, p - height * top, p
    return dist, x1, x2


@wp.func
def rounded(field: gjk.Geom, e1: wp.vec3, e2: wp.vec3, radius: float) -> tuple[float, wp.vec3, wp.vec3]:
    """Distance and nearest points of a column's triangle and all that is within `radius` of a segment.

    What is below the triangle's plane beside the column is another column's.
    """
    a, b, c = field.polyvert[3], field.polyvert[4], field.polyvert[5]
    top = top_normal(a, b, c)
    if wp.min(wp.dot(top, e1 - a), wp.dot(top, e2 - a)) >= radius:
        return APART, e1, e1
    depth, low = lowest_inside(e1, e2, a, b, c, top)
    if depth < 0.0:
        return depth - radius, low - depth * top, low - radius * top
    dist, x1, x2 = above(e1, a, b, c, top, APART, e1, e1)
    dist, x1, x2 = above(e2, a, b, c, top, dist, x1, x2)
    dist, x1, x2 = nearer(e1, e2, a, b, top, dist, x1, x2)
    dist, x1, x2 = nearer(e1, e2, b, c, top, dist, x1, x2)
    dist, x1, x2 = nearer(e1, e2, c, a, top, dist, x1, x2)
    away = wp.where(dist > 1.0e-6, wp.normalize(x2 - x1), top)
    return dist - radius, x1, x2 - radius * away


@wp.func
def ccd(
    tolerance: float,
    cutoff: float,
    gjk_iterations: int,
    epa_iterations: int,
    geom1: gjk.Geom,
    geom2: gjk.Geom,
    geomtype1: int,
    geomtype2: int,
    x_1: wp.vec3,
    x_2: wp.vec3,
    vert: wp.array[wp.vec3],
    vert_index: wp.array[int],
    face: wp.array[int],
    face_pr: wp.array[wp.vec3],
    face_norm2: wp.array[float],
    horizon: wp.array[int],
    warn_overflow: bool,
    worldid: int,
    overflow_out: wp.array[int],
) -> tuple[float, int, wp.vec3, wp.vec3, int]:
    """Distance, number of contacts and nearest points of two convex shapes, as MuJoCo Warp's function of this name."""
    if geomtype1 == FIELD and geom2.margin == 0.0:
        if geomtype2 == BALL or geomtype2 == CAPSULE:  # noqa: SIM109  (Warp compiles this)
            half = wp.where(geomtype2 == BALL, 0.0, geom2.size[1])
            axis = half * wp.vec3(geom2.rot[0, 2], geom2.rot[1, 2], geom2.rot[2, 2])
            dist, x1, x2 = rounded(geom1, geom2.pos - axis, geom2.pos + axis, geom2.size[0])
            x1, x2 = upright(geom1, x1, x2)
            return dist, 1, x1, x2, -1
        a = geom1.polyvert[3]
        top = top_normal(a, geom1.polyvert[4], geom1.polyvert[5])
        if wp.dot(top, gjk.support(geom2, geomtype2, -top).point - a) > 0.0:
            return APART, 0, x_1, x_2, -1
    dist, count, x1, x2, index = _search(
        tolerance,
        cutoff,
        gjk_iterations,
        epa_iterations,
        geom1,
        geom2,
        geomtype1,
        geomtype2,
        x_1,
        x_2,
        vert,
        vert_index,
        face,
        face_pr,
        face_norm2,
        horizon,
        warn_overflow,
        worldid,
        overflow_out,
    )
    return dist, count, x1, x2, index


def install() -> None:
    """Let kernels that are made from now on use this; a MuJoCo Warp other than 3.17 is left as it is."""
    if version("mujoco-warp").startswith("3.17."):
        gjk._epa_witness, gjk._inflate = epa_witness, inflate
        collision_convex.ccd = ccd
