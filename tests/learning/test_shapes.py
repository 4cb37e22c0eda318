"""Shapes as triangles: as large as they should be, closed, and where MuJoCo has them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import mujoco
import numpy as np
import pytest

import tasks
from isaacgym import gymapi
from learning import triangles
from learning.poses import Poses
from learning.shapes import Shapes
from learning.triangles import Mesh
from tests.composed import task_config, task_names

XML = """
<mujoco>
  <asset>
    <mesh name="wedge" vertex="0 0 0  1 0 0  0 1 0  0 0 1"/>
    <hfield name="hill" nrow="3" ncol="2" size="2 1 0.5 0.1" elevation="0 0 1 1 0 0"/>
    <texture name="dark" type="2d" builtin="flat" rgb1="0.5 0 0" width="8" height="8"/>
    <material name="dark" texture="dark"/>
  </asset>
  <worldbody>
    <geom type="hfield" hfield="hill"/>
    <geom type="plane" size="0 0 1"/>
    <body pos="0 0 2"><freejoint/>
      <geom type="sphere" size="0.1"/>
      <geom type="ellipsoid" size="0.1 0.2 0.3" pos="1 0 0" euler="30 0 0" rgba="1 0 0 1"/>
      <geom type="box" size="0.1 0.2 0.3" pos="2 0 0" euler="0 40 0" material="dark"/>
      <geom type="cylinder" size="0.1 0.4" pos="3 0 0"/>
      <geom type="capsule" size="0.1 0.4" pos="4 0 0"/>
      <geom type="mesh" mesh="wedge" pos="5 0 0"/>
      <geom type="sphere" size="9" group="3"/>
      <geom type="sphere" size="9" rgba="0 0 0 0"/>
    </body>
  </worldbody>
</mujoco>
"""


class Alone:
    """The poses of one simulation of a model."""

    count = 1

    def __init__(self, model: mujoco.MjModel) -> None:
        self.model, self.datas = model, [mujoco.MjData(model)]
        mujoco.mj_kinematics(model, self.datas[0])

    def colors(self, env: int) -> dict[int, Any]:
        """None were given."""
        return {}


def volume(mesh: Mesh, scale: np.ndarray) -> float:
    """What the triangles enclose; negative if they are seen from inside."""
    a, b, c = np.moveaxis((mesh.vertices * scale)[mesh.faces].astype(float), 1, 0)
    return float(np.einsum("fi,fi->", a, np.cross(b, c)) / 6)


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (triangles.ball(), 4 / 3 * np.pi),
        (triangles.box(), 8.0),
        (triangles.cylinder(), 2 * np.pi),
        (triangles.capsule(0.5, 2.0), np.pi * (0.25 * 4.0 + 4 / 3 * 0.125)),
    ],
)
def test_a_shape_encloses_its_volume_and_is_seen_from_outside(mesh: Mesh, expected: float) -> None:
    assert volume(mesh, np.ones(3)) == pytest.approx(expected, rel=0.05)
    corners = mesh.vertices[mesh.faces].astype(float)
    outwards = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("fi,fi->f", outwards, corners.mean(1)) > -1e-9).all()


def test_every_kind_of_shape_is_there_once_with_its_colour() -> None:
    model = mujoco.MjModel.from_xml_string(XML)
    shapes = Shapes(Alone(model))  # type: ignore[arg-type]
    assert sum(len(kind.geoms) for kind in shapes.kinds) == 6
    assert len(shapes.kinds) == 5  # the ball and the ellipsoid share their triangles
    by_geom = {int(geom): (kind, i) for kind in shapes.kinds for i, geom in enumerate(kind.geoms)}
    expected = {2: 4 / 3 * np.pi * 1e-3, 3: 4 / 3 * np.pi * 6e-3, 4: 8 * 6e-3, 5: np.pi * 8e-3, 7: 1 / 6}
    for geom, size in expected.items():
        kind, place = by_geom[geom]
        assert volume(kind.mesh, kind.scales[place]) == pytest.approx(size, rel=0.06)
    kind, place = by_geom[3]
    assert shapes.colors(kind)[0, place].tolist() == [255, 0, 0]
    kind, place = by_geom[4]
    assert shapes.colors(kind)[0, place].tolist() == [127, 0, 0]  # the texture's mean


def test_a_height_field_rises_where_its_samples_do() -> None:
    shapes = Shapes(Alone(mujoco.MjModel.from_xml_string(XML)))  # type: ignore[arg-type]
    (ground,) = shapes.still
    top = ground.mesh.vertices[ground.mesh.vertices[:, 2] > 0.4]
    assert len(shapes.planes) == 1
    assert sorted(map(tuple, top.tolist())) == [(-2.0, 0.0, 0.5), (2.0, 0.0, 0.5)]


@pytest.mark.parametrize("name", task_names())
def test_shapes_are_where_mujoco_has_them(name: str) -> None:
    task = tasks.make(task_config(name), num_envs=2)
    with closing(task):
        task.start()
        poses = Poses(task.sim, 2)
        poses.show()
        shapes = Shapes(poses)
        offsets = np.array([(0.0, 0.0, 0.0), (1.0, 2.0, 3.0)])
        for kind, placed in zip(shapes.kinds, shapes.place(offsets), strict=True):
            for env, data in enumerate(poses.datas):
                for i, geom in enumerate(kind.geoms):
                    turn = np.zeros(9)
                    mujoco.mju_quat2Mat(turn, placed.quats[env, i])
                    assert np.allclose(turn, data.geom_xmat[geom], atol=1e-9)
                    assert np.allclose(placed.positions[env, i], data.geom_xpos[geom] + offsets[env])


def test_a_body_has_the_colour_it_was_given_in_its_environment() -> None:
    task = tasks.make(task_config("Cartpole"), num_envs=2)
    with closing(task):
        task.gym.set_rigid_body_color(task.sim.envs[1], 0, 1, gymapi.MESH_VISUAL, gymapi.Vec3(1.0, 0.0, 0.0))
        shapes = Shapes(Poses(task.sim, 2))
        found = np.concatenate([shapes.colors(kind) for kind in shapes.kinds], 1)
        red = (found == (255, 0, 0)).all(-1)
        assert (red[0].sum(), red[1].sum()) == (0, 1)


def test_environments_on_a_common_terrain_are_shown_where_they_are_on_it() -> None:
    gym, params = gymapi.acquire_gym(), gymapi.SimParams()
    params.up_axis, params.use_gpu_pipeline = gymapi.UP_AXIS_Z, False
    sim = gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
    field = gymapi.HeightFieldParams()
    field.nbColumns = field.nbRows = 4
    gym.add_heightfield(sim, np.zeros((4, 4), np.int16), field)
    asset = gym.create_box(sim, 0.5, 0.5, 0.5, gymapi.AssetOptions())
    for number in range(3):
        env = gym.create_env(sim, gymapi.Vec3(-2.0, -2.0, 0.0), gymapi.Vec3(2.0, 2.0, 2.0), 2)
        gym.create_actor(env, asset, gymapi.Transform(gymapi.Vec3(0.5, 0.25, 1.0)), "box", number, 0)
    gym.prepare_sim(sim)
    poses = Poses(sim, 3)
    assert poses.lineup().offsets.tolist() == [list(env.origin) for env in sim.envs]
    (ground,) = Shapes(poses).still
    assert np.ptp(ground.mesh.vertices[:, 0]) == pytest.approx(3.0 * field.column_scale)
    gym.destroy_sim(sim)
