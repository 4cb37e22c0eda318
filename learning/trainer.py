"""The training loop: epochs of an rl-games agent, with what is kept, written and shown after each."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import torch

from learning import checkpoint, distributed, faults
from learning.health import Health, UnstableError
from learning.progress import Progress, Row
from learning.rlgames import agent_state
from learning.scalars import Losses, Rates, write_epoch
from learning.stopping import StopRequest

if TYPE_CHECKING:
    from pathlib import Path

    from learning.episodes import EpisodeSummary
    from learning.health import Found
    from learning.rlgames import A2CAgent
    from learning.runs import Run
    from learning.summary import Summary


SAVE_SECONDS = 30.0  # the longest time between two checkpoints, whatever save_frequency says


class DivergenceError(RuntimeError):
    """The losses are no longer numbers."""


class Trainer:
    """Drives `agent` until its limits, a score to win or the user's wish ends the run.

    Where several processes train together, each has a Trainer. Whatever ends the loop is decided by numbers that are
    the same in all of them, so that they leave it together; only the main process writes files.
    """

    def __init__(
        self,
        agent: A2CAgent,
        algo: str,
        run: Run,
        summary: Summary,
        progress: Progress,
        max_fault_rate: float,
    ) -> None:
        self.algo = algo
        self.agent, self.run, self.summary, self.progress = agent, run, summary, progress
        self.task, self.stats = agent.vec_env.task, agent.vec_env.stats
        self.health = Health(self.task, max_fault_rate)
        self._stop = StopRequest(self._announce_stop)
        self._stopped = False  # in all processes, because it was requested in one
        self._began = self._resumed = self._saved = 0.0  # of the run, of this process's part, of the last save [s]

    def train(self) -> bool:
        """Run epochs to the end; False if the user stopped before."""
        first = self.agent.epoch_num
        self._resumed = time.perf_counter()
        self._began = self._resumed - self.summary.train_seconds
        self._saved = self._resumed
        with self.progress, self._stop:
            done = False
            while not done and not self._stopped:
                reward = self._epoch(first)
                done = self._finished(reward)
                if not done and self._due():
                    self._save(self.run.last)
            if self.summary.best_reward is None:
                self._keep_best(self.summary.final_reward, at_end=True)
            self._save(self.run.last)
        return done

    def _epoch(self, first: int) -> float | None:
        """One epoch and its records; the mean reward."""
        agent = self.agent
        agent.update_epoch()
        step_time, play_time, _, total_time, *losses, _, _ = agent.train_epoch()
        agent.dataset.update_values_dict(None)
        frames = agent.curr_frames * distributed.world_size()
        agent.frame += frames
        episodes, means = self.stats.read(), self._losses(*losses)
        found = self._faults(frames)
        self.summary.note(agent.epoch_num, agent.frame, episodes.reward, time.perf_counter() - self._began)
        rates = Rates(frames / max(step_time, 1e-9), frames / play_time, frames / total_time)
        if distributed.is_main():
            write_epoch(agent.writer, agent.frame, agent.epoch_num, episodes, means, float(agent.last_lr), rates)
            for name, count in found.new.items():
                agent.writer.add_scalar(f"health/{name}", count, agent.frame)
        self._keep_best(episodes.reward)
        self.progress.show(self._row(episodes, rates, first))
        return episodes.reward

    def _losses(self, actor: Any, critic: Any, bounds: Any, entropy: Any, kl: Any) -> Losses:
        """Means of rl-games' lists of tensors, fetched at once together with the wish of any process to stop."""
        means = [torch.stack(part).detach().float().mean() for part in (actor, critic, bounds, entropy, kl)]
        wish = torch.tensor(float(self._stop.requested)).to(means[0].device)
        *values, wishes = distributed.mean_(torch.stack([*means, wish])).tolist()
        found, self._stopped = Losses(*values), wishes > 0
        if not all(map(math.isfinite, found)):
            raise DivergenceError(
                f"{self.run.task}: training diverged in epoch {self.agent.epoch_num}: actor loss {found.actor}, critic "
                f"loss {found.critic}, KL {found.kl}. The last good state is in {self.run.last}; go on from it with a "
                "lower train.params.config.learning_rate, or look for NaN in the task's observations and rewards"
            )
        return found

    def _faults(self, env_steps: int) -> Found:
        """What the engine met in this epoch of `env_steps`; UnstableError if it is too much."""
        found = self.health.read(env_steps)
        for line in self.health.news(found, self.agent.epoch_num):
            self.progress.say(f"{self.run.task}: {line}")
        if found.rate > self.health.max_rate:
            raise UnstableError(self._unstable(found))
        return found

    def _unstable(self, found: Found) -> str:
        """Keep the offending states; what happened, where they are and how to look at them."""
        run, agent = self.run, self.agent
        states = faults.joined(distributed.gathered(faults.states_of(self.task)), self.task.num_envs)
        if states and distributed.is_main():
            faults.save(run.faults, states, run.task, agent.epoch_num, agent.frame)
        counts = ", ".join(f"{count} x {name}" for name, count in found.new.items() if count)
        kept = f"the last good state is in {run.last}" if run.last.exists() else "no checkpoint was written before"
        shown = (
            f"; {len(states['env'])} of the offending states are in {run.faults}, watch them with "
            f"python play.py checkpoint={run.folder} faults=true"
            if states
            else ""
        )
        return (
            f"{run.task}: the simulation became unstable in epoch {agent.epoch_num}: {counts}, {found.rate:.2g} per "
            f"env-step, and train.max_fault_rate allows {self.health.max_rate:g}; {kept}{shown}. Lower task.sim.dt, "
            "give light links armature or bound the actions"
        )

    def _due(self) -> bool:
        """Whether last.pth is to be written: so often that a killed run loses less than a minute."""
        frequency = self.agent.save_freq
        by_count = frequency > 0 and self.agent.epoch_num % frequency == 0
        return by_count or time.perf_counter() - self._saved > SAVE_SECONDS

    def _finished(self, reward: float | None) -> bool:
        agent = self.agent
        won = reward is not None and reward > agent.config["score_to_win"]
        return (
            0 < agent.max_epochs <= agent.epoch_num
            or 0 < agent.max_frames <= agent.frame
            or (won and agent.epoch_num >= agent.save_best_after)
        )

    def _keep_best(self, reward: float | None, at_end: bool = False) -> None:
        """Save the policy if no earlier one was better; not in the first epochs, where every one is the best."""
        best = self.summary.best_reward
        early = self.agent.epoch_num < self.agent.save_best_after and not at_end
        if reward is None or early or (best is not None and not reward > best):
            return
        self.summary.best_reward = reward
        self._save(self.run.best)

    def _save(self, path: Path) -> None:
        if not distributed.is_main():
            return
        task, summary = self.task, self.summary
        state = {
            "task": self.run.task,
            "algo": self.algo,
            "obs_size": task.obs_size,
            "action_size": task.action_size,
            **agent_state(self.agent),
            **summary.state_dict(),
            "episodes": self.stats.state_dict(),
            "rng": checkpoint.rng_state(),
        }
        checkpoint.save(path, state)
        self._saved = time.perf_counter()
        summary.write()
        self.agent.writer.flush()

    def _row(self, episodes: EpisodeSummary, rates: Rates, first: int) -> Row:
        agent = self.agent
        left = None
        if agent.max_epochs > 0:
            seconds = time.perf_counter() - self._resumed
            left = seconds / (agent.epoch_num - first) * (agent.max_epochs - agent.epoch_num)
        return Row(
            agent.epoch_num,
            agent.max_epochs,
            episodes.reward,
            self.summary.best_reward,
            episodes.length,
            episodes.success,
            rates.training,
            left,
        )

    def _announce_stop(self) -> None:
        distributed.end_if_alone()  # torchrun asks the others to stop when one of them dies
        self.progress.say("Finishing this epoch, then saving; once more stops at once.")
