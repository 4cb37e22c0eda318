"""evaluate.py: which policies it measures, what it finds, that it finds it again, and what it says otherwise."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from learning import evaluate as evaluating
from learning.evaluate import differences, evaluate
from learning.evaluate_config import compose
from learning.evaluate_figures import Trial, figures, lines, motion, spread
from learning.tally import Results, Tally
from learning.train import train
from tasks.base.config import ConfigError

ROOT = Path(__file__).parents[2]
Config = Callable[..., DictConfig]


@pytest.fixture
def other(config: Config) -> Path:
    """Another run, of another seed."""
    overrides = ("experiment=two", "max_iterations=2", "seed=7")
    train(config(*overrides), overrides)
    return Path("runs/two")


def refusal(*args: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(args)
    return str(caught.value)


def few(*args: str) -> list[DictConfig]:
    return compose(["episodes=12", *args])


# Which policies are meant, and what is wrong.


def test_each_checkpoint_has_its_own_config_and_all_have_the_same_seed(run: Path, other: Path) -> None:
    configs = compose(["checkpoint=[runs/one,runs/two/nn/last.pth]"])
    assert [config.checkpoint for config in configs] == ["runs/one/nn/Fake.pth", "runs/two/nn/last.pth"]
    assert {config.seed for config in configs} == {42}
    assert [one.checkpoint for one in compose(["checkpoint=one,two"])] == [
        f"runs/{name}/nn/Fake.pth" for name in ("one", "two")
    ]
    assert len(compose(["checkpoint=[runs/one,runs/one]"])) == 1
    assert compose([])[0].checkpoint == compose(["task=Fake"])[0].checkpoint


def test_there_is_an_environment_for_each_episode_unless_there_are_many(run: Path) -> None:
    assert compose([])[0].num_envs == 1000
    assert compose(["episodes=10"])[0].num_envs == 10
    assert compose(["episodes=10000"])[0].num_envs == 4096
    assert compose(["--num_envs=3"])[0].num_envs == 3


def test_a_run_of_an_earlier_version_is_completed(run: Path) -> None:
    file = run / "config.yaml"
    file.write_text(file.read_text().replace("wandb_tags: []\n", ""))
    assert compose([])[0].wandb_tags == []


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["checkpoint=nowhere"], "checkpoint: no file or folder 'nowhere'"),
        (["checkpoint=[runs/one,nowhere]"], "checkpoint: no file or folder 'nowhere'"),
        (["checkpoint=[]"], "checkpoint: an empty list"),
        (["checkpoint=stray.pth"], "'stray.pth' lies in no run folder"),
        (["task=Ant", "checkpoint=runs/one"], "is of Fake, given task=Ant"),
        (["checkpoint=[runs/one,runs/ant]"], "'runs/ant/nn/Ant.pth' is of Ant; compare policies of one task"),
        (["episodes=0"], "episodes: given 0; must be above 0"),
        (["episodes=many"], "episodes: given 'many'"),
        (["num_envs=0"], "num_envs: 0; must be above 0"),
        (["modes=[mean]"], "modes[0]: given 'mean'; use one of deterministic, stochastic"),
        (["modes=[]"], "modes: given []; needs one or both of deterministic and stochastic"),
        (["epsiodes=3"], "epsiodes: no such key; did you mean 'episodes'?"),
        (["seed=1,2"], "seed=1,2: only checkpoint= takes several values"),
        (["~seed"], "nothing can be left out"),
        (["rl_device=cuda:77"], "rl_device: 'cuda:77' is not available"),
        (["task.gain=2"], "task.gain: given 2"),
    ],
)
def test_a_wrong_command_line_says_what_would_do(run: Path, args: list[str], fault: str) -> None:
    shutil.copy(run / "nn/last.pth", "stray.pth")
    shutil.copytree(run, "runs/ant")
    (run.with_name("ant") / "nn/Fake.pth").rename("runs/ant/nn/Ant.pth")
    config = run.with_name("ant") / "config.yaml"
    config.write_text(config.read_text().replace("name: Fake", "name: Ant"))
    said = refusal(*args) if args[0].startswith(("task=", "checkpoint=")) else refusal("checkpoint=runs/one", *args)
    assert said.startswith("evaluate.py: ")
    assert fault in said


def test_a_bad_checkpoint_is_refused_before_another_is_simulated(
    run: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.make", None)
    (other / "nn/Fake.pth").write_bytes(b"no checkpoint")
    with pytest.raises(ConfigError, match="'runs/two/nn/Fake.pth' cannot be read: it is damaged"):
        evaluate(few("checkpoint=[runs/one,runs/two]"))
    state = torch.load(run / "nn/Fake.pth", weights_only=True)
    torch.save(state | {"task": "Ant"}, other / "nn/Fake.pth")
    with pytest.raises(ConfigError, match="has task Ant, this run Fake"):
        evaluate(few("checkpoint=[runs/one,runs/two]"))


def test_a_folder_that_cannot_be_written_is_said_at_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.make", None)
    Path("taken").write_text("")
    with pytest.raises(ConfigError, match="output: 'taken' is no folder to write into"):
        evaluate(few("output=taken"))


def test_what_an_engine_cannot_do_is_one_message(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError("torch_deterministic: not with sparse matrices")

    monkeypatch.setattr("tasks.make", refuse)
    with pytest.raises(ConfigError, match="evaluate.py: 1 fault in the config\n  torch_deterministic: not with"):
        evaluate(few())


# What is found.


def test_a_figure_is_told_by_its_mean_its_error_and_its_quantiles() -> None:
    found = spread(torch.arange(101.0))
    assert found["mean"] == found["median"] == 50.0
    assert [found[name] for name in ("min", "q05", "q25", "q75", "q95", "max")] == [0, 5, 25, 75, 95, 100]
    assert found["std"] == pytest.approx(29.1548, abs=1e-4)
    assert found["standard_error"] == pytest.approx(29.1548 / 101**0.5, abs=1e-4)
    assert spread(torch.tensor([1.0, float("nan")]))["mean"] is None


def test_rates_follow_from_what_was_measured() -> None:
    none = torch.zeros(2)
    measures = {"energy": torch.tensor([6.0, 8.0]), "distance": torch.tensor([3.0, 2.0])}
    trial = Trial("one", "stochastic", Results(none, torch.tensor([10.0, 20.0]), None, {}, {}, measures), dt=0.1)
    rates = {name: values.tolist() for name, values in motion(trial).items()}
    assert rates["power"] == pytest.approx([6.0, 4.0])
    assert rates["speed"] == pytest.approx([3.0, 1.0])


def test_a_tally_knows_why_episodes_ended_and_what_was_measured() -> None:
    tally = Tally(2, num_envs=2, device="cpu")
    for last in (False, True):
        done = torch.tensor([last, last])
        info = {
            "time_outs": done & torch.tensor([True, False]),
            "causes": {"low": done & torch.tensor([False, True]), "tilted": done & torch.tensor([False, True])},
            "measures": {"distance": torch.tensor([1.0, 2.0])},
        }
        tally.step(torch.ones(2), done, info)
    results = tally.results()
    assert {name: ended.tolist() for name, ended in results.ends.items()} == {
        "time limit": [True, False],
        "low": [False, True],
        "tilted": [False, True],
    }
    assert results.measures["distance"].tolist() == [2.0, 4.0]


def test_an_evaluation_is_written_as_figures_and_as_a_page(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluate(few(), ["episodes=12", "task.gain=1"])
    assert json.loads((run / "evaluation.json").read_text()) == report
    assert (report["task"], report["episodes"], report["num_envs"], report["seed"]) == ("Fake", 12, 12, 42)
    assert report["overrides"] == ["task.gain=1"]
    (policy,) = report["policies"]
    assert (policy["name"], policy["checkpoint"], policy["epoch"]) == ("one", "runs/one/nn/Fake.pth", 2)
    for mode in ("deterministic", "stochastic"):
        found = policy["modes"][mode]
        assert found["episodes"] == 12
        assert found["return"]["mean"] == pytest.approx(sum(t["mean"] for t in found["reward_terms"].values()))
        assert sum(end["episodes"] for end in found["ends"].values()) == 12
        assert set(found["ends"]) == {"time limit", "failure"}
        assert 0.0 <= found["success"]["share"] <= 1.0
        assert found["motion"] == {}
    said, page = capsys.readouterr().out, (run / "evaluation.html").read_text()
    for words in ("ended by", "time limit", "failure", "share of episodes", "near", "effort", "5 % – 95 %"):
        assert words in said
        assert words in page
    assert "Report: runs/one/evaluation.html" in said


def test_the_page_is_whole_without_any_other_file(run: Path) -> None:
    evaluate(few("output=there"))
    page = Path("there/evaluation.html").read_text()
    assert page.count("<svg") == 1
    assert not re.search(r"<(script|link|img|iframe)|url\((?!#)|@import", page)
    for title in ("Return", "Episodes that still go on", "Reward terms", "Why episodes ended"):
        assert title in page


def test_the_same_command_finds_the_same_numbers_bit_by_bit(run: Path) -> None:
    found = []
    for _ in range(2):
        evaluate(few())
        found.append((run / "evaluation.json").read_bytes())
    assert found[0] == found[1]
    evaluate(few("seed=7"))
    assert (run / "evaluation.json").read_bytes() != found[0]


def test_a_policys_numbers_do_not_depend_on_its_company(run: Path, other: Path) -> None:
    (alone,) = evaluate(few("checkpoint=runs/one"))["policies"]
    both = few("checkpoint=[runs/two/nn/last.pth,runs/one]", "modes=[stochastic,deterministic]")
    together = evaluate(both)["policies"]
    assert [policy["name"] for policy in together] == ["two", "one"]
    assert together[1] == alone
    assert together[0]["modes"] != alone["modes"]


def test_runs_that_are_compared_get_a_folder_of_their_own_and_their_differences_told(
    run: Path, other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = OmegaConf.load(other / "config.yaml")
    config.task.extra = 3
    OmegaConf.save(config, other / "config.yaml")
    report = evaluate(few("checkpoint=[runs/one,runs/two]", "modes=[deterministic]"))
    (folder,) = Path("runs/evaluations").iterdir()
    assert folder.name.startswith("Fake_")
    assert report["differences"] == ["task.extra: missing | 3"]
    assert "The runs differ: task.extra: missing | 3" in capsys.readouterr().out
    assert "task.extra: missing | 3" in (folder / "evaluation.html").read_text()


def test_runs_of_one_config_have_no_differences(run: Path) -> None:
    config = compose([])[0]
    assert differences([config, config]) == []


def test_checkpoints_are_told_apart_by_the_shortest_names() -> None:
    names = evaluating._names
    assert names([Path("runs/a/nn/Ant.pth"), Path("runs/b/nn/Ant.pth")]) == ["a", "b"]
    assert names([Path("runs/a/nn/Ant.pth"), Path("runs/a/nn/last.pth")]) == ["a/Ant", "a/last"]
    assert names([Path("x/a/nn/Ant.pth"), Path("y/a/nn/Ant.pth")]) == ["x/a/nn/Ant.pth", "y/a/nn/Ant.pth"]


def test_what_only_some_tasks_tell_is_left_open_for_the_others() -> None:
    row = torch.tensor([1.0, 3.0])
    full = Results(row, row, row > 2.0, {"near": row}, {"low": row > 2.0}, {"energy": row})
    bare = Results(row, row, None, {})
    found = [figures(Trial(name, "stochastic", results, 0.1)) for name, results in (("a", full), ("b", bare))]
    told = {line.name: line.cells for line in lines(found)}
    assert told["share of episodes"] == ["50.0%", "–"]
    assert told["low"] == ["50.0%", "–"]
    assert told["energy [J]"] == ["2", "–"]


# From the shell.


def shell(folder: Path, script: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / script), *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_trained_cartpole_is_measured_and_compared_with_itself(tmp_path: Path) -> None:
    sizes = ("num_envs=8", "train.params.config.minibatch_size=128", "max_iterations=1", "experiment=one")
    assert shell(tmp_path, "train.py", "task=Cartpole", *sizes).returncode == 0
    args = ("checkpoint=[one,runs/one/nn/last.pth]", "episodes=5", "num_envs=2", "task.episode_length=20")
    done = shell(tmp_path, "evaluate.py", *args)
    assert done.returncode == 0, done.stderr  # matplotlib may tell that it looks for fonts for the first time
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "runs/one/evaluation.json").read_text())
    assert report["overrides"] == ["task.episode_length=20"]
    for policy in report["policies"]:
        found = policy["modes"]["stochastic"]
        assert found["episodes"] == 5
        assert list(found["ends"]) == ["time limit", "cart_far", "pole_down", "unstable"]
        assert found["motion"]["energy"]["mean"] > 0.0
        assert "speed" not in found["motion"]
    assert "Energy" in (tmp_path / "runs/one/evaluation.html").read_text()


@pytest.mark.gpu
def test_a_gpu_finds_the_same_numbers_bit_by_bit(tmp_path: Path) -> None:
    sizes = ("num_envs=256", "train.params.config.minibatch_size=1024", "max_iterations=1", "experiment=one")
    assert shell(tmp_path, "train.py", "task=Ant", *sizes).returncode == 0
    found = []
    for _ in range(2):
        done = shell(tmp_path, "evaluate.py", "checkpoint=one", "episodes=64", "task.episode_length=100")
        assert done.returncode == 0, done.stderr
        found.append((tmp_path / "runs/one/evaluation.json").read_bytes())
    assert found[0] == found[1]
    assert json.loads(found[0])["sim_device"] == "cuda:0"


def test_ctrl_c_writes_nothing(tmp_path: Path) -> None:
    script = "import evaluate\ndef stop(*_): raise KeyboardInterrupt\nevaluate.compose = stop\nevaluate.main([])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 130
    assert done.stderr.startswith("Stopped; nothing was written")


def test_a_mistake_is_one_message_without_a_traceback(tmp_path: Path) -> None:
    said = shell(tmp_path, "evaluate.py", "task=Ant")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("evaluate.py: 1 fault in the config\n  task: no run of Ant yet")


def test_help_names_the_keys_of_evaluating(tmp_path: Path) -> None:
    said = shell(tmp_path, "evaluate.py", "--help")
    assert said.returncode == 0
    for key in ("episodes:", "modes:", "num_envs:", "output:"):
        assert key in said.stdout
