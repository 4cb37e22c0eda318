"""Scaled actors against files of the scaled size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.meshes import write_tetrahedron
from tests.isaacgym.world import CHAIN, GRAVITY, GYM, Spawn, World, close

MakeWorld = Callable[..., World]

TWICE = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="torso"><freejoint/><geom type="box" size=".3 .2 .1" pos=".1 .04 -.06"/>
    <body name="thigh" pos=".3 0 0"><joint name="hip_x" axis="1 0 0"/><joint name="hip_y" axis="0 1 0"/>
      <geom type="capsule" fromto="0 0 0 .2 .1 -.4" size=".06"/>
      <body name="shin" pos=".2 .1 -.4"><joint name="knee" axis="0 1 0"/>
        <geom type="capsule" fromto="0 0 0 0 0 -.4" size=".04"/></body></body>
    <body name="arm" pos="-.3 0 0" quat=".7 .1 .7 .1"><joint name="slide" type="slide" axis="0 0 1"/>
      <geom type="sphere" size=".1" pos="0 .2 0"/></body>
  </body></worldbody></mujoco>"""  # CHAIN with all lengths doubled


def _scale(*values: float) -> Callable[[gymapi.Env, list[int], int], None]:
    """For `populate(each=...)`: scales of the first actor, one per environment."""

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        GYM.set_actor_scale(env, handles[0], values[i])

    return each


def _moving(w: World) -> World:
    """After ten steps from a random state, under gravity and without contact."""
    generator = torch.Generator().manual_seed(3)
    w.set_dof(torch.randn(1, 4, 2, generator=generator).expand(2, 4, 2))
    root = w.root
    root[..., 7:] = torch.randn(1, 1, 6, generator=generator)
    w.set_root(root)
    w.step(10)
    return w


@pytest.mark.parametrize("scales", [(2.0, 2.0), (1.0, 2.0)])
def test_a_scaled_robot_moves_as_one_whose_file_has_the_lengths(world: MakeWorld, scales: tuple[float, ...]) -> None:
    w, large = world(), world()
    w.populate(Spawn(w.asset(CHAIN), (0, 0, 5)), each=_scale(*scales))
    large.populate(Spawn(large.asset(TWICE), (0, 0, 5)))
    assert close(_moving(w).body[1], _moving(large).body[1], 2e-4)
    props = [GYM.get_actor_rigid_body_properties(x.envs[1], 0)[1] for x in (w, large)]
    assert props[0].mass == pytest.approx(props[1].mass, rel=1e-5)
    assert props[0].inertia.y.y == pytest.approx(props[1].inertia.y.y, rel=1e-5)


def test_a_scaled_ball_rests_on_its_scaled_radius(world: MakeWorld) -> None:
    w = world(ground=1.0, dt=0.005)
    ball = GYM.create_sphere(w.sim, 0.1, gymapi.AssetOptions())
    w.populate(Spawn(ball, (0, 0, 0.25)), each=_scale(1.0, 2.0))
    assert close(w.contact, 0.0, 0.0)
    w.seconds(1.0)
    assert close(w.root[:, 0, 2], [0.1, 0.2], 2e-3)
    weights = [GYM.get_actor_rigid_body_properties(env, 0)[0].mass * GRAVITY for env in w.envs]
    assert weights[1] == pytest.approx(8 * weights[0])
    assert close(w.contact[:, 0, 2] / torch.tensor(weights), 1.0, 0.02)


def test_bodies_of_several_shapes_meet_at_their_scaled_lengths(world: MakeWorld) -> None:
    boxes = "".join(f'<geom type="box" size=".1 .5 .1" pos="{0.2 * i} 0 0"/>' for i in range(-5, 6))
    balls = "".join(
        f'<geom size=".1" pos="{x} {y} 0"/>' for x in (-0.3, -0.1, 0.1, 0.3) for y in (-0.3, -0.1, 0.1, 0.3)
    )
    body = '<mujoco><worldbody><body name="body">{}</body></worldbody></mujoco>'
    w = world(dt=0.005)
    table = w.asset(body.format(boxes), fix_base_link=True)
    w.populate(
        Spawn(w.asset(body.format("<freejoint/>" + balls)), (0, 0, 0.3)), Spawn(table, (0, 0, 0)), each=_scale(1.0, 1.5)
    )
    w.seconds(1.0)
    assert close(w.root[:, 0, 2], [0.2, 0.25], 3e-3)


def test_bodies_of_scaled_actors_start_where_they_were_said_to(world: MakeWorld) -> None:
    seen = {}

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        _scale(0.5, 1.5)(env, handles, i)
        states = GYM.get_actor_dof_states(env, 0, gymapi.STATE_ALL)
        states["pos"], states["vel"] = [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]
        GYM.set_actor_dof_states(env, 0, states, gymapi.STATE_ALL)
        seen[i] = GYM.get_rigid_transform(env, 3).p, GYM.get_rigid_linear_velocity(env, 3)

    w = world()
    w.populate(Spawn(w.asset(CHAIN), (0, 0, 1)), each=each)
    for i, (place, velocity) in seen.items():
        assert close(w.body[i, 3, :3], [place.x, place.y, place.z], 1e-5)
        assert close(w.body[i, 3, 7:10], [velocity.x, velocity.y, velocity.z], 1e-5)


def test_limits_of_sliding_dofs_scale_and_those_of_hinges_do_not(world: MakeWorld) -> None:
    w = world()
    text = CHAIN.replace('type="slide"', 'type="slide" range="-1 2"').replace('"knee"', '"knee" range="-1 2"')
    w.populate(Spawn(w.asset(text)), each=_scale(3.0, 3.0))
    props = GYM.get_actor_dof_properties(w.envs[0], 0)
    assert [tuple(props[name][2:]) for name in ("lower", "upper")] == [(-1.0, -3.0), (2.0, 6.0)]


SOLID = """<robot name="solid"><link name="corner">
  <collision><geometry><mesh filename="corner.stl"/></geometry></collision></link></robot>"""


def test_a_mesh_scales_where_all_environments_have_one_scale(world: MakeWorld) -> None:
    w, uneven = world(ground=1.0, dt=0.005), world()
    write_tetrahedron(w.folder / "corner.stl", 0.2)
    w.populate(Spawn(w.asset(SOLID), (0, 0, 0.05)), each=_scale(2.0, 2.0))
    assert GYM.get_actor_rigid_body_properties(w.envs[0], 0)[0].mass == pytest.approx(1000 * 0.4**3 / 6, rel=1e-4)
    w.seconds(1.0)
    assert close(w.root[:, 0, 2], 0.0, 2e-3)
    with pytest.raises(NotImplementedError, match="has collision meshes, whose scale must be the same"):
        uneven.populate(Spawn(uneven.asset(SOLID)), each=_scale(1.0, 2.0))


def test_what_cannot_be_scaled_is_refused(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    with pytest.raises(NotImplementedError, match="is fixed by prepare_sim"):
        GYM.set_actor_scale(w.envs[0], 0, 2.0)
    with pytest.raises(ValueError, match="needs one positive number, given -1"):
        GYM.set_actor_scale(w.envs[0], 0, -1.0)
