"""What is wrong with an asset's files, said with the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class AssetError(ValueError):
    """An asset file that is missing, malformed, or uses what the engine cannot simulate."""


@contextmanager
def parser_faults(source: str, doing: str) -> Iterator[None]:
    """What MuJoCo refuses inside the block is raised as a fault of the file `source`."""
    try:
        yield
    except AssetError:
        raise
    except ValueError as error:
        raise AssetError(f"{source}: MuJoCo cannot {doing}: {' '.join(str(error).split())}") from None
