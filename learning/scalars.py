"""TensorBoard curves of a run, over env-steps, under the names that rl-games users know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from tensorboardX import SummaryWriter

    from learning.episodes import EpisodeSummary
    from learning.runs import Run


class Rates(NamedTuple):
    """Env-steps per second of one epoch."""

    simulation: float
    inference: float  # simulation and policy
    training: float  # simulation, policy and update


class Losses(NamedTuple):
    """Means over an epoch's minibatches."""

    actor: float
    critic: float
    bounds: float
    entropy: float
    kl: float


def open_writer(folder: Path, env_steps: int = 0) -> SummaryWriter:
    """A writer into `folder`; points of an earlier process beyond `env_steps` are dropped."""
    from tensorboardX import SummaryWriter

    # The suffix keeps a process that follows within a second from writing over the file of the one before.
    suffix = f".{env_steps}"
    return SummaryWriter(str(folder), purge_step=env_steps + 1 if env_steps else None, filename_suffix=suffix)


def start_wandb(config: DictConfig, run: Run) -> None:
    """Mirror the curves to Weights & Biases, if the config asks for it; to be called before the writer exists."""
    if not config.wandb_activate:
        return
    import wandb
    from omegaconf import OmegaConf

    wandb.init(
        project=config.wandb_project,
        entity=config.wandb_entity,
        group=config.wandb_group,
        name=config.wandb_name or run.folder.name,
        tags=list(config.wandb_tags),
        dir=str(run.folder),
        config=OmegaConf.to_container(config, resolve=True),
        sync_tensorboard=True,
    )


def write_epoch(
    writer: SummaryWriter,
    env_steps: int,
    epoch: int,
    episodes: EpisodeSummary,
    losses: Losses,
    learning_rate: float,
    rates: Rates,
) -> None:
    """Add one epoch to the curves."""
    curves: dict[str, float | None] = {
        "rewards/step": episodes.reward,
        "episode_lengths/step": episodes.length,
        "success/step": episodes.success,
        **{f"reward_terms/{name}": value for name, value in episodes.terms.items()},
        "losses/a_loss": losses.actor,
        "losses/c_loss": losses.critic,
        "losses/bounds_loss": losses.bounds,
        "losses/entropy": losses.entropy,
        "info/kl": losses.kl,
        "info/last_lr": learning_rate,
        "info/epochs": epoch,
        "performance/step_fps": rates.simulation,
        "performance/step_inference_fps": rates.inference,
        "performance/step_inference_rl_update_fps": rates.training,
    }
    for name, value in curves.items():
        if value is not None:
            writer.add_scalar(name, value, env_steps)
