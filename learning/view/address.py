"""Where a page is served, and what is wrong with an address, before anything is simulated."""

from __future__ import annotations

import errno
import socket

HIGHEST = 2**16 - 1  # port
ADVICE = "use localhost, or 0.0.0.0 where other machines may look"


def port_faults(host: str, port: int) -> list[str]:
    """What keeps a page from being served there, one line at most; port 0 is any free one."""
    if not 0 <= port <= HIGHEST:
        return [f"web_port: {port}; must be between 0 and {HIGHEST}"]
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return [f"web_host: '{host}' is unknown ({error.strerror}); {ADVICE}"]
    numbers = [_trial(family, address) for family, _, _, _, address in addresses]
    if errno.EADDRINUSE in numbers or errno.EACCES in numbers:
        return [taken(port)]
    return [] if 0 in numbers else [f"web_host: '{host}' is not this machine; {ADVICE}"]


def taken(port: int) -> str:
    """The fault of a port that another program has."""
    other = port + 1 if 1024 <= port < HIGHEST else 8081
    return f"web_port: {port} is in use, or not for you to use; another one may do, such as web_port={other}"


def _trial(family: int, address: tuple) -> int:
    """The number of the error that comes of listening there, or 0."""
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
            trial.listen()
        except OSError as error:
            return error.errno or errno.EIO
    return 0
