"""The visuals of a URDF: drawn and never felt, in the colours of materials or meshes, turned where the options say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import mujoco
import numpy as np
import pytest

from isaacgym import gymapi
from isaacgym._src.asset_urdf import load_urdf
from tests.isaacgym.meshes import Part, write_collada, write_tetrahedron
from tests.isaacgym.world import GYM, Spawn, World

MakeWorld = Callable[..., World]

MASS = '<inertial><mass value="1"/><inertia ixx=".1" iyy=".1" izz=".1" ixy="0" ixz="0" iyz="0"/></inertial>'
SPHERE = "<sphere radius='.1'/>"
UNIT = ((0, 0), (1, 0), (1, 1), (0, 1))
RED = '<material name="red"><color rgba="1 0 0 1"/></material>'


def shape(tag: str, geometry: str, more: str = "") -> str:
    return f'<{tag}><origin xyz="0 0 .5"/><geometry>{geometry}</geometry>{more}</{tag}>'


def link(name: str, *shapes: str) -> str:
    return f'<link name="{name}">{MASS}{"".join(shapes)}</link>'


def mesh(file: str) -> str:
    return f'<mesh filename="{file}" scale="2 2 2"/>'


def load(folder: Path, *elements: str, drawn: bool = True, **options: Any) -> gymapi.Asset:
    (folder / "r.urdf").write_text(f'<robot name="r">{"".join(elements)}</robot>')
    return load_urdf(folder / "r.urdf", folder, gymapi.AssetOptions(**options), drawn)


def seen(asset: gymapi.Asset) -> list[tuple[float, ...]]:
    """Colours of what is drawn."""
    model = asset.model
    return [tuple(np.round(model.geom_rgba[i], 2)) for i in range(model.ngeom) if model.geom_group[i] < 3]


def highest(asset: gymapi.Asset, geom: int) -> np.ndarray:
    """(3,) the largest coordinates of a mesh in its body's frame."""
    model = asset.model
    start = model.mesh_vertadr[model.geom_dataid[geom]]
    points = model.mesh_vert[start : start + model.mesh_vertnum[model.geom_dataid[geom]]]
    rot = np.zeros(9)
    mujoco.mju_quat2Mat(rot, model.geom_quat[geom])
    return (points @ rot.reshape(3, 3).T + model.geom_pos[geom]).max(0)


def test_visuals_are_drawn_in_place_of_the_shapes_behind_them_and_not_felt(tmp_path: Path) -> None:
    named = shape("visual", "<box size='.1 .1 .1'/>", '<material name="red"/>')
    parts = (link("a", shape("visual", SPHERE, RED), named, shape("collision", SPHERE)),)
    asset, plain = load(tmp_path, *parts), load(tmp_path, *parts, drawn=False)
    assert seen(asset) == [(1, 0, 0, 1), (1, 0, 0, 1)]
    assert len(seen(plain)) == 1
    for each in (asset, plain):
        assert GYM.get_asset_rigid_shape_count(each) == 1
        assert each.model.body_mass[1] == 1.0


def test_visuals_change_no_bit_of_the_physics(world: MakeWorld, tmp_path: Path) -> None:
    write_tetrahedron(tmp_path / "m.stl")
    more = '<joint name="j" type="continuous"><parent link="a"/><child link="b"/><axis xyz="0 1 0"/></joint>'
    links = [link(name, shape("visual", mesh("m.stl")), shape("collision", SPHERE)) for name in ("a", "b")]
    states = []
    for drawn in (False, True):
        w = world(ground=1.0, num_envs=1)
        w.populate(Spawn(load(tmp_path, *links, more, drawn=drawn), (0, 0, -0.35), filter=1))
        w.step(20)
        states.append(w.body)
    assert bool((states[0] == states[1]).all())
    assert float(states[0][..., 2].min()) > -0.45


def test_a_link_without_visuals_is_not_drawn_unless_none_has_any(tmp_path: Path) -> None:
    bare = link("b", shape("collision", SPHERE))
    joint = '<joint name="j" type="fixed"><parent link="a"/><child link="b"/></joint>'
    assert len(seen(load(tmp_path, link("a", shape("visual", SPHERE, RED)), bare, joint))) == 1
    assert len(seen(load(tmp_path, link("a"), bare, joint))) == 1
    assert not seen(load(tmp_path, link("a", shape("visual", "")), bare, joint, collapse_fixed_joints=True))[1:]


@pytest.mark.parametrize("file", ["gone.stl", "gone.dae", "broken.dae", "pointer.stl", "pointer.obj", "strange.step"])
def test_a_link_whose_visual_cannot_be_read_is_drawn_by_its_shapes_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, file: str
) -> None:
    (tmp_path / "broken.dae").write_text("<COLLADA/>")
    for suffix in ("stl", "obj"):
        (tmp_path / f"pointer.{suffix}").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    joint = '<joint name="j" type="fixed"><parent link="a"/><child link="b"/></joint>'
    lost = link("b", shape("visual", mesh(file)), shape("collision", SPHERE))
    with caplog.at_level(logging.WARNING, "isaacgym"):
        asset = load(tmp_path, link("a", shape("visual", SPHERE, RED)), lost, joint, flip_visual_attachments=True)
    assert len(seen(asset)) == 2
    assert "1 visuals are not drawn, the first is" in caplog.text
    assert "link 'b'" in caplog.text
    assert file in caplog.text


