"""Attractors: spring-dampers between a frame on a body and a target, as equality constraints.

A spring K with damping D over a step h, integrated implicitly, pulls with -K r - (D + K h) v - (D h + K h^2) a for
a distance r and its derivatives. MuJoCo's constraint pulls with -(a + b v + k r) / R, where R follows from its
impedance and the inverse inertia w that it sees: the same law for R = 1 / (D h + K h^2), k = K R, b = (D + K h) R.
A spring that moves its body within less than a step is held to the impedance that the engine has at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import mujoco
import numpy as np
import torch
from torch import Tensor

from isaacgym._src.backend.base import Backend
from isaacgym._src.enums import TransformAxes
from isaacgym._src.layout import Layout, wxyz
from isaacgym._src.options import AttractorProperties
from isaacgym._src.vectors import Transform

if TYPE_CHECKING:
    from isaacgym._src.scene import Env

LEAST_IMPEDANCE, MOST_IMPEDANCE = 1e-4, 0.9999  # of MuJoCo
TORQUE_SCALE = 10  # where eq_data keeps it


def check(method: str, props: AttractorProperties, bodies: int) -> None:
    """Refuse axes, bodies and gains that cannot be."""
    if props.axes not in (TransformAxes.AXIS_TRANSLATION, TransformAxes.AXIS_ALL):
        raise NotImplementedError(
            f"{method}: axes must be AXIS_TRANSLATION or AXIS_ALL, given {props.axes!r}; other axes are not built"
        )
    if not 0 <= props.rigid_handle < bodies:
        raise IndexError(
            f"{method}: rigid_handle {props.rigid_handle} is no body of the environment, which has {bodies} so far "
            "(find_actor_rigid_body_handle gives it)"
        )
    if props.stiffness < 0 or props.damping < 0:
        raise ValueError(
            f"{method}: stiffness and damping must not be negative, given {props.stiffness} and {props.damping}"
        )


def check_alike(envs: Sequence[Env]) -> None:
    """Every environment must pull the same bodies along the same axes."""
    wanted = [_kind(p) for p in envs[0].attractors]
    for env in envs[1:]:
        if (found := [_kind(p) for p in env.attractors]) != wanted:
            raise NotImplementedError(
                f"prepare_sim: environment {env.index} has attractors on (body, axes) {found}, environment 0 on "
                f"{wanted}; all environments share one compiled model, so create the same attractors in each"
            )


def add(spec: mujoco.MjSpec, body_names: Sequence[str], attractors: Sequence[AttractorProperties]) -> None:
    """A target and a constraint for each attractor; `body_names` are the bodies of an environment in the spec."""
    for i, props in enumerate(attractors):
        target = spec.worldbody.add_body(name=f"attractor_{i}", mocap=True)
        target.pos, target.quat = _pos(props.target), _quat(props.target)
        target.add_site(name=f"attractor_{i}/target", group=5)
        frame = spec.body(body_names[props.rigid_handle]).add_site(name=f"attractor_{i}/body", group=5)
        frame.pos, frame.quat = _pos(props.offset), _quat(props.offset)
        weld = props.axes == TransformAxes.AXIS_ALL
        spec.add_equality(
            name=f"attractor_{i}",
            type=mujoco.mjtEq.mjEQ_WELD if weld else mujoco.mjtEq.mjEQ_CONNECT,
            objtype=mujoco.mjtObj.mjOBJ_SITE,
            name1=frame.name,
            name2=f"attractor_{i}/target",
        )


class Pulls:
    """What attractors do to bodies, which the engine counts as external forces: the opposite of what targets feel."""

    def __init__(self, layout: Layout, bodies: np.ndarray) -> None:
        """`bodies` are MuJoCo's, one for each attractor."""
        targets = [layout.model.body(f"attractor_{i}").id for i in range(len(bodies))]
        self._targets = torch.as_tensor(targets, device=layout.device)
        self._bodies = bodies
        columns = [int(np.flatnonzero(layout.body_ids == body)[0]) for body in bodies]
        self._columns = torch.as_tensor(columns, device=layout.device)

    def take_off_forces(self, forces: Tensor, backend: Backend) -> None:
        """Take the pulls off the external forces (N, B, 3) on bodies."""
        felt = backend.data("cfrc_ext").index_select(1, self._targets)[..., 3:]
        forces.index_add_(1, self._columns, felt.to(forces.dtype))

    def take_off_wrenches(self, force: Tensor, torque: Tensor, pos: Tensor, bodies: Tensor, backend: Backend) -> None:
        """Take the pulls off the external forces and torques about `pos` (N, S, 3) on the MuJoCo bodies (S,)."""
        felt = backend.data("cfrc_ext").index_select(1, self._targets)
        centre = backend.data("subtree_com").index_select(1, self._targets)
        for i, body in enumerate(self._bodies):
            here = (bodies == int(body)).to(force.dtype).view(-1, 1)
            pull, turn = (x.unsqueeze(1).to(force.dtype) for x in (felt[:, i, 3:], felt[:, i, :3]))
            arm = centre[:, i].unsqueeze(1).to(force.dtype) - pos
            torque += here * (turn + torch.linalg.cross(arm, pull.expand_as(arm)))
            force += here * pull


