"""MuJoCo Warp against MuJoCo: what every task sees and earns, step by step through rollouts full of contacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

import tasks
from tasks.base.task import Task
from tests.composed import task_config, task_names
from tests.graph_safe import reachable

N = 4
SETTLE, STEPS = 40, 30
TYPICAL, WORST = 1e-5, 1e-3  # relative to the spread of each observation over the rollout
# Solved to the end, and with round friction cones: a pyramid's edges lie differently in the two engines.
EXACT = ("iterations=100", "ls_iterations=50", "tolerance=1e-10", "cone=elliptic")

MASKED = [name for name in task_names() if issubclass(tasks.task_class(task_config(name)), Task)]
STATE = ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat", "qacc_warmstart")


def make(name: str, physics: str) -> Any:
    torch.manual_seed(1)
    return tasks.make(task_config(name, f"physics={physics}", *(f"task.sim.mujoco.{key}" for key in EXACT)), N)


@pytest.fixture(scope="module", params=MASKED)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    both = make(request.param, "mujoco"), make(request.param, "warp")
    yield both
    for task in both:
        task.close()


def put_state(source: Any, target: Any) -> None:
    """The engine's state and the task's buffers of one task into its twin."""
    for field in STATE:
        target.sim.backend.data(field).copy_(source.sim.backend.data(field))
    target.sim.state.kinematics_changed()
    theirs = reachable(target, Tensor, packages=("tasks",))
    for path, tensor in reachable(source, Tensor, packages=("tasks",)).items():
        theirs[path].copy_(tensor)


def test_a_rollout_agrees_step_by_step(pair: tuple[Any, Any]) -> None:
    cpu, warp = pair
    assert (cpu.sim.backend.name, warp.sim.backend.name) == ("mujoco", "warp")
    for task in pair:
        task.start()
    differences, observations, rewards = [], [], []
    for step in range(SETTLE + STEPS):
        action = torch.rand(N, cpu.action_size) * 2.0 - 1.0
        if step < SETTLE:
            cpu.step(action)
            continue
        put_state(cpu, warp)
        results = []
        for task in pair:
            torch.manual_seed(step)  # resets draw numbers
            obs, reward, done, _ = task.step(action)
            results.append((obs.clone(), reward.clone(), done.clone()))
        (obs, reward, done), (other_obs, other_reward, other_done) = results
        assert done.equal(other_done)
        differences.append((obs - other_obs).abs()[~done])
        observations.append(obs)
        rewards.append((reward - other_reward).abs())
    spread = torch.cat(observations).std(0) + 0.05
    relative = torch.cat(differences) / spread
    assert float(relative.mean()) < TYPICAL
    assert float(relative.max()) < WORST
    assert float(torch.stack(rewards).max()) < 1e-3
    assert not bool(warp.sim.backend.health.any())


def test_what_a_task_allocates_is_alike_on_both(pair: tuple[Any, Any]) -> None:
    ours, theirs = (reachable(task, Tensor, packages=("tasks",)) for task in pair)
    assert ours.keys() == theirs.keys()
    assert all((a.shape, a.dtype) == (theirs[path].shape, theirs[path].dtype) for path, a in ours.items())
