"""A task: six questions about a robot, and the step that asks them in one fixed order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from isaacgym import gymapi
from tasks.base.articulation import Articulation, Placement
from tasks.base.config import ConfigError, TaskConfig, build, faults
from tasks.base.fused import Fused
from tasks.base.motion import Motion

ASSETS = Path(__file__).resolve().parents[2] / "assets"

Terms = dict[str, Tensor]
Info = dict[str, Any]

DEATH = "death"
FAILURE, UNSTABLE = "failure", "unstable"  # causes of an end: that of a task which names none, and the engine's
SETUP_STEPS = 4  # after which a step is captured, if it can be


class Command(NamedTuple):
    """A number that the policy is told to follow, and that somebody may set in place of the task."""

    name: str  # with its unit
    low: float
    high: float
    values: Tensor  # (N,) live


class Task:
    """Base of all tasks; N environments are simulated at once and every tensor has N rows.

    A subclass answers `setup`, `act`, `observe`, `reward`, `terminate` and `reset`. A step asks: act, simulate,
    count, terminate, reward, reset, observe. Between action and observation nothing asks the device for a value, so
    the whole step can be captured: masks instead of indices, buffers written in place, no branch on a tensor.

    Observations and rewards are dicts of named terms; the config holds a scale and a weight under each name. The
    reward weight `death`, where a task has one, replaces all other terms in the step that ends by failure.
    """

    config_class: ClassVar[type[TaskConfig]] = TaskConfig

    def __init__(
        self,
        config: Mapping[str, Any],
        num_envs: int,
        sim_device: str = "cpu",
        rl_device: str = "cpu",
        headless: bool = True,
        measured: bool = False,
    ) -> None:
        found = self.check(config)
        if found:
            raise ConfigError(str(config.get("name", type(self).__name__)), found)
        self.config = build(self.config_class, config)
        self.num_envs, self.headless = num_envs, headless
        self.max_episode_length = self.config.episode_length
        self.dt = self.config.sim.dt * self.config.decimation  # one control step [s]
        self.gym = gymapi.acquire_gym()
        self.sim = self._create_sim(sim_device)
        self.device = self.sim.device
        self.articulations: list[Articulation] = []

        self.setup()
        self._create_envs()
        self.gym.prepare_sim(self.sim)
        for articulation in self.articulations:
            articulation.bind(num_envs)
        self._motion = self._measure() if measured else None
        self._allocate()
        self._capture()

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> list[str]:
        """Every fault of the config, one line each, without building anything."""
        found = faults(cls.config_class, config)
        asset = config.get("asset")
        if isinstance(asset, str) and not (ASSETS / asset).is_file():
            there = ", ".join(sorted(str(p.relative_to(ASSETS)) for p in ASSETS.rglob("*.*ml") if p.is_file()))
            found.append(f"task.asset: no file '{asset}' below assets/; there are {there}")
        return found

    # The six questions.

    def setup(self) -> None:
        """Say which actors there are (`add_actor`) and what outlives a step."""
        raise NotImplementedError

    def act(self) -> None:
        """Turn `self.action` (N, A) into commands."""
        raise NotImplementedError

    def observe(self) -> Terms:
        """Named observations, (N,) or (N, k), before scaling."""
        raise NotImplementedError

    def reward(self) -> Terms:
        """Named reward terms (N,), before weighting."""
        raise NotImplementedError

    def terminate(self) -> Tensor | Terms:
        """Which episodes end by failure, (N,) bool, or one such tensor under the name of each cause.

        The time limit is not a failure.
        """
        raise NotImplementedError

    def reset(self, mask: Tensor) -> None:
        """Begin a new episode in the environments in `mask` (N,)."""
        raise NotImplementedError

    def success(self) -> Tensor | None:
        """Which episodes have reached their goal, (N,) bool, where the task has one."""
        return None

    def commands(self) -> list[Command]:
        """What the policy is told to follow, where it is; what is written there counts from the next step on."""
        return []

    @property
    def action_size(self) -> int:
        """Width of an action: one per motor of the first actor unless a task says otherwise."""
        return len(self.articulations[0].asset.actuators)

    # What a task uses.

    def add_actor(self, name: str, placement: Placement, asset: str | None = None) -> Articulation:
        """An actor in every environment from the task's asset, or from another file below assets/."""
        options = gymapi.AssetOptions()
        options.fix_base_link = placement.fixed
        options.angular_damping = 0.0
        options.max_linear_velocity = options.max_angular_velocity = float("inf")
        options.default_dof_drive_mode = gymapi.DofDriveMode(placement.drive_mode)
        loaded = self.gym.load_asset(self.sim, str(ASSETS), asset or self.config.asset, options)
        self.articulations.append(Articulation(self.gym, self.sim, name, loaded, placement))
        return self.articulations[-1]

    def buffer(self, *shape: int, fill: float = 0.0, dtype: torch.dtype = torch.float32) -> Tensor:
        """A tensor (N, *shape) that outlives a step; write it in place, never rebind it."""
        return torch.full((self.num_envs, *shape), fill, dtype=dtype, device=self.device)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Uniform numbers (N, *shape)."""
        return torch.rand(self.num_envs, *shape, device=self.device) * (high - low) + low

    # What the training side uses.

    def start(self) -> Tensor:
        """Begin a new episode in every environment; the first observation (N, O)."""
        self._reset(torch.ones_like(self.done))
        self._observe()
        return self.obs

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor, Info]:
        """One control step; observation (N, O), reward (N,), done (N,) and info are live buffers of the task.

        A done environment already shows the first observation of its next episode.
        """
        self.action.copy_(action)
        self._step()
        return self.obs, self.reward_sum, self.done, self.info

    def state_dict(self) -> dict[str, Any]:
        """What outlives an episode and belongs in a checkpoint."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from `state_dict`."""

    def close(self) -> None:
        self.gym.destroy_sim(self.sim)

    # The step.

    def _advance(self) -> None:
        self._begin()
        for i in range(self.config.decimation):
            self.gym.simulate(self.sim)
            if self.config.decimation > 1:
                self._note_unstable(first=i == 0)
            if self._motion is not None:
                self._motion.note(first=i == 0)
        self._finish()

    def _begin(self) -> None:
        self.action.clamp_(-self.config.clip_actions, self.config.clip_actions)
        self.act()

    def _finish(self) -> None:
        for articulation in self.articulations:
            articulation.refresh()
        self.progress += 1
        self._end()
        self._reward()
        if self._motion is not None:
            self._motion.finish(self._unstable)
        self._reset(self.done)
        self._observe()

    def _note_unstable(self, first: bool) -> None:
        """An environment that the engine had to put back in any part of the step has ended its episode."""
        now = self.gym.get_unstable_tensor(self.sim)
        self._unstable.copy_(now) if first else self._unstable.logical_or_(now)

    def _end(self) -> None:
        self._causes.copy_(torch.stack([*_by_cause(self.terminate()).values(), self._unstable], -1))
        self.terminated.copy_(self._causes.any(-1))
        torch.ge(self.progress, self.max_episode_length, out=self.truncated)
        self.truncated &= ~self.terminated
        torch.logical_or(self.terminated, self.truncated, out=self.done)
        success = self.success()
        if success is not None:
            self.info["success"].copy_(success)

    def _reward(self) -> None:
        terms = self.reward()
        torch.stack([terms[name] for name in self._reward_names], -1, out=self._terms)
        self._terms *= self._weights
        if DEATH in self.config.reward:
            self._terms.mul_(torch.where(self.terminated.unsqueeze(-1), self._is_death, 1.0 - self._is_death))
        torch.sum(self._terms, -1, out=self.reward_sum)

    def _reset(self, mask: Tensor) -> None:
        self.reset(mask)
        self.progress.masked_fill_(mask, 0)
        if self._motion is not None:
            self._motion.restart(mask)

    def _observe(self) -> None:
        terms = self.observe()
        torch.cat([_columns(terms[name]) for name in self._obs_names], -1, out=self.obs)
        self.obs *= self._scales
        if math.isfinite(self.config.clip_observations):
            self.obs.clamp_(-self.config.clip_observations, self.config.clip_observations)

    # Construction.

    def _create_sim(self, device: str) -> gymapi.Sim:
        sim = self.config.sim
        params = gymapi.SimParams()
        params.dt, params.substeps = sim.dt, sim.substeps
        params.up_axis, params.gravity = gymapi.UP_AXIS_Z, gymapi.Vec3(*sim.gravity)
        params.use_gpu_pipeline = device.startswith("cuda")
        for name in ("solver", "iterations", "ls_iterations", "tolerance", "cone", "impratio"):
            setattr(params.mujoco, name, getattr(sim.mujoco, name))
        params.mujoco.engine, params.mujoco.deterministic = sim.mujoco.engine or "auto", sim.mujoco.deterministic
        params.mujoco.nconmax, params.mujoco.njmax = sim.mujoco.nconmax or 0, sim.mujoco.njmax or 0
        return self.gym.create_sim(int(device.partition(":")[2] or 0), -1, gymapi.SIM_PHYSX, params)

    def _create_envs(self) -> None:
        plane, ground = gymapi.PlaneParams(), self.config.ground
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        plane.static_friction, plane.dynamic_friction = ground.static_friction, ground.dynamic_friction
        plane.restitution = ground.restitution
        self.gym.add_ground(self.sim, plane)
        spacing, per_row = self.config.env_spacing, max(1, math.isqrt(self.num_envs))
        lower, upper = gymapi.Vec3(-spacing, -spacing, 0.0), gymapi.Vec3(spacing, spacing, spacing)
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, lower, upper, per_row)
            for articulation in self.articulations:
                articulation.spawn(env, i)

    def _measure(self) -> Motion:
        robot = self.articulations[0]
        return Motion(self.gym, self.sim, robot.handle, moves=not robot.placement.fixed, driven=True)

    def _allocate(self) -> None:
        live = self.gym.get_unstable_tensor(self.sim)
        self._unstable = live if self.config.decimation == 1 else torch.zeros_like(live)
        self.progress = self.buffer(dtype=torch.int32)
        self.action = self.buffer(self.action_size)
        self.terminated = self.buffer(dtype=torch.bool)
        self.truncated = self.buffer(dtype=torch.bool)
        self.done = self.buffer(dtype=torch.bool)
        self.reward_sum = self.buffer()
        self.reset(torch.ones_like(self.done))
        observations, rewards = self.observe(), self.reward()
        found = _mismatch("observations", observations, self.config.observations)
        found += _mismatch("reward", rewards, self.config.reward)
        if found:
            raise ConfigError(self.config.name, found)
        self._obs_names, self._reward_names = list(observations), list(rewards)
        widths = [_columns(term).shape[1] for term in observations.values()]
        scales = [self.config.observations[name] for name in observations]
        self.obs_size = sum(widths)
        self.obs = self.buffer(self.obs_size)
        self._scales = torch.tensor(scales, device=self.device).repeat_interleave(
            torch.tensor(widths, device=self.device)
        )
        self._weights = torch.tensor([self.config.reward[n] for n in self._reward_names], device=self.device)
        self._is_death = torch.tensor([float(n == DEATH) for n in self._reward_names], device=self.device)
        self._terms = self.buffer(len(self._reward_names))
        causes = [*_by_cause(self.terminate()), UNSTABLE]
        self._causes = self.buffer(len(causes), dtype=torch.bool)
        self.info: Info = {
            "time_outs": self.truncated,
            "terminated": self.terminated,
            "causes": dict(zip(causes, self._causes.unbind(-1), strict=True)),
            "reward_terms": dict(zip(self._reward_names, self._terms.unbind(-1), strict=True)),
        }
        if self.success() is not None:
            self.info["success"] = self.buffer(dtype=torch.bool)
        if self._motion is not None:
            self.info["measures"] = self._motion.measures

    def _capture(self) -> None:
        """On a GPU, fuse what surrounds the physics, and make the whole step one graph."""
        sim = self.config.sim
        if self.device.type == "cuda" and sim.compile:
            self._begin, self._finish = Fused(self._begin, self._title), Fused(self._finish, self._title)  # type: ignore[method-assign]
        self._step = self.gym.capture_step(self.sim, self._advance, self._title, sim.graph)
        if self.device.type == "cuda":
            for _ in range(SETUP_STEPS):  # kernels are compiled and the graph is captured here, and not in training
                self._step()

    @property
    def _title(self) -> str:
        return f"{self.config.name}: the step"


def _by_cause(failed: Tensor | Terms) -> Terms:
    return {FAILURE: failed} if isinstance(failed, Tensor) else failed


def _columns(term: Tensor) -> Tensor:
    return term.unsqueeze(-1) if term.dim() == 1 else term.flatten(1)


def _mismatch(section: str, given: Any, configured: Mapping[str, float]) -> list[str]:
    """Names that stand on one side only."""
    missing = [f"task.{section}.{n}: missing; the task has this term" for n in given if n not in configured]
    names = ", ".join(given)
    return missing + [
        f"task.{section}.{n}: the task has no such term; terms: {names}" for n in configured if n not in given
    ]