class Attractors:
    """The attractors of all environments, their gains as the engine's constraints have them."""

    def __init__(self, backend: Backend, layout: Layout, envs: Sequence[Env]) -> None:
        model, names = layout.model, [f"attractor_{i}" for i in range(len(envs[0].attractors))]
        self._backend, self._layout = backend, layout
        self._equality = np.array([model.equality(name).id for name in names])
        self._mocap = [int(model.body(name).mocapid[0]) for name in names]
        self._site = [model.site(f"{name}/body").id for name in names]
        self._body = layout.body_ids[[p.rigid_handle for p in envs[0].attractors]]
        _check_movable(model, envs[0], self._body)
        self.pulls = Pulls(layout, self._body)
        self._inverse_inertia = backend.field("body_invweight0")
        number = lambda name: torch.tensor(  # noqa: E731
            [[getattr(p, name) for p in env.attractors] for env in envs], dtype=torch.float64, device=backend.device
        )
        self._stiffness, self._damping = number("stiffness"), number("damping")
        self._place("target", envs, slice(None))
        if any(p.offset != q.offset for env in envs for p, q in zip(env.attractors, envs[0].attractors, strict=True)):
            self._place("offset", envs, slice(None))
        self.renew()

    def set(self, env: Env) -> None:
        """Let the attractors of an environment be what their properties say now."""
        here = slice(env.index, env.index + 1)
        for values, name in ((self._stiffness, "stiffness"), (self._damping, "damping")):
            values[env.index] = torch.tensor([getattr(p, name) for p in env.attractors], dtype=values.dtype)
        self._place("target", [env], here)
        self._place("offset", [env], here)
        self.renew()

    def set_target(self, env: Env) -> None:
        self._place("target", [env], slice(env.index, env.index + 1))

    def renew(self) -> None:
        """The constraints of all environments from gains and inertias, which may differ and change."""
        step, bodies = self._layout.model.opt.timestep, torch.as_tensor(self._body, device=self._backend.device)
        inverse = self._inverse_inertia.index_select(1, bodies).double()  # (N, E, 2) for force and for torque
        stiffness, damping, light = self._stiffness, self._damping, inverse[..., 0]
        heaviest = light * (1.0 - LEAST_IMPEDANCE) / LEAST_IMPEDANCE
        resistance = torch.minimum(1.0 / (step * (damping + step * stiffness)), heaviest)
        impedance = (light / (light + resistance)).clamp(LEAST_IMPEDANCE, MOST_IMPEDANCE)
        spring, damper = stiffness * resistance, (damping + step * stiffness) * resistance
        self._put("eq_solref", torch.stack((-spring * impedance, -damper * impedance), -1), slice(0, 2))
        self._put("eq_solimp", impedance.unsqueeze(-1).expand(-1, -1, 2), slice(0, 2))
        # MuJoCo measures half the angle times this scale, and sees the inverse inertia of turning.
        scale = 2.0 * (inverse[..., 1] / light).sqrt()
        self._put("eq_data", scale.unsqueeze(-1), slice(TORQUE_SCALE, TORQUE_SCALE + 1))
        active = self._backend.data("eq_active")
        active[:, self._equality] = ((stiffness > 0) | (damping > 0)).to(active.dtype)

    def _put(self, name: str, values: Tensor, columns: slice) -> None:
        field = self._backend.field(name)
        for i, equality in enumerate(self._equality):
            field[:, equality, columns] = values[:, i].to(field.dtype)

    def _place(self, name: str, envs: Sequence[Env], rows: slice) -> None:
        """Where the targets or the frames on the bodies of these environments stand."""
        on_body, get = name == "offset", self._backend.field if name == "offset" else self._backend.data
        pos, quat = (get(f) for f in (("site_pos", "site_quat") if on_body else ("mocap_pos", "mocap_quat")))
        for i, index in enumerate(self._site if on_body else self._mocap):
            poses = np.array([np.frombuffer(bytes(getattr(env.attractors[i], name)), np.float32) for env in envs])
            values = torch.as_tensor(poses, dtype=pos.dtype, device=pos.device)
            pos[rows, index] = values[:, :3]
            quat[rows, index] = wxyz(values[:, 3:])


def _kind(props: AttractorProperties) -> tuple[int, int]:
    return props.rigid_handle, int(props.axes)


def _check_movable(model: mujoco.MjModel, env: Env, bodies: np.ndarray) -> None:
    for i, body in enumerate(bodies):
        if model.body_invweight0[body, 0] == 0:
            handle = env.attractors[i].rigid_handle
            raise ValueError(
                f"create_rigid_body_attractor: body {handle} is fixed, nothing can pull it; fix_base_link?"
            )


def _pos(pose: Transform) -> list[float]:
    return [pose.p.x, pose.p.y, pose.p.z]


def _quat(pose: Transform) -> list[float]:
    return [pose.r.w, pose.r.x, pose.r.y, pose.r.z]
