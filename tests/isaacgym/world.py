"""A small simulation for tests: assets from inline text, a few environments, every tensor as (N, ...) copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch

GYM = gymapi.acquire_gym()
GRAVITY = 9.81  # [m/s^2]


class Spawn(NamedTuple):
    """One create_actor call, made in every environment."""

    asset: gymapi.Asset
    position: Sequence[float] = (0.0, 0.0, 1.0)
    rotation: Sequence[float] = (0.0, 0.0, 0.0, 1.0)
    filter: int = 0
    group: int = 0
    name: str = ""


class World:
    """Built in three lines: `asset`, `populate`, `step`; states are read after a refresh."""

    gym = GYM

    def __init__(
        self,
        folder: Path,
        num_envs: int = 2,
        dt: float = 0.01,
        substeps: int = 1,
        gravity: float = -GRAVITY,
        ground: float | None = None,
        gpu: bool = False,
        **mujoco: Any,
    ) -> None:
        self.folder, self.num_envs, self.dt = folder, num_envs, dt
        params = gymapi.SimParams()
        params.dt, params.substeps, params.up_axis = dt, substeps, gymapi.UP_AXIS_Z
        params.use_gpu_pipeline = gpu
        params.gravity = gymapi.Vec3(0.0, 0.0, gravity)
        for name, value in ({"iterations": 50, "tolerance": 1e-10} | mujoco).items():
            setattr(params.mujoco, name, value)
        self.sim = GYM.create_sim(0, -1, gymapi.SIM_PHYSX, params)
        self.envs: list[gymapi.Env] = []
        self._files = count()
        if ground is not None:
            self.add_ground(ground)

    def add_ground(self, friction: float) -> None:
        plane = gymapi.PlaneParams()
        plane.normal, plane.static_friction = gymapi.Vec3(0, 0, 1), friction
        GYM.add_ground(self.sim, plane)

    # Build.

    def asset(self, text: str, **options: Any) -> gymapi.Asset:
        """The asset in MJCF or URDF text."""
        suffix = ".urdf" if text.lstrip().startswith("<robot") else ".xml"
        path = self.folder / f"asset_{next(self._files)}{suffix}"
        path.write_text(text)
        return GYM.load_asset(self.sim, str(self.folder), path.name, asset_options(**options))

    def box(self, size: float = 0.2, **options: Any) -> gymapi.Asset:
        """A cube of the given edge [m], of 1000 kg/m^3 unless `options` say so."""
        return GYM.create_box(self.sim, size, size, size, asset_options(**options))

    def plate(self) -> gymapi.Asset:
        """A plate of 1 x 1 x 0.1 m, which slides without rocking."""
        return GYM.create_box(self.sim, 1.0, 1.0, 0.1, asset_options())

    def populate(self, *spawns: Spawn, each: Callable[[gymapi.Env, list[int], int], None] | None = None) -> World:
        """Create all environments, call `each(env, handles, i)` on every one, and prepare."""
        for i in range(self.num_envs):
            env = GYM.create_env(self.sim, gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1), 2)
            handles = [self.spawn(env, spawn) for spawn in spawns]
            self.envs.append(env)
            if each is not None:
                each(env, handles, i)
        return self.prepare()

    def spawn(self, env: gymapi.Env, spawn: Spawn) -> int:
        pose = gymapi.Transform(gymapi.Vec3(*spawn.position), gymapi.Quat(*spawn.rotation))
        return GYM.create_actor(env, spawn.asset, pose, spawn.name or None, spawn.group, spawn.filter)

    def prepare(self) -> World:
        GYM.prepare_sim(self.sim)
        return self

    # Run.

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            GYM.simulate(self.sim)

    def seconds(self, time: float) -> None:
        self.step(round(time / self.dt))

    # Read: (N, ...) copies on the CPU after a refresh.

    @property
    def root(self) -> Tensor:
        """(N, A, 13)."""
        return self._read("actor_root_state").view(self.num_envs, -1, 13)

    @property
    def dof(self) -> Tensor:
        """(N, D, 2)."""
        return self._read("dof_state").view(self.num_envs, -1, 2)

    @property
    def body(self) -> Tensor:
        """(N, B, 13)."""
        return self._read("rigid_body_state").view(self.num_envs, -1, 13)

    @property
    def contact(self) -> Tensor:
        """(N, B, 3)."""
        return self._read("net_contact_force").view(self.num_envs, -1, 3)

    @property
    def sensor(self) -> Tensor:
        """(N, S, 6)."""
        return self._read("force_sensor").view(self.num_envs, -1, 6)

    @property
    def dof_force(self) -> Tensor:
        """(N, D)."""
        return self._read("dof_force").view(self.num_envs, -1)

    def _read(self, name: str) -> Tensor:
        tensor: Tensor = getattr(GYM, f"acquire_{name}_tensor")(self.sim).torch
        assert getattr(GYM, f"refresh_{name}_tensor")(self.sim)
        return tensor.cpu().clone()

    def engine(self) -> dict[str, Tensor]:
        """Copies of the engine's own state."""
        fields = ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat", "xfrc_applied")
        return {name: self.sim.backend.data(name).clone() for name in fields}

    # Write.

    def set_root(self, root: Tensor) -> None:
        GYM.set_actor_root_state_tensor(self.sim, self._wrap(root))

    def set_dof(self, dof: Tensor) -> None:
        GYM.set_dof_state_tensor(self.sim, self._wrap(dof))

    def effort(self, value: Any) -> None:
        GYM.set_dof_actuation_force_tensor(self.sim, self._wrap(self._dofs(value)))

    def target(self, value: Any) -> None:
        GYM.set_dof_position_target_tensor(self.sim, self._wrap(self._dofs(value)))

    def target_velocity(self, value: Any) -> None:
        GYM.set_dof_velocity_target_tensor(self.sim, self._wrap(self._dofs(value)))

    def push(self, force: Any = None, torque: Any = None, space: Any = gymapi.ENV_SPACE) -> None:
        """The same force and torque on every body, or (N, B, 3) of them."""
        bodies = (self.num_envs, GYM.get_env_rigid_body_count(self.envs[0]), 3)
        forces, torques = (
            None if x is None else self._wrap(torch.as_tensor(x).expand(bodies)) for x in (force, torque)
        )
        GYM.apply_rigid_body_force_tensors(self.sim, forces, torques, space)

    def _wrap(self, tensor: Tensor) -> gymapi.Tensor:
        """Where the simulation is."""
        return wrap(tensor.to(self.sim.device))

    def _dofs(self, value: Any) -> Tensor:
        dofs = GYM.get_env_dof_count(self.envs[0])
        return torch.as_tensor(value, dtype=torch.float32).expand(self.num_envs, dofs)

    def drive(self, env: int = 0, actor: int = 0, **fields: Any) -> None:
        """Set fields of all dof records of an actor."""
        props = GYM.get_actor_dof_properties(self.envs[env], actor)
        for name, value in fields.items():
            props[name] = value
        GYM.set_actor_dof_properties(self.envs[env], actor, props)


