"""play.py's page in a real browser: it loads, shows robots that move, and its buttons act.

Needs `pip install playwright` and a Chromium of the machine, or Playwright's own; skipped where they are missing.
"""

from __future__ import annotations

import io
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SOFTWARE = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SCENE = {"x": 0, "y": 200, "width": 900, "height": 500}  # of the page, without panel and notices [pixels]


@pytest.fixture
def page() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SOFTWARE)
        except sync_api.Error as error:
            pytest.skip(str(error))
        yield browser.new_page(viewport={"width": 1280, "height": 720})
        browser.close()


@pytest.fixture
def play(tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """play.py with the page of a hardly trained Ant, and the page's address."""
    sizes = ("num_envs=8", "train.params.config.minibatch_size=128", "max_iterations=1", "experiment=one")
    subprocess.run([sys.executable, str(ROOT / "train.py"), "task=Ant", *sizes], cwd=tmp_path, check=True)
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-u", str(ROOT / "play.py"), "viewer=web", f"web_port={port}", "num_envs=9"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        yield process, f"http://localhost:{port}"
        process.kill()


def scene(page: Any) -> np.ndarray:
    """The part of the page that shows robots, (H, W, 3)."""
    shot = page.screenshot(clip=SCENE, timeout=60_000)
    return iio.imread(io.BytesIO(shot))[..., :3].astype(int)


def moved(page: Any, seconds: float) -> int:
    """How many pixels change in so many seconds."""
    before = scene(page)
    time.sleep(seconds)
    return int((np.abs(scene(page) - before).max(-1) > 30).sum())


def line(process: subprocess.Popen, holding: str) -> str:
    """The next line of its output with these words."""
    assert process.stdout is not None
    return next(said for said in process.stdout if holding in said)


def test_a_browser_shows_moving_robots_and_its_buttons_act(page: Any, play: tuple[subprocess.Popen, str]) -> None:
    process, url = play
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    assert url in line(process, "watch it at")
    page.goto(url)
    page.get_by_text("Reward terms").wait_for(timeout=60_000)
    line(process, "a browser shows the page")
    assert moved(page, 1.0) > 200
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for(timeout=30_000)
    time.sleep(2.0)
    assert moved(page, 1.0) < 20
    still = scene(page)
    page.get_by_role("button", name="Reset").click()
    time.sleep(3.0)
    assert (np.abs(scene(page) - still).max(-1) > 30).sum() > 200
    assert errors == []
    page.close()
    assert f"the page was closed; open {url} again" in line(process, "closed")
    process.send_signal(signal.SIGINT)
    assert line(process, "episodes have ended")
    assert process.wait(timeout=30) == 0
