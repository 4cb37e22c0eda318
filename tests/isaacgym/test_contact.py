"""Contacts, friction and force sensors under known loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import GRAVITY, GYM, Spawn, World, close

MakeWorld = Callable[..., World]
BOX_MASS = 8.0  # of the default cube of 0.2 m [kg]
WEIGHT = BOX_MASS * GRAVITY


def resting(world: MakeWorld, friction: float = 1.0, **settings: object) -> World:
    w = world(dt=0.005, ground=friction, **settings)
    w.populate(Spawn(w.box(), (0, 0, 0.1)))
    w.seconds(1.0)
    return w


def test_a_resting_box_is_held_by_its_weight(world: MakeWorld) -> None:
    w = resting(world)
    assert close(w.contact, 0.0, 0.0)  # nothing was asked for before the step
    w.step()
    assert close(w.contact[:, 0], torch.tensor([0, 0, WEIGHT]), 0.01 * WEIGHT)
    assert close(w.root[:, 0, 2], 0.1, 0.002)
    assert close(w.root[:, 0, 7:13], 0.0, 1e-3)


def test_contact_forces_of_several_substeps_are_not_added_up(world: MakeWorld) -> None:
    w = resting(world, substeps=4)
    assert close(w.contact, 0.0, 0.0)
    w.step()
    assert close(w.contact[:, 0, 2], WEIGHT, 0.01 * WEIGHT)


@pytest.mark.parametrize("cone", ["pyramidal", "elliptic"])
def test_a_sliding_body_decelerates_with_friction_times_gravity(world: MakeWorld, cone: str) -> None:
    w = world(dt=0.0005, ground=0.3, cone=cone)
    w.populate(Spawn(w.plate(), (0, 0, 0.05)), each=friction([0.3, 0.3]))
    assert sliding_deceleration(w) == pytest.approx([0.3 * GRAVITY] * 2, rel=0.05)


@pytest.mark.parametrize(("ground", "plate"), [(0.1, 0.6), (0.6, 0.1)])
def test_the_friction_of_a_contact_is_the_average_of_the_two(world: MakeWorld, ground: float, plate: float) -> None:
    w = world(dt=0.0005, ground=ground)
    w.populate(Spawn(w.plate(), (0, 0, 0.05)), each=friction([plate, plate]))
    assert sliding_deceleration(w) == pytest.approx([0.35 * GRAVITY] * 2, rel=0.05)


def test_friction_differs_between_environments(world: MakeWorld) -> None:
    w = world(dt=0.0005, ground=0.2)
    w.populate(Spawn(w.plate(), (0, 0, 0.05)), each=friction([0.2, 0.6]))
    assert sliding_deceleration(w) == pytest.approx([0.2 * GRAVITY, 0.4 * GRAVITY], rel=0.05)


def test_friction_set_while_running_acts_in_its_environment_only(world: MakeWorld) -> None:
    w = world(dt=0.0005, ground=0.2)
    w.populate(Spawn(w.plate(), (0, 0, 0.05)), each=friction([0.2, 0.2]))
    w.step()
    friction([0.2, 0.6])(w.envs[1], [0], 1)
    assert sliding_deceleration(w) == pytest.approx([0.2 * GRAVITY, 0.4 * GRAVITY], rel=0.05)


def test_friction_set_on_the_asset_counts_for_actors_created_from_then_on(world: MakeWorld) -> None:
    w = world(dt=0.0005, ground=0.2)
    asset = w.plate()
    for i, value in enumerate((0.2, 0.6)):
        props = GYM.get_asset_rigid_shape_properties(asset)
        props[0].friction = value
        GYM.set_asset_rigid_shape_properties(asset, props)
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 2))
        w.spawn(w.envs[i], Spawn(asset, (0, 0, 0.05)))
    w.prepare()
    assert sliding_deceleration(w) == pytest.approx([0.2 * GRAVITY, 0.4 * GRAVITY], rel=0.05)


def friction(values: list[float]) -> Callable[[gymapi.Env, list[int], int], None]:
    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_rigid_shape_properties(env, handles[0])
        props[0].friction = values[i]
        GYM.set_actor_rigid_shape_properties(env, handles[0], props)

    return each


def sliding_deceleration(w: World) -> list[float]:
    """Mean over a quarter of a second: a sliding plate rattles, so that its contacts come and go."""
    w.seconds(0.1)
    root = w.root
    root[..., 7] = 3.0
    w.set_root(root)
    w.seconds(0.25)
    return [float(x) for x in (3.0 - w.root[:, 0, 7]) / 0.25]


def test_a_sliding_box_is_held_back_by_friction_times_its_weight(world: MakeWorld) -> None:
    w = world(dt=0.001, ground=0.3, cone="elliptic")
    w.populate(Spawn(w.plate(), (0, 0, 0.05)), each=friction([0.3, 0.5]))
    w.seconds(0.2)
    root = w.root
    root[:, 0, 7:9] = torch.tensor([3.0, 4.0])
    w.set_root(root)
    before, force = w.root[:, 0, 7:10], torch.zeros(2, 3)
    assert close(w.contact, 0.0, 0.0)  # nothing was asked for before the step
    for _ in range(100):
        w.step()
        force += w.contact[:, 0] / 100
    mass, friction_of = 100.0, torch.tensor([[0.3], [0.4]])
    gained = mass * (w.root[:, 0, 7:10] - before) / 0.1
    assert close(force - gained, [0.0, 0.0, mass * GRAVITY], 1.0)
    assert close(force[:, :2], -friction_of * force[:, 2:] * torch.tensor([0.6, 0.8]), 0.01 * mass * GRAVITY)


def test_forces_pushed_by_hand_are_not_contact_forces(world: MakeWorld) -> None:
    w = resting(world)
    assert close(w.contact, 0.0, 0.0)
    w.push(force=(0.0, 0.0, -50.0))
    w.step()
    w.push(force=(7.0, 0.0, 500.0))  # belongs to the next step
    assert close(w.contact[:, 0, 2], WEIGHT, 0.05 * WEIGHT + 50.0)
    assert float(w.contact[0, 0, 2]) > WEIGHT
    assert close(w.contact[:, 0, 0], 0.0, 0.1)


def test_contact_forces_are_not_collected_when_contact_collection_says_never(world: MakeWorld) -> None:
    w = world(ground=1.0)
    params = GYM.get_sim_params(w.sim)
    params.physx.contact_collection = gymapi.CC_NEVER
    GYM.set_sim_params(w.sim, params)
    w.populate(Spawn(w.box(), (0, 0, 0.1)))
    assert close(w.contact, 0.0, 0.0)
    w.step(20)
    assert close(w.contact, 0.0, 0.0)


def test_two_bodies_push_each_other_with_opposite_forces(world: MakeWorld) -> None:
    w = world(dt=0.005, ground=1.0)
    w.populate(Spawn(w.box(), (0, 0, 0.1)), Spawn(w.box(), (0, 0, 0.3)))
    w.seconds(1.0)
    assert close(w.contact, 0.0, 0.0)
    w.step()
    assert close(w.contact[:, :, 2], WEIGHT, 0.02 * WEIGHT)  # the lower one carries two and is pushed down by one


def test_a_body_falls_through_where_there_is_no_ground(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(), (0, 0, 0.1)))
    w.seconds(0.5)
    assert float(w.root[:, 0, 2].max()) < -0.5


def test_the_ground_follows_its_normal_and_distance(world: MakeWorld) -> None:
    w = world(dt=0.005)
    plane = gymapi.PlaneParams()
    plane.normal, plane.distance = gymapi.Vec3(0, 0, 2), 0.5
    GYM.add_ground(w.sim, plane)
    w.populate(Spawn(w.box(), (0, 0, 0.0)))
    w.seconds(1.5)
    assert close(w.root[:, 0, 2], -0.4, 0.005)


def test_a_ground_without_a_normal_is_refused(world: MakeWorld) -> None:
    w = world()
    plane = gymapi.PlaneParams()
    plane.normal = gymapi.Vec3(0, 0, 0)
    GYM.add_ground(w.sim, plane)
    with pytest.raises(ValueError, match="add_ground: the plane's normal is zero"):
        w.populate(Spawn(w.box()))


# Force sensors.

SENSOR_POSE = gymapi.Transform(gymapi.Vec3(0.3, 0.0, 0.0))


def sensed(
    w: World,
    asset: gymapi.Asset,
    dynamics: bool = True,
    constraints: bool = True,
    world_frame: bool = False,
    pose: gymapi.Transform | None = None,
    body: int = 0,
) -> None:
    props = gymapi.ForceSensorProperties()
    props.enable_forward_dynamics_forces, props.enable_constraint_solver_forces = dynamics, constraints
    props.use_world_frame = world_frame
    GYM.create_asset_force_sensor(asset, body, pose or gymapi.Transform(), props)


def test_the_sensor_of_a_resting_body_reads_the_net_force_and_its_two_parts(world: MakeWorld) -> None:
    w = world(dt=0.005, ground=1.0)
    asset = w.box()
    sensed(w, asset)
    sensed(w, asset, constraints=False)
    sensed(w, asset, dynamics=False)
    w.populate(Spawn(asset, (0, 0, 0.1)))
    assert w.sensor.shape == (2, 3, 6)
    w.seconds(1.0)
    assert close(w.sensor[:, :, 2], [0.0, -WEIGHT, WEIGHT], 0.01 * WEIGHT)
    assert close(w.sensor[..., [0, 1, 3, 4, 5]], 0.0, 0.5)


def test_the_sensor_of_a_loaded_link_reads_the_load_and_where_it_lies(world: MakeWorld) -> None:
    w = world(dt=0.005)
    shelf = w.asset(SHELF, fix_base_link=True)
    sensed(w, shelf, body=1, dynamics=False)
    sensed(w, shelf, body=1, constraints=False)
    sensed(w, shelf, body=1)
    w.populate(Spawn(shelf, (0, 0, 1)), Spawn(w.box(), (0.4, 0, 1.15)), each=holding)
    assert close(w.sensor, 0.0, 0.0)
    w.seconds(1.5)
    load, torque = torch.tensor([0.0, 0.0, -WEIGHT]), torch.tensor([0.0, 0.4 * WEIGHT, 0.0])
    assert close(w.sensor[:, 0, :3], load, 0.01 * WEIGHT)
    assert close(w.sensor[:, 0, 3:], torque, 0.01 * WEIGHT)
    assert close(w.sensor[:, 1], -w.sensor[:, 0], 0.01 * WEIGHT)
    assert close(w.sensor[:, 2], 0.0, 0.01 * WEIGHT)


SHELF = """<mujoco><worldbody><body name="wall"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
  <body name="board"><joint name="hinge" axis="0 1 0" armature="1"/>
    <geom type="box" size=".4 .2 .05" pos=".4 0 0"/></body>