def drive(**fields: Any) -> Callable[[gymapi.Env, list[int], int], None]:
    """For `populate(each=...)`: fields of the dof records of the first actor; a list holds one value per env."""

    def each(env: gymapi.Env, handles: list[int], i: int) -> None:
        props = GYM.get_actor_dof_properties(env, handles[0])
        for name, value in fields.items():
            props[name] = value[i] if isinstance(value, list) else value
        GYM.set_actor_dof_properties(env, handles[0], props)

    return each


def asset_options(**fields: Any) -> gymapi.AssetOptions:
    """Options without damping of bodies unless asked for."""
    options = gymapi.AssetOptions()
    for name, value in ({"angular_damping": 0.0} | fields).items():
        setattr(options, name, value)
    return options


def wrap(tensor: Tensor) -> gymapi.Tensor:
    return gymtorch.unwrap_tensor(tensor.contiguous())


def indices(*values: int) -> gymapi.Tensor:
    return wrap(torch.tensor(values, dtype=torch.int32))


def close(actual: Any, expected: Any, tolerance: float) -> bool:
    """Whether no number is further than `tolerance` from the expected one."""
    actual, expected = (torch.as_tensor(x, dtype=torch.float64, device="cpu") for x in (actual, expected))
    return bool((actual - expected).abs().max() <= tolerance)


