"""An asset: one actor's description, loaded once and instantiated in every environment."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np

from isaacgym._src.enums import DofDriveMode, DofType
from isaacgym._src.options import AssetOptions, ForceSensorProperties
from isaacgym._src.properties import (
    ActuatorProperties,
    RigidBodyProperties,
    RigidShapeProperties,
    dof_dtype,
)
from isaacgym._src.vectors import Mat33, Transform, Vec3

UNLIMITED = float(np.finfo(np.float32).max)


class AssetError(ValueError):
    """An asset file that is missing, malformed, or uses what the engine cannot simulate."""


@dataclass
class ForceSensor:
    """A force sensor fixed to body `body` of the asset at `pose` in the body's frame."""

    body: int
    pose: Transform
    props: ForceSensorProperties


@dataclass
class Asset:
    """One kind of actor: a MuJoCo spec with a single root body, and what Isaac Gym's queries answer.

    Bodies, dofs and shapes are in depth-first order. `fixed` says that the root is welded to where the
    actor is placed; `joints` lists the name of every joint, fixed ones included (URDF only).
    """

    name: str
    spec: mujoco.MjSpec
    options: AssetOptions
    actuators: list[ActuatorProperties] = field(default_factory=list)
    actuator_joints: list[str] = field(default_factory=list)
    effort_limits: dict[str, float] = field(default_factory=dict)
    velocity_limits: dict[str, float] = field(default_factory=dict)
    drive_modes: dict[str, tuple[DofDriveMode, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.options = copy.deepcopy(self.options)
        self.sensors: list[ForceSensor] = []
        self.shapes_changed = False
        self.model = _compile(self.name, self.spec)
        model = self.model
        self.body_names = [model.body(i).name for i in range(1, model.nbody)]
        self.dof_names = [model.joint(i).name for i in range(model.njnt)]
        self.shape_ids = np.flatnonzero((model.geom_contype != 0) | (model.geom_conaffinity != 0))
        self.fixed = bool(self.options.fix_base_link) or bool(self.spec.bodies[1].joints)
        self.dof_props = self._read_dof_props()
        self.shape_props = [self._read_shape_props(int(i)) for i in self.shape_ids]

    @property
    def root(self) -> str:
        return self.body_names[0]

    def dof_type(self, index: int) -> DofType:
        slide = mujoco.mjtJoint(self.model.jnt_type[index]) == mujoco.mjtJoint.mjJNT_SLIDE
        return DofType.DOF_TRANSLATION if slide else DofType.DOF_ROTATION

    def body_props(self) -> list[RigidBodyProperties]:
        return [read_body_props(self.model, i) for i in range(1, self.model.nbody)]

    def _read_dof_props(self) -> np.ndarray:
        """(D,) records; a drive's gains come from the file's actuators, else from its passive joint terms."""
        model, default_mode = self.model, DofDriveMode(int(self.options.default_dof_drive_mode))
        props = np.zeros(model.njnt, dof_dtype)
        dof = model.jnt_dofadr
        limited = model.jnt_limited.astype(bool)
        props["hasLimits"] = limited
        props["lower"] = np.where(limited, model.jnt_range[:, 0], -UNLIMITED)
        props["upper"] = np.where(limited, model.jnt_range[:, 1], UNLIMITED)
        props["driveMode"] = int(default_mode)
        props["stiffness"] = model.jnt_stiffness
        props["damping"] = model.dof_damping[dof]
        props["friction"] = model.dof_frictionloss[dof]
        props["armature"] = model.dof_armature[dof]
        if self.options.use_physx_armature:
            props["armature"] += self.options.armature
        for i, name in enumerate(self.dof_names):
            props["effort"][i] = self.effort_limits.get(name, UNLIMITED)
            props["velocity"][i] = self.velocity_limits.get(name, UNLIMITED)
            if default_mode == DofDriveMode.DOF_MODE_NONE and name in self.drive_modes:
                mode, stiffness = self.drive_modes[name]
                props["driveMode"][i] = int(mode)
                if mode == DofDriveMode.DOF_MODE_POS:
                    props["stiffness"][i] = stiffness
        return props

    def _read_shape_props(self, geom: int) -> RigidShapeProperties:
        props = RigidShapeProperties()
        slide, torsion, roll = self.model.geom_friction[geom]
        props.friction, props.torsion_friction, props.rolling_friction = slide, torsion, roll
        props.thickness = self.options.thickness
        return props


def read_body_props(model: mujoco.MjModel, body: int) -> RigidBodyProperties:
    """Mass [kg], centre of mass [m] and inertia [kg m^2] about it, in the body's frame."""
    props = RigidBodyProperties()
    props.mass = float(model.body_mass[body])
    props.com = Vec3(*model.body_ipos[body])
    flat = np.zeros(9)
    mujoco.mju_quat2Mat(flat, model.body_iquat[body])
    rot = flat.reshape(3, 3)
    inertia = rot @ np.diag(model.body_inertia[body]) @ rot.T
    props.inertia = Mat33.from_buffer_copy(inertia.astype(np.float32).tobytes())
    return props


def _compile(name: str, spec: mujoco.MjSpec) -> mujoco.MjModel:
    try:
        model = spec.compile()
    except ValueError as error:
        raise AssetError(f"{name}: MuJoCo cannot compile this asset: {error}") from None
    for i in range(model.njnt):
        joint_type = mujoco.mjtJoint(model.jnt_type[i])
        if joint_type not in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE):
            kind = joint_type.name.removeprefix("mjJNT_").lower()
            raise NotImplementedError(
                f"{name}: joint '{model.joint(i).name}' is a {kind} joint inside the tree; "
                "hinge and slide joints are supported, and a free joint on the root body"
            )
    return model


def name_elements(spec: mujoco.MjSpec) -> None:
    """Give every body and joint of the tree the name that queries and index maps need."""

    def visit(body: Any, counter: list[int]) -> None:
        body.name = body.name or f"body_{counter[0]}"
        counter[0] += 1
        for i, joint in enumerate(body.joints):
            joint.name = joint.name or f"{body.name}_joint_{i}"
        for child in body.bodies:
            visit(child, counter)

    counter = [0]
    for body in spec.worldbody.bodies:
        visit(body, counter)
