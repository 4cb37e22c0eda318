"""What the fields of AssetOptions do to an asset, as far as its masses and shapes are concerned."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isaacgym import gymapi
from isaacgym._src.ignored import OPTIONS_IGNORED
from tests.isaacgym.meshes import Part, write_collada, write_tetrahedron, write_walls
from tests.isaacgym.world import CHAIN, GYM, Spawn, World

MakeWorld = Callable[..., World]

URDF = """<robot name="r"><link name="a">
  <inertial><origin xyz=".1 .2 .3"/><mass value="3"/>
    <inertia ixx=".1" iyy=".2" izz=".25" ixy="0" ixz="0" iyz="0"/></inertial>
  <collision><origin xyz="0 0 .5"/><geometry>{}</geometry></collision></link></robot>"""
MJCF = """<mujoco><worldbody><body name="a"><inertial pos=".1 .2 .3" mass="3" diaginertia=".1 .2 .25"/>
  <geom type="box" size=".1 .2 .3" pos="0 0 .5"/><geom size="1" pos="5 0 0" contype="0" conaffinity="0"/>
  </body></worldbody></mujoco>"""
BOX = "<box size='.2 .4 .6'/>"
OF_BOX = 3 / 12 * np.array([0.4**2 + 0.6**2, 0.2**2 + 0.6**2, 0.2**2 + 0.4**2])


def test_every_option_is_in_the_documentation_and_those_without_effect_are_said_to_have_none() -> None:
    page = (Path(__file__).parents[2] / "docs" / "isaacgym.md").read_text()
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    said = {name: effect for names, effect in rows for name in re.findall(r"`(\w+)`", names)}
    assert not set(gymapi.AssetOptions.names()) - set(said)
    without = {name for name in gymapi.AssetOptions.names() if said[name].strip().startswith("no effect")}
    assert without == set(OPTIONS_IGNORED)


@pytest.mark.parametrize("text", [URDF.format(BOX), MJCF])
@pytest.mark.parametrize("com", [False, True])
@pytest.mark.parametrize("inertia", [False, True])
def test_a_centre_and_an_inertia_of_the_shapes_replace_the_file_s(
    tmp_path: Path, text: str, com: bool, inertia: bool
) -> None:
    w = World(tmp_path)
    w.populate(Spawn(w.asset(text, override_com=com, override_inertia=inertia)))
    (props,) = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    assert props.mass == pytest.approx(3.0)
    assert (props.com.x, props.com.y, props.com.z) == pytest.approx((0, 0, 0.5) if com else (0.1, 0.2, 0.3))
    moments = np.diag(props.inertia.floats().reshape(3, 3))
    assert moments == pytest.approx(OF_BOX if inertia else [0.1, 0.2, 0.25])


def test_a_body_without_shapes_keeps_what_its_file_says(world: MakeWorld) -> None:
    w = world()
    text = CHAIN.replace(
        '<geom type="sphere" size=".05" pos="0 .1 0"/>', '<inertial pos="0 0 .1" mass="2" diaginertia="1 1 1"/>'
    )
    w.populate(Spawn(w.asset(text, override_com=True, override_inertia=True)))
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    assert (props[3].mass, props[3].com.z, props[3].inertia.x.x) == pytest.approx((2.0, 0.1, 1.0))
    w.step(3)
    assert bool(w.body.isfinite().all())


# Sub-meshes as shapes.


def over_walls(w: World, file: str, **options: bool) -> tuple[int, float, float]:
    """How many shapes two walls are, what they weigh, and how high a box comes to rest that falls between them."""
    text = f"""<mujoco><asset><mesh name="m" file="{file}" scale="2 1 1"/></asset><worldbody><body name="b">
      <geom type="mesh" mesh="m" pos="0 0 0.5" euler="0 0 90"/></body></worldbody></mujoco>"""
    walls = w.asset(text, fix_base_link=True, **options)
    w.populate(Spawn(w.box(), (0, 0, 1.2)), Spawn(walls, (0, 0, 0)))
    mass = GYM.get_actor_rigid_body_properties(w.envs[0], 1)[0].mass
    w.seconds(0.8)
    return GYM.get_asset_rigid_shape_count(walls), mass, float(w.root[0, 0, 2])


def test_objects_in_an_obj_become_shapes_where_submeshes_are_asked_for(world: MakeWorld, tmp_path: Path) -> None:
    write_walls(tmp_path / "walls.obj", gap=0.6, objects=True)
    apart = over_walls(world(ground=1.0), "walls.obj", convex_decomposition_from_submeshes=True, vhacd_enabled=True)
    whole = over_walls(world(ground=1.0), "walls.obj")
    assert apart == pytest.approx((2, whole[1], 0.1), abs=0.02)
    assert whole == pytest.approx((1, whole[1], 1.1), abs=0.02)


def test_geometries_of_a_collada_file_become_shapes_where_submeshes_are_asked_for(tmp_path: Path) -> None:
    write_collada(tmp_path / "m.dae", 0.1, parts=[Part(), Part((1.0, 0.0, 0.0)), Part((0.0, 1.0, 0.0))])
    asset = World(tmp_path).asset(URDF.format("<mesh filename='m.dae'/>"), convex_decomposition_from_submeshes=True)
    assert GYM.get_asset_rigid_shape_count(asset) == 3


def test_a_file_of_one_mesh_stays_one_shape(tmp_path: Path) -> None:
    write_tetrahedron(tmp_path / "m.stl")
    asset = World(tmp_path).asset(URDF.format("<mesh filename='m.stl'/>"), convex_decomposition_from_submeshes=True)
    assert GYM.get_asset_rigid_shape_count(asset) == 1


@pytest.mark.parametrize("most", [1, 4])
def test_the_decomposition_makes_no_more_pieces_than_its_parameters_say(tmp_path: Path, most: int) -> None:
    pytest.importorskip("vhacdx")
    write_walls(tmp_path / "walls.obj", gap=0.6)
    params = gymapi.VhacdParams()
    params.max_convex_hulls, params.resolution = most, 20_000
    asset = World(tmp_path).asset(URDF.format("<mesh filename='walls.obj'/>"), vhacd_enabled=True, vhacd_params=params)
    assert GYM.get_asset_rigid_shape_count(asset) == most


def test_a_mesh_is_cut_once_for_all_assets_with_the_same_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vhacdx = pytest.importorskip("vhacdx")
    cut, cuts = vhacdx.compute_vhacd, list[int]()

    def counted(*given: Any, **more: Any) -> Any:
        cuts.append(more["maxConvexHulls"])
        return cut(*given, **more)

    monkeypatch.setattr(vhacdx, "compute_vhacd", counted)
    write_walls(tmp_path / "walls.obj", gap=0.51)
    w, params = World(tmp_path), gymapi.VhacdParams()
    for params.max_convex_hulls in (2, 2, 4):
        w.asset(URDF.format("<mesh filename='walls.obj'/>"), vhacd_enabled=True, vhacd_params=params)
    assert cuts == [2, 4]
