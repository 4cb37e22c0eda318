"""Building a task from its config: the class is found by `_target_`, and a wrong one is told as a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

import tasks
from tasks.cartpole import Cartpole
from tests.composed import task_config


def test_target_names_the_class() -> None:
    assert tasks.task_class(task_config("Cartpole")) is Cartpole


def test_make_builds_what_the_config_says() -> None:
    task = tasks.make(task_config("Cartpole"), 3)
    assert isinstance(task, Cartpole)
    assert task.num_envs == 3
    task.close()


@pytest.mark.parametrize("target", ["tasks.cartpole.Cartpool", "tasks.cartpool.Cartpole", "Cartpole", "", "nowhere.X"])
def test_a_target_that_is_not_there_is_a_fault_of_the_config(target: str) -> None:
    config = task_config("Cartpole") | {"_target_": target}
    (fault,) = tasks.check(config)
    assert fault.startswith(f"task._target_: no class '{target}'")
    with pytest.raises(tasks.ConfigError):
        tasks.make(config, 1)


def test_a_fault_inside_the_module_is_not_mistaken_for_a_wrong_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_task.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        tasks.check({"_target_": "broken_task.Broken"})
