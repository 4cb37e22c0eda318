"""What a browser gets of play.py's page: python -m benchmarks.page checkpoint=runs/<run> [num_envs=16 ...].

Prints how long after the command the first picture is there, and how many follow in a second. The browser is a stand-in
that reads everything and draws nothing.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.page_client import entered

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 10.0  # that pictures are counted for


def main(overrides: list[str]) -> None:
    """Play with these overrides, and print the two figures."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "play.py"), "viewer=web", f"web_port={port}", *overrides]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            with entered(f"http://localhost:{port}", lambda: process.poll() is not None) as browser:
                browser.wait_for(browser.moved, seconds=60.0)
                first = browser.frames[0] - begin
                time.sleep(SECONDS)
                later = [moment for moment in browser.frames if moment > browser.frames[-1] - SECONDS]
        finally:
            process.terminate()
    gaps = sorted(after - before for before, after in zip(later, later[1:], strict=False))
    print(f"first picture after {first:.1f} s")
    print(f"{len(later) / SECONDS:.1f} pictures/s, longest wait for one {1000 * gaps[-1]:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
