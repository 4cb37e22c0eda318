"""One simulation: the scene while it is being described, the engine and its state once it is prepared."""

from __future__ import annotations

import copy
import functools
import time
import warnings

import numpy as np
import torch

from isaacgym._src import engines, props, scale, terrain
from isaacgym._src.actor_sensors import ActorSensors
from isaacgym._src.attractor import Attractors
from isaacgym._src.backend.base import HEALTH, Backend
from isaacgym._src.dynamics import Dynamics
from isaacgym._src.enums import ContactCollection, DofDriveMode
from isaacgym._src.graphics import Graphics
from isaacgym._src.health import SimulationWarning, health_message
from isaacgym._src.ignored import log_ignored
from isaacgym._src.layout import Layout
from isaacgym._src.options import SimParams
from isaacgym._src.results import PerformanceTimers
from isaacgym._src.scene import Env, Scene
from isaacgym._src.state import State
from isaacgym._src.tendon_coefficients import TendonCoefficients
from isaacgym._src.vectors import Vec3
from isaacgym._src.velocity import VelocityRules

REPORT_FRAMES = 1000  # between two looks at the counters of an engine that has to be waited for


class Sim:
    """What create_sim returns; client code treats it as opaque."""

    backend: Backend
    layout: Layout
    state: State
    dynamics: Dynamics
    attractors: Attractors | None
    velocities: VelocityRules

    def __init__(self, params: SimParams, compute_device: int = 0) -> None:
        self.params = copy.deepcopy(params)
        self.scene = Scene(self.params)
        self.graphics = Graphics()
        self.actor_sensors = ActorSensors()
        self.tendon_coefficients = TendonCoefficients()
        self.timers: dict[int, PerformanceTimers] = {}
        self.device = engines.device(self.params, compute_device)
        self.prepared = self.closed = False
        self.frame_count = 0
        self._stale_constants: set[int] = set()
        self._reported = torch.zeros(len(HEALTH), dtype=torch.int64)
        self.started = time.perf_counter()

    @property
    def envs(self) -> list[Env]:
        return self.scene.envs

    @functools.cached_property
    def origins(self) -> torch.Tensor:
        """(N, 1, 3) places of the environments in the global frame [m]; fixed once all exist."""
        return torch.tensor([env.origin for env in self.require("origins").envs], device=self.device).unsqueeze(1)

    def prepare(self) -> None:
        """Compile the scene, start the engine, put every actor where create_actor placed it."""
        if self.prepared:
            return
        model, layout = self.scene.compile(self.device)
        log_ignored(self.params, (actor.asset for actor in self.envs[0].actors))
        self.tendon_coefficients.write(model, self.envs)
        props.write_to_model(model, layout, self.envs)
        self.layout = layout
        poses = self.scene.poses()
        self.backend = engines.start(model, layout, len(self.envs), self.params, self.device, poses)
        self.attractors = Attractors(self.backend, layout, self.envs) if self.envs[0].attractors else None
        scale.write_differences(self.backend, layout, self.envs)
        props.write_differences(self.backend, layout, self.envs)
        if self.attractors:
            self.attractors.renew()
        terrain.warn_of_wide_shapes(model)
        terrain.put_in_global_frame(self.backend, np.array([env.origin for env in self.envs]))
        never = self.params.physx.contact_collection == ContactCollection.CC_NEVER
        self.state = State(self.backend, layout, self.actor_sensors.listed(self), contacts=not never)
        if self.attractors:
            self.state.pulls = self.attractors.pulls
            if self.state.sensors:
                self.state.sensors.pulls = self.attractors.pulls
        self.dynamics = Dynamics(self.state)
        self.state.place(poses, self._start("dof_states"))
        records = self._dof_records()
        self.state.set_drives(records)
        self.velocities = VelocityRules(self.backend, layout, self.envs[0].actors)
        self.velocities.set_dofs(records)
        self._keep_velocities()
        if (targets := self._start("dof_targets")) is not None:
            for column, mode in enumerate((DofDriveMode.DOF_MODE_POS, DofDriveMode.DOF_MODE_VEL)):
                values = torch.as_tensor(np.ascontiguousarray(targets[..., column]), device=self.device)
                self.state.command(values, mode)
        self.state.dof_force_scale.copy_(self._dof_force_scale())
        if self.state.sensors:
            self.state.sensors.set_masses(props.masses(layout, self.envs), slice(None))
        self.prepared = True

    def require(self, method: str) -> Sim:
        """This simulation, prepared; `method` is who needs it.

        Client code may acquire its tensors just before it calls prepare_sim, and push and simulate without it where
        it uses no tensors; it is done for it then.
        """
        if not self.prepared and self._complete():
            self.prepare()
        if self.closed:
            raise RuntimeError(f"{method}: destroy_sim has ended this simulation; create another one")
        if not self.prepared:
            raise RuntimeError(f"{method}: the simulation is not prepared; call prepare_sim once all actors exist")
        return self

    def _complete(self) -> bool:
        """Whether this is a scene with actors that was not prepared yet, nor closed."""
        return not self.closed and any(env.actors for env in self.envs)

    def step(self) -> None:
        """Advance by dt in `substeps` equal steps; forces applied to bodies end with it, drives and efforts stay."""
        self.renew_constants()
        self.backend.step(max(1, int(self.params.substeps)))
        self.state.stepped()
        self.frame_count += 1
        if self.backend.faulted:
            self.state.kinematics_changed()
            self.report_health()
        elif self.backend.faulted is None and not _capturing(self.device):
            self.report_now_and_then(1)

    def renew_constants(self) -> None:
        """Recompute what depends on properties that were set since the last step."""
        if self._stale_constants:
            self.backend.set_const(sorted(self._stale_constants))
            self._stale_constants.clear()
            if self.attractors:
                self.attractors.renew()

    def report_now_and_then(self, frames: int) -> None:
        """Report the health of an engine that has to be asked, once in many frames; `frames` were just simulated.

        Indices that setters met cost nothing to look at.
        """
        self.state.index_faults.check("simulate")
        if self.backend.faulted is None and self.frame_count % REPORT_FRAMES < frames:
            self.report_health()

    def report_health(self) -> None:
        """Warn by name of what went wrong in the engine since the last report; asks the device for its counters."""
        counts = self.backend.health.sum(0).cpu()
        if not bool((counts > self._reported).any()):
            return
        for name, now, before in zip(HEALTH, counts.tolist(), self._reported.tolist(), strict=True):
            if now >= max(1, 2 * before):  # at 1, then each time the number has doubled
                self._reported[HEALTH.index(name)] = now
                warnings.warn(f"simulate: {health_message(self.backend, name)}", SimulationWarning, stacklevel=4)

    def property_set(self, env: Env, handle: int, kind: str) -> None:
        """Let the records of an actor act, if the simulation runs already; `kind` is one of dof, body, shape."""
        if not self.prepared:
            return
        self.state.finish_step()
        if props.write_actor(self.backend, self.layout, env, handle, kind):
            self._stale_constants.add(env.index)
        here = slice(env.index, env.index + 1)
        if kind == "dof":
            records, held = _dof_records(env)[None], self.velocities.holds
            self.state.set_drives(records, here)
            self.velocities.set_dofs(records, here)
            if self.velocities.holds != held:
                self._keep_velocities()
        elif kind == "body" and self.state.sensors:
            self.state.sensors.set_masses(props.masses(self.layout, [env]), here)

    def set_params(self, params: SimParams) -> None:
        """Gravity may change while the simulation runs; time step and solver may not."""
        old, new = self.params, copy.deepcopy(params)
        if self.prepared:
            if (old.dt, old.substeps) != (new.dt, new.substeps):
                raise NotImplementedError(
                    f"set_sim_params: dt and substeps are fixed by prepare_sim (dt {old.dt}, substeps {old.substeps}), "
                    f"given dt {new.dt}, substeps {new.substeps}"
                )
            self.set_gravity(new.gravity, slice(None))
        self.params = new
        self.scene.params = new

    def set_gravity(self, gravity: Vec3, envs: slice) -> None:
        """Gravity [m/s^2] of the environments `envs` from now on."""
        self.state.finish_step()
        vector = torch.tensor([gravity.x, gravity.y, gravity.z], device=self.device)
        self.backend.field("opt.gravity")[envs] = vector.to(self.backend.field("opt.gravity").dtype)
        if self.state.sensors:
            self.state.sensors.set_gravity(vector, envs)

    def close(self) -> None:
        self.graphics.close()
        if self.prepared:
            self.backend.close()
        self.prepared, self.closed = False, True

    def _keep_velocities(self) -> None:
        """Let the engine ask for limits and damping in each substep, if there are any."""
        if not self.velocities.idle:
            self.backend.keep_rules(self.velocities)
            self.state.rules = self.velocities

    def _dof_records(self) -> np.ndarray:
        """(N, D) records of every dof, or (1, D) where no environment was touched."""
        touched = any(actor.dof_props is not None for env in self.envs for actor in env.actors)
        return np.stack([_dof_records(env) for env in (self.envs if touched else self.envs[:1])])

    def _start(self, kind: str) -> np.ndarray | None:
        """(N, D, 2) dof_states or dof_targets that actors were given while the scene was built, if any was."""
        if all(getattr(actor, kind) is None for env in self.envs for actor in env.actors):
            return None
        rest = [np.zeros((len(actor.asset.dof_names), 2), np.float32) for actor in self.envs[0].actors]
        given = [[getattr(actor, kind) for actor in env.actors] for env in self.envs]
        rows = [[r if g is None else g for g, r in zip(row, rest, strict=True)] for row in given]
        return np.stack([np.concatenate(row) for row in rows])

    def _dof_force_scale(self) -> torch.Tensor:
        """(N, D) one where the actor's dof force sensors are enabled, else zero."""
        counts = torch.tensor([len(actor.asset.dof_names) for actor in self.envs[0].actors])
        enabled = torch.tensor([[float(actor.dof_forces) for actor in env.actors] for env in self.envs])
        return enabled.repeat_interleave(counts, dim=1)


def _capturing(device: torch.device) -> bool:
    return device.type == "cuda" and torch.cuda.is_current_stream_capturing()


def _dof_records(env: Env) -> np.ndarray:
    """(D,) records of an environment's dofs."""
    return np.concatenate([props.dof_props(actor) for actor in env.actors])
