"""plot.py: what it reads from TensorBoard files, which runs belong together, what it draws and says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from tensorboardX import SummaryWriter

from learning.plot import plot
from learning.plot_curves import RATE, Curve, PlotError, read_curves, smoothed
from learning.plot_groups import band, grouped, record
from learning.scalars import open_writer

ROOT = Path(__file__).parents[2]
CONFIG = {"seed": 1, "experiment": None, "num_envs": 8, "task": {"name": "Ant", "power": 1.0}, "train": {"gamma": 0.99}}
EPOCH = 100  # env-steps


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(
    folder: Path, rewards: list[float], begins: int = 0, clock: float = 1000.0, epoch: float = 2.0, rate: bool = True
) -> None:
    """A process that trains an epoch every `epoch` seconds, and has done so for one when it writes the first point."""
    writer = open_writer(folder, begins)
    for i, reward in enumerate(rewards, start=1):
        step, time = begins + i * EPOCH, clock + i * epoch
        writer.add_scalar("rewards/step", reward, step, time)
        writer.add_scalar("losses/kl", 0.1, step, time)
        if rate:
            writer.add_scalar(RATE, EPOCH / epoch, step, time)
    writer.close()


def run(name: str, rewards: list[float], epoch: float = 2.0, **changes: Any) -> Path:
    """A run in runs/ whose config has these changes."""
    folder = Path("runs") / name
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG | changes))
    write(folder / "summaries", rewards, epoch=epoch)
    return folder


def complaint(*args: str) -> str:
    with pytest.raises(PlotError) as caught:
        plot(args)
    return str(caught.value)


# What is read.


def test_a_curve_is_over_env_steps_and_seconds_of_training() -> None:
    write(Path("events"), [1.0, 2.0, 4.0])
    curve = read_curves(Path("events"))["rewards/step"]
    assert curve.steps.tolist() == [100, 200, 300]
    assert curve.seconds.tolist() == pytest.approx([2.0, 4.0, 6.0])
    assert curve.values.tolist() == [1.0, 2.0, 4.0]


def test_a_resumed_run_counts_on_and_forgets_what_it_took_back() -> None:
    write(Path("events"), [1.0, 2.0, 3.0, 9.0], clock=1000.0)
    write(Path("events"), [4.0, 5.0], begins=300, clock=5000.0, epoch=3.0)
    curve = read_curves(Path("events"))["rewards/step"]
    assert curve.steps.tolist() == [100, 200, 300, 400, 500]
    assert curve.values.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert curve.seconds.tolist() == pytest.approx([2.0, 4.0, 6.0, 9.0, 12.0])


def test_where_no_rate_is_noted_time_counts_from_the_opening_of_the_file() -> None:
    writer = SummaryWriter("events")
    opened = next(Path("events").iterdir()).stat().st_mtime
    writer.add_scalar("loss", 1.0, 1, opened + 10.0)
    writer.close()
    assert read_curves(Path("events"))["loss"].seconds.tolist() == pytest.approx([10.0], abs=1.0)


def test_a_file_that_breaks_off_is_read_to_there() -> None:
    write(Path("events"), [float(i) for i in range(50)])
    (file,) = Path("events").iterdir()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert 15 < len(read_curves(Path("events"))["rewards/step"].values) < 35


def test_smoothing_is_tensorboards() -> None:
    curve = Curve(np.arange(3.0), np.arange(3.0), np.array([1.0, 2.0, 4.0]))
    assert smoothed(curve, 0.0) is curve
    # (0.5 * 1 + 2) / 1.5 and (0.25 * 1 + 0.5 * 2 + 4) / 1.75
    assert smoothed(curve, 0.5).values.tolist() == pytest.approx([1.0, 5.0 / 3.0, 3.0])


# Which runs belong together.


def test_seeds_of_a_config_belong_together_and_other_configs_are_named_by_what_differs() -> None:
    run("a1", [1.0, 2.0])
    run("a2", [2.0, 4.0], seed=2, experiment="a2")
    run("b", [5.0, 6.0], num_envs=16)
    run("h", [7.0, 8.0], task={"name": "Humanoid", "power": 2.0})
    groups = grouped([record(f"runs/{name}") for name in ("a1", "b", "a2", "h")])
    assert [group.name for group in groups] == ["Ant num_envs=8 (2 seeds)", "Ant num_envs=16", "h"]
    assert [[member.folder.name for member in group.members] for group in groups] == [["a1", "a2"], ["b"], ["h"]]
    each = grouped([record("a1"), record("a2")], each=True)
    assert [group.name for group in each] == ["a1", "a2"]


def test_a_config_that_differs_in_much_is_named_by_its_run() -> None:
    run("a", [1.0])
    run("b", [1.0], num_envs=9, task={"name": "Ant", "power": 2.0, "mass": 1.0}, train={"gamma": 0.9})
    assert [group.name for group in grouped([record("a"), record("b")])] == ["a", "b"]


def test_the_mean_reaches_as_far_as_every_seed() -> None:
    one = Curve(np.array([0.0, 100.0]), np.array([0.0, 1.0]), np.array([0.0, 10.0]))
    other = Curve(np.array([0.0, 50.0]), np.array([0.0, 1.0]), np.array([2.0, 7.0]))
    found = band([one, other], "steps")
    assert (found.x[0], found.x[-1]) == (0.0, 50.0)
    assert (found.mean[0], found.mean[-1]) == (1.0, 6.0)
    assert found.deviation is not None
    assert found.deviation[-1] == pytest.approx(np.std([5.0, 7.0], ddof=1))
    assert band([one], "seconds").deviation is None
    far = Curve(np.array([200.0, 300.0]), np.array([0.0, 1.0]), np.array([0.0, 10.0]))
    with pytest.raises(PlotError, match="no steps in common .* --each"):
        band([one, far], "steps")


# What is drawn and said.


def test_a_picture_has_a_row_for_each_tag_and_lies_beside_the_runs(capsys: pytest.CaptureFixture[str]) -> None:
    run("a1", [1.0, 2.0])
    run("a2", [2.0, 4.0], seed=2)
    assert plot(["runs/a1", "runs/a2/"]) == Path("runs/curves.png")
    said = capsys.readouterr().out
    assert "Ant (2 seeds)" in said
    assert "3 ± 1.41" in said
    assert "Curves: runs/curves.png" in said
    small = Image.open("runs/curves.png").size
    assert plot(["a1", "--tags", "rewards/step", "losses/*"]) == Path("runs/a1/curves.png")
    large = Image.open("runs/a1/curves.png").size
    assert large[0] == small[0]
    assert large[1] == pytest.approx(2 * small[1], abs=2)


def test_a_picture_shows_what_it_is_of() -> None:
    run("a1", [1.0, 2.0])
    run("b", [5.0, 6.0], num_envs=16)
    plot(["a1", "b", "--output", "there/all.svg", "--over", "seconds", "--smooth", "0.5"])
    drawn = Path("there/all.svg").read_text()
    for text in ("rewards/step", "seconds of training", "Ant num_envs=8", "Ant num_envs=16"):
        assert text in drawn
    assert "env-steps" not in drawn


def test_tags_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run("a1", [1.0])
    assert plot(["a1", "--list"]) is None
    assert capsys.readouterr().out.split() == ["losses/kl", RATE, "rewards/step"]


def test_a_folder_that_is_no_run_of_ours_is_drawn_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    write(Path("elsewhere"), [1.0, 2.0], rate=False)
    plot(["elsewhere"])
    assert "elsewhere" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["nowhere"], "plot.py: no folder 'nowhere'; the newest runs are runs/"),
        (["runs/bare"], "no TensorBoard file in 'runs/bare' or its summaries/; a run writes one in its first epoch"),
        (["broken"], "no curve can be read from 'runs/broken/summaries': its files are empty or damaged"),
        (["a1", "--tags", "reward"], "--tags: no curve 'reward'; there are losses/kl, performance/"),
        (["a1", "--output", "a.gifx"], "--output: 'a.gifx' ends in no picture format; use .png, .svg or .pdf"),
        (["a1", "--output", "runs/a1/config.yaml/a.png"], "cannot be written"),
        (["a1", "--smooth", "1"], "--smooth: given 1; must be from 0"),
    ],
)
def test_a_wrong_command_line_says_what_would_do(args: list[str], fault: str) -> None:
    run("a1", [1.0, 2.0])
    Path("runs/bare").mkdir()
    (run("broken", [1.0]) / "summaries").rename("runs/broken/old")
    Path("runs/broken/summaries").mkdir()
    Path("runs/broken/summaries/events.out.tfevents.1.x").write_bytes(b"no events at all")
    assert fault in complaint(*args)


def test_from_the_shell_a_mistake_is_one_message_and_help_names_the_options() -> None:
    command = [sys.executable, str(ROOT / "plot.py")]
    wrong = subprocess.run([*command, "nowhere"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("plot.py: no folder 'nowhere'; there are no runs in runs/ yet")
    told = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False)
    assert told.returncode == 0
    for option in ("--tags", "--over", "--each", "--smooth", "--output", "--list"):
        assert option in told.stdout
