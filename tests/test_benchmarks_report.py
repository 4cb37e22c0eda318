"""The benchmark's page: tables and a plot from records, the same ones each time."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks import report, throughput
from tasks.base.config import ConfigError

PAGE = f"# Benchmarks\n\nWhat stands above.\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nWhat stands below.\n"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A measured record of 8 environments, and the same figures with twice as many."""
    path = tmp_path_factory.mktemp("records") / "cpu.json"
    throughput.main(
        ["task=Cartpole", "num_envs=8", "sim_device=cpu", "rl_device=cpu", "seconds=0.02", f"output={path}"]
    )
    found = json.loads(path.read_text())
    found["runs"].append({**found["runs"][0], "num_envs": 16})
    path.write_text(json.dumps(found))
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_the_page_is_the_same_each_time(records: Path, page: Path) -> None:
    report.main([str(records), f"page={page}"])
    first = page.read_text(), page.with_suffix(".svg").read_text()
    report.main([str(records), f"page={page}"])
    assert (page.read_text(), page.with_suffix(".svg").read_text()) == first


def test_the_table_has_a_row_for_each_run_between_the_marks(records: Path, page: Path) -> None:
    report.main([str(records), f"page={page}"])
    text = page.read_text()
    assert text.startswith("# Benchmarks\n\nWhat stands above.\n\n" + report.BEGIN)
    assert text.endswith(report.END + "\n\nWhat stands below.\n")
    assert "old" not in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| Cartpole")]
    assert [row[1] for row in rows] == ["8", "16"]
    rate = json.loads(records.read_text())["runs"][0]["env_steps_per_second"]["training"]
    assert rows[0][5] == f"{rate:,}"


def test_the_plot_has_a_curve_for_each_layer(records: Path, page: Path) -> None:
    report.main([str(records), f"page={page}"])
    drawing = ElementTree.parse(page.with_suffix(".svg")).getroot()
    curves = drawing.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(curves) == len(report.LAYERS)
    assert all(len(curve.attrib["points"].split()) == 2 for curve in curves)


def test_faults_and_steps_that_were_not_captured_are_said(records: Path, page: Path, tmp_path: Path) -> None:
    found = json.loads(records.read_text())
    found["machine"]["gpu"] = "A card"
    found["runs"][0] |= {"engine": "warp", "device": "cuda:0", "faults": {"contacts_dropped": 7}}
    (tmp_path / "gpu.json").write_text(json.dumps(found))
    report.main([str(tmp_path / "gpu.json"), f"page={page}"])
    assert "Cartpole with 8 environments: the step was not captured" in page.read_text()
    assert "Cartpole with 8 environments: the engine counted 7 x contacts_dropped" in page.read_text()


def test_a_file_of_another_kind_is_refused_by_name(page: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"runs": []}')
    with pytest.raises(ConfigError, match="other.json: not a file of benchmarks.throughput"):
        report.main([str(tmp_path / "other.json"), f"page={page}"])


def test_a_page_without_marks_is_left_alone(records: Path, page: Path) -> None:
    page.write_text("# Benchmarks\n")
    with pytest.raises(ConfigError, match="needs the lines"):
        report.main([str(records), f"page={page}"])
    assert page.read_text() == "# Benchmarks\n"


def test_the_project_s_own_page_has_the_marks() -> None:
    assert report.filled(report.PAGE, ["here"]).count("here") >= 1
