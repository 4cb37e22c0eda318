"""Actor indices out of range: met by a setter's kernel, said on the host, which does not wait for the device."""

from __future__ import annotations

import torch

NO_INDEX = -(2**31)


class IndexFaults:
    """What the setters of a simulation of `rows` actors were given. A CPU refuses the whole call; a GPU leaves such
    an actor out, and the next setter or `simulate` after its kernel has run says so.
    """

    def __init__(self, rows: int, device: torch.device) -> None:
        self._rows, self.said_later = rows, device.type == "cuda"
        self.found = torch.full((1,), NO_INDEX, dtype=torch.int32, pin_memory=self.said_later)  # kernels write here
        self._found = self.found.numpy()

    def check(self, method: str) -> None:
        """Raise an IndexError where an index was out of range since this was asked."""
        if torch.compiler.is_compiling() or self._found[0] == NO_INDEX:
            return
        index, self._found[0] = int(self._found[0]), NO_INDEX
        whose = " to a setter, which left that actor out" if self.said_later else ""
        raise IndexError(
            f"{method}: actor indices go from 0 to {self._rows - 1} (get_actor_index with DOMAIN_SIM), "
            f"given {index}{whose}"
        )
