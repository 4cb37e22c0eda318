"""VecTask: IsaacGymEnvs' contract for tasks written with indices, and its place among our tasks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from torch import Tensor

import tasks
from isaacgym import gymapi, gymtorch
from tasks.base.config import ConfigError
from tasks.base.stepper import VecTaskStepper
from tasks.base.vec_task import VecTask
from tests.composed import task_config
from tests.tasks.base.indexed_cartpole import CONFIG, IndexedCartpole

N = 4


def config(**env: Any) -> dict[str, Any]:
    changed = copy.deepcopy(CONFIG)
    changed["env"].update({"numEnvs": N, **env})
    return changed


def build(values: dict[str, Any] | None = None, cls: type = IndexedCartpole) -> IndexedCartpole:
    torch.manual_seed(0)
    return cls(
        cfg=values or config(),
        rl_device="cpu",
        sim_device="cpu",
        graphics_device_id=0,
        headless=True,
        virtual_screen_capture=False,
        force_render=True,
    )


@pytest.fixture
def env() -> Iterator[IndexedCartpole]:
    env = build()
    yield env
    env.gym.destroy_sim(env.sim)


def set_dofs(task: Any, states: Tensor) -> None:
    """Joint positions and velocities (N, J, 2) in every environment."""
    live = gymtorch.wrap_tensor(task.gym.acquire_dof_state_tensor(task.sim))
    live.copy_(states.view_as(live))
    task.gym.set_dof_state_tensor(task.sim, gymtorch.unwrap_tensor(live))


# The contract of IsaacGymEnvs.


def test_buffers_have_the_original_shapes_and_types(env: IndexedCartpole) -> None:
    assert env.obs_buf.shape == (N, 4)
    assert env.states_buf.shape == (N, 0)
    assert env.rew_buf.shape == (N,)
    assert env.rew_buf.dtype == torch.float32
    for buffer in (env.reset_buf, env.timeout_buf, env.progress_buf, env.randomize_buf):
        assert buffer.shape == (N,)
        assert buffer.dtype == torch.long
    assert env.reset_buf.eq(1).all()
    assert env.extras == {}


def test_spaces_and_sizes_are_those_of_the_config(env: IndexedCartpole) -> None:
    assert env.observation_space == Box(-np.inf, np.inf, (4,), np.float32)
    assert env.action_space == Box(-1.0, 1.0, (1,), np.float32)
    assert (env.num_envs, env.num_obs, env.num_acts, env.num_agents, env.num_states) == (N, 4, 1, 1, 0)
    assert (env.device, env.device_type, env.device_id, env.graphics_device_id) == ("cpu", "cpu", 0, -1)


def test_the_first_step_resets_every_environment(env: IndexedCartpole) -> None:
    assert env.reset()["obs"].eq(0).all()
    obs, reward, flags, extras = env.step(env.zero_actions())
    assert obs["obs"][:, 0::2].abs().max() <= 0.1
    assert obs["obs"][:, 1::2].abs().max() <= 0.25
    assert len(obs["obs"].unique(dim=0)) == N
    assert reward.gt(0.5).all()
    assert flags.eq(0).all()
    assert extras["time_outs"].dtype == torch.bool


def test_a_flagged_environment_is_reset_in_the_next_step_and_no_other(env: IndexedCartpole) -> None:
    env.step(env.zero_actions())
    states = torch.zeros(N, 2, 2)
    states[0, 0, 0] = 3.5
    set_dofs(env, states)
    _, reward, flags, _ = env.step(env.zero_actions())
    assert flags.tolist() == [1, 0, 0, 0]
    assert reward[0] == -2.0
    obs, reward, flags, _ = env.step(env.zero_actions())
    assert env.progress_buf.tolist() == [0, 2, 2, 2]
    assert obs["obs"][0, 0].abs() <= 0.1
    assert flags.eq(0).all()


def test_reset_done_resets_flagged_environments_at_once(env: IndexedCartpole) -> None:
    env.step(env.zero_actions())
    env.reset_buf[2] = 1
    obs, ids = env.reset_done()
    assert ids.tolist() == [2]
    assert env.reset_buf.eq(0).all()
    assert env.progress_buf.tolist() == [0, 0, 0, 0]
    assert obs["obs"].shape == (N, 4)
    assert env.reset_done()[1].tolist() == []


def test_time_outs_are_the_resets_at_the_end_of_an_episode() -> None:
    env = build(config(episodeLength=4))
    env.step(env.zero_actions())
    outs = [env.step(env.zero_actions())[3]["time_outs"].all().item() for _ in range(3)]
    assert outs == [False, False, True]


def test_an_environment_that_goes_on_past_its_time_has_not_timed_out() -> None:
    class Endless(IndexedCartpole):
        def compute_reward(self) -> None:
            super().compute_reward()
            self.reset_buf.zero_()

    env = build(config(episodeLength=2), cls=Endless)
    outs = [env.step(env.zero_actions())[3]["time_outs"].any().item() for _ in range(3)]
    assert outs == [False, False, False]


def test_actions_and_observations_are_clipped() -> None:
    class Recorder(IndexedCartpole):
        def pre_physics_step(self, actions: Tensor) -> None:
            self.seen = actions.clone()
            super().pre_physics_step(actions)

    env: Any = build(config(clipObservations=0.01), cls=Recorder)
    obs = env.step(torch.full((N, 1), 7.0))[0]["obs"]
    assert env.seen.eq(1.0).all()
    assert obs.abs().max() <= 0.01
    assert env.obs_buf.abs().max() > 0.01


def test_control_frequency_inv_simulates_several_times_a_step() -> None:
    env = build(config(controlFrequencyInv=3))
    env.step(env.zero_actions())
    assert env.gym.get_frame_count(env.sim) == 3


def test_states_are_returned_where_a_task_has_them() -> None:
    env = build(config(numStates=2))
    assert env.step(env.zero_actions())[0]["states"].shape == (N, 2)


def test_sim_section_becomes_sim_params(env: IndexedCartpole) -> None:
    params = env.sim_params
    assert params.dt == pytest.approx(0.0166)
    assert (params.substeps, params.up_axis) == (2, gymapi.UP_AXIS_Z)
    assert params.gravity.z == pytest.approx(-9.81)
    assert params.physx.contact_collection == gymapi.ContactCollection.CC_NEVER
    assert not params.use_gpu_pipeline
    assert env.physics_engine == gymapi.SIM_PHYSX


def test_the_gpu_pipeline_gives_way_to_a_cpu_device() -> None:
    values = config()
    values["sim"]["use_gpu_pipeline"] = True
    assert build(values).device == "cpu"


def test_domain_randomisation_says_that_it_is_not_built(env: IndexedCartpole) -> None:
    with pytest.raises(NotImplementedError, match=r"IndexedCartpole: apply_randomizations .*frequency, observations"):
        env.apply_randomizations({"frequency": 1, "observations": {}})


def test_a_missing_method_is_named() -> None:
    values = config()
    values["env"].update(numActions=1, numObservations=4)
    with pytest.raises(NotImplementedError, match=r"VecTask: create_sim\(\) must set self.sim"):
        VecTask(values, "cpu", "cpu", 0, True)


def test_a_missing_size_is_named_by_its_key() -> None:
    with pytest.raises(ConfigError, match="task.env.numActions: missing"):
        VecTask(config(), "cpu", "cpu", 0, True)


def test_two_simulations_live_in_one_process() -> None:
    first, second = build(), build(config(numEnvs=3))
    first.step(first.zero_actions())
    kept = first.obs_buf.clone()
    for _ in range(3):
        second.step(second.zero_actions())
    assert first.obs_buf.equal(kept)
    assert second.obs_buf.shape == (3, 4)


# Among our tasks.


@pytest.fixture
def task() -> Iterator[VecTaskStepper]:
    torch.manual_seed(0)
    task = tasks.make(CONFIG, N)
    yield task
    task.close()


def test_make_builds_it_from_its_config_alone_and_leaves_the_config_be(task: VecTaskStepper) -> None:
    assert isinstance(task.env, IndexedCartpole)
    assert (task.num_envs, task.obs_size, task.action_size, task.max_episode_length) == (N, 4, 1, 500)
    assert task.device == torch.device("cpu")
    assert task.dt == pytest.approx(0.0166)
    assert CONFIG["env"]["numEnvs"] == 512
    assert "numActions" not in CONFIG["env"]


def test_start_begins_an_episode_everywhere(task: VecTaskStepper) -> None:
    first = task.start().clone()
    for _ in range(5):
        task.step(torch.ones(N, 1))
    second = task.start()
    for obs in (first, second):
        assert obs[:, 0::2].abs().max() <= 0.1
        assert obs[:, 1::2].abs().max() <= 0.25
    assert not first.equal(second)
    assert task.env.progress_buf.eq(0).all()


def test_its_step_tells_failures_from_time_outs() -> None:
    task = tasks.make(config(episodeLength=6), N)
    task.start()
    for _ in range(4):
        assert not task.step(torch.zeros(N, 1))[2].any()
    states = torch.zeros(N, 2, 2)
    states[1, 1, 0] = 1.7
    set_dofs(task, states)
    _, reward, done, info = task.step(torch.zeros(N, 1))
    assert done.dtype == torch.bool
    assert done.all()
    assert info["time_outs"].tolist() == [True] * N  # IsaacGymEnvs calls a failure in the last step a time-out too
    assert reward[1] == -2.0
    task.step(torch.zeros(N, 1))
    set_dofs(task, states)
    _, _, done, info = task.step(torch.zeros(N, 1))
    assert done.tolist() == info["terminated"].tolist() == [False, True, False, False]
    assert not info["time_outs"].any()


def test_its_reward_terms_sum_to_the_reward(task: VecTaskStepper) -> None:
    task.start()
    _, reward, _, info = task.step(torch.rand(N, 1))
    assert torch.stack(list(info["reward_terms"].values())).sum(0).equal(reward)


def test_it_takes_the_same_trajectory_as_our_cartpole(task: VecTaskStepper) -> None:
    ours = tasks.make(task_config("Cartpole"), N)
    task.start(), ours.start()
    states = torch.rand(N, 2, 2, generator=torch.Generator().manual_seed(1)) - 0.5
    set_dofs(task, states)
    set_dofs(ours, states)
    ended = torch.zeros(N, dtype=torch.bool)
    generator = torch.Generator().manual_seed(2)
    for _ in range(40):
        action = torch.rand(N, 1, generator=generator) * 0.2 - 0.1
        obs, reward, done, _ = task.step(action)
        our_obs, our_reward, our_done, _ = ours.step(action)
        alive = ~ended
        assert done[alive].equal(our_done[alive])
        torch.testing.assert_close(reward[alive], our_reward[alive])
        ended |= done
        assert obs[~ended].equal(our_obs[~ended])
    assert ended.any()
    assert not ended.all()


def test_its_state_goes_into_a_checkpoint_and_back(task: VecTaskStepper) -> None:
    task.start()
    task.step(torch.zeros(N, 1))
    state = task.state_dict()
    task.step(torch.zeros(N, 1))
    task.load_state_dict(state)
    assert task.state_dict() == state == {"control_steps": 2, "env": None}


def test_training_steps_it_like_any_task(task: VecTaskStepper) -> None:
    from learning.episodes import EpisodeStats
    from learning.vecenv import TaskEnv

    stats = EpisodeStats(N, "cpu", 8)
    env = TaskEnv(task, stats)
    env.reset()
    for _ in range(3):
        obs, reward, done, info = env.step(torch.zeros(N, 1))
    assert obs["obs"].shape == (N, 4)
    assert info["reward_terms"]["reward"].equal(reward)


# Faults of its config.


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("env", None, "task.env: given None; a VecTask's config needs this section"),
        ("env.numStates", "many", "task.env.numStates: given 'many'; needs a whole number"),
        ("env.clipActions", True, "task.env.clipActions: given True; needs a number"),
        ("sim.dt", "fast", "task.sim.dt: SimParams.dt: needs one number, given 'fast'"),
        ("sim.substep", 2, "task.sim.substep: no such key; did you mean 'substeps'?"),
        ("sim.physx.solver_typ", 1, "task.sim.physx.solver_typ: no such key; did you mean 'solver_type'?"),
        ("sim.up_axis", "x", "task.sim.up_axis: given 'x'; use one of y, z"),
        ("physics_engine", "bullet", "task.physics_engine: given 'bullet'; use one of physx, flex"),
        ("task.randomize", True, "task.task.randomize: domain randomisation is not built yet; set it to False"),
    ],
)
def test_a_fault_is_named_by_its_path(path: str, value: Any, fault: str) -> None:
    values = config()
    *sections, key = path.split(".")
    section = values
    for name in sections:
        section = section[name]
    section[key] = value
    assert tasks.check(values) == [fault]


def test_all_faults_are_told_at_once() -> None:
    values = config(numAgents=1.5)
    del values["sim"]["gravity"]
    values["sim"]["dt"] = None
    values["physics_engine"] = 3
    assert [fault.split(":")[0] for fault in tasks.check(values)] == [
        "task.env.numAgents",
        "task.sim.dt",
        "task.sim.gravity",
        "task.physics_engine",
    ]


def test_a_sound_config_has_no_fault() -> None:
    assert tasks.check(CONFIG) == []