</body></worldbody></mujoco>"""  # a board of 0.8 m, hinged at its end


def holding(env: gymapi.Env, handles: list[int], i: int) -> None:
    props = GYM.get_actor_dof_properties(env, handles[0])
    props["driveMode"], props["stiffness"], props["damping"] = int(gymapi.DOF_MODE_POS), 1e5, 1e3
    GYM.set_actor_dof_properties(env, handles[0], props)


def test_the_sensor_of_a_falling_body_reads_its_weight(world: MakeWorld) -> None:
    w = world()
    asset = w.box()
    sensed(w, asset)
    sensed(w, asset, dynamics=False)
    w.populate(Spawn(asset, (0, 0, 5)))
    assert close(w.sensor, 0.0, 0.0)
    w.step(3)
    assert close(w.sensor[:, :, 2], [-WEIGHT, 0.0], 1e-3)


def test_the_sensor_of_a_hanging_body_reads_zero(world: MakeWorld) -> None:
    w = world()
    asset = w.asset(HANGING, fix_base_link=True)
    sensed(w, asset, body=1)
    w.populate(Spawn(asset))
    assert close(w.sensor, 0.0, 0.0)
    w.seconds(0.5)
    assert close(w.sensor, 0.0, 1e-3)


HANGING = """<mujoco><worldbody><body name="base"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
  <body name="hook"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
    <body name="weight" pos="0 0 -.5"><joint name="swing" axis="0 1 0"/>
      <inertial pos="0 0 -.3" mass="3" diaginertia=".1 .1 .1"/></body></body>
