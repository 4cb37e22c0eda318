"""Groups and filters: who collides with whom, as bits and in motion."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from isaacgym import gymapi
from isaacgym._src.collision import GROUND_BITS, MAX_CLASSES, ShapeClass, collision_bits
from tests.isaacgym.world import GYM, Spawn, World, close

MakeWorld = Callable[..., World]


def bits_collide(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """MuJoCo's rule."""
    return bool(a[0] & b[1] or b[0] & a[1])


CLASSES = [
    *(ShapeClass(group, filter) for group, filter in product((-1, 0, 7), (0, 1, 2, 3, 4, 1 << 30))),
    *(ShapeClass(0, 0, file, *bits) for file in (1, 2) for bits in ((1, 1), (1, 0), (0, 1), (2, 4))),
    ShapeClass(0, 3, 1, 1, 1),
]


def test_the_bits_collide_exactly_the_classes_that_collide() -> None:
    bits = collision_bits(CLASSES)
    for a, b in product(CLASSES, CLASSES):
        assert bits_collide(bits[a], bits[b]) == a.collides(b), (a, b)
        assert a.collides(b) == b.collides(a), (a, b)


def test_the_ground_collides_with_every_class() -> None:
    assert all(bits_collide(bits, GROUND_BITS) for bits in collision_bits(CLASSES).values())


def test_masks_are_positive_32_bit_numbers() -> None:
    bits = collision_bits(ShapeClass(0, 0, 0, i, 0) for i in range(MAX_CLASSES))
    assert all(0 < contype <= GROUND_BITS[0] < 2**31 for contype, _ in bits.values())


def test_too_many_classes_are_refused_with_their_number() -> None:
    with pytest.raises(NotImplementedError, match=f"{MAX_CLASSES + 1} different combinations"):
        collision_bits(ShapeClass(i, 0) for i in range(MAX_CLASSES + 1))


@pytest.mark.parametrize(
    ("upper", "lower", "collide"),
    [
        ((0, 0), (0, 0), True),
        ((0, 1), (0, 1), False),
        ((0, 1), (0, 2), True),
        ((0, 3), (0, 2), False),
        ((0, 0), (0, 1), True),
        ((0, 0), (1, 0), False),
        ((-1, 0), (1, 0), True),
        ((-1, 1), (0, 1), False),
        ((0, -1), (0, -1), True),
        ((0, -1), (0, 1), True),
    ],
)
def test_two_boxes_collide_by_group_and_filter(
    world: MakeWorld, upper: tuple[int, int], lower: tuple[int, int], collide: bool
) -> None:
    w = world(dt=0.005, ground=1.0)
    w.populate(
        Spawn(w.box(), (0, 0, 0.1), group=lower[0], filter=lower[1]),
        Spawn(w.box(), (0.02, 0.01, 0.45), group=upper[0], filter=upper[1]),
    )
    w.seconds(1.0)
    assert close(w.root[:, 1, 2], 0.3 if collide else 0.1, 0.02)


# Two links that reach each other when their hinge closes.
SCISSORS = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="base"><geom name="root" type="sphere" size=".05"/>
    <body name="left" pos=".2 0 0"><joint name="left" axis="0 1 0"/>
      <geom type="capsule" fromto="0 0 0 0 0 -.4" size=".03" {left}/>
      <body name="tip" pos="0 0 -.4"><joint name="tip" axis="0 1 0" range="-.1 .1"/>
        <geom type="sphere" size=".04" {left}/></body></body>
    <body name="right" pos="-.2 0 0"><joint name="right" axis="0 1 0"/>
      <geom type="capsule" fromto="0 0 0 0 0 -.4" size=".03" {right}/></body>
  </body></worldbody>{extra}</mujoco>"""


def closes(world: MakeWorld, filter: int, left: str = "", right: str = "", extra: str = "") -> bool:
    """Whether the two blades go through each other under efforts that press them together."""
    w = world(dt=0.002, gravity=0.0, num_envs=1)
    asset = w.asset(SCISSORS.format(left=left, right=right, extra=extra), fix_base_link=True)
    w.populate(Spawn(asset, filter=filter))
    w.drive(driveMode=int(gymapi.DOF_MODE_EFFORT), damping=0.5)
    w.effort([1.0, 0.0, -1.0])
    w.seconds(1.5)
    return float(w.dof[0, 0, 0]) > 0.7


def test_filter_0_lets_the_links_of_an_actor_collide(world: MakeWorld) -> None:
    assert not closes(world, 0)


def test_a_positive_filter_lets_them_pass(world: MakeWorld) -> None:
    assert closes(world, 1)


@pytest.mark.parametrize(
    ("left", "right", "passes"),
    [
        ("", "", False),
        ('contype="1" conaffinity="0"', 'contype="1" conaffinity="0"', True),
        ('contype="2" conaffinity="2"', "", True),
        ('contype="2" conaffinity="1"', 'contype="1" conaffinity="0"', False),
    ],
)
def test_filter_minus_1_keeps_what_the_file_says(world: MakeWorld, left: str, right: str, passes: bool) -> None:
    assert closes(world, -1, left, right) == passes


def test_an_exclusion_in_the_file_holds_whatever_the_filter(world: MakeWorld) -> None:
    exclude = '<contact><exclude body1="left" body2="right"/><exclude body1="tip" body2="right"/></contact>'
    assert closes(world, 0, extra=exclude)
    assert closes(world, -1, extra=exclude)


def test_a_contact_pair_of_the_file_holds_only_where_the_file_decides(world: MakeWorld) -> None:
    bits = 'contype="1" conaffinity="0" name='
    extra = '<contact><pair geom1="a" geom2="b"/></contact>'
    left, right = f'{bits}"a"', f'{bits}"b"'
    text = SCISSORS.replace('<geom type="sphere" size=".04" {left}/>', '<geom type="sphere" size=".04" contype="0"/>')
    for filter, passes in ((-1, False), (1, True)):
        w = world(dt=0.002, gravity=0.0, num_envs=1)
        asset = w.asset(text.format(left=left, right=right, extra=extra), fix_base_link=True)
        w.populate(Spawn(asset, filter=filter))
        w.drive(driveMode=int(gymapi.DOF_MODE_EFFORT), damping=0.5)
        w.effort([1.0, 0.0, -1.0])
        w.seconds(1.5)
        assert (float(w.dof[0, 0, 0]) > 0.7) == passes


NEIGHBOURS = """<mujoco><worldbody><body name="base"><geom type="sphere" size=".2"/>
  <body name="plate"><geom type="sphere" size=".2" pos=".1 0 0"/>
    <body name="link" pos=".15 0 0"><joint name="j" axis="0 1 0"/><geom type="sphere" size=".2" mass="1"/>
      <body name="cap" pos=".1 0 0"><geom type="sphere" size=".2" mass="1"/></body></body></body>
