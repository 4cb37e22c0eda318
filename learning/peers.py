"""The other processes of a training run on this machine, and the end of this one when one of them dies.

A process that waits for a dead one inside a collective can wait for minutes, and on a GPU it cannot even be asked
to stop. So a thread looks after the others, and ends this process as soon as one of them is gone.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

INTERVAL = 0.2  # between two looks [s]
PATIENCE = 5.0  # how long after a failed collective a peer may still turn out to be dead [s]
STATUS = 1  # exit status of a process whose peer has died


class Address(NamedTuple):
    """Where a process is to be found."""

    host: str
    pid: int


class Peers:
    """Ends this process, with one line from the first survivor, when one of `addresses` (by rank) is gone."""

    def __init__(self, rank: int, addresses: Sequence[Address]) -> None:
        self.rank, self.addresses = rank, list(addresses)
        self._host = addresses[rank].host
        self._forgotten = threading.Event()
        threading.Thread(target=self._watch, name="peers", daemon=True).start()

    @staticmethod
    def here() -> Address:
        """This process's address."""
        return Address(socket.gethostname(), os.getpid())

    def forget(self) -> None:
        """The others may go."""
        self._forgotten.set()

    def dead(self) -> list[int]:
        """The ranks of the processes that are gone; those on other machines are not seen."""
        return [r for r, (host, pid) in enumerate(self.addresses) if host == self._host and not _alive(pid)]

    @contextlib.contextmanager
    def needed(self) -> Iterator[None]:
        """Around a collective: where it fails because a process died, that is what the user hears."""
        try:
            yield
        except RuntimeError:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and not self._forgotten.is_set():
                self.end_if_dead()
                time.sleep(0.1)
            raise

    def _watch(self) -> None:
        while not self._forgotten.wait(INTERVAL):
            self.end_if_dead()

    def end_if_dead(self) -> None:
        """End this process if another one is gone."""
        dead = self.dead()
        if not dead or self._forgotten.is_set():
            return
        survivors = set(range(len(self.addresses))) - set(dead)
        if self.rank == min(survivors):
            who = ", ".join(map(str, dead))
            print(
                f"train.py: process {who} of {len(self.addresses)} has ended, so the others end too; what the last "
                "checkpoint holds is kept",
                file=sys.stderr,
                flush=True,
            )
        os._exit(STATUS)  # the main thread may be waiting in a collective for ever


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _ended(pid)


def _ended(pid: int) -> bool:
    """Whether the process is dead and only waits for its parent to notice, where the system tells."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
