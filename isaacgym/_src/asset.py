"""An asset: one actor's description, loaded once and instantiated in every environment."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import mujoco
import numpy as np

from isaacgym._src import convex
from isaacgym._src import tendon as tendons
from isaacgym._src.asset_errors import AssetError as AssetError
from isaacgym._src.asset_errors import parser_faults
from isaacgym._src.asset_mass import override_masses
from isaacgym._src.asset_meshes import MeshFile
from isaacgym._src.enums import DofDriveMode, DofType, RigidBodyFlags
from isaacgym._src.options import AssetOptions, ForceSensorProperties
from isaacgym._src.properties import (
    ActuatorProperties,
    RigidBodyProperties,
    RigidShapeProperties,
    dof_dtype,
)
from isaacgym._src.vectors import Mat33, Quat, Transform, Vec3

DriveMode = tuple[DofDriveMode, float, float]  # mode, stiffness, damping

UNLIMITED = float(np.finfo(np.float32).max)


@dataclass
class ForceSensor:
    """A force sensor fixed to body `body` of the asset at `pose` in the body's frame."""

    body: int
    pose: Transform
    props: ForceSensorProperties


@dataclass
class Asset:
    """One kind of actor: a MuJoCo spec with a single root body, and what Isaac Gym's queries answer.

    Bodies, dofs and shapes are in depth-first order. `fixed` says that the root is welded to where the actor is
    placed. `mesh_files` are those of the spec's meshes by their names. `drive_modes` holds the mode, stiffness and
    damping that the file's actuators give to its joints, `fixed_joints` the names of the joints that hold links without
    a dof.
    """

    name: str
    spec: mujoco.MjSpec
    options: AssetOptions
    actuators: list[ActuatorProperties] = field(default_factory=list)
    actuator_joints: list[str] = field(default_factory=list)
    actuator_names: list[str] = field(default_factory=list)
    drive_modes: dict[str, DriveMode] = field(default_factory=dict)
    effort_limits: dict[str, float] = field(default_factory=dict)
    velocity_limits: dict[str, float] = field(default_factory=dict)
    fixed_joints: dict[str, str] = field(default_factory=dict)
    mesh_files: dict[str, MeshFile] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        self.options = copy.deepcopy(self.options)
        self.source = self.source or self.name
        if self.options.replace_cylinder_with_capsule:
            cylinders_to_capsules(self.spec)
        with parser_faults(self.source, "compile this asset"):
            override_masses(self.spec, self.options)
            convex.separate(self.source, self.spec, self.options, self.mesh_files)
        self.sensors: list[ForceSensor] = []
        self.model = _compile(self.source, self.spec)
        model = self.model
        model.body_inertia[1:] += self.link_armature
        self.body_names = [model.body(i).name for i in range(1, model.nbody)]
        self.dof_names = [model.joint(i).name for i in range(model.njnt)]
        self.shape_ids = np.flatnonzero((model.geom_contype != 0) | (model.geom_conaffinity != 0))
        self.tendon_names = [model.tendon(i).name for i in range(model.ntendon)]
        self.tendon_joints = tendons.joints(model)
        self.tendon_props = self.file_tendon_props = tendons.read(model)
        self.fixed = bool(self.options.fix_base_link) or bool(self.spec.bodies[1].joints)
        self.dof_props = self.read_dof_props()
        self.body_props = [self._read_body_props(i) for i in range(1, model.nbody)]
        self.shape_props = [self._read_shape_props(int(i)) for i in self.shape_ids]

    @cached_property
    def fingerprint(self) -> bytes:
        """The same for assets whose compiled models are alike in every bit."""
        content = np.empty(mujoco.mj_sizeModel(self.model), np.uint8)
        mujoco.mj_saveModel(self.model, None, content)
        return hashlib.sha256(content.tobytes()).digest()

    @property
    def root(self) -> str:
        return self.body_names[0]

    @cached_property
    def root_turn(self) -> Quat | None:
        """How the file turns the root, which an actor's pose comes on top of; None if it does not."""
        w, x, y, z = (float(part) for part in self.model.body_quat[1])
        return Quat(x, y, z, w) if x or y or z else None

    @property
    def link_armature(self) -> float:
        """What AssetOptions.armature adds to the inertia of every link, unless it is joint armature [kg m^2]."""
        return 0.0 if self.options.use_physx_armature else float(self.options.armature)

    @property
    def shape_props(self) -> list[RigidShapeProperties]:
        """The surfaces of actors created from now on; the list is never changed, only replaced."""
        return self._shape_props

    @shape_props.setter
    def shape_props(self, props: list[RigidShapeProperties]) -> None:
        self._shape_props = props
        self._filtered = {-1: props}

    def filtered_shape_props(self, filter: int) -> list[RigidShapeProperties]:
        """The surfaces of an actor created with `filter`, which replaces the shapes' own unless it is -1."""
        if filter not in self._filtered:
            props = copy.deepcopy(self._shape_props)
            for shape in props:
                shape.filter = filter
            self._filtered[filter] = props
        return self._filtered[filter]

    def dof_type(self, index: int) -> DofType:
        slide = mujoco.mjtJoint(self.model.jnt_type[index]) == mujoco.mjtJoint.mjJNT_SLIDE
        return DofType.DOF_TRANSLATION if slide else DofType.DOF_ROTATION

    def read_dof_props(self) -> np.ndarray:
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
            mode, stiffness, added_damping = self.drive_modes.get(name, (DofDriveMode.DOF_MODE_NONE, 0.0, 0.0))
            if default_mode == DofDriveMode.DOF_MODE_NONE:
                props["driveMode"][i] = int(mode)
            if props["driveMode"][i] == mode:
                props["stiffness"][i] = stiffness or props["stiffness"][i]
                props["damping"][i] += added_damping
        return props

    def _read_body_props(self, body: int) -> RigidBodyProperties:
        """Mass [kg], centre of mass [m] and inertia [kg m^2] about it, in the body's frame."""
        model, props = self.model, RigidBodyProperties()
        props.mass = float(model.body_mass[body])
        props.com = Vec3(*model.body_ipos[body])
        flat = np.zeros(9)
        mujoco.mju_quat2Mat(flat, model.body_iquat[body])
        rot = flat.reshape(3, 3)
        inertia = rot @ np.diag(model.body_inertia[body]) @ rot.T
        props.inertia = Mat33.from_buffer_copy(inertia.astype(np.float32).tobytes())
        if self.options.disable_gravity or model.body_gravcomp[body] == 1.0:
            props.flags = RigidBodyFlags.RIGID_BODY_DISABLE_GRAVITY
        return props

    def _read_shape_props(self, geom: int) -> RigidShapeProperties:
        props = RigidShapeProperties()
        slide, torsion, roll = self.model.geom_friction[geom]
        props.friction, props.torsion_friction, props.rolling_friction = slide, torsion, roll
        props.thickness = self.options.thickness
        return props


