"""Environments and actors: layout of the tensors, handles and indices, what must be alike, and what cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from isaacgym import gymapi, gymtorch
from isaacgym._src.gym_unbuilt import UNBUILT
from tests.isaacgym.world import CHAIN, GYM, LINK, Spawn, World, asset_options, close

MakeWorld = Callable[..., World]


def three_actors(world: MakeWorld, num_envs: int = 3) -> World:
    """Per environment a fixed table (1 body), a robot (4 bodies, 4 dofs), a box (1), a flywheel (2 bodies, 1 dof)."""
    w = world(num_envs=num_envs)
    return w.populate(
        Spawn(w.box(fix_base_link=True), (9, 0, 0), name="table"),
        Spawn(w.asset(CHAIN), (0, 0, 2), name="robot"),
        Spawn(w.box(), (3, 0, 2), name="box"),
        Spawn(w.asset(LINK, fix_base_link=True), (0, 3, 2), name="wheel"),
    )


def test_rows_go_by_environment_then_actor_then_body(world: MakeWorld) -> None:
    w = three_actors(world)
    assert w.root.shape == (3, 4, 13)
    assert w.dof.shape == (3, 5, 2)
    assert w.body.shape == (3, 8, 13)
    assert close(w.root[:, :, 0], [9, 0, 3, 0], 0.0)
    owners = torch.tensor([0, 1, 1, 1, 1, 2, 3, 3])
    first = torch.tensor([0, 1, 5, 6])
    assert torch.equal(w.body[:, first, :3], w.root[:, :, :3])
    assert len(owners) == w.body.shape[1]


def test_every_actor_moves_in_its_own_rows(world: MakeWorld) -> None:
    w = three_actors(world)
    before = (w.root, w.dof, w.body)
    root, dof = w.root, w.dof
    root[1, 2, 1] += 4.0
    dof[2, 4, 0] += 1.0
    w.set_root(root)
    w.set_dof(dof)
    moved = [(a != b).any(-1).nonzero().tolist() for a, b in zip(before, (w.root, w.dof, w.body), strict=True)]
    assert moved == [[[1, 2]], [[2, 4]], [[1, 5], [2, 7]]]


def test_counts_add_up(world: MakeWorld) -> None:
    w = three_actors(world)
    env = w.envs[1]
    assert GYM.get_env_count(w.sim) == 3
    assert GYM.get_actor_count(env) == 4
    assert GYM.get_sim_actor_count(w.sim) == 12
    assert (GYM.get_env_dof_count(env), GYM.get_sim_dof_count(w.sim)) == (5, 15)
    assert (GYM.get_env_rigid_body_count(env), GYM.get_sim_rigid_body_count(w.sim)) == (8, 24)
    assert [GYM.get_actor_dof_count(env, i) for i in range(4)] == [0, 4, 0, 1]
    assert [GYM.get_actor_rigid_body_count(env, i) for i in range(4)] == [1, 4, 1, 2]
    assert [GYM.get_actor_rigid_shape_count(env, i) for i in range(4)] == [1, 4, 1, 0]
    assert [GYM.get_actor_joint_count(env, i) for i in range(4)] == [0, 4, 0, 1]


def test_indices_of_actors_are_rows_of_the_root_tensor(world: MakeWorld) -> None:
    w = three_actors(world)
    env = w.envs[2]
    robot = GYM.find_actor_handle(env, "robot")
    assert robot == 1
    assert GYM.get_actor_index(env, robot, gymapi.DOMAIN_SIM) == 9
    assert GYM.get_actor_index(env, robot, gymapi.DOMAIN_ENV) == 1
    assert GYM.find_actor_index(env, "box", gymapi.DOMAIN_SIM) == 10
    assert GYM.find_actor_handle(env, "nobody") == gymapi.INVALID_HANDLE
    assert GYM.find_actor_index(env, "nobody", gymapi.DOMAIN_SIM) == gymapi.INVALID_HANDLE
    assert [GYM.get_actor_handle(env, i) for i in (0, 3, 4)] == [0, 3, gymapi.INVALID_HANDLE]
    assert [GYM.get_actor_name(env, i) for i in range(4)] == ["table", "robot", "box", "wheel"]


def test_indices_are_right_while_environments_are_still_being_created(world: MakeWorld) -> None:
    w = world(num_envs=3)
    found = []

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        found.append([GYM.get_actor_index(env, handle, gymapi.DOMAIN_SIM) for handle in handles])

    w.populate(Spawn(w.box()), Spawn(w.box(), (2, 0, 1)), each=each)
    assert found == [[0, 1], [2, 3], [4, 5]]


def test_body_handles_are_columns_of_the_environment_s_bodies(world: MakeWorld) -> None:
    w = three_actors(world)
    env = w.envs[2]
    assert GYM.find_actor_rigid_body_handle(env, 1, "shin") == 3
    assert GYM.find_actor_rigid_body_handle(env, 3, "link") == 7
    assert GYM.find_actor_rigid_body_handle(env, 3, "shin") == gymapi.INVALID_HANDLE
    domains = (gymapi.DOMAIN_ACTOR, gymapi.DOMAIN_ENV, gymapi.DOMAIN_SIM)
    assert [GYM.find_actor_rigid_body_index(env, 3, "link", domain) for domain in domains] == [1, 7, 23]
    assert [GYM.find_actor_dof_index(env, 3, "hinge", domain) for domain in domains] == [0, 4, 14]
    assert GYM.find_actor_dof_handle(env, 3, "hinge") == 4
    assert GYM.get_actor_rigid_body_handle(env, 1, 2) == 3
    assert GYM.get_actor_root_rigid_body_handle(env, 3) == 6
    assert GYM.get_actor_dof_handle(env, 3, 0) == 4
    assert GYM.get_actor_rigid_body_dict(env, 1) == {"torso": 0, "thigh": 1, "shin": 2, "arm": 3}
    assert GYM.get_actor_dof_dict(env, 1) == {"hip_x": 0, "hip_y": 1, "knee": 2, "slide": 3}
    assert GYM.get_actor_rigid_body_names(env, 3) == ["base", "link"]
    assert GYM.get_actor_dof_names(env, 3) == ["hinge"]


def test_an_actor_without_a_name_has_its_asset_s(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    assert GYM.get_actor_name(w.envs[0], 0) == "box"


def test_actors_differ_in_pose_between_environments(world: MakeWorld) -> None:
    w = world(num_envs=3)
    box = w.box()
    for i in range(3):
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1), 2))
        w.spawn(w.envs[-1], Spawn(box, (i, 0, 1)))
    w.prepare()
    assert close(w.root[:, 0, 0], [0, 1, 2], 0.0)


def test_environments_lie_in_rows_of_a_grid(world: MakeWorld) -> None:
    w = world(num_envs=5)
    w.populate(Spawn(w.box()))
    origins = [GYM.get_env_origin(env) for env in w.envs]
    assert [(o.x, o.y, o.z) for o in origins] == [(0, 0, 0), (2, 0, 0), (0, 2, 0), (2, 2, 0), (0, 4, 0)]


def test_aggregates_are_accepted(world: MakeWorld) -> None:
    w = world(num_envs=1)
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    assert GYM.begin_aggregate(env, 10, 10, True)
    assert GYM.end_aggregate(env)


def test_a_scene_of_fixed_actors_only_can_be_simulated(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(fix_base_link=True)))
    w.effort(0.0)
    w.step(3)
    assert w.dof.shape == (2, 0, 2)
    assert close(w.root[:, 0, 2], 1.0, 0.0)
    assert close(w.body, w.root, 0.0)


def test_prepare_sim_twice_is_harmless(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    w.step(3)
    before = w.root
    assert GYM.prepare_sim(w.sim)
    assert torch.equal(w.root, before)


def test_two_simulations_do_not_touch_each_other(world: MakeWorld) -> None:
    a, b = world(), world(gravity=0.0)
    for w in (a, b):
        w.populate(Spawn(w.box()))
    a.step(5)
    assert close(b.root[:, 0, 9], 0.0, 0.0)
    GYM.destroy_sim(a.sim)
    b.step()
    with pytest.raises(RuntimeError, match="simulate: destroy_sim has ended this simulation"):
        a.step()


def test_a_push_prepares_a_scene_that_has_actors(world: MakeWorld) -> None:
    w = world(gravity=0.0)
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    w.spawn(env, Spawn(w.asset(CHAIN), (0, 0, 3)))
    assert GYM.apply_body_forces(env, 0, gymapi.Vec3(0, 0, 5))
    assert GYM.apply_actor_dof_efforts(env, 0, [0.0] * GYM.get_actor_dof_count(env, 0))
    GYM.simulate(w.sim)
    assert GYM.get_rigid_linear_velocity(env, 0).z > 0.0


def test_clients_destroy_their_environments_before_the_simulation(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    for env in w.envs:
        GYM.destroy_env(env)
    GYM.destroy_sim(w.sim)
    with pytest.raises(RuntimeError, match="simulate: destroy_sim has ended this simulation"):
        w.step()


def test_acquiring_a_tensor_prepares_a_scene_that_has_actors(world: MakeWorld) -> None:
    w = world()
    env = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    box = w.box()
    w.spawn(env, Spawn(box, (0, 0, 3)))
    root = gymtorch.wrap_tensor(GYM.acquire_actor_root_state_tensor(w.sim))
    assert GYM.prepare_sim(w.sim)
    GYM.refresh_actor_root_state_tensor(w.sim)
    assert float(root[0, 2]) == 3.0
    with pytest.raises(RuntimeError, match="create_actor: the simulation is prepared"):
        w.spawn(env, Spawn(box))
    GYM.destroy_sim(w.sim)
    with pytest.raises(RuntimeError, match="acquire_dof_state_tensor: destroy_sim has ended this simulation"):
        GYM.acquire_dof_state_tensor(w.sim)


def test_the_same_scene_gives_the_same_bits_at_any_number_of_threads(world: MakeWorld) -> None:
    states = []
    for threads in (1, 2):
        w = world(num_envs=4, ground=1.0)
        params = GYM.get_sim_params(w.sim)
        params.physx.num_threads = threads
        GYM.set_sim_params(w.sim, params)
        w.populate(Spawn(w.asset(CHAIN), (0, 0, 0.4)))
        w.step(50)
        states.append(w.engine())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_settings_without_effect_are_said_once_at_debug_level(
    world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    w = world()
    params = GYM.get_sim_params(w.sim)
    params.physx.bounce_threshold_velocity, params.physx.num_threads = 0.75, 2
    GYM.set_sim_params(w.sim, params)
    with caplog.at_level("DEBUG", "isaacgym"):
        w.populate(Spawn(w.box(linear_damping=0.1)), Spawn(w.asset(CHAIN, thickness=0.5)))
    (said,) = caplog.messages
    assert "physx.bounce_threshold_velocity=0.75" in said
    assert "thickness=0.5" in said
    assert "num_threads" not in said
    assert "linear_damping" not in said


# What must be alike in all environments, and when.


def build(w: World, *envs: list[Spawn]) -> None:
    for spawns in envs:
        w.envs.append(GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1))
        for spawn in spawns:
            w.spawn(w.envs[-1], spawn)
    w.prepare()


def test_another_asset_in_one_environment_is_refused_by_number_and_name(world: MakeWorld) -> None:
    w = world()
    box, ball = w.box(), GYM.create_sphere(w.sim, 0.1)
    message = "environment 1 has asset 'sphere' as actor 0 .* where environment 0 has 'box'"
    with pytest.raises(NotImplementedError, match=message):
        build(w, [Spawn(box)], [Spawn(ball)])


def test_an_asset_loaded_for_each_environment_is_the_same(world: MakeWorld) -> None:
    w = world(num_envs=3)
    (w.folder / "chain.xml").write_text(CHAIN)
    assets = [GYM.load_asset(w.sim, str(w.folder), "chain.xml", asset_options(density=300.0)) for _ in range(3)]
    heavy = GYM.get_asset_rigid_shape_properties(assets[2])
    heavy[0].friction = 0.3
    GYM.set_asset_rigid_shape_properties(assets[2], heavy)
    build(w, *[[Spawn(asset), Spawn(w.box(), (3, 0, 0))] for asset in assets])
    frictions = [GYM.get_actor_rigid_shape_properties(env, 0)[0].friction for env in w.envs]
    assert frictions == pytest.approx([1.0, 1.0, 0.3])
    w.step()
    assert close(w.root[:, :, 9], w.root[:1, :, 9], 1e-6)


@pytest.mark.parametrize("options", [{"fix_base_link": True}, {"density": 500.0}, {"armature": 0.1}])
def test_an_asset_loaded_with_other_options_is_another(world: MakeWorld, options: dict[str, float]) -> None:
    w = world()
    (w.folder / "chain.xml").write_text(CHAIN)
    given = asset_options(), asset_options(**options)
    first, second = (GYM.load_asset(w.sim, str(w.folder), "chain.xml", fields) for fields in given)
    with pytest.raises(NotImplementedError, match="environment 1 has asset 'chain' as actor 0 .* has 'chain'; "):
        build(w, [Spawn(first)], [Spawn(second)])


def test_more_actors_in_one_environment_are_refused(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    with pytest.raises(NotImplementedError, match="environment 1 has asset 'box' as actor 1 .* has no actor"):
        build(w, [Spawn(box)], [Spawn(box), Spawn(box)])


def test_fewer_actors_in_one_environment_are_refused(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    with pytest.raises(NotImplementedError, match="environment 2 has 1 actors, environment 0 has 2"):
        build(w, [Spawn(box)] * 2, [Spawn(box)] * 2, [Spawn(box)])


def test_empty_environments_after_all_others_are_left_out(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    build(w, [Spawn(box)], [Spawn(box)], [], [])
    assert GYM.get_env_count(w.sim) == 2
    assert w.root.shape == (2, 1, 13)


def test_groups_count_within_an_environment(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    build(w, *([Spawn(box, group=i), Spawn(box, group=i), Spawn(box, group=i + 2)] for i in range(2)))
    assert w.root.shape == (2, 3, 13)


def test_other_groups_in_one_environment_are_refused(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    with pytest.raises(NotImplementedError, match="collision groups of environment 1 differ"):
        build(w, [Spawn(box, group=0), Spawn(box, group=0)], [Spawn(box, group=1), Spawn(box, group=2)])


def test_other_filters_in_one_environment_are_refused(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    with pytest.raises(NotImplementedError, match="filters of 'b' in environment 1 differ .*2.* and .*1"):
        build(w, [Spawn(box, filter=1, name="b")], [Spawn(box, filter=2, name="b")])


def test_an_environment_is_closed_once_the_next_exists(world: MakeWorld) -> None:
    w = world()
    box = w.box()
    first = GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    w.spawn(first, Spawn(box))
    GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)
    with pytest.raises(ValueError, match="environment 0 is closed since environment 1 exists"):
        w.spawn(first, Spawn(box))


@pytest.mark.parametrize("envs", [0, 2])
def test_an_empty_scene_is_refused(world: MakeWorld, envs: int) -> None:
    w = world()
    with pytest.raises(ValueError, match="prepare_sim: the scene is empty; create_env and create_actor come first"):
        build(w, *([] for _ in range(envs)))


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("create_env", lambda w: GYM.create_env(w.sim, gymapi.Vec3(), gymapi.Vec3(), 1)),
        ("create_actor", lambda w: w.spawn(w.envs[-1], Spawn(w.box()))),
        ("add_ground", lambda w: w.add_ground(1.0)),
    ],
)
def test_a_prepared_simulation_takes_no_more(world: MakeWorld, method: str, call: Callable[[World], Any]) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    with pytest.raises(RuntimeError, match=f"{method}: the simulation is prepared"):
        call(w)


def test_collision_filters_cannot_change_while_running(world: MakeWorld) -> None:
    w = world()
    w.populate(Spawn(w.box(), filter=1))
    props = GYM.get_actor_rigid_shape_properties(w.envs[0], 0)
    props[0].filter = 2
    with pytest.raises(NotImplementedError, match="collision filters of 'box' cannot change after prepare_sim"):
        GYM.set_actor_rigid_shape_properties(w.envs[0], 0, props)


@pytest.mark.parametrize(("device", "engine", "fault"), [(99, "auto", "asks for cuda:99"), (0, "mujoco", "on the CPU")])
def test_a_gpu_pipeline_that_cannot_be_had_is_refused(device: int, engine: Any, fault: str) -> None:
    params = gymapi.SimParams()
    params.use_gpu_pipeline = True
    params.mujoco.engine = engine
    with pytest.raises((RuntimeError, ValueError), match=f"{fault}.*use_gpu_pipeline = False"):
        GYM.create_sim(device, -1, gymapi.SIM_PHYSX, params)


# Names.


@pytest.mark.parametrize("name", sorted(UNBUILT))
def test_a_method_that_is_not_built_says_so_by_name(name: str) -> None:
    with pytest.raises(NotImplementedError, match=f"^gym.{name}: .*; .*$"):  # after the semicolon what to use instead
        getattr(GYM, name)


def test_no_built_method_is_listed_as_unbuilt() -> None:
    assert not UNBUILT.keys() & set(dir(type(GYM)))


def test_a_name_that_isaac_gym_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="gym: Isaac Gym has no method 'simulat'"):
        GYM.simulat  # noqa: B018
    assert not hasattr(GYM, "simulat")


def test_acquire_gym_gives_the_one_gym() -> None:
    assert gymapi.acquire_gym() is GYM
