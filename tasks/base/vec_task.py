"""VecTask: IsaacGymEnvs' base class, for tasks that are written with indices and own their step."""

from __future__ import annotations

import copy
import inspect
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Box
from torch import Tensor

from isaacgym import gymapi, gymutil
from tasks.base.config import ConfigError
from tasks.base.stepper import VecTaskStepper
from tasks.base.vec_config import ENGINES, vec_faults

log = logging.getLogger(__name__)

NEEDED = ("numEnvs", "numActions")


class VecTask:
    """N environments that a subclass builds in `create_sim` and moves in `pre_physics_step` and `post_physics_step`.

    The subclass sets `max_episode_length`, fills `obs_buf` and `rew_buf`, and flags ended episodes in `reset_buf`; it
    resets flagged environments itself, usually in its next `post_physics_step`. Training uses it through `create`.
    """

    max_episode_length: int | float
    sim: Any = None

    def __init__(
        self,
        config: dict[str, Any],
        rl_device: str,
        sim_device: str,
        graphics_device_id: int,
        headless: bool,
        virtual_screen_capture: bool = False,
        force_render: bool = False,
    ) -> None:
        self.cfg, self.rl_device, self.headless = config, rl_device, headless
        self.virtual_screen_capture, self.force_render = virtual_screen_capture, force_render
        self.device_type, _, index = sim_device.partition(":")
        self.device_id = int(index or 0)
        env = config["env"]
        missing = [f"task.env.{key}: missing; the YAML or the task sets it" for key in NEEDED if key not in env]
        if missing:
            raise ConfigError(type(self).__name__, missing)
        cameras = env.get("enableCameraSensors", False)
        self.graphics_device_id = -1 if headless and not cameras else graphics_device_id
        self.num_environments = env["numEnvs"]
        self.num_agents = env.get("numAgents", 1)
        self.num_observations = env.get("numObservations", 0)
        self.num_states = env.get("numStates", 0)
        self.num_actions = env["numActions"]
        self.control_freq_inv = env.get("controlFrequencyInv", 1)
        self.clip_obs = env.get("clipObservations", np.inf)
        self.clip_actions = env.get("clipActions", np.inf)
        self.obs_space, self.state_space = _box(self.num_observations), _box(self.num_states)
        self.act_space = _box(self.num_actions, limit=1.0)
        self.control_steps = 0
        self.total_train_env_frames = 0
        self.viewer: Any = None
        self.enable_viewer_sync = True

        self.physics_engine = ENGINES[config.get("physics_engine", "physx")]
        self.sim_params = self._parse_sim_params(config["sim"])
        self.device = f"cuda:{self.device_id}" if self.sim_params.use_gpu_pipeline else "cpu"
        self.gym = gymapi.acquire_gym()
        self.create_sim()
        self.gym.prepare_sim(self.sim)
        self.set_viewer()
        self.allocate_buffers()
        self.obs_dict: dict[str, Tensor] = {}

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> list[str]:
        """Every fault of the config that can be known without building anything."""
        return vec_faults(config)

    @classmethod
    def create(
        cls,
        config: Mapping[str, Any],
        num_envs: int,
        sim_device: str = "cpu",
        rl_device: str = "cpu",
        headless: bool = True,
        measured: bool = False,
    ) -> VecTaskStepper:
        """How the training side builds a task: one that steps like any other."""
        values = copy.deepcopy(dict(config))
        values["env"]["numEnvs"] = num_envs
        keyword = "cfg" if "cfg" in inspect.signature(cls).parameters else "config"
        env: Any = cls(
            **{keyword: values},
            rl_device=rl_device,
            sim_device=sim_device,
            graphics_device_id=-1 if headless else 0,
            headless=headless,
            virtual_screen_capture=False,
            force_render=not headless,
        )
        return VecTaskStepper(env, measured)

    @property
    def observation_space(self) -> Box:
        return self.obs_space

    @property
    def action_space(self) -> Box:
        return self.act_space

    @property
    def num_envs(self) -> int:
        return self.num_environments

    @property
    def num_acts(self) -> int:
        return self.num_actions

    @property
    def num_obs(self) -> int:
        return self.num_observations

    # What a subclass overrides.

    def create_sim(
        self,
        compute_device: int = 0,
        graphics_device: int = -1,
        physics_engine: Any = gymapi.SIM_PHYSX,
        sim_params: gymapi.SimParams | None = None,
    ) -> gymapi.Sim:
        """A new simulation. A subclass overrides this without arguments: it sets `self.sim` and adds all actors."""
        if type(self).create_sim is VecTask.create_sim:
            raise NotImplementedError(f"{type(self).__name__}: create_sim() must set self.sim and create the actors")
        return self.gym.create_sim(compute_device, graphics_device, physics_engine, sim_params)

    def pre_physics_step(self, actions: Tensor) -> None:
        """Turn clipped actions (N, A) into commands."""
        raise NotImplementedError(f"{type(self).__name__}: pre_physics_step(actions) is not written")

    def post_physics_step(self) -> None:
        """Count, reset flagged environments, observe, reward."""
        raise NotImplementedError(f"{type(self).__name__}: post_physics_step() is not written")

    def reset_idx(self, env_ids: Tensor) -> None:
        """Begin a new episode in the environments `env_ids` (n,) and clear their `reset_buf` and `progress_buf`."""
        raise NotImplementedError(f"{type(self).__name__}: reset_idx(env_ids) is not written")

    def allocate_buffers(self) -> None:
        """The buffers of a step; every environment is flagged to begin a new episode."""
        n, device = self.num_envs, self.device
        self.obs_buf = torch.zeros(n, self.num_obs, device=device)
        self.states_buf = torch.zeros(n, self.num_states, device=device)
        self.rew_buf = torch.zeros(n, device=device)
        self.reset_buf = torch.ones(n, device=device, dtype=torch.long)
        self.timeout_buf = torch.zeros(n, device=device, dtype=torch.long)
        self.progress_buf = torch.zeros(n, device=device, dtype=torch.long)
        self.randomize_buf = torch.zeros(n, device=device, dtype=torch.long)
        self.extras: dict[str, Any] = {}

    def apply_randomizations(self, dr_params: Mapping[str, Any]) -> None:
        """Domain randomisation by IsaacGymEnvs' schema, which is not built."""
        raise NotImplementedError(
            f"{type(self).__name__}: apply_randomizations is not built yet, given {', '.join(dr_params) or 'nothing'}; "
            "set task.task.randomize=False"
        )

    def get_env_state(self) -> dict[str, Any] | None:
        """What outlives an episode and belongs in a checkpoint."""
        return None

    def set_env_state(self, env_state: dict[str, Any] | None) -> None:
        """Continue from `get_env_state`."""

    def set_train_info(self, env_frames: int, *args: Any, **kwargs: Any) -> None:
        """How many environment steps training has taken."""
        self.total_train_env_frames = env_frames

    # The step.

    def step(self, actions: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, dict[str, Any]]:
        """One control step: observations, reward (N,), reset flags (N,) and extras, on `rl_device`."""
        self.pre_physics_step(torch.clamp(actions, -self.clip_actions, self.clip_actions).to(self.device))
        for _ in range(self.control_freq_inv):
            if self.force_render:
                self.render()
            self.gym.simulate(self.sim)
        if self.device == "cpu":
            self.gym.fetch_results(self.sim, True)
        self.post_physics_step()
        self.control_steps += 1
        self.timeout_buf = (self.progress_buf >= self.max_episode_length - 1) & (self.reset_buf != 0)
        self.extras["time_outs"] = self.timeout_buf.to(self.rl_device)
        return self._observed(), self.rew_buf.to(self.rl_device), self.reset_buf.to(self.rl_device), self.extras

    def reset(self) -> dict[str, Tensor]:
        """The observations as they are; flagged environments are reset in the next step."""
        return self._observed()

    def reset_done(self) -> tuple[dict[str, Tensor], Tensor]:
        """Reset the flagged environments now; the observations and the ids (n,) of those environments."""
        env_ids = self.reset_buf.nonzero(as_tuple=False).flatten()
        if len(env_ids) > 0:
            self.reset_idx(env_ids)
        return self._observed(), env_ids

    def zero_actions(self) -> Tensor:
        """(N, A) actions that command nothing."""
        return torch.zeros(self.num_envs, self.num_actions, device=self.rl_device)

    def _observed(self) -> dict[str, Tensor]:
        self.obs_dict["obs"] = torch.clamp(self.obs_buf, -self.clip_obs, self.clip_obs).to(self.rl_device)
        if self.num_states > 0:
            self.obs_dict["states"] = torch.clamp(self.states_buf, -self.clip_obs, self.clip_obs).to(self.rl_device)
        return self.obs_dict

    # The viewer.

    def set_viewer(self) -> None:
        """Open a window, unless headless: Escape closes it, V stops and starts drawing."""
        if self.headless:
            return
        self.viewer = self.gym.create_viewer(self.sim, gymapi.CameraProperties())
        self.gym.subscribe_viewer_keyboard_event(self.viewer, gymapi.KEY_ESCAPE, "QUIT")
        self.gym.subscribe_viewer_keyboard_event(self.viewer, gymapi.KEY_V, "toggle_viewer_sync")
        z_up = self.sim_params.up_axis == gymapi.UP_AXIS_Z
        position, target = ((20.0, 25.0, 3.0), (10.0, 15.0, 0.0)) if z_up else ((20.0, 3.0, 25.0), (10.0, 0.0, 15.0))
        self.gym.viewer_camera_look_at(self.viewer, None, gymapi.Vec3(*position), gymapi.Vec3(*target))

    def render(self, mode: str = "rgb_array") -> None:
        """Show the present state in the window, where there is one."""
        if self.viewer is None:
            return
        if self.gym.query_viewer_has_closed(self.viewer):
            raise SystemExit
        for event in self.gym.query_viewer_action_events(self.viewer):
            if event.value > 0 and event.action == "QUIT":
                raise SystemExit
            if event.value > 0 and event.action == "toggle_viewer_sync":
                self.enable_viewer_sync = not self.enable_viewer_sync
        if not self.enable_viewer_sync:
            self.gym.poll_viewer_events(self.viewer)
            return
        self.gym.step_graphics(self.sim)
        self.gym.draw_viewer(self.viewer, self.sim, True)
        self.gym.sync_frame_time(self.sim)

    def _parse_sim_params(self, section: Mapping[str, Any]) -> gymapi.SimParams:
        params = gymapi.SimParams()
        on_gpu = self.device_type in ("cuda", "gpu")
        params.use_gpu_pipeline = on_gpu
        gymutil.parse_sim_config(section, params)
        if params.use_gpu_pipeline and not on_gpu:
            log.info("%s: sim.use_gpu_pipeline is on and sim_device is a CPU; the CPU is used", type(self).__name__)
            params.use_gpu_pipeline = False
        return params


def _box(width: int, limit: float = np.inf) -> Box:
    return Box(-limit, limit, (width,), np.float32)