def cylinders_to_capsules(spec: mujoco.MjSpec) -> None:
    """Collision cylinders become capsules of the same radius and the same length between the half spheres."""
    for geom in spec.geoms:
        if geom.type == mujoco.mjtGeom.mjGEOM_CYLINDER and (geom.contype or geom.conaffinity):
            geom.type = mujoco.mjtGeom.mjGEOM_CAPSULE


def _compile(name: str, spec: mujoco.MjSpec) -> mujoco.MjModel:
    with parser_faults(name, "compile this asset"):
        model = spec.compile()
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
    """Give every body, joint and tendon the name that queries and index maps need."""
    body_names = {body.name for body in spec.bodies}
    joint_names = {joint.name for joint in spec.joints}
    for count, body in enumerate(_depth_first(spec.worldbody.bodies)):
        body.name = body.name or _free_name(f"body_{count}", body_names)
        for i, joint in enumerate(body.joints):
            joint.name = joint.name or _free_name(f"{body.name}_joint_{i}", joint_names)
    tendon_names = {tendon.name for tendon in spec.tendons}
    for i, tendon in enumerate(spec.tendons):
        tendon.name = tendon.name or _free_name(f"tendon_{i}", tendon_names)


def _depth_first(bodies: Iterable[Any]) -> Iterator[Any]:
    for body in bodies:
        yield body
        yield from _depth_first(body.bodies)


def _free_name(wanted: str, taken: set[str]) -> str:
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted
