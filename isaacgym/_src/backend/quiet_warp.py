"""Warp, started without a word: neither a machine without a GPU nor a compiled kernel is worth one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import warp as wp

__all__ = ["wp"]


@contextmanager
def _stderr_closed() -> Iterator[None]:
    """Warp's C++ writes to the process's stderr that it found no driver, whatever its log level."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


wp.config.log_level = wp.LOG_ERROR
with _stderr_closed():
    wp.init()
wp.config.log_level = wp.LOG_WARNING
