"""Every fault of a config is found, named by its path, and told with the others."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

import tasks
from tasks.base.config import ABOVE_ZERO, ConfigError, build, faults
from tests.composed import task_config


@dataclass(frozen=True)
class Inner:
    rate: float
    mode: Literal["fast", "slow"]


@dataclass(frozen=True)
class Outer:
    steps: int = field(metadata=ABOVE_ZERO)
    name: str
    noisy: bool
    limit: float | None
    points: list[float]
    centre: tuple[float, float, float]
    scales: dict[str, float]
    inner: Inner


SOUND: dict[str, Any] = {
    "steps": 3,
    "name": "a",
    "noisy": False,
    "limit": None,
    "points": [0, 1.5],
    "centre": [0, 0, 1],
    "scales": {"x": 1},
    "inner": {"rate": 2, "mode": "fast"},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    values = copy.deepcopy(SOUND)
    *sections, key = path.split(".")
    section = values
    for name in sections:
        section = section[name]
    section[key] = value
    return values


def test_sound_values_become_the_dataclass_with_its_types() -> None:
    made = build(Outer, SOUND)
    assert made == Outer(3, "a", False, None, [0.0, 1.5], (0.0, 0.0, 1.0), {"x": 1.0}, Inner(2.0, "fast"))
    assert isinstance(made.inner.rate, float)
    assert isinstance(made.points[0], float)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("steps", 2.5, "task.steps: given 2.5 (a number); needs a whole number"),
        ("steps", True, "task.steps: given True (true or false); needs a whole number"),
        ("steps", 0, "task.steps: given 0; must be above 0"),
        ("name", 3, "task.name: given 3 (a whole number); needs text"),
        ("noisy", 1, "task.noisy: given 1 (a whole number); needs true or false"),
        ("noisy", "yes", "task.noisy: given 'yes' (text); needs true or false"),
        ("limit", "high", "task.limit: given 'high' (text); needs a number"),
        ("points", 1.0, "task.points: given 1.0; needs a list, each a number"),
        ("points", [1.0, "b"], "task.points[1]: given 'b' (text); needs a number"),
        ("centre", [1.0, 2.0], "task.centre: given [1.0, 2.0]; needs a list of 3, each a number"),
        ("scales", [1.0], "task.scales: given [1.0]; needs a section of names with a number values"),
        ("scales.x", None, "task.scales.x: given None (nothing); needs a number"),
        ("inner", 4, "task.inner: given 4; needs a section with rate, mode"),
        ("inner.mode", "medium", "task.inner.mode: given 'medium'; use one of fast, slow"),
        ("inner.rate", "???", "task.inner.rate: missing; needs a number"),
        ("inner.rat", 1.0, "task.inner.rat: no such key; did you mean 'rate'?"),
        ("colour", 1.0, "task.colour: no such key; keys here: " + ", ".join(SOUND)),
    ],
)
def test_a_fault_is_named_by_its_path_with_what_would_do(path: str, value: Any, fault: str) -> None:
    assert faults(Outer, changed(path, value)) == [fault]


@pytest.mark.parametrize("name", SOUND)
def test_a_missing_key_is_a_fault(name: str) -> None:
    values = {key: value for key, value in SOUND.items() if key != name}
    assert [fault.split(";")[0] for fault in faults(Outer, values)] == [f"task.{name}: missing"]


def test_all_faults_come_in_one_error() -> None:
    values = changed("inner.mode", "medium")
    values["step"] = values.pop("steps")
    values["noisy"] = 0
    with pytest.raises(ConfigError) as error:
        build(Outer, values, owner="Somebody")
    assert str(error.value) == (
        "Somebody: 4 faults in the config\n"
        "  task.step: no such key; did you mean 'steps'?\n"
        "  task.steps: missing; needs a whole number\n"
        "  task.noisy: given 0 (a whole number); needs true or false\n"
        "  task.inner.mode: given 'medium'; use one of fast, slow"
    )
    assert len(error.value.faults) == 4


# Of a task.


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sim.dt", 0.0),
        ("sim.gravity", [0.0, 0.0]),
        ("decimation", 0),
        ("episode_length", -1),
        ("sim.mujoco.solver", "pgs"),
        ("clip_actions", "one"),
        ("observations.cart_pos", "big"),
    ],
)
def test_a_task_refuses_values_that_would_simulate_nonsense(path: str, value: Any) -> None:
    config = task_config("Cartpole")
    *sections, key = path.split(".")
    section = config
    for name in sections:
        section = section[name]
    section[key] = value
    assert [fault.split(":")[0] for fault in tasks.check(config)] == [f"task.{path}"]


def test_a_missing_asset_is_told_with_those_that_exist() -> None:
    config = task_config("Cartpole", "task.asset=mjcf/cartpol.xml")
    (fault,) = tasks.check(config)
    assert fault.startswith("task.asset: no file 'mjcf/cartpol.xml' below assets/; there are ")
    assert "mjcf/cartpole.xml" in fault


def test_faults_keep_a_task_from_building_anything() -> None:
    config = task_config("Cartpole")
    config["asset"] = "nowhere.xml"
    config["resetdistance"] = config.pop("reset_distance")
    with pytest.raises(ConfigError, match="Cartpole: 3 faults in the config"):
        tasks.make(config, 2)
