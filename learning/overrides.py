"""What is wrong with the overrides on a command line, found by composing the config without Hydra's main."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from learning import runs
from learning.check import config_faults
from learning.resume import with_config_of_checkpoint
from tasks.base.config import ConfigError

CFG = Path(__file__).resolve().parents[1] / "cfg"
GROUPS = ("task", "train")
SHARED = "base"  # a file of a group that is no choice
MOST_JOBS = 64  # of a sweep, that are looked at before the first one runs


def override_faults(
    overrides: Sequence[str], config_dir: str | None = None, multirun: bool = False, only_names: bool = False
) -> list[str]:
    """Everything wrong with the overrides, one line each; `only_names` leaves out what needs the composed config."""
    parsed, found = parse(overrides)
    folders = [CFG, *([Path(config_dir).resolve()] if config_dir else []), *_search_paths(parsed)]
    if not multirun:
        sweeps = [o for o in parsed if o.is_sweep_override()]
        found += [f"{o.input_line}: several values; a sweep needs --multirun" for o in sweeps]
        parsed = [o for o in parsed if not o.is_sweep_override()]
    with initialize_config_dir(str(CFG), version_base="1.3"):
        for job in itertools.islice(_jobs(parsed), MOST_JOBS):
            found += _job_faults(job, folders, only_names)
    return list(dict.fromkeys(found))


def with_task_of_checkpoint(overrides: Sequence[str]) -> list[str]:
    """The overrides, with `task=<that of the run>` at their end where a checkpoint is given and no task."""
    parsed, _ = parse(overrides)
    values = {o.key_or_group: o.value() for o in parsed if not o.is_sweep_override() and not o.is_delete()}
    spec = values.get("checkpoint")
    if "task" in values or not isinstance(spec, str) or spec == runs.LATEST:
        return list(overrides)
    try:
        run = runs.holding(runs.find_checkpoint(spec, ""))
    except ConfigError:
        return list(overrides)
    return [*overrides, f"task={run.task}"] if run else list(overrides)


def _job_faults(overrides: list[str], folders: list[Path], only_names: bool) -> list[str]:
    parsed, _ = parse(overrides)
    groups, found = _known_choices([o for o in parsed if o.key_or_group in GROUPS], folders)
    values = [o for o in parsed if o.key_or_group not in GROUPS]
    if found:  # the keys of an unknown task are unknown as well
        values = [o for o in values if o.key_or_group.split(".")[0] not in GROUPS]
    search = f"hydra.searchpath=[{','.join(f'file://{folder}' for folder in folders[1:])}]"
    values = [o for o in values if o.key_or_group != "hydra.searchpath"]
    try:
        base = compose("config", [search, *groups])
    except HydraException as error:
        return [*found, _first_line(error)]
    known, unknown = known_keys(values, base)
    found += unknown
    try:
        config = compose("config", [search, *groups, *(o.input_line or "" for o in known)])
        if only_names:
            return found
        return found + config_faults(with_config_of_checkpoint(config, [*groups, *overrides]))
    except (HydraException, OmegaConfBaseException) as error:
        return [*found, _first_line(error)]
    except ConfigError as error:
        return found + error.faults


def parse(overrides: Sequence[str]) -> tuple[list[Override], list[str]]:
    """The overrides as Hydra reads them, and what is wrong with those that it cannot."""
    parser, parsed, found = OverridesParser.create(), [], []
    for line in overrides:
        try:
            parsed.append(parser.parse_override(line))
        except HydraException:
            found.append(f"{line}: not an override; write key=value, and quote values with spaces or signs")
    return parsed, found


def _jobs(parsed: list[Override]) -> Iterator[list[str]]:
    """The overrides of each job of a sweep; of the one job, where nothing is swept."""
    choices = [
        [f"{o.get_key_element()}={value}" for value in o.sweep_string_iterator()]
        if o.is_sweep_override()
        else [o.input_line or ""]
        for o in parsed
    ]
    return (list(job) for job in itertools.product(*choices))


def _search_paths(parsed: list[Override]) -> list[Path]:
    given = [o.value() for o in parsed if o.key_or_group == "hydra.searchpath"]
    paths = [str(path) for value in given if isinstance(value, list) for path in value]
    return [Path(path.removeprefix("file://")).resolve() for path in paths if "pkg://" not in path]


def _known_choices(groups: list[Override], folders: list[Path]) -> tuple[list[str], list[str]]:
    """The group choices that exist, as overrides, and what is wrong with the others."""
    known, found = [], []
    for o in groups:
        options = sorted(p.stem for folder in folders for p in (folder / o.key_or_group).glob("*.yaml"))
        options = [option for option in dict.fromkeys(options) if option != SHARED]
        if str(o.value()) in options:
            known.append(o.input_line or "")
        else:
            near = difflib.get_close_matches(str(o.value()), options, n=3, cutoff=0.4)
            near += [option for option in options if option.lower() == str(o.value()).lower() and option not in near]
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(options)}"
            found.append(f"{o.key_or_group}: no {o.key_or_group} '{o.value()}'; {hint}")
    return known, found


def known_keys(values: list[Override], base: DictConfig) -> tuple[list[Override], list[str]]:
    """The overrides whose key exists in the config, and what is wrong with the others."""
    keys = list(_keys(OmegaConf.to_container(base, resolve=False)))
    known, found = [], []
    for o in values:
        key = o.key_or_group
        if o.is_add() or o.is_force_add() or key in keys or key.split(".")[0] == "hydra":
            known.append(o)
        else:
            found.append(f"{key}: no such key; {_nearest(key, keys)}")
    return known, found


def _keys(node: object, path: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield f"{path}{name}"
            yield from _keys(child, f"{path}{name}.")


def _nearest(key: str, keys: list[str]) -> str:
    """The existing key that was probably meant: by its last name, however it is written, or by its whole path."""

    def plain(name: str) -> str:
        return name.rpartition(".")[2].replace("_", "").replace("-", "").lower()

    near = [k for k in keys if plain(k) == plain(key)] or difflib.get_close_matches(key, keys, n=1)
    by_name = {plain(k): k for k in reversed(keys)}
    near = near or [by_name[n] for n in difflib.get_close_matches(plain(key), by_name, n=1)]
    return f"did you mean '{near[0]}'?" if near else "see python train.py --cfg job for all keys"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
