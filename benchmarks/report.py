"""Turns records into a table and a plot: python -m benchmarks.report docs/benchmarks/*.json.

Replaces what stands between the two marks in docs/benchmarks.md, and draws docs/benchmarks.svg beside it;
`page=<file>.md` names another page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.plot import Panel, svg
from tasks.base.config import ConfigError

PAGE = Path(__file__).resolve().parents[1] / "docs/benchmarks.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
LAYERS = {
    "physics": "physics alone",
    "env_step": "env step",
    "inference": "with the policy",
    "training": "with training",
}
COLUMNS = ["task", "environments", *LAYERS.values(), "env step / physics", "GPU memory", "first step"]
PACKAGES = ("torch", "mujoco", "mujoco-warp", "warp-lang")


class Sheet(NamedTuple):
    """All runs on one machine, by task and size."""

    machine: dict[str, Any]
    runs: list[dict[str, Any]]


def main(argv: list[str]) -> None:
    """Write the page and the plot from the files in `argv`."""
    page = next((Path(arg.partition("=")[2]) for arg in argv if arg.startswith("page=")), PAGE)
    sheets = read([Path(arg) for arg in argv if not arg.startswith("page=")])
    picture = page.with_suffix(".svg")
    picture.write_text(svg(panels(sheets), "environments", "env-steps per second"))
    page.write_text(filled(page, [f"![Env-steps per second over environments]({picture.name})", *tables(sheets)]))
    print(f"{page.name} and {picture.name}: {sum(len(sheet.runs) for sheet in sheets)} runs")


def read(paths: list[Path]) -> list[Sheet]:
    """The records of the files, those of one machine together."""
    if not paths:
        raise ConfigError("benchmarks.report", ["no files given; name some, such as docs/benchmarks/*.json"])
    sheets: dict[str, Sheet] = {}
    for path in paths:
        try:
            found = json.loads(path.read_text())
            machine, runs = found["machine"], found["runs"]
            name = json.dumps({key: machine[key] for key in ("gpu", "driver", "cpu", "cores", "versions")})
        except (OSError, ValueError, KeyError, TypeError) as error:
            fault = f"{path}: not a file of benchmarks.throughput ({type(error).__name__}: {error})"
            raise ConfigError("benchmarks.report", [fault]) from error
        sheets.setdefault(name, Sheet(machine, [])).runs.extend(runs)
    for sheet in sheets.values():
        sheet.runs.sort(key=lambda run: (run["task"], run["engine"], run["num_envs"]))
    return list(sheets.values())


def panels(sheets: list[Sheet]) -> list[Panel]:
    """One panel for each task, engine and machine."""
    found: dict[str, Panel] = {}
    for sheet in sheets:
        for run in sheet.runs:
            title = f"{run['task']}, {_engine(run)}, {_processor(sheet.machine, run)}"
            panel = found.setdefault(title, Panel(title, {name: [] for name in LAYERS.values()}))
            for layer, name in LAYERS.items():
                panel.curves[name].append((run["num_envs"], run["env_steps_per_second"][layer]))
    return list(found.values())


def tables(sheets: list[Sheet]) -> list[str]:
    """A heading, a table and the settings for each machine, as Markdown blocks."""
    return [block for sheet in sheets for block in _section(sheet)]


def filled(page: Path, blocks: list[str]) -> str:
    """The text of `page` with `blocks` between its marks."""
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ConfigError("benchmarks.report", [f"{page}: needs the lines '{BEGIN}' and '{END}'"])
    return "\n\n".join([before + BEGIN, *blocks, END + after])


def _section(sheet: Sheet) -> Iterable[str]:
    machine, versions = sheet.machine, sheet.machine["versions"]
    cpu = f"{machine['cores']} cores of {machine['cpu']}"
    yield f"## {machine['gpu'] or cpu}"
    driver = [f"driver {machine['driver']}, CUDA {machine['cuda']}", cpu] if machine["gpu"] else []
    packages = [f"{name} {versions[name]}" for name in PACKAGES if name in versions]
    yield "; ".join([*driver, ", ".join(packages), f"measured on {machine['measured']}"]) + "."
    head = [_line(COLUMNS), _line(["---", *["---:"] * (len(COLUMNS) - 1)])]
    yield "\n".join([*head, *(_line(_row(run)) for run in sheet.runs)])
    yield "\n".join(_settings(sheet.runs))
    yield from _reservations(sheet.runs)


def _row(run: dict[str, Any]) -> list[str]:
    rates = [f"{run['env_steps_per_second'][layer]:,}" for layer in LAYERS]
    memory = "" if run["gpu_mib"] is None else f"{run['gpu_mib'] / 1024:.1f} GiB"
    caches = run["kernel_caches"]["state"]
    first = f"{run['start_seconds']['first_step']:.1f} s" + (f", {caches}" if caches else "")
    return [run["task"], f"{run['num_envs']:,}", *rates, f"{run['env_step_over_physics']:.2f}", memory, first]


def _settings(runs: list[dict[str, Any]]) -> Iterable[str]:
    """What a step and an epoch are made of, a line for each task and engine."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in runs:
        groups.setdefault((run["task"], _engine(run)), []).append(run)
    for (task, engine), group in groups.items():
        sim, ppo = group[0]["simulation"], group[0]["ppo"]
        sizes = sorted({run["ppo"]["minibatch_size"] for run in group})
        minibatch = " to ".join(f"{size:,}" for size in dict.fromkeys((sizes[0], sizes[-1])))
        steps = f"{sim['decimation'] * sim['substeps']} solver steps of {sim['dt'] / sim['substeps'] * 1e3:.3g} ms"
        yield (
            f"- {task}: {engine}, {steps}, {sim['solver']} with {sim['iterations']} iterations, {sim['cone']} cones; "
            f"PPO with {ppo['horizon_length']} steps, {ppo['mini_epochs']} mini-epochs, minibatches of {minibatch}, "
            f"layers of {', '.join(map(str, ppo['units'] or []))}."
        )


def _reservations(runs: list[dict[str, Any]]) -> Iterable[str]:
    """What a reader must know before he trusts a row."""
    for run in runs:
        who = f"{run['task']} with {run['num_envs']:,} environments"
        if run["engine"] == "warp" and run["device"] != "cpu" and not run["captured"]:
            yield f"{who}: the step was not captured in a CUDA graph."
        faults = [f"{count} x {name}" for name, count in run["faults"].items() if count]
        if faults:
            yield f"{who}: the engine counted {', '.join(faults)}."


def _engine(run: dict[str, Any]) -> str:
    return {"warp": "MuJoCo Warp", "mujoco": "MuJoCo"}[run["engine"]]


def _processor(machine: dict[str, Any], run: dict[str, Any]) -> str:
    return machine["gpu"] if run["device"] != "cpu" else f"{machine['cores']} CPU cores"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ConfigError as error:
        raise SystemExit(str(error)) from None
