"""Faults of the engine during training: counted, said, and too many of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import DictConfig
from torch import Tensor

from learning import checkpoint, faults
from learning.health import Health, UnstableError
from learning.train import train
from tests.learning.fake_task import FakeTask

Config = Callable[..., DictConfig]

MAX_RATE = 1e-3  # faults per env-step


class FakeGym:
    """An engine of 8 environments whose fault counters a test turns, with three recorded states."""

    def __init__(self) -> None:
        names = ("unstable", "contacts_dropped", "bad_control")
        self.counters = {name: torch.zeros(8, dtype=torch.int32) for name in names}

    def get_sim_health(self, sim: object) -> dict[str, Tensor]:
        return self.counters

    def get_sim_faults(self, sim: object) -> dict[str, Tensor]:
        env = torch.tensor([1, 4, 6])
        return {"env": env, "frame": env * 10, "qpos": torch.full((3, 2), float("nan"))}


class FaultyTask(FakeTask):
    """The fake task on that engine; it meets `met` faults in every step once `from_step` steps are done."""

    met: dict[str, int] = {}
    from_step = 0

    def __init__(self, num_envs: int) -> None:
        super().__init__(num_envs)
        self.gym, self.sim, self.steps = FakeGym(), object(), 0

    def step(self, action: Tensor) -> Any:
        self.steps += 1
        for name, count in self.met.items():
            self.gym.counters[name][2] += count * (self.steps > self.from_step)
        return super().step(action)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the task meet faults."""
    monkeypatch.setattr(
        "tests.learning.fake_task.FakeTask.create", lambda config, num_envs, *_, **__: FaultyTask(num_envs)
    )

    def meet(from_step: int = 0, **met: int) -> None:
        monkeypatch.setattr(FaultyTask, "met", met)
        monkeypatch.setattr(FaultyTask, "from_step", from_step)

    return meet


def curves(folder: str) -> dict[str, list[float]]:
    from tensorboard.backend.event_processing import event_accumulator

    found = event_accumulator.EventAccumulator(f"{folder}/summaries")
    found.Reload()
    return {name: [point.value for point in found.Scalars(name)] for name in found.Tags()["scalars"]}


def test_a_task_without_an_engine_is_healthy() -> None:
    assert Health(FakeTask(), MAX_RATE).read(10) == ({}, 0.0)


def test_faults_are_counted_since_the_last_look_and_overflow_does_not_count_towards_the_limit() -> None:
    task = FaultyTask(8)
    health = Health(task, MAX_RATE)
    assert health.read(100) == ({}, 0.0)
    task.gym.counters["unstable"][:2] += 1
    task.gym.counters["contacts_dropped"] += 50
    assert health.read(100) == ({"unstable": 2, "contacts_dropped": 400}, 0.02)
    assert health.read(100) == ({"unstable": 0, "contacts_dropped": 0}, 0.0)


def test_a_fault_is_said_again_only_when_there_are_many_more() -> None:
    task = FaultyTask(8)
    health = Health(task, MAX_RATE)
    said = []
    for epoch in range(20):
        task.gym.counters["unstable"][0] += 1
        said += [epoch] * len(health.news(health.read(100), epoch))
    assert said == [0, 1, 3, 7, 15]


def test_overflow_is_said_by_name_in_the_engines_words() -> None:
    task = FaultyTask(8)
    task.gym.get_sim_health_message = lambda sim, name: f"raise the limit of {name}"  # type: ignore[attr-defined]
    health = Health(task, MAX_RATE)
    task.gym.counters["contacts_dropped"][3] += 5
    assert health.news(health.read(100), 7) == ["epoch 7: 5 x contacts_dropped; raise the limit of contacts_dropped"]


def test_few_faults_leave_curves_and_a_line(
    config: Config, meeting: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    meeting(contacts_dropped=2)
    train(config("experiment=one", "max_iterations=2"))
    assert curves("runs/one")["health/contacts_dropped"] == [32.0, 32.0]
    assert not any(name == "health/unstable" for name in curves("runs/one"))
    assert capsys.readouterr().out.count("contacts_dropped") == 2


def test_too_many_faults_end_the_run_and_keep_the_last_good_state(config: Config, meeting: Callable[..., None]) -> None:
    meeting(unstable=1, from_step=32)
    with pytest.raises(UnstableError) as error:
        train(config("experiment=one", "max_iterations=4"))
    message = str(error.value)
    assert "Fake: the simulation became unstable in epoch 3: 16 x unstable, 0.12 per env-step" in message
    assert "python play.py checkpoint=runs/one faults=true" in message
    assert "the last good state is in runs/one/nn/last.pth" in message
    assert checkpoint.load(Path("runs/one/nn/last.pth"))["epoch"] == 2
    found = faults.load(Path("runs/one/faults.pt"))
    assert (found["task"], found["epoch"], found["env_steps"]) == ("Fake", 3, 3 * 128)
    assert found["states"]["env"].tolist() == [1, 4, 6]
    assert found["states"]["frame"].tolist() == [10, 40, 60]


def test_the_states_of_several_processes_are_numbered_through_and_limited() -> None:
    part = {"env": torch.arange(50), "frame": torch.zeros(50), "qpos": torch.zeros(50, 3)}
    found = faults.joined([part, {}, part], num_envs=100)
    assert found["env"].tolist() == [*range(50), *range(200, 214)]
    assert found["qpos"].shape == (64, 3)
    assert faults.joined([{}, {"env": torch.zeros(0)}], 100) == {}


def test_another_file_is_no_fault_file(tmp_path: Path) -> None:
    path = tmp_path / "faults.pt"
    torch.save({"format": "other"}, path)
    with pytest.raises(ValueError, match="does not hold faults"):
        faults.load(path)
