"""Our PPO against rl-games' own, and its environment adapter."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from learning.agent import PPOAgent
from learning.episodes import EpisodeStats
from learning.rlgames import A2CAgent, build_agent
from learning.vecenv import TaskEnv
from tests.learning.agents import NUM_ENVS, PARAMS, NoWriter, OnDevice, make_agent, train
from tests.learning.fake_task import FakeTask


@pytest.mark.parametrize("kind", [PPOAgent, OnDevice])
@pytest.mark.parametrize(
    ("activation", "changes"),
    [
        ("elu", {}),
        ("relu", {"clip_value": False, "truncate_grads": False}),
        ("sigmoid", {}),
        ("tanh", {"entropy_coef": 0.01, "schedule_type": "standard", "weight_decay": 0.01}),
        ("elu", {"normalize_input": False, "bounds_loss_coef": 0.0, "e_clip": 0.01}),
        ("elu", {"normalize_value": False, "normalize_advantage": False, "value_bootstrap": False}),
        ("elu", {"lr_schedule": "linear", "max_epochs": 10, "schedule_entropy": True, "entropy_coef": 0.02}),
        ("elu", {"lr_schedule": "linear", "max_epochs": 10, "schedule_type": "standard"}),
        ("elu", {"lr_schedule": None, "clip_actions": False, "reward_shaper": {"scale_value": 0.1, "min_val": 0.01}}),
        ("elu", {"kl_threshold": 1e-5, "mini_epochs": 1}),
    ],
)
def test_epochs_change_the_policy_as_rl_games_does(
    tmp_path: Path, kind: type[PPOAgent], activation: str, changes: dict[str, Any]
) -> None:
    stock, ours = (make_agent(kind, tmp_path, activation, **changes) for kind in (A2CAgent, kind))
    known = activation != "sigmoid"  # a function that only rl-games knows
    assert (ours.mlp is not None, ours.device_ppo is not None) == (
        known and kind is PPOAgent,
        known and kind is OnDevice,
    )
    results = [train(agent, 3) for agent in (stock, ours)]
    for name, value in stock.model.state_dict().items():
        torch.testing.assert_close(ours.model.state_dict()[name], value, rtol=2e-4, atol=2e-6, msg=name)
    for part in range(4, 9):  # the losses and the divergence
        if results[0][part]:
            means = [torch.stack(result[part]).detach().mean() for result in results]
            torch.testing.assert_close(means[1], means[0], rtol=1e-3, atol=1e-5)
    assert ours.last_lr == pytest.approx(stock.last_lr)


def test_a_recurrent_policy_goes_through_rl_games_own_code(tmp_path: Path) -> None:
    params = copy.deepcopy(PARAMS)
    params["network"] |= {"rnn": {"name": "gru", "units": 8, "layers": 1, "before_mlp": False}}
    params["network"]["mlp"]["units"] = [16]
    params["config"] |= {"minibatch_size": 512}
    env = TaskEnv(FakeTask(NUM_ENVS), EpisodeStats(NUM_ENVS, "cpu"))
    agent = build_agent(PPOAgent, params, env, "cpu", tmp_path / "run", NoWriter())
    agent.obs = agent.env_reset()
    before = [p.clone() for p in agent.model.parameters()]
    agent.update_epoch()
    agent.train_epoch()
    assert agent.mlp is None
    assert any(not torch.equal(p, q) for p, q in zip(before, agent.model.parameters(), strict=True))


def test_the_result_does_not_depend_on_who_finishes_first(tmp_path: Path) -> None:
    def parameters(name: str) -> list[torch.Tensor]:
        agent = make_agent(PPOAgent, tmp_path / name)
        torch.manual_seed(5)
        agent.update_epoch()
        agent.train_epoch()
        return list(agent.model.parameters())

    assert all(torch.equal(p, q) for p, q in zip(parameters("one"), parameters("two"), strict=True))


def test_it_learns_the_fake_task(tmp_path: Path) -> None:
    agent = make_agent(PPOAgent, tmp_path, gamma=0.9, learning_rate=1e-3)
    effort = []
    for _ in range(30):
        agent.update_epoch()
        agent.train_epoch()
        effort.append(agent.vec_env.stats.read().reward)
    assert effort[-1] > effort[2] + 0.5
