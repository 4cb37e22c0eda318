"""Contacts of MuJoCo Warp with height fields: each pushes along the normal of the triangle that it is with.

A field is collided with as columns below its triangles, side by side. Where a shape is deeper below the ground than
it reaches into a column from the side, the least way out of that column leads sideways, into the next one. MuJoCo Warp
3.17 answers with a depth measured at whichever end of the shape points away from the field's centre, which throws boxes
into the air; and it takes the normal from points so close that rounding turns it. Here a contact keeps its depth, and
borders between cells neither catch nor throw what slides over them.
"""

# mypy: disable-error-code="index,operator"

from __future__ import annotations

from importlib.metadata import version

import warp as wp
from mujoco_warp import GeomType
from mujoco_warp._src import collision_gjk as gjk

FIELD = wp.constant(int(GeomType.HFIELD))
PLAIN = wp.constant(int(GeomType.PLANE))  # a kind of shape that is given no special treatment

_witness, _grown = gjk._epa_witness, gjk._inflate


@wp.func
def _upright(field: gjk.Geom, x1: wp.vec3, x2: wp.vec3) -> tuple[wp.vec3, wp.vec3]:
    """Points about the middle of two, whose difference is along the normal of the column's triangle."""
    a, b, c = field.polyvert[3], field.polyvert[4], field.polyvert[5]
    top = wp.normalize(wp.cross(b - a, c - a))
    top = wp.where(top[2] < 0.0, -top, top)
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
        x1, x2 = _upright(geom1, x1, x2)
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
        x1, x2 = _upright(geom1, x1, x2)
    return dist, x1, x2


def install() -> None:
    """Let kernels that are made from now on use this; a MuJoCo Warp other than 3.17 is left as it is."""
    if version("mujoco-warp").startswith("3.17."):
        gjk._epa_witness, gjk._inflate = epa_witness, inflate
