"""PPO that stays on the device: what it continues from, and what its graphs replay."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from learning.agent import PPOAgent
from learning.rlgames import A2CAgent, agent_state, restore_agent
from tests.graph_safe import graph_safe
from tests.learning.agents import OnDevice, make_agent, train

ADAPTIVE: dict[str, Any] = {}
LINEAR = {"lr_schedule": "linear", "max_epochs": 20}


@pytest.fixture
def deterministic(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def check_resume(tmp_path: Path, kind: type[PPOAgent], device: str, **changes: Any) -> None:
    one = make_agent(kind, tmp_path / "one", device=device, **changes)
    train(one, 2)
    state = copy.deepcopy(agent_state(one))
    other = make_agent(kind, tmp_path / "other", device=device, **changes)
    train(other, 4, seed=50)
    restore_agent(other, state)
    for agent in (one, other):
        torch.manual_seed(6)
        agent.obs = agent.env_reset()
        train(agent, 2, seed=7)
    for name, value in one.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[name]), name
    assert one.last_lr == other.last_lr


@pytest.mark.parametrize("changes", [ADAPTIVE, LINEAR])
def test_a_restored_agent_goes_on_as_the_saved_one(tmp_path: Path, changes: dict[str, Any]) -> None:
    check_resume(tmp_path, OnDevice, "cpu", **changes)


def test_its_work_can_be_captured(tmp_path: Path) -> None:
    agent = make_agent(OnDevice, tmp_path)
    train(agent, 1)
    ppo = agent.device_ppo
    obs, reward, done, info = agent.vec_env.advance(ppo.rollout.commands)
    found = ppo.rollout.report(info)
    with graph_safe(ppo.rollout):
        ppo.rollout.act(0, obs["obs"])
        ppo.rollout.note(0, reward, done, *found)
    with graph_safe(ppo.update):
        ppo.update.run(obs["obs"])


def test_it_counts_episodes_as_the_environment_does(tmp_path: Path) -> None:
    ours, theirs = (make_agent(kind, tmp_path) for kind in (OnDevice, PPOAgent))
    for agent in (ours, theirs):
        train(agent, 2)
    one, other = (agent.vec_env.stats.read() for agent in (ours, theirs))
    assert one.finished == other.finished > 0
    assert one.reward == pytest.approx(other.reward, rel=1e-4)


def test_it_learns_the_fake_task(tmp_path: Path) -> None:
    agent = make_agent(OnDevice, tmp_path, gamma=0.9, learning_rate=1e-3)
    rewards = []
    for _ in range(30):
        agent.update_epoch()
        agent.train_epoch()
        rewards.append(agent.vec_env.stats.read().reward)
    assert rewards[-1] > rewards[2] + 0.5


@pytest.mark.gpu
@pytest.mark.parametrize("changes", [ADAPTIVE, LINEAR, {"schedule_type": "standard"}, {"mixed_precision": True}])
def test_replays_compute_what_calls_compute(tmp_path: Path, deterministic: None, changes: dict[str, Any]) -> None:
    captured, eager = (
        make_agent(PPOAgent, tmp_path / str(graphs), device="cuda:0", cuda_graphs=graphs, **changes)
        for graphs in (True, False)
    )
    for agent in (captured, eager):
        train(agent, 6)
    assert captured.device_ppo.graphs.enabled
    for name, value in eager.model.state_dict().items():
        assert torch.equal(captured.model.state_dict()[name], value), name
    assert captured.last_lr == eager.last_lr
    assert captured.vec_env.stats.read() == eager.vec_env.stats.read()


@pytest.mark.gpu
def test_on_a_gpu_epochs_change_the_policy_as_rl_games_does(tmp_path: Path) -> None:
    stock, ours = (make_agent(kind, tmp_path, device="cuda:0") for kind in (A2CAgent, PPOAgent))
    for agent in (stock, ours):
        train(agent, 4)
    for name, value in stock.model.state_dict().items():
        torch.testing.assert_close(ours.model.state_dict()[name], value, rtol=2e-3, atol=2e-4, msg=name)
    assert ours.last_lr == pytest.approx(stock.last_lr)


@pytest.mark.gpu
def test_a_graph_goes_on_from_restored_values(tmp_path: Path, deterministic: None) -> None:
    check_resume(tmp_path, PPOAgent, "cuda:0")


@pytest.mark.gpu
def test_a_rollout_does_not_wait_for_the_gpu(tmp_path: Path) -> None:
    agent = make_agent(PPOAgent, tmp_path, device="cuda:0")
    train(agent, 5)
    torch.cuda.set_sync_debug_mode("error")
    try:
        agent.play_steps()
        agent.device_ppo.learn()
    finally:
        torch.cuda.set_sync_debug_mode("default")
