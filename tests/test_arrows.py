"""Imports point one way: mujoco <- isaacgym._src <- isaacgym <- tasks <- learning <- train.py, play.py."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["isaacgym._src", "isaacgym", "tasks", "learning"]  # each may import those to its left
ENGINES = {"mujoco", "mujoco_warp", "warp"}

# Drawing is MuJoCo's, and needs the compiled model: these files alone above isaacgym reach behind the Gym, through the
# `sim` of a task. The benchmarks compare with the raw engine, so they do too.
DRAWING = [f"learning.{name}" for name in ("poses", "scenery", "render", "shapes", "view.window", "view.chart")]
DOOR = [*DRAWING, "benchmarks"]
BEHIND_THE_GYM = {"backend", "layout"}  # attributes of a Sim

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


class Import(NamedTuple):
    """`module` names another at this line."""

    file: Path
    line: int
    module: str
    name: str


def sources() -> list[Path]:
    """Every source file of the project but the tests."""
    packages = [path.parent for path in ROOT.glob("*/*.py")]
    folders = {path for path in packages if path.name.isidentifier() and path.name != "tests"}
    return sorted([*ROOT.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))])


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path, text: str | None = None) -> Iterator[Import]:
    """Every import of a file, inside functions too, with its absolute name."""
    module = module_of(file)
    package = module if file.stem == "__init__" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text() if text is None else text)):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, module, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *filter(None, [base])])
            yield from (Import(file, node.lineno, module, f"{base}.{alias.name}") for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def layer(module: str) -> int:
    """Its place in LAYERS; what is in none of them stands above all."""
    return next((i for i, name in enumerate(LAYERS) if within(module, name)), len(LAYERS))


def objection(one: Import) -> str | None:
    """Why this import is not allowed."""
    own, other = layer(one.module), layer(one.name)
    top = one.name.partition(".")[0]
    a_door = any(within(one.module, door) for door in DOOR)
    if top in ENGINES and not (own == 0 or a_door):
        return "only isaacgym._src and what draws know the engine"
    if top in {"train", "play", "evaluate", "plot", "benchmarks", "tests"} and not within(one.module, top):
        return "nothing imports what is run"
    if other < len(LAYERS) and other > own:
        return f"{LAYERS[other]} stands above {LAYERS[own]}"
    if other == 0 and own > 1 and not a_door:
        return "isaacgym._src is private to isaacgym"
    known = top in {"torch", *sys.stdlib_module_names} or within(one.name, "tasks.mdp")
    if within(one.module, "tasks.mdp") and not known:
        return "tasks.mdp holds functions of tensors and imports torch only"
    if within(one.module, "deploy") and top in {"torch", "isaacgym", "tasks", "learning"}:
        return "deploy runs on the robot and stands alone"
    return None


def test_every_import_points_one_way() -> None:
    found = [
        f"{one.file.relative_to(ROOT)}:{one.line} imports {one.name}: {why}"
        for file in sources()
        for one in imports(file)
        if (why := objection(one))
    ]
    assert found == []


def test_the_layers_are_there_to_be_checked() -> None:
    seen = {layer(module_of(file)) for file in sources()}
    assert seen == set(range(len(LAYERS) + 1))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tasks/ant.py", "import mujoco"),
        ("isaacgym/gymapi.py", "import mujoco.batch"),
        ("tasks/ant.py", "from isaacgym._src.sim import Sim"),
        ("tasks/ant.py", "from isaacgym import _src"),
        ("tasks/ant.py", "def f():\n    import learning.train"),
        ("isaacgym/_src/sim.py", "from tasks.mdp import frames"),
        ("isaacgym/_src/sim.py", "from isaacgym import gymapi"),
        ("learning/train.py", "import train"),
        ("learning/plot.py", "import plot"),
        ("learning/train.py", "from tests.composed import task_config"),
        ("tasks/mdp/frames.py", "import numpy"),
        ("tasks/mdp/frames.py", "from tasks.base.task import Task"),
        ("tasks/mdp/frames.py", "from ..base import task"),
        ("learning/play.py", "import mujoco"),
    ],
)
def test_an_arrow_that_points_back_is_seen(file: str, text: str) -> None:
    assert [objection(one) for one in imports(ROOT / file, text)] != [None]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("isaacgym/_src/scene.py", "import mujoco"),
        ("isaacgym/gymapi.py", "from isaacgym._src.sim import Sim"),
        ("tasks/base/task.py", "from isaacgym import gymapi"),
        ("tasks/mdp/walking.py", "from . import frames"),
        ("learning/render.py", "import mujoco"),
        ("train.py", "from learning.train import train"),
    ],
)
def test_an_arrow_that_points_forward_is_let_be(file: str, text: str) -> None:
    assert [objection(one) for one in imports(ROOT / file, text)] == [None]


def test_only_the_door_reaches_behind_the_gym() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno} reads .{node.attr}"
        for file in sources()
        if layer(module_of(file)) > 1 and not any(within(module_of(file), door) for door in DOOR)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in BEHIND_THE_GYM
    ]
    assert found == []


def test_every_file_is_named_by_its_subject() -> None:
    assert [str(file.relative_to(ROOT)) for file in sources() if file.stem in NAMELESS] == []


def test_every_file_says_its_subject_first() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in sources()
        if file.stat().st_size and not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert silent == []
