"""Mesh files of all kinds: COLLADA, STL as text, pieces of one file, and what is said of those that cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from isaacgym import gymapi
from isaacgym._src import mesh_formats
from tests.isaacgym.meshes import Part, write_ascii_stl, write_collada, write_tetrahedron
from tests.isaacgym.world import GYM, Spawn, World

URDF = """<robot name="r"><link name="a"><collision><geometry><mesh filename="{}"/></geometry></collision></link>
  </robot>"""
MJCF = """<mujoco><asset><mesh name="m" file="{}"/></asset>
  <worldbody><body name="a"><geom type="mesh" mesh="m"/></body></worldbody></mujoco>"""


def body(w: World, text: str, file: str) -> gymapi.RigidBodyProperties:
    """What the only body of a file with this mesh weighs and where its centre is."""
    w.populate(Spawn(w.asset(text.format(file))))
    return GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0]


@pytest.mark.parametrize("text", [URDF, MJCF])
@pytest.mark.parametrize(
    ("up", "tool", "com"),
    [
        ("Z_UP", "", (0.1, 0.2, 1.1)),
        ("Y_UP", "", (0.1, -1.1, 0.2)),
        ("X_UP", "", (-0.2, -1.1, 0.1)),
        ("Y_UP", "VCGLib | MeshLab", (0.1, 0.2, 1.1)),
    ],
)
def test_a_collada_mesh_counts_in_its_unit_and_with_z_up_but_meshlab_s_as_they_are(
    tmp_path: Path, text: str, up: str, tool: str, com: tuple[float, float, float]
) -> None:
    write_collada(tmp_path / "m.dae", 40.0, unit=0.01, up=up, tool=tool, parts=[Part((0.0, 10.0, 100.0))])
    props = body(World(tmp_path), text, "m.dae")
    assert props.mass == pytest.approx(1000 * 0.4**3 / 6, rel=1e-3)
    assert (props.com.x, props.com.y, props.com.z) == pytest.approx(com, abs=1e-3)


def test_all_geometries_of_a_collada_file_are_one_convex_hull(tmp_path: Path) -> None:
    write_collada(tmp_path / "m.dae", 0.1, parts=[Part(), Part((1.0, 0.0, 0.0))])
    w = World(tmp_path)
    asset = w.asset(URDF.format("m.dae"))
    assert GYM.get_asset_rigid_shape_count(asset) == 1
    w.populate(Spawn(asset))
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].com.x == pytest.approx(0.53, abs=0.03)


def test_a_signed_distance_field_is_said_to_be_a_hull(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_tetrahedron(tmp_path / "m.stl", 0.3)
    text = URDF.format("m.stl").replace("</geometry>", '</geometry><sdf resolution="256"/>')
    assert GYM.get_asset_rigid_shape_count(World(tmp_path).asset(text)) == 1
    assert "link 'a': asks for a signed distance field, and collides as the hull of its mesh" in caplog.text


def test_a_material_that_is_not_in_the_collada_file_takes_no_geometry_away(tmp_path: Path) -> None:
    parts = [Part(), Part((0.4, 0.0, 0.0), "1 0 0 1")]
    write_collada(tmp_path / "m.dae", 0.3, parts=parts)
    assert len(mesh_formats.read_pieces(tmp_path / "m.dae", colors=True)) == 2


def test_an_stl_of_text_is_what_the_binary_one_is(tmp_path: Path) -> None:
    write_ascii_stl(tmp_path / "text.stl", 0.3)
    write_tetrahedron(tmp_path / "binary.stl", 0.3)
    masses = [body(World(tmp_path), text, f"{kind}.stl").mass for kind in ("text", "binary") for text in (URDF, MJCF)]
    assert masses == pytest.approx([1000 * 0.3**3 / 6] * 4, rel=1e-3)


def test_an_stl_of_more_triangles_than_mujoco_reads_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tetrahedron(tmp_path / "m.stl", 0.3)
    monkeypatch.setattr(mesh_formats, "MOST_STL_TRIANGLES", 3)
    assert not mesh_formats.mujoco_reads(tmp_path / "m.stl")
    assert body(World(tmp_path), URDF, "m.stl").mass == pytest.approx(1000 * 0.3**3 / 6, rel=1e-3)


def test_a_mesh_turned_inside_out_has_the_mass_of_its_hull(tmp_path: Path) -> None:
    path = write_tetrahedron(tmp_path / "m.obj", 0.3)
    lines = [line.split() for line in path.read_text().splitlines()]
    path.write_text("\n".join(" ".join([k, *(reversed(v) if k == "f" else v)]) for k, *v in lines))
    assert body(World(tmp_path), URDF, "m.obj").mass == pytest.approx(1000 * 0.3**3 / 6, rel=1e-3)


def test_meshes_of_one_file_with_reference_poses_of_their_own_stay_apart(tmp_path: Path) -> None:
    write_tetrahedron(tmp_path / "m.stl")
    heights = []
    for reference in ("", 'refpos="0 0 1"', 'refquat="0 1 0 0"', ""):
        heights.append(body(World(tmp_path), MJCF.replace("/>", f" {reference}/>", 1), "m.stl").com.z)
    assert heights == pytest.approx([0.25, -0.75, -0.25, 0.25], abs=1e-4)


@pytest.mark.parametrize("text", [URDF, MJCF])
@pytest.mark.parametrize(
    ("points", "mass"), [("0 0 1,1 0 1,0 1 1,1 1 1", 1.0), ("0 0 1,1 0 1,0 1 1", 0.5), ("0 0 0,1 0 0,2 0 0", 0.002)]
)
def test_a_collision_mesh_without_a_volume_is_a_millimetre_thick(
    tmp_path: Path, text: str, points: str, mass: float
) -> None:
    corners = [f"v {point}" for point in points.split(",")]
    faces = ["f 1 2 3", "f 2 4 3"][: len(corners) - 2]
    (tmp_path / "m.obj").write_text("\n".join(corners + faces))
    assert body(World(tmp_path), text, "m.obj").mass == pytest.approx(mass, rel=0.01)


# Faults.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.stl", b"nonsense", "not an STL file, neither binary nor text"),
        ("m.stl", b"solid x\nvertex 0 0 zero\n", "not an STL file: could not convert"),
        ("m.obj", b"version https://git-lfs.github.com/spec/v1", "it holds no vertices"),
        ("m.dae", b"nonsense", "not a COLLADA file: syntax error"),
        ("m.dae", b"<COLLADA><asset/></COLLADA>", "trimesh cannot read it: "),
    ],
)
def test_a_mesh_that_is_broken_is_refused_by_link_and_file(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(gymapi.AssetError, match=f"asset_0.urdf: link 'a': mesh '.*{name}': {message}"):
        World(tmp_path).asset(URDF.format(name))


def test_a_mesh_of_a_format_that_is_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.step").write_text("ISO-10303-21;")
    with pytest.raises(NotImplementedError, match="link 'a': mesh 'm.step': only .stl, .obj, .dae are read"):
        World(tmp_path).asset(URDF.format("m.step"))


def test_a_collada_mesh_without_its_packages_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_collada(tmp_path / "m.dae")
    monkeypatch.setitem(sys.modules, "collada", None)
    with pytest.raises(ModuleNotFoundError, match="link 'a': mesh '.*m.dae': .*pip install trimesh pycollada"):
        World(tmp_path).asset(URDF.format("m.dae"))
