"""The command line: two spellings of an override, and everything wrong with them said at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from hydra._internal.utils import get_args_parser

from learning.overrides import override_faults, with_task_of_checkpoint
from learning.settings import SWITCHES
from tasks.base.config import ConfigError

WRONG_USE = 2  # exit status


def prepare(argv: Sequence[str]) -> list[str]:
    """`argv` in Hydra's spelling; exits with everything that is wrong with it, if something is."""
    args = hydra_spelling(argv)
    given = get_args_parser().parse_args(args)
    if given.help or given.hydra_help or given.info or given.shell_completion:
        return args
    added = with_task_of_checkpoint(given.overrides)
    found = override_faults(added, given.config_dir, bool(given.multirun), only_names=bool(given.cfg))
    if found:
        fail(ConfigError("train.py", found))
    return args + added[len(given.overrides) :]


def fail(error: Exception, status: int = WRONG_USE) -> NoReturn:
    """Say what was wrong and exit."""
    sys.stdout.flush()
    print(error, file=sys.stderr)
    raise SystemExit(status)


def hydra_spelling(argv: Sequence[str]) -> list[str]:
    """`--task=Ant`, `--task Ant` and `--headless` as `task=Ant` and `headless=true`; Hydra's own flags first.

    Hydra wants all overrides in one piece, which nobody who adds a flag at the end of a command expects.
    """
    flags = {flag for action in get_args_parser()._actions for flag in action.option_strings}
    out, rest = [], list(argv)
    while rest:
        arg = rest.pop(0)
        name, equals, value = arg.partition("=")
        if not name.startswith("--") or name in flags:
            out.append(arg)
        elif equals:
            out.append(f"{name[2:]}={value}")
        elif rest and "=" not in rest[0] and not rest[0].startswith("-") and not _switch_alone(name, rest[0]):
            out.append(f"{name[2:]}={rest.pop(0)}")
        else:
            out.append(f"{name[2:]}={'true' if name[2:] in SWITCHES else ''}")
    return sorted(out, key=_is_override)


def _is_override(arg: str) -> bool:
    return not arg.startswith("-") and ("=" in arg or arg[0] in "+~")


def _switch_alone(name: str, following: str) -> bool:
    return name[2:] in SWITCHES and following.lower() not in ("true", "false")