</body></worldbody></mujoco>"""


def test_a_sensor_on_a_driven_link_reads_mass_times_acceleration_and_torque_about_its_origin(world: MakeWorld) -> None:
    w = world(dt=1e-3, gravity=0.0)
    asset = w.asset(HANGING, fix_base_link=True)
    sensed(w, asset, body=2, world_frame=True)
    sensed(w, asset, body=2, world_frame=True, pose=gymapi.Transform(gymapi.Vec3(0, 0, -0.3)))
    w.populate(Spawn(asset))
    w.drive(env=0, driveMode=int(gymapi.DOF_MODE_EFFORT))
    assert close(w.sensor, 0.0, 0.0)
    w.effort(0.74)
    w.step()
    acceleration = 0.74 / (0.1 + 3 * 0.3**2)  # [rad/s^2]
    force = torch.tensor([-3 * 0.3 * acceleration, 0.0, 0.0])  # the bob is below: it starts towards -x
    assert close(w.sensor[0, :, :3], force, 0.01)
    assert close(w.sensor[0, 0, 3:], torch.tensor([0.0, 0.74, 0.0]), 0.01)
    assert close(w.sensor[0, 1, 3:], torch.tensor([0.0, 0.1 * acceleration, 0.0]), 0.01)
    assert close(w.sensor[1], 0.0, 1e-6)


def test_a_sensor_reads_in_its_own_frame_unless_the_world_s_is_asked_for(world: MakeWorld) -> None:
    w = world()
    asset = w.box()
    half = 0.5**0.5
    turned = gymapi.Transform(gymapi.Vec3(), gymapi.Quat(0, half, 0, half))  # its x is -z of the body
    for frame in (False, True):
        sensed(w, asset, world_frame=frame, pose=turned)
    w.populate(Spawn(asset, (0, 0, 5)), Spawn(asset, (2, 0, 5), (half, 0, 0, half)))
    assert close(w.sensor, 0.0, 0.0)
    w.step()
    weight = torch.tensor([0.0, 0.0, -WEIGHT])
    assert close(w.sensor[:, 0, :3], torch.tensor([WEIGHT, 0.0, 0.0]), 1e-3)
    assert close(w.sensor[:, [1, 3], :3], weight, 1e-3)
    # The second box is turned by a quarter about x: down is its -y, which the sensor keeps.
    assert close(w.sensor[:, 2, :3], torch.tensor([0.0, -WEIGHT, 0.0]), 1e-3)


def test_an_offset_sensor_reads_the_torque_about_its_own_origin(world: MakeWorld) -> None:
    w = world()
    asset = w.box()
    sensed(w, asset, pose=SENSOR_POSE, world_frame=True)
    sensed(w, asset, world_frame=True)
    w.populate(Spawn(asset, (0, 0, 5)))
    assert close(w.sensor, 0.0, 0.0)
    w.step()
    assert close(w.sensor[:, 0, 3:], torch.tensor([0.0, -0.3 * WEIGHT, 0.0]), 1e-3)
    assert close(w.sensor[:, 1, 3:], 0.0, 1e-3)


def test_a_sensor_knows_the_mass_of_its_environment_and_gravity_as_it_is(world: MakeWorld) -> None:
    w = world()
    asset = w.box()
    sensed(w, asset)

    def heavier(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_rigid_body_properties(env, handles[0])
        props[0].mass += i
        GYM.set_actor_rigid_body_properties(env, handles[0], props)

    w.populate(Spawn(asset, (0, 0, 5)), each=heavier)
    assert close(w.sensor, 0.0, 0.0)
    w.step()
    assert close(w.sensor[:, 0, 2], [-WEIGHT, -WEIGHT - GRAVITY], 1e-3)
    heavier(w.envs[0], [0], 2)
    params = GYM.get_sim_params(w.sim)
    params.gravity.z = -1.0
    GYM.set_sim_params(w.sim, params)
    w.step()
    assert close(w.sensor[:, 0, 2], [-10.0, -9.0], 1e-3)


def test_what_changes_after_a_step_does_not_change_what_its_sensors_read(world: MakeWorld) -> None:
    w = world()
    asset = w.box()
    sensed(w, asset)
    w.populate(Spawn(asset, (0, 0, 5)))
    assert close(w.sensor, 0.0, 0.0)
    w.step()
    params = GYM.get_sim_params(w.sim)
    params.gravity.z = -1.0
    GYM.set_sim_params(w.sim, params)
    assert close(w.sensor[:, 0, 2], -WEIGHT, 1e-3)


def test_the_sensor_of_a_body_without_gravity_reads_zero(world: MakeWorld) -> None:
    w = world()
    asset = w.box(disable_gravity=True)
    sensed(w, asset)
    w.populate(Spawn(asset, (0, 0, 5)))
    assert close(w.sensor, 0.0, 0.0)
    w.step()
    assert close(w.sensor, 0.0, 1e-4)


def test_forces_pushed_by_hand_belong_to_the_dynamics_of_a_sensor(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    asset = w.box()
    for constraints in (True, False):
        sensed(w, asset, dynamics=not constraints, constraints=constraints)
    w.populate(Spawn(asset))
    assert close(w.sensor, 0.0, 0.0)
    w.push(force=(3.0, 0.0, 0.0), torque=(0.0, 0.0, 0.2))
    w.step()
    assert close(w.sensor[:, 0], 0.0, 1e-4)
    assert close(w.sensor[:, 1], torch.tensor([3.0, 0, 0, 0, 0, 0.2]), 1e-3)


def test_sensors_of_several_actors_follow_the_order_of_actors(world: MakeWorld) -> None:
    w = world()
    small, large = w.box(0.1), w.box(0.2)
    sensed(w, large)
    sensed(w, small)
    w.populate(Spawn(small, (0, 0, 5)), Spawn(w.box(), (1, 0, 5)), Spawn(large, (2, 0, 5)))
    assert GYM.get_sim_force_sensor_count(w.sim) == 4
    assert close(w.sensor, 0.0, 0.0)
    w.step()
    assert close(w.sensor[:, :, 2], [-WEIGHT / 8, -WEIGHT], 1e-3)


def test_a_sensor_on_a_body_that_is_not_there_is_refused(world: MakeWorld) -> None:
    w = world()
    with pytest.raises(IndexError, match="create_asset_force_sensor: 'box' has no body 3; it has 1"):
        GYM.create_asset_force_sensor(w.box(), 3, gymapi.Transform())
