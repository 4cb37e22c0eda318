"""What one of the processes of test_distributed.py does: torchrun ... rank.py <claim>; it leaves rank<n>.pt."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import torch
import yaml

from learning import distributed
from learning.episodes import EpisodeStats
from learning.rlgames import agent_class, build_agent
from learning.vecenv import TaskEnv
from tests.learning.fake_task import FakeTask

ENVS = 16  # of the update, over both processes


def collectives() -> dict[str, Any]:
    """What the collectives make of each process's number."""
    own = torch.full((2,), float(distributed.rank()))
    return {
        "size": distributed.world_size(),
        "main": distributed.is_main(),
        "sum": distributed.sum_(own + 1.0),
        "mean": distributed.mean_(own.clone()),
        "broadcast": distributed.broadcast_(own.clone(), src=1),
        "any": distributed.any_of(distributed.rank() == 1),
        "none": distributed.any_of(False),
        "gathered": distributed.gathered(distributed.rank()),
        "statistics": statistics(),
    }


def statistics() -> dict[str, Any]:
    """The statistics of two environments of four, over all."""
    stats = EpisodeStats(2, "cpu")
    own = slice(2 * distributed.rank(), 2 * distributed.rank() + 2)
    for reward, done in episodes():
        stats.step(reward[own], done[own], {})
    return stats.read()._asdict()


def episodes() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Reward and done of four environments over three steps."""
    generator = torch.Generator().manual_seed(1)
    draw = torch.rand(3, 2, 4, generator=generator)
    return [(reward, done > 0.5) for reward, done in draw]


def agent_with(num_envs: int, folder: Path) -> Any:
    """PPO whose minibatch is the whole batch."""
    params = yaml.safe_load((Path(__file__).parents[2] / "cfg/train/PPO.yaml").read_text())["params"]
    params["network"]["mlp"]["units"] = [16, 8]
    params["config"]["minibatch_size"] = num_envs * params["config"]["horizon_length"]
    torch.manual_seed(3)
    env = TaskEnv(FakeTask(num_envs), EpisodeStats(num_envs, "cpu"))
    agent = build_agent(agent_class("ppo"), params, env, "cpu", folder, None)
    agent.obs = agent.env_reset()
    return agent


def learn_from(agent: Any, batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The agent's parameters and statistics after an epoch with this batch."""
    agent.play_steps = lambda: batch
    agent.update_epoch()
    agent.train_epoch()
    return {**agent.model.state_dict(), "rate": torch.tensor(agent.last_lr)}


def update() -> dict[str, torch.Tensor]:
    """What is learned from this process's half of batch.pt."""
    batch = torch.load("batch.pt")
    rows = len(batch["obses"]) // 2
    own = slice(distributed.rank() * rows, (distributed.rank() + 1) * rows)
    half = {name: value[own] if isinstance(value, torch.Tensor) else value for name, value in batch.items()}
    return learn_from(agent_with(ENVS // 2, Path(f"run{distributed.rank()}")), half)


def training() -> dict[str, Any]:
    """The policy after a run, and the numbers that exploration would draw next."""
    from hydra import compose, initialize_config_dir

    from learning.train import train
    from learning.trainer import Trainer

    kept: dict[str, Any] = {}
    loop = Trainer.train

    def watched(trainer: Any) -> bool:
        before = {name: value.clone() for name, value in trainer.agent.model.state_dict().items()}
        done = loop(trainer)
        kept.update(before=before, after=trainer.agent.model.state_dict(), noise=torch.rand(4))
        kept.update(frame=trainer.agent.frame, reward=trainer.summary.final_reward)
        return done

    Trainer.train = watched  # type: ignore[assignment, method-assign]
    with initialize_config_dir(str(Path(__file__).parents[2] / "cfg"), version_base="1.3"):
        train(compose("config", ["multi_gpu=true", *sys.argv[2:]]), sys.argv[2:])
    return kept


def on_device() -> dict[str, Any]:
    """`training` as on a GPU."""
    agent_class("ppo").on_device = True
    return training()


def main() -> None:
    """Carry out the claim that the command names."""
    claims = {"collectives": collectives, "training": training, "on_device": on_device, "update": update}
    claim = claims[sys.argv[1]]
    own = claim not in (training, on_device)  # a run starts and stops the processes itself
    if own:
        distributed.start("cpu")
    found = claim()
    if own:
        distributed.stop()
    torch.save(found, f"rank{os.environ['RANK']}.pt")


if __name__ == "__main__":
    main()
