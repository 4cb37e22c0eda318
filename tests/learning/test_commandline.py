"""The command line's spellings."""

from __future__ import annotations

import pytest

from learning.commandline import hydra_spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("task=Ant num_envs=64", "task=Ant num_envs=64"),
        ("--task=Ant --num_envs=64", "task=Ant num_envs=64"),
        ("--task Ant --num_envs 64 --headless", "task=Ant num_envs=64 headless=true"),
        ("--test --checkpoint=runs/a", "test=true checkpoint=runs/a"),
        ("--headless false task=Ant", "headless=false task=Ant"),
        ("--headless task=Ant", "headless=true task=Ant"),
        ("--cfg job task=Ant", "--cfg job task=Ant"),
        ("--multirun seed=1,2 --task=Ant", "--multirun seed=1,2 task=Ant"),
        ("seed=1,2 -m --config-dir=own task=Ant", "-m --config-dir=own seed=1,2 task=Ant"),
        ("task=Ant --cfg job ~train", "--cfg job task=Ant ~train"),
        ("--train.params.config.gamma=0.9 +new=1 ~task", "train.params.config.gamma=0.9 +new=1 ~task"),
    ],
)
def test_both_spellings_mean_the_same(typed: str, meant: str) -> None:
    assert hydra_spelling(typed.split()) == meant.split()
