"""The layers of training, each as a piece of work that is timed where it runs: on a GPU, by the GPU.

`physics` is the raw engine on the task's compiled model and substeps, through states that the task visits; on a GPU
one CUDA graph of its steps alone, without what Myriad adds to them (kinematics, forces on bodies, health).
`env_step` is the task with random actions, which are drawn beforehand. `inference` is the rollout with the policy,
`training` whole epochs with the reading of their losses and episodes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from learning.devices import chosen, rl_devices
from learning.episodes import EpisodeStats
from learning.rlgames import agent_class, build_agent
from learning.stopwatch import Stopwatch
from learning.vecenv import TaskEnv

LAYERS = ("physics", "env_step", "inference", "training")
ROUNDS = 5  # of turns
SETTLING_STEPS = 50  # with random actions, until falling and standing environments are mixed as they stay
VISITED_STEPS = 20
WARM_UP_EPOCHS = 4  # on a GPU; graphs are captured within the first ones
STATE_FIELDS = ("qpos", "qvel", "mocap_pos", "mocap_quat", "qacc_warmstart")


class Layer(NamedTuple):
    """A piece of work: it does `env_steps` of them and returns the seconds that count."""

    env_steps: int
    work: Callable[[], float]
    settle: Callable[[], Any] = lambda: None  # what comes before a turn and does not count


class Speed(NamedTuple):
    """What a layer reached."""

    rate: float  # env-steps per second
    spread: float  # between the fastest and the slowest turn, over the rate


def measure(layers: dict[str, Layer], seconds: float) -> dict[str, Speed]:
    """The speed of each layer; they take turns, so that whatever else the machine does slows all of them alike."""
    for layer in layers.values():
        layer.settle()
        layer.work()
    turns = [{name: _turn(layer, seconds / ROUNDS) for name, layer in layers.items()} for _ in range(ROUNDS)]
    return {name: _speed([turn[name] for turn in turns]) for name in layers}


def _turn(layer: Layer, seconds: float) -> tuple[int, float]:
    """Env-steps and the seconds that they took, in about `seconds`."""
    done, spent = 0, 0.0
    layer.settle()
    until = time.perf_counter() + seconds
    while not done or time.perf_counter() < until:
        spent += layer.work()
        done += layer.env_steps
    return done, spent


def _speed(turns: list[tuple[int, float]]) -> Speed:
    rates = [done / spent for done, spent in turns]
    rate = sum(done for done, _ in turns) / sum(spent for _, spent in turns)
    return Speed(rate, (max(rates) - min(rates)) / rate)


def layers_of(task: Any, agent: Any) -> dict[str, Layer]:
    """The four layers. A GPU is so fast that the policy learns meanwhile, so there each turn finds its own states."""
    n, horizon, fast = task.num_envs, task.num_envs * agent.horizon_length, task.device.type == "cuda"
    play, epoch = _timed(agent.play_steps, agent.device), _timed(lambda: train_epoch(agent), agent.device)
    return {
        "physics": Layer(n * VISITED_STEPS, _physics(task)),
        "env_step": Layer(n * VISITED_STEPS, _env_step(task), *([lambda: _settle(task)] if fast else [])),
        "inference": Layer(horizon, play, *([play] if fast else [])),
        "training": Layer(horizon, epoch, *([epoch] if fast else [])),
    }


def agent_on(task: Any, config: DictConfig) -> Any:
    """The agent that `config` trains, ready to run at full speed."""
    params: Any = OmegaConf.to_container(config.train.params, resolve=True)
    device = chosen(config.rl_device, rl_devices())
    env = TaskEnv(task, EpisodeStats(config.num_envs, device, params["config"]["games_to_track"]), device)
    scratch = Path(tempfile.mkdtemp()) / config.task.name
    agent = build_agent(agent_class(params["algo"]["name"]), params, env, device, scratch, mock.MagicMock())
    agent.obs = agent.env_reset()
    for _ in range(WARM_UP_EPOCHS if device != "cpu" else 0):
        train_epoch(agent)
    return agent


def train_epoch(agent: Any) -> None:
    """An epoch as `learning.trainer` drives it, without records and checkpoints."""
    agent.update_epoch()
    losses = agent.train_epoch()[4:9]
    agent.dataset.update_values_dict(None)
    torch.stack([torch.stack(part).float().mean() for part in losses]).tolist()
    agent.vec_env.stats.read()


def random_actions(task: Any, steps: int) -> Tensor:
    """Uniform actions (steps, N, A) within +-1."""
    return torch.rand(steps, task.num_envs, task.action_size, device=task.device) * 2 - 1


def wait(device: torch.device | str) -> None:
    """Until the device has done what was asked of it."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def _timed(work: Callable[[], Any], device: torch.device | str) -> Callable[[], float]:
    """`work` as a function that returns its seconds, until the device has finished."""

    def run() -> float:
        wait(device)
        begin = time.perf_counter()
        work()
        wait(device)
        return time.perf_counter() - begin

    return run


def _env_step(task: Any) -> Callable[[], float]:
    watch = Stopwatch(task.device)

    def run() -> float:
        actions = random_actions(task, VISITED_STEPS)
        watch.start()
        for action in actions:
            task.step(action)
        watch.stop()
        return watch.seconds()

    return run


def _physics(task: Any) -> Callable[[], float]:
    """A pass of the raw engine over states and controls that the task goes through; its own seconds."""
    visited = _visited(task)
    data, advance = _raw_engine(task)
    watch = Stopwatch(task.device)

    def run() -> float:
        for state in visited:
            for field, values in state.items():
                data(field).copy_(values)
            watch.start()
            advance()
            watch.stop()
        return watch.seconds()

    return run


def _settle(task: Any) -> None:
    task.start()
    for action in random_actions(task, SETTLING_STEPS):
        task.step(action)


def _visited(task: Any) -> list[dict[str, Tensor]]:
    """States, and the controls that follow, of consecutive steps with random actions."""
    live, visited = task.sim.backend.data, []
    _settle(task)
    for action in random_actions(task, VISITED_STEPS):
        state = {field: live(field).clone() for field in STATE_FIELDS}
        task.step(action)
        visited.append({**state, "ctrl": live("ctrl").clone()})
    return visited


def _raw_engine(task: Any) -> tuple[Callable[[str], Tensor], Callable[[], None]]:
    """The engine's live fields, and its steps in a control step with nothing around them."""
    backend, substeps = task.sim.backend, task.config.sim.substeps * task.config.decimation
    if backend.name != "warp":
        own = type(backend)(backend.model, task.num_envs)
        return own.data, lambda: own.step(substeps)

    import mujoco_warp as mjw

    from isaacgym._src.backend.graph import Captured

    def advance() -> None:
        with backend._streams.scope():
            backend._m.opt.run_rne_postconstraint = False
            for _ in range(substeps):
                mjw.step(backend._m, backend._d)

    return backend.data, Captured(advance, backend.device, "physics alone")
