"""One simulation: the scene while it is being described, the engine and its state once it is prepared."""

from __future__ import annotations

import copy
import time

import numpy as np
import torch

from isaacgym._src import props
from isaacgym._src.asset import ForceSensor
from isaacgym._src.backend.base import Backend
from isaacgym._src.backend.cpu import BackendCpu
from isaacgym._src.layout import Layout
from isaacgym._src.options import SimParams
from isaacgym._src.scene import Scene
from isaacgym._src.state import State


class Sim:
    """What create_sim returns; client code treats it as opaque."""

    backend: Backend
    layout: Layout
    state: State

    def __init__(self, params: SimParams) -> None:
        if params.use_gpu_pipeline:
            raise NotImplementedError(
                "create_sim: the GPU pipeline is not built yet; set sim_params.use_gpu_pipeline = False "
                "(sim_device=cpu) to simulate on the CPU"
            )
        self.params = copy.deepcopy(params)
        self.scene = Scene(self.params)
        self.device = torch.device("cpu")
        self.prepared = False
        self.frame_count = 0
        self.started = time.perf_counter()

    @property
    def envs(self) -> list:
        return self.scene.envs

    def prepare(self) -> None:
        """Compile the scene, start the engine, put every actor where create_actor placed it."""
        if self.prepared:
            return
        model, layout = self.scene.compile(self.device)
        props.write_to_model(model, layout, self.envs[0])
        self.layout = layout
        self.backend = BackendCpu(model, len(self.envs), int(self.params.physx.num_threads))
        props.write_differences(self.backend, layout, self.envs)
        self.state = State(self.backend, layout, self._sensors())
        self.state.place(self.scene.poses())
        self.state.set_modes(self.dof_modes())
        self.state.dof_force_scale.copy_(self._dof_force_scale())
        self.prepared = True

    def require(self, method: str) -> Sim:
        """This simulation, prepared; `method` is who needs it."""
        if not self.prepared:
            raise RuntimeError(f"{method}: the simulation is not prepared; call prepare_sim once all actors exist")
        return self

    def step(self) -> None:
        """Advance by dt in `substeps` equal steps; forces applied to bodies end with it, drives and efforts stay."""
        self.backend.step(max(1, int(self.params.substeps)))
        self.state.stepped()
        self.frame_count += 1

    def set_params(self, params: SimParams) -> None:
        """Gravity may change while the simulation runs; time step and solver may not."""
        old, new = self.params, copy.deepcopy(params)
        if self.prepared:
            if (old.dt, old.substeps) != (new.dt, new.substeps):
                raise NotImplementedError(
                    f"set_sim_params: dt and substeps are fixed by prepare_sim (dt {old.dt}, substeps {old.substeps}), "
                    f"given dt {new.dt}, substeps {new.substeps}"
                )
            gravity = self.backend.field("opt.gravity")
            gravity[:] = torch.tensor([new.gravity.x, new.gravity.y, new.gravity.z], dtype=gravity.dtype)
        self.params = new
        self.scene.params = new

    def close(self) -> None:
        if self.prepared:
            self.backend.close()
        self.prepared = False

    def dof_modes(self) -> np.ndarray:
        """(N, D) drive mode of every dof, or (1, D) where no environment differs."""
        touched = any(actor.dof_props is not None for env in self.envs for actor in env.actors)
        envs = self.envs if touched else self.envs[:1]
        return np.stack([np.concatenate([props.dof_props(a)["driveMode"] for a in env.actors]) for env in envs])

    def _dof_force_scale(self) -> torch.Tensor:
        """(D,) one where the actor's dof force sensors are enabled, else zero."""
        counts = torch.tensor([len(actor.asset.dof_names) for actor in self.envs[0].actors])
        enabled = torch.tensor([float(actor.dof_forces) for actor in self.envs[0].actors])
        return enabled.repeat_interleave(counts)

    def _sensors(self) -> list[ForceSensor]:
        """The force sensors of an environment, their bodies counted through all its actors."""
        return [
            ForceSensor(place.body.start + sensor.body, sensor.pose, sensor.props)
            for place, actor in zip(self.layout.actors, self.envs[0].actors, strict=True)
            for sensor in actor.asset.sensors
        ]
