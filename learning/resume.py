"""Going on with a run: its config, its folder, its best checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from learning import checkpoint, runs
from tasks.base.config import ConfigError

GROUPS = ("task", "train")
OF_THE_COMMAND = ("checkpoint", "experiment", "test", "capture_video", "viewer")  # what is said anew each time


def with_config_of_checkpoint(config: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """The config of the run that `config.checkpoint` belongs to, changed by what this command line overrides.

    So `python train.py checkpoint=runs/<run>` goes on with the settings that the run was started with. A checkpoint
    that lies outside a run folder, or belongs to another task, leaves `config` as it is.
    """
    if config.checkpoint is None:
        return config
    try:
        run = runs.holding(runs.find_checkpoint(str(config.checkpoint), config.task.name))
    except ConfigError:
        return config
    if run is None or run.task != config.task.name:
        return config
    merged = OmegaConf.load(run.config)
    assert isinstance(merged, DictConfig)
    for key in config:
        if key in OF_THE_COMMAND or key not in merged:  # a run of an earlier version lacks some
            merged[key] = config[key]
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key = override.key_or_group
        if key == "train":
            merged.train = config.train
        elif key not in GROUPS and not key.startswith("hydra."):
            OmegaConf.update(merged, key, OmegaConf.select(config, key), merge=False, force_add=True)
    return merged


def target_run(config: DictConfig) -> runs.Run:
    """Where this run writes: the experiment's folder, that of the checkpoint it continues, or a new one."""
    task = str(config.task.name)
    if config.experiment:
        return runs.named(str(config.experiment), task)
    source = source_run(config)
    return source or runs.dated(task)


def source_run(config: DictConfig) -> runs.Run | None:
    """The run that `config.checkpoint` lies in."""
    if config.checkpoint is None:
        return None
    return runs.holding(runs.find_checkpoint(str(config.checkpoint), str(config.task.name)))


def take_over_best(source: runs.Run | None, target: runs.Run) -> float | None:
    """The score of the best checkpoint in the target's folder, after bringing the source's there if it has none."""
    if target.best.exists():
        return checkpoint.load(target.best)["best_reward"]
    if source is None or not source.best.exists():
        return None
    best = checkpoint.load(source.best)
    checkpoint.save(target.best, best)
    return best["best_reward"]


def load_state(config: DictConfig) -> dict[str, Any] | None:
    """What `config.checkpoint` holds."""
    if config.checkpoint is None:
        return None
    return checkpoint.load(runs.find_checkpoint(str(config.checkpoint), str(config.task.name)))
