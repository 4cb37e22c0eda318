"""Env-steps per second, layer by layer: python -m benchmarks.throughput task=Ant num_envs=4096 sim_device=cuda:0.

Prints one JSON line a layer (see benchmarks/layers.py), then one with what else was found: start-up seconds, GPU
memory, settings. Each layer runs for about `seconds` in all (2 on a GPU, 10 on a CPU). `sizes=512,1024,2048` takes
these numbers of environments one after the other, each in a process of its own; `output=docs/benchmarks/<name>.json`
keeps everything in a file, which benchmarks.report reads. All other arguments are overrides of train.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from benchmarks.record import measured
from learning.commandline import WRONG_USE, fail, hydra_spelling, prepare
from tasks.base.config import ConfigError

CFG = Path(__file__).resolve().parents[1] / "cfg"
MINIBATCH = "train.params.config.minibatch_size"


class Options(NamedTuple):
    """What the command line says."""

    sizes: list[int]  # numbers of environments; empty: the one that the overrides mean
    seconds: float | None  # of each layer
    output: Path | None
    overrides: list[str]


def main(argv: list[str]) -> int:
    """Measure what `argv` says; the exit status."""
    options = parsed(argv)
    if options.sizes:
        return _several(options)
    machine, run = measured(composed(prepare(fitted(options.overrides))), options.seconds)
    for layer, rate in run["env_steps_per_second"].items():
        about = {key: run[key] for key in ("task", "num_envs", "device", "engine")}
        print(json.dumps({"layer": layer, "env_steps_per_second": rate, **about}))
    print(json.dumps(run))
    if options.output:
        _write(options.output, machine, [run])
    return 0


def parsed(argv: list[str]) -> Options:
    """Our own arguments, apart from the overrides."""
    own = {key: value for key, equals, value in (arg.partition("=") for arg in argv) if equals}
    overrides = [arg for arg in argv if arg.partition("=")[0] not in ("sizes", "seconds", "output")]
    sizes, seconds, found = own.get("sizes"), own.get("seconds"), []
    if sizes is not None and not all(size.isdecimal() and int(size) for size in sizes.split(",")):
        found.append(f"sizes: given '{sizes}'; needs numbers of environments, such as sizes=512,1024,2048")
    if seconds is not None and not _positive(seconds):
        found.append(f"seconds: given '{seconds}'; needs a number above 0, such as seconds=2")
    if found:
        raise ConfigError("benchmarks.throughput", found)
    return Options(
        [int(size) for size in sizes.split(",")] if sizes else [],
        float(seconds) if seconds else None,
        Path(own["output"]) if own.get("output") else None,
        overrides,
    )


def fitted(overrides: list[str]) -> list[str]:
    """The overrides, with the largest minibatch up to the configured one that divides the batch, if none is given."""
    if any(MINIBATCH in override for override in overrides):
        return overrides
    try:
        config = composed(hydra_spelling(overrides))
        batch = config.num_envs * config.train.params.config.horizon_length
        configured = config.train.params.config.minibatch_size
        parts = next(k for k in range(1, batch + 1) if batch % k == 0 and batch // k <= configured)
    except (HydraException, OmegaConfBaseException, TypeError, StopIteration):
        return overrides  # something is wrong with them, and `prepare` says what
    return overrides if batch // parts == configured else [*overrides, f"{MINIBATCH}={batch // parts}"]


def _several(options: Options) -> int:
    """Each size in its own process, so that its memory, caches and graphs are its own."""
    seconds = [f"seconds={options.seconds}"] if options.seconds else []
    runs: list[Any] = []
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            kept = Path(folder) / f"{size}.json"
            own = [f"num_envs={size}", *seconds, f"output={kept}"]
            status = subprocess.run(
                [sys.executable, "-m", "benchmarks.throughput", *options.overrides, *own]
            ).returncode
            if status == WRONG_USE:
                return status
            if not kept.exists():
                failed.append(size)
                continue
            one = json.loads(kept.read_text())
            runs += one["runs"]
            if options.output:
                _write(options.output, one["machine"], runs)
    if failed:
        print(f"benchmarks.throughput: no figures for num_envs={failed}; the errors are above", file=sys.stderr)
    return 1 if failed else 0


def composed(overrides: list[str]) -> DictConfig:
    """The config that the overrides mean."""
    with initialize_config_dir(str(CFG), version_base="1.3"):
        return compose("config", overrides)


def _write(path: Path, machine: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """One line a run, so that a file stays small and its changes readable."""
    lines = ",\n".join(f"    {json.dumps(run)}" for run in runs)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{\n  "machine": {json.dumps(machine)},\n  "runs": [\n{lines}\n  ]\n}}\n')


def _positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except ConfigError as error:
        fail(error)
