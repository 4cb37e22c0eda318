"""The types of everything in the composed config outside `task:`; the values live in cfg/."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from tasks.base.config import faults

# rl-games' keys that stand in no file of ours; they can be added with +train.params.config.<key>=<value>.
RARE_KEYS = {
    "bound_loss_type",
    "bptt_length",
    "central_value_config",
    "epochs_between_resets",
    "freeze_critic",
    "minibatch_size_per_env",
    "schedule_entropy",
    "use_diagnostics",
    "use_experimental_cv",
    "use_smooth_clamp",
    "zero_rnn_on_done",
}


@dataclass(frozen=True)
class PPOConfig:
    """`train.params.config`; rl-games' names."""

    num_actors: int
    horizon_length: int
    minibatch_size: int
    mini_epochs: int
    max_epochs: int
    max_frames: int
    score_to_win: float
    save_best_after: int
    save_frequency: int
    games_to_track: int
    learning_rate: float
    lr_schedule: Literal["adaptive", "linear"] | None
    schedule_type: Literal["legacy", "standard"]
    kl_threshold: float
    gamma: float
    tau: float
    e_clip: float
    clip_value: bool
    clip_actions: bool
    critic_coef: float
    entropy_coef: float
    bounds_loss_coef: float
    grad_norm: float
    truncate_grads: bool
    weight_decay: float
    normalize_input: bool
    normalize_value: bool
    normalize_advantage: bool
    value_bootstrap: bool
    reward_shaper: dict[str, Any]
    ppo: bool
    seq_length: int
    mixed_precision: bool
    torch_compile: bool | str


@dataclass(frozen=True)
class AlgoConfig:
    """`train.params.algo`."""

    name: Literal["ppo", "a2c_continuous"]


@dataclass(frozen=True)
class ModelConfig:
    """`train.params.model`."""

    name: Literal["continuous_a2c_logstd"]  # the others of rl-games 1.6.5 do not run


@dataclass(frozen=True)
class ParamsConfig:
    """`train.params`."""

    algo: AlgoConfig
    model: ModelConfig
    network: dict[str, Any]
    config: PPOConfig


@dataclass(frozen=True)
class TrainConfig:
    """`train`."""

    params: ParamsConfig
    thresholds: list[float]
    max_fault_rate: float


@dataclass(frozen=True)
class RootConfig:
    """cfg/config.yaml."""

    task: dict[str, Any]
    train: TrainConfig
    num_envs: int
    seed: int
    max_iterations: int | None
    torch_deterministic: bool
    sim_device: str | None
    physics: Literal["mujoco", "warp"] | None
    rl_device: str | None
    multi_gpu: bool
    headless: bool
    experiment: str | None
    checkpoint: str | None
    test: bool
    capture_video: bool
    capture_video_freq: int
    capture_video_len: int
    viewer: Literal["auto", "window", "web", "none"]
    web_port: int
    web_host: str
    wandb_activate: bool
    wandb_project: str
    wandb_entity: str | None
    wandb_group: str | None
    wandb_name: str | None
    wandb_tags: list[str]


SWITCHES = [field.name for field in fields(RootConfig) if field.type == "bool"]


def type_faults(config: dict[str, Any]) -> list[str]:
    """What in a composed config is missing, unknown or of the wrong type, one line each; `task:` has its own check."""
    return [fault.removeprefix(".") for fault in faults(RootConfig, _without_rare_keys(config), path="")]


def _without_rare_keys(config: dict[str, Any]) -> dict[str, Any]:
    try:
        params = config["train"]["params"]
        common = {key: value for key, value in params["config"].items() if key not in RARE_KEYS}
    except (KeyError, TypeError, AttributeError):
        return config
    return {**config, "train": {**config["train"], "params": {**params, "config": common}}}
