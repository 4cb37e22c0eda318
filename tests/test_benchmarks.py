"""The throughput benchmark: what it measures, and what it keeps of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import tasks
from benchmarks import layers, throughput
from benchmarks.layers import Layer, agent_on, layers_of, measure
from benchmarks.machine import KernelCaches
from tasks.base.config import ConfigError
from tests.composed import task_config

ROOT = Path(__file__).parents[1]
TINY = ["task=Cartpole", "num_envs=8", "sim_device=cpu", "rl_device=cpu", "seconds=0.05"]
RUN = {
    "task", "num_envs", "engine", "device", "rl_device", "env_steps_per_second", "spread", "env_step_over_physics",
    "seconds_per_layer", "captured", "start_seconds", "kernel_caches", "gpu_mib", "faults", "simulation", "ppo",
}  # fmt: skip


@pytest.fixture
def cartpole() -> tuple[Any, Any]:
    config = throughput.composed(throughput.fitted(TINY[:-1]))
    task = tasks.make(task_config("Cartpole"), 8, "cpu", "cpu")
    return task, agent_on(task, config)


def test_a_record_says_what_was_measured_on_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "kept/cartpole.json"
    assert throughput.main([*TINY, f"output={output}"]) == 0
    found = json.loads(output.read_text())
    assert set(found["machine"]) == {"gpu", "driver", "cuda", "cpu", "cores", "versions", "measured"}
    assert {"python", "torch", "mujoco", "mujoco-warp", "warp-lang"} <= set(found["machine"]["versions"])
    (run,) = found["runs"]
    assert set(run) == RUN
    rates = run["env_steps_per_second"]
    assert list(rates) == list(layers.LAYERS)
    assert rates["physics"] > rates["env_step"] > rates["training"] > 0
    assert run["env_step_over_physics"] == pytest.approx(rates["env_step"] / rates["physics"], abs=0.01)
    assert run["start_seconds"]["first_step"] >= run["start_seconds"]["task"] > 0
    assert (run["gpu_mib"], run["captured"], run["kernel_caches"]["state"]) == (None, False, None)
    assert run["ppo"]["minibatch_size"] == 8 * run["ppo"]["horizon_length"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["layer"] for line in lines[:4]] == list(layers.LAYERS)
    assert lines[4] == run


def test_physics_is_the_engine_without_the_task(cartpole: tuple[Any, Any]) -> None:
    task, agent = cartpole
    physics = layers_of(task, agent)["physics"]
    before = task.sim.backend.data("qpos").clone()
    task.step = task._advance = None
    assert physics.work() > 0
    assert torch.equal(before, task.sim.backend.data("qpos"))


def test_physics_alone_on_warp_moves_as_the_backend_does() -> None:
    task = tasks.make(task_config("Cartpole", "physics=warp"), 2, "cpu", "cpu")
    backend = task.sim.backend
    task.start()
    start = {field: backend.data(field).clone() for field in layers.STATE_FIELDS}
    backend.data("ctrl").fill_(0.5)
    backend.step(task.config.sim.substeps)
    expected = backend.data("qpos").clone()
    data, advance = layers._raw_engine(task)
    for field, values in start.items():
        data(field).copy_(values)
    advance()
    assert torch.equal(data("qpos"), expected)
    assert not torch.equal(expected, start["qpos"])
    task.close()


def test_what_settles_a_layer_is_not_counted() -> None:
    settled, worked = [], []

    def work() -> float:
        worked.append(1)
        return 0.5 if len(worked) % 2 else 0.25

    speed = measure({"one": Layer(10, work, lambda: settled.append(1))}, 0.0)["one"]
    assert len(settled) == len(worked) == 1 + layers.ROUNDS
    assert speed.rate == pytest.approx(50 / (3 * 0.25 + 2 * 0.5))
    assert speed.spread == pytest.approx((40 - 20) / speed.rate)


def test_sizes_are_parsed_apart_from_overrides() -> None:
    found = throughput.parsed(["task=Ant", "sizes=512,1024", "seed=3", "seconds=2", "output=a.json"])
    assert found == throughput.Options([512, 1024], 2.0, Path("a.json"), ["task=Ant", "seed=3"])
    assert throughput.parsed(["task=Ant"]) == throughput.Options([], None, None, ["task=Ant"])


def test_all_that_is_wrong_with_its_own_arguments_is_said_at_once() -> None:
    with pytest.raises(ConfigError, match=r"sizes: given '512,abc'(.|\n)*seconds: given '-1'"):
        throughput.parsed(["sizes=512,abc", "seconds=-1"])


@pytest.mark.parametrize(
    ("overrides", "minibatch"),
    [
        (["task=Ant", "num_envs=512"], 512 * 16),
        (["task=Ant", "num_envs=4096"], None),
        (["task=Ant", "num_envs=65536"], None),
        (["task=Ant", "num_envs=3000"], 24000),
        (["task=Ant", "num_envs=512", "train.params.config.minibatch_size=64"], None),
        (["task=Ant", "num_envs=abc"], None),
        (["task=Nothing"], None),
    ],
)
def test_a_minibatch_fits_the_batch(overrides: list[str], minibatch: int | None) -> None:
    added = [] if minibatch is None else [f"train.params.config.minibatch_size={minibatch}"]
    assert throughput.fitted(overrides) == overrides + added


def test_each_size_has_a_run_in_the_file(tmp_path: Path) -> None:
    output = tmp_path / "cartpole.json"
    own = ["sizes=4,8", f"output={output}"]
    command = [sys.executable, "-m", "benchmarks.throughput", *TINY[:1], *TINY[2:], *own]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    assert [run["num_envs"] for run in json.loads(output.read_text())["runs"]] == [4, 8]


@pytest.mark.parametrize(
    ("before", "during", "state"),
    [([], ["wp_a"], "cold"), (["wp_a"], [], "warm"), (["wp_a"], ["wp_b"], "partly warm")],
)
def test_kernel_caches_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: list[str], during: list[str], state: str
) -> None:
    import warp as wp

    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    for name in before:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    caches = KernelCaches()
    for name in during:
        (tmp_path / name).mkdir()
    found = caches.found("warp")
    assert (found["state"], found["warp_modules_compiled"]) == (state, len(during))


@pytest.mark.gpu
def test_on_a_gpu_the_step_is_captured_and_its_memory_known(tmp_path: Path) -> None:
    output = tmp_path / "ant.json"
    assert throughput.main(["task=Ant", "num_envs=512", "sim_device=cuda:0", "seconds=0.5", f"output={output}"]) == 0
    found = json.loads(output.read_text())
    (run,) = found["runs"]
    assert found["machine"]["gpu"]
    assert run["captured"]
    assert run["start_seconds"]["captured"] >= run["start_seconds"]["first_step"]
    assert run["gpu_mib"] > 0
    assert 0.3 < run["env_step_over_physics"] < 1.1