</body></worldbody></mujoco>"""  # overlapping neighbours around one joint


@pytest.mark.parametrize("fixed", [True, False])
def test_neighbouring_links_do_not_collide(world: MakeWorld, fixed: bool) -> None:
    w = world(gravity=0.0)
    w.populate(Spawn(w.asset(NEIGHBOURS, fix_base_link=fixed)))
    assert close(w.contact, 0.0, 0.0)
    w.step(3)
    assert close(w.contact, 0.0, 0.0)
    assert close(w.dof, 0.0, 1e-9)


def test_a_fixed_actor_carries_what_falls_on_any_of_its_bodies(world: MakeWorld) -> None:
    w = world(dt=0.005)
    table = """<mujoco><worldbody><body name="leg"><geom type="box" size=".1 .1 .1"/>
      <body name="top" pos="1 0 0"><geom type="box" size=".1 .1 .1"/></body></body></worldbody></mujoco>"""
    w.populate(Spawn(w.asset(table, fix_base_link=True), (0, 0, 1)), Spawn(w.box(), (1, 0, 1.25)))
    w.seconds(0.5)
    assert close(w.contact, 0.0, 0.0)
    w.step()
    assert close(w.root[:, 1, 2], 1.2, 0.003)
    weight = 8 * 9.81
    assert close(w.contact[:, :, 2], [0.0, -weight, weight], 0.02 * weight)


def test_fixed_actors_that_overlap_the_ground_or_each_other_stay(world: MakeWorld) -> None:
    w = world(ground=1.0)
    w.populate(Spawn(w.box(fix_base_link=True), (0, 0, 0)), Spawn(w.box(fix_base_link=True), (0.1, 0, 0)))
    before = w.root
    assert close(w.contact, 0.0, 0.0)
    w.step(5)
    assert close(w.root, before, 0.0)
    assert close(w.contact, 0.0, 0.0)


def test_a_moving_link_of_a_fixed_robot_meets_the_ground(world: MakeWorld) -> None:
    w = world(dt=0.005, ground=1.0)
    arm = """<mujoco><worldbody><body name="base"><geom type="sphere" size=".02"/>
      <body name="arm"><joint name="j" axis="0 1 0" damping="1"/>
        <geom type="capsule" fromto="0 0 0 .5 0 0" size=".02" mass="1"/></body></body></worldbody></mujoco>"""
    w.populate(Spawn(w.asset(arm, fix_base_link=True), (0, 0, 0.27)))
    w.seconds(3.0)
    assert close(w.dof[:, 0, 0], 0.5236, 0.02)  # asin(0.25 / 0.5)


def test_shape_filters_set_on_an_actor_replace_those_of_its_creation(world: MakeWorld) -> None:
    w = world(dt=0.005, ground=1.0)

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        for handle, bits in zip(handles, (1, 2), strict=True):
            props = GYM.get_actor_rigid_shape_properties(env, handle)
            assert props[0].filter == 1
            props[0].filter = bits
            GYM.set_actor_rigid_shape_properties(env, handle, props)

    w.populate(Spawn(w.box(), (0, 0, 0.1), filter=1), Spawn(w.box(), (0.02, 0.01, 0.45), filter=1), each=each)
    w.seconds(1.0)
    assert close(w.root[:, 1, 2], 0.3, 0.02)


def test_shape_filters_of_an_asset_count_for_actors_with_filter_minus_1(world: MakeWorld) -> None:
    w = world(dt=0.005, ground=1.0)
    asset = w.box()
    props = GYM.get_asset_rigid_shape_properties(asset)
    props[0].filter = 4
    GYM.set_asset_rigid_shape_properties(asset, props)
    w.populate(Spawn(asset, (0, 0, 0.1), filter=-1), Spawn(asset, (0.02, 0.01, 0.45), filter=-1))
    w.seconds(1.0)
    assert close(w.root[:, 1, 2], 0.1, 0.02)


def test_every_environment_is_a_world_of_its_own(world: MakeWorld) -> None:
    w = world(dt=0.005, num_envs=3)
    box = w.box()
    for _ in range(3):  # all at the same place, as terrain tasks do
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(0, 0, 0), gymapi.Vec3(0, 0, 0), 2))
        w.spawn(w.envs[-1], Spawn(box, (0, 0, 5)))
    w.prepare()
    w.step(5)
    assert close(w.contact, 0.0, 0.0)
    w.step(5)
    assert close(w.contact, 0.0, 0.0)
    assert all(GYM.get_env_origin(env) == gymapi.Vec3(0, 0, 0) for env in w.envs)
