"""What only a GPU can show: graphs that replay what the eager step does, on MuJoCo Warp; run with -m gpu."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

import tasks
from isaacgym import gymapi
from tasks.ant import Ant
from tasks.base.task import Terms
from tests.composed import task_config, task_names
from tests.test_engines import EXACT, MASKED, STATE

pytestmark = pytest.mark.gpu

N, STEPS = 64, 40
GPU = "cuda:0"


def make(name: str, *overrides: str, num_envs: int = N, device: str = GPU) -> Any:
    torch.manual_seed(1)
    return tasks.make(task_config(name, *overrides), num_envs, device, device)


def rollout(task: Any, steps: int = STEPS, seed: int = 2) -> Tensor:
    """(steps, N, O + 2) observation, reward and done of each step after a start."""
    torch.manual_seed(seed)
    task.start()
    rows = []
    for step in range(steps):
        action = torch.rand(task.num_envs, task.action_size, generator=torch.Generator().manual_seed(step)) * 2 - 1
        obs, reward, done, _ = task.step(action.to(task.device))
        rows.append(torch.cat([obs, reward.unsqueeze(-1), done.unsqueeze(-1).float()], -1))
    return torch.stack(rows)


@pytest.fixture
def caplog_at_warning(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING):
        yield caplog


@pytest.mark.parametrize("name", task_names())
def test_a_replayed_step_does_what_the_eager_step_does(name: str, caplog_at_warning: pytest.LogCaptureFixture) -> None:
    rows = []
    for graph in (False, True):
        deterministic = "torch_deterministic=true"
        task = make(name, deterministic, f"task.sim.graph={graph}", "task.sim.compile=false")
        rows.append(rollout(task))
        if name in MASKED:
            assert task._step.replays == graph
        task.close()
    assert rows[0].equal(rows[1])
    assert not caplog_at_warning.records


@pytest.mark.parametrize("name", MASKED)
def test_a_fused_step_does_what_the_plain_step_does(name: str, caplog_at_warning: pytest.LogCaptureFixture) -> None:
    plain, fused = (make(name, "torch_deterministic=true", f"task.sim.compile={on}", *exact()) for on in (False, True))
    rollout(fused, 10)
    rollout(plain, 10)
    for field in STATE:
        plain.sim.backend.data(field).copy_(fused.sim.backend.data(field))
    for name_, tensor in vars(plain).items():
        if isinstance(tensor, Tensor):
            getattr(fused, name_).copy_(tensor)
    for task in (plain, fused):
        torch.manual_seed(4)
        task.step(torch.zeros(N, task.action_size, device=GPU))
    assert plain.done.equal(fused.done)
    alive = ~plain.done  # where a new episode begins, the fused step draws other numbers
    assert fused._step.replays
    torch.testing.assert_close(fused.reward_sum[alive], plain.reward_sum[alive], rtol=1e-3, atol=1e-3)
    assert not caplog_at_warning.records


def exact() -> tuple[str, ...]:
    return tuple(f"task.sim.mujoco.{key}" for key in EXACT)


@pytest.mark.parametrize("name", MASKED)
def test_the_gpu_agrees_with_mujoco_on_the_cpu(name: str) -> None:
    cpu, gpu = make(name, *exact(), device="cpu"), make(name, "task.sim.compile=false", *exact())
    rollout(cpu)
    errors = []
    for step in range(10):
        for field in STATE:
            gpu.sim.backend.data(field).copy_(cpu.sim.backend.data(field))
        action = torch.rand(N, cpu.action_size, generator=torch.Generator().manual_seed(100 + step)) * 2 - 1
        for task in (cpu, gpu):
            task.action.copy_(action)
            task.act()
            task.gym.simulate(task.sim)
        qvel = cpu.sim.backend.data("qvel")
        errors.append((gpu.sim.backend.data("qvel").cpu() - qvel).abs() / (1.0 + qvel.abs()))
    assert float(torch.stack(errors).quantile(0.999)) < 1e-3
    assert float(torch.stack(errors).max()) < 0.05


def test_each_replay_draws_new_random_numbers() -> None:
    task = make("Ant", "task.episode_length=1")
    task.start()
    zero = torch.zeros(N, task.action_size, device=GPU)
    first, second = (task.step(zero)[0].clone() for _ in range(2))
    assert not first.eq(second).all(-1).any()
    task.close()


def test_the_same_seed_gives_the_same_numbers_in_deterministic_mode() -> None:
    runs = []
    for _ in range(2):
        task = make("Humanoid", "torch_deterministic=true", num_envs=512)
        runs.append(rollout(task, 100))
        task.close()
    assert runs[0].equal(runs[1])


class AsksTheDevice(Ant):
    """A task that no graph can hold."""

    def terminate(self) -> Terms:
        fallen = super().terminate()
        return fallen if bool(fallen["torso_low"].any()) else {"torso_low": torch.zeros_like(fallen["torso_low"])}


def test_a_task_that_waits_for_the_gpu_runs_without_a_graph_and_says_so(
    caplog_at_warning: pytest.LogCaptureFixture,
) -> None:
    config = task_config("Ant", "task.sim.compile=false") | {"_target_": f"{__name__}.AsksTheDevice"}
    task = AsksTheDevice(config, N, GPU, GPU)
    assert rollout(task).isfinite().all()
    assert not task._step.replays
    said = [record.message for record in caplog_at_warning.records]
    assert len(said) == 1
    assert said[0].startswith("Ant: the step: no CUDA graph, going on without, slower: ")
    task.close()


def test_a_property_set_later_acts_in_a_step_that_was_captured() -> None:
    task = make("Ant")
    rollout(task, 5)
    gym, sim = task.gym, task.sim
    env = gym.get_env(sim, 3)
    props = gym.get_actor_rigid_body_properties(env, 0)
    for prop in props:
        prop.mass *= 50.0
    gym.set_actor_rigid_body_properties(env, 0, props, False)
    task.start()
    push = torch.ones(N, task.action_size, device=GPU)
    before = task.robot.joint_vel.clone()
    task.step(push)
    change = (task.robot.joint_vel - before).abs().mean(-1)
    others = torch.arange(N, device=GPU) != 3
    assert change[3] < 0.5 * change[others].mean()
    task.close()


def test_an_environment_that_became_nan_ends_its_episode_and_nothing_else_notices() -> None:
    task = make("Ant")
    rollout(task, 5)
    task.sim.backend.data("qvel")[7, 3] = float("nan")
    obs, reward, done, info = task.step(torch.zeros(N, task.action_size, device=GPU))
    assert bool(info["terminated"][7])
    assert bool(obs.isfinite().all())
    assert bool(reward.isfinite().all())
    health = task.gym.get_sim_health(task.sim)["unstable"]
    assert int(health[7]) == 1
    assert int(health.sum()) == 1
    assert task.gym.get_sim_faults(task.sim)["env"].tolist() == [7]
    task.close()


def test_simulate_alone_is_captured_for_those_who_use_the_api() -> None:
    states = []
    for graph in (False, True):
        params = gymapi.SimParams()
        params.use_gpu_pipeline, params.up_axis = True, gymapi.UP_AXIS_Z
        params.gravity = gymapi.Vec3(0, 0, -9.81)
        params.mujoco.graph, params.mujoco.deterministic = graph, True
        gym = gymapi.acquire_gym()
        sim = gym.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0, 0, 1)
        gym.add_ground(sim, plane)
        box = gym.create_box(sim, 0.2, 0.2, 0.2, gymapi.AssetOptions())
        for i in range(8):
            env = gym.create_env(sim, gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1), 4)
            gym.create_actor(env, box, gymapi.Transform(gymapi.Vec3(0, 0, 0.3 + 0.02 * i)), "box", i, 0)
        gym.prepare_sim(sim)
        for _ in range(60):
            gym.simulate(sim)
        gym.refresh_actor_root_state_tensor(sim)
        backend: Any = sim.backend
        assert all(step.replays == graph for step in backend._steps.values())
        states.append(sim.state.root.clone())
        gym.destroy_sim(sim)
    assert states[0].equal(states[1])
    assert float(states[0][:, 2].mean()) == pytest.approx(0.1, abs=0.01)


def test_a_simulation_without_a_gpu_pipeline_stays_on_the_cpu() -> None:
    sim = gymapi.acquire_gym().create_sim(0, -1, gymapi.SIM_PHYSX, gymapi.SimParams())
    assert sim.device.type == "cpu"
