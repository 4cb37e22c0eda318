"""Training a policy: from a composed config to a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

import tasks
from learning import checkpoint, distributed, resume
from learning.check import check
from learning.devices import chosen, rl_devices, sim_devices
from learning.launch import own_device
from learning.onlookers import onlookers
from learning.progress import Progress, silent
from learning.runs import Run
from learning.seeding import chosen_seed, seed_everything
from tasks.base.config import ConfigError

if TYPE_CHECKING:
    from learning.trainer import Trainer


def train(config: DictConfig, overrides: Sequence[str] = ()) -> bool:
    """Train what `config` says, or with `test` play it; False if the user stopped it.

    `overrides` are what the user typed, which counts when a run is resumed.
    """
    config = resume.with_config_of_checkpoint(config, overrides)
    check(config)
    if config.test:
        return _play(config)
    distributed.start(_rl_device(config))
    try:
        finished = _train(config)
    except BaseException:
        distributed.abandon()
        raise
    distributed.stop()
    return finished


def _train(config: DictConfig) -> bool:
    config.seed = distributed.gathered(chosen_seed(config.seed))[0]
    seed_everything(config.seed + distributed.rank(), config.torch_deterministic)
    progress = Progress() if distributed.is_main() else silent()
    progress.say(_setting_up(config))
    state, source = resume.load_state(config), resume.source_run(config)
    task = make_task(config)
    try:
        if state is not None:
            _check_sizes(config, state, task)
        run = _run(config)
        trainer = _trainer(config, task, run, progress, state)
        if distributed.is_main():
            best = resume.take_over_best(source, run)
            if best is not None and best > (trainer.summary.best_reward or -float("inf")):
                trainer.summary.best_reward = best
        progress.say(_beginning(trainer))
        with onlookers(config, trainer, progress.say):
            finished = trainer.train()
        progress.say(_end(trainer, finished))
        return finished
    finally:
        task.close()


def _run(config: DictConfig) -> Run:
    """The run folder, which the main process chooses and fills."""
    chosen_run = resume.target_run(config) if distributed.is_main() else None
    run: Run = distributed.gathered(chosen_run)[0]
    if distributed.is_main():
        run.make()
        checkpoint.remove_leftovers(run.nn)
        OmegaConf.save(config, run.config)
    return run


def _play(config: DictConfig) -> bool:
    from learning.play import play  # which itself needs make_task

    play(config)
    return True


def make_task(config: DictConfig, measured: bool = False) -> Any:
    """The task of a composed config; ConfigError where its asset cannot be simulated."""
    try:
        return tasks.make(
            OmegaConf.to_container(config.task, resolve=True),  # type: ignore[arg-type]
            config.num_envs,
            _sim_device(config),
            _rl_device(config),
            config.headless,
            measured,
        )
    except Exception as error:
        from isaacgym.gymapi import AssetError

        if isinstance(error, AssetError):
            raise ConfigError("train.py", [f"task.asset: {error}"]) from error
        raise


def _sim_device(config: DictConfig) -> str:
    return own_device(chosen(config.sim_device, sim_devices(config.get("physics"))))


def _rl_device(config: DictConfig) -> str:
    return own_device(chosen(config.rl_device, rl_devices()))


def _check_sizes(config: DictConfig, state: dict[str, Any], task: Any) -> None:
    found = checkpoint.misfits(state, config.checkpoint, obs_size=task.obs_size, action_size=task.action_size)
    if found:
        raise ConfigError("train.py", found)


def _trainer(config: DictConfig, task: Any, run: Run, progress: Progress, state: dict[str, Any] | None) -> Trainer:
    # Only from here on rl-games is needed, and with it seconds of imports.
    from learning.episodes import EpisodeStats
    from learning.rlgames import agent_class, build_agent, restore_agent
    from learning.scalars import open_writer, start_wandb
    from learning.summary import Summary
    from learning.trainer import Trainer
    from learning.vecenv import TaskEnv

    params: Any = OmegaConf.to_container(config.train.params, resolve=True)
    if config.max_iterations is not None:
        params["config"]["max_epochs"] = config.max_iterations
    device = _rl_device(config)
    writer = None
    if distributed.is_main():
        start_wandb(config, run)
        writer = open_writer(run.summaries, state["frame"] if state else 0)
    env = TaskEnv(task, EpisodeStats(config.num_envs, device, params["config"]["games_to_track"]), device)
    agent = build_agent(agent_class(params["algo"]["name"]), params, env, device, run.folder, writer)
    for tensor in agent.model.state_dict().values():  # each process drew its own
        distributed.broadcast_(tensor)
    summary = Summary(run.summary, _about(config, device), config.train.thresholds)
    agent.obs = agent.env_reset()
    if state is not None:
        restore_agent(agent, state)
        summary.load_state_dict(state)
        env.stats.load_state_dict(state["episodes"])
        _restore_generators(config, state)
    return Trainer(agent, params["algo"]["name"], run, summary, progress, config.train.max_fault_rate)


def _restore_generators(config: DictConfig, state: dict[str, Any]) -> None:
    """Go on with the saved random numbers, which are the main process's; the others begin new ones."""
    if distributed.is_main():
        checkpoint.set_rng_state(state["rng"])
    else:
        seed_everything(config.seed + distributed.rank() + state["epoch"], config.torch_deterministic)


def _about(config: DictConfig, device: str) -> dict[str, Any]:
    sim_device = _sim_device(config)
    return {
        "task": config.task.name,
        "seed": config.seed,
        "sim_device": sim_device,
        "rl_device": device,
        "engine": config.get("physics") or ("mujoco" if sim_device == "cpu" else "warp"),
        "num_envs": config.num_envs,
        "processes": distributed.world_size(),
    }


def _setting_up(config: DictConfig) -> str:
    said = f"{config.task.name}: setting up {config.num_envs * distributed.world_size()} environments"
    if _sim_device(config) == "cpu":
        return said
    return f"{said}; a GPU that meets the task for the first time compiles kernels for up to a minute"


def _beginning(trainer: Trainer) -> str:
    task, about = trainer.task, trainer.summary.about
    several = f", {distributed.world_size()} processes" if distributed.world_size() > 1 else ""
    since = f", going on after epoch {trainer.agent.epoch_num}" if trainer.agent.epoch_num else ""
    return (
        f"{about['task']}: {task.obs_size} observations, {task.action_size} actions, physics on {about['sim_device']}, "
        f"policy on {about['rl_device']}{several}, in {trainer.run.folder}{since}"
    )


def _end(trainer: Trainer, finished: bool) -> str:
    run, summary = trainer.run, trainer.summary
    reward = "no episode has ended yet" if summary.final_reward is None else f"mean reward {summary.final_reward:.5g}"
    state = f"{run.task}: {'done' if finished else 'stopped'} after epoch {summary.epochs}, {reward}"
    if finished:
        return f"{state}\nWatch it: python play.py task={run.task} checkpoint={run.folder}"
    return f"{state}\nGo on: python train.py task={run.task} checkpoint={run.folder}"
