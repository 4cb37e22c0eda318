"""torch_deterministic=true: the same seed gives the same numbers, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir

from learning import checkpoint
from learning.train import train
from tests.learning.test_train import assert_same

CFG = Path(__file__).parents[2] / "cfg"
SMALL = ["task=Ant", "num_envs=64", "train.params.config.minibatch_size=512", "max_iterations=4"]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


def run(name: str, device: str, seed: int = 7) -> tuple[dict[str, Any], dict[str, Any]]:
    """The curves and the checkpoint of a short run, without what a clock says."""
    from tensorboard.backend.event_processing import event_accumulator

    given = [f"experiment={name}", f"seed={seed}", f"sim_device={device}", f"rl_device={device}"]
    with initialize_config_dir(str(CFG), version_base="1.3"):
        train(compose("config", [*SMALL, *given, "torch_deterministic=true"]))
    found = event_accumulator.EventAccumulator(f"runs/{name}/summaries")
    found.Reload()
    names = [name for name in found.Tags()["scalars"] if not name.startswith("performance/")]
    curves = {name: [point.value for point in found.Scalars(name)] for name in names}
    state = checkpoint.load(Path(f"runs/{name}/nn/last.pth"))
    for clock in ("train_seconds", "wall_seconds", "thresholds"):
        del state[clock]
    return curves, state


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda:0", marks=pytest.mark.gpu)])
def test_the_same_seed_gives_the_same_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.chdir(tmp_path)
    (curves, state), (curves_again, state_again) = run("one", device), run("two", device)
    assert len(curves["info/kl"]) == 4
    assert curves == curves_again
    assert_same(state, state_again)
    assert run("three", device, seed=8)[0] != curves


def test_deterministic_mode_is_set_and_undone() -> None:
    from learning.seeding import seed_everything

    seed_everything(1, deterministic=True)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cudnn.benchmark
    seed_everything(1, deterministic=False)
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.backends.cuda.matmul.allow_tf32
