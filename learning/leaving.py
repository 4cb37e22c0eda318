"""The end of a process that cannot go on: one message, whether one process trains or several."""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Iterator
from typing import NoReturn

from learning.commandline import WRONG_USE
from learning.launch import launched

__all__ = ["ERROR", "INTERRUPTED", "WRONG_USE", "first_speaks", "leave"]

ERROR = 1
INTERRUPTED = 130  # exit status, as a shell reports a process that Ctrl-C ended

# torchrun ends the others when one process has ended. The first one must be that one, or it is cut off while it speaks.
WAIT = 10.0  # [s]


def leave(message: object, status: int) -> NoReturn:
    """Say `message` and exit; of several processes that all come here the first one speaks."""
    sys.stdout.flush()
    if _first():
        print(message, file=sys.stderr)
    else:
        time.sleep(WAIT)
    raise SystemExit(status)


@contextlib.contextmanager
def first_speaks() -> Iterator[None]:
    """Around what every process of a training run says before it exits, so that it is said once."""
    if _first():
        yield
        return
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    except SystemExit:
        time.sleep(WAIT)
        raise


def _first() -> bool:
    place = launched()
    return place is None or place.rank == 0