def test_a_mesh_has_its_material_s_colour_or_its_own(tmp_path: Path) -> None:
    write_collada(tmp_path / "m.dae", 0.1, parts=[Part(color="0 1 0 1"), Part((1, 0, 0), "0 0 1 1")])
    own, red = link("a", shape("visual", mesh("m.dae"))), link("a", shape("visual", mesh("m.dae"), RED))
    assert seen(load(tmp_path, own)) == [(0, 1, 0, 1), (0, 0, 1, 1)]
    assert set(seen(load(tmp_path, red))) == {(1, 0, 0, 1)}
    assert seen(load(tmp_path, red, use_mesh_materials=True)) == [(0, 1, 0, 1), (0, 0, 1, 1)]


def write_painted(folder: Path) -> None:
    """A square of 2 m across the x axis in m.obj, red on its left half, and a blue triangle beside it."""
    picture = np.full((8, 8, 3), 255, np.uint8)
    picture[:, :4, 1:] = 0
    imageio.imwrite(folder / "halves.png", picture)
    (folder / "m.mtl").write_text("newmtl shown\nKd 1 1 1\nmap_Kd halves.png\nnewmtl plain\nKd 0 0 1\n")
    corners = [(0, 1, -1), (0, -1, -1), (0, -1, 1), (0, 1, 1), (0, 2, -1), (0, 2, 1)]
    lines = ["mtllib m.mtl", *(f"v {x} {y} {z}" for x, y, z in corners), *(f"vt {u} {v}" for u, v in UNIT)]
    faces = ["usemtl shown", "f 1/1 2/2 3/3", "f 1/1 3/3 4/4", "usemtl plain", "f 1/1 6/3 5/2"]
    (folder / "m.obj").write_text("\n".join([*lines, *faces]) + "\n")


def test_an_obj_has_the_colours_and_pictures_of_its_materials_where_the_urdf_names_none(tmp_path: Path) -> None:
    pytest.importorskip("trimesh")
    write_painted(tmp_path)
    for text, options, colors, shown in (
        (link("a", shape("visual", mesh("m.obj"))), {}, {(1, 1, 1, 1), (0, 0, 1, 1)}, 1),
        (link("a", shape("visual", mesh("m.obj"), RED)), {}, {(1, 0, 0, 1)}, 0),
        (link("a", shape("visual", mesh("m.obj"), RED)), {"use_mesh_materials": True}, {(1, 1, 1, 1), (0, 0, 1, 1)}, 1),
    ):
        asset = load(tmp_path, text, **options)
        assert set(seen(asset)) == colors
        assert (asset.model.geom_matid >= 0).sum() == shown


def test_the_picture_of_an_obj_is_where_its_vertices_say(draws: Callable[..., World], tmp_path: Path) -> None:
    pytest.importorskip("trimesh")
    write_painted(tmp_path)
    (tmp_path / "r.urdf").write_text(f'<robot name="r">{link("a", shape("visual", mesh("m.obj")))}</robot>')
    w = draws(num_envs=1)
    w.sim.graphics.wanted = True
    w.populate(Spawn(GYM.load_asset(w.sim, str(tmp_path), "r.urdf", gymapi.AssetOptions()), position=(0, 0, 0)))
    props = gymapi.CameraProperties()
    props.width = props.height = 32
    camera = GYM.create_camera_sensor(w.envs[0], props)
    GYM.set_camera_location(camera, w.envs[0], gymapi.Vec3(-4, 0, 0.5), gymapi.Vec3(0, 0, 0.5))
    picture = GYM.get_camera_image(w.sim, w.envs[0], camera, gymapi.IMAGE_COLOR).reshape(32, 32, 4).astype(int)
    left, right = picture[16, 12, :3], picture[16, 20, :3]
    assert left[0] > 80
    assert left[1:].max() < 40
    assert np.ptp(right) < 20
    assert right.min() > 80


@pytest.mark.parametrize(("file", "turned"), [("m.obj", True), ("m.stl", True), ("m.dae", False)])
def test_flipped_visuals_have_their_y_axis_up_unless_the_file_says_which_is(
    tmp_path: Path, file: str, turned: bool
) -> None:
    write_collada(tmp_path / file) if file == "m.dae" else write_tetrahedron(tmp_path / file)
    text = link("a", shape("visual", mesh(file)), shape("collision", mesh(file)))
    for flip in (False, True):
        asset = load(tmp_path, text, flip_visual_attachments=flip)
        tops = [highest(asset, int(geom)) for geom in np.argsort(asset.model.geom_contype)]
        assert tops[0] == pytest.approx([2, 0, 2.5] if turned and flip else [2, 2, 2.5], abs=1e-4)
        assert tops[1] == pytest.approx([2, 2, 2.5], abs=1e-4)


def test_a_mesh_that_several_links_show_is_read_once(tmp_path: Path) -> None:
    write_tetrahedron(tmp_path / "m.stl")
    joint = '<joint name="j" type="fixed"><parent link="a"/><child link="b"/></joint>'
    links = [link(name, shape("visual", mesh("m.stl")), shape("collision", mesh("m.stl"))) for name in ("a", "b")]
    assert load(tmp_path, *links, joint).model.nmesh == 2


def test_only_a_simulation_with_a_graphics_device_brings_visuals(tmp_path: Path) -> None:
    (tmp_path / "r.urdf").write_text(f'<robot name="r">{link("a", shape("visual", SPHERE, RED))}</robot>')
    counts = []
    for device in (-1, 0):
        sim = GYM.create_sim(0, device, gymapi.SIM_PHYSX, gymapi.SimParams())
        counts.append(GYM.load_asset(sim, str(tmp_path), "r.urdf").model.ngeom)
    assert counts == [0, 1]
