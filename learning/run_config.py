"""A run's own config, for commands that use a run: completed, and changed by what their command line says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from learning import runs
from learning.overrides import CFG, known_keys
from learning.settings import RootConfig

OF_A_RUN = [field.name for field in fields(RootConfig) if field.name not in ("task", "train", "num_envs")]


def config_of(run: runs.Run, keys: Path, checkpoint: Path) -> DictConfig:
    """The run's config with the keys of a command's YAML file `keys`, for the use of `checkpoint`.

    Keys newer than the run have their defaults.
    """
    ours = load(CFG / "config.yaml")
    defaults = OmegaConf.masked_copy(ours, [key for key in OF_A_RUN if key in ours])
    merged = OmegaConf.merge(defaults, load(run.config), load(keys))
    assert isinstance(merged, DictConfig)
    merged.checkpoint = str(checkpoint)
    return merged


def load(path: Path) -> DictConfig:
    """What a YAML file holds."""
    config = OmegaConf.load(path)
    assert isinstance(config, DictConfig)
    return config


def update(config: DictConfig, overrides: list[Override]) -> list[str]:
    """Put the overrides into `config`; what could not be, one line each."""
    known, found = known_keys(overrides, config)
    for o in known:
        OmegaConf.update(config, o.key_or_group, o.value(), merge=False, force_add=True)
    return found