def momentum(w: World) -> Tensor:
    """(N, 3) linear momentum of the first actor [kg m/s]."""
    props = GYM.get_actor_rigid_body_properties(w.envs[0], 0)
    body = w.body.double()
    coms = torch.tensor([[p.com.x, p.com.y, p.com.z] for p in props]).double()
    arm = rotated(body[..., 3:7], coms.expand(w.num_envs, -1, 3))
    vel = body[..., 7:10] + torch.linalg.cross(body[..., 10:13], arm)
    return (torch.tensor([p.mass for p in props])[:, None] * vel).sum(1)


def rotated(quat: Tensor, vec: Tensor) -> Tensor:
    axis, w = quat[..., :3], quat[..., 3:]
    return vec + 2 * torch.linalg.cross(axis, torch.linalg.cross(axis, vec) + w * vec)


def random_quat(rng: np.random.Generator, *shape: int) -> Tensor:
    """Uniform unit quaternions (*shape, 4)."""
    quat = torch.from_numpy(rng.normal(size=(*shape, 4))).float()
    return quat / quat.norm(dim=-1, keepdim=True)


@contextmanager
def nothing_in(folder: Path) -> Iterator[None]:
    """Asserts that the block leaves no file behind in `folder`."""
    before = set(folder.iterdir())
    yield
    assert set(folder.iterdir()) == before


# For tests that a GPU runs too, with -m gpu.
EVERYWHERE = pytest.mark.parametrize(
    "world", ["mujoco", "warp", pytest.param("gpu", marks=pytest.mark.gpu)], indirect=True
)

# Models that several files use.

LINK = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="base"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
    <body name="link"><joint name="hinge" axis="0 1 0"/>
      <inertial pos="0 0 0" mass="2" diaginertia="0.5 0.5 0.5"/></body>
  </body></worldbody></mujoco>"""  # a flywheel of 0.5 kg m^2 about a horizontal axis

PENDULUM = """<mujoco><worldbody>
  <body name="base"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
    <body name="bob"><joint name="hinge" axis="0 1 0"/>
      <inertial pos="0 0 -0.8" mass="1.5" diaginertia="1e-9 1e-9 1e-9"/></body>
  </body></worldbody></mujoco>"""  # a point of 1.5 kg, 0.8 m below its hinge

CHAIN = """<mujoco><compiler angle="radian"/><worldbody>
  <body name="torso"><freejoint/><geom type="box" size=".15 .1 .05" pos=".05 .02 -.03"/>
    <body name="thigh" pos=".15 0 0"><joint name="hip_x" axis="1 0 0"/><joint name="hip_y" axis="0 1 0"/>
      <geom type="capsule" fromto="0 0 0 .1 .05 -.2" size=".03"/>
      <body name="shin" pos=".1 .05 -.2"><joint name="knee" axis="0 1 0"/>
        <geom type="capsule" fromto="0 0 0 0 0 -.2" size=".02"/></body></body>
    <body name="arm" pos="-.15 0 0" quat=".7 .1 .7 .1"><joint name="slide" type="slide" axis="0 0 1"/>
      <geom type="sphere" size=".05" pos="0 .1 0"/></body>
  </body></worldbody></mujoco>"""  # two hinges on one body, a slider, every centre of mass off its link's origin
