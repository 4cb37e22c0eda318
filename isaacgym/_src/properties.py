"""Properties of bodies, shapes, actuators, tendons and degrees of freedom, as the setters take them."""

from dataclasses import dataclass
from typing import Literal, SupportsFloat

import numpy as np

from isaacgym._src.enums import RigidBodyFlags, TendonType
from isaacgym._src.record import Record
from isaacgym._src.vectors import Mat33, Vec3

__all__ = [
    "ActuatorProperties",
    "IndexRange",
    "RigidBodyProperties",
    "RigidShapeProperties",
    "TendonProperties",
    "dof_dtype",
]

dof_dtype = np.dtype(
    [
        ("hasLimits", np.bool_),
        ("lower", np.float32),  # [rad] or [m]
        ("upper", np.float32),  # [rad] or [m]
        ("driveMode", np.int32),  # a DofDriveMode
        ("stiffness", np.float32),  # [N m/rad] or [N/m]
        ("damping", np.float32),  # [N m s/rad] or [N s/m]
        ("velocity", np.float32),  # limit [rad/s] or [m/s]
        ("effort", np.float32),  # limit [N m] or [N]
        ("friction", np.float32),
        ("armature", np.float32),  # [kg m^2] or [kg]
    ],
    align=True,  # torch refuses a column whose stride is no multiple of its element's size
)


@dataclass(frozen=True)
class IndexRange:
    """A run of indices."""

    start: int
    count: int


class RigidBodyProperties(Record):
    """Mass properties of one body; setting an inverse sets what it inverts."""

    mass: float = 0.0  # [kg]
    com: Vec3 = Vec3()  # centre of mass in the body's frame [m]
    inertia: Mat33 = Mat33()  # about the centre of mass, in the body's frame [kg m^2]
    flags: RigidBodyFlags = RigidBodyFlags.RIGID_BODY_NONE

    @property
    def invMass(self) -> float:
        """One over the mass, zero for a body without mass [1/kg]."""
        return 1.0 / self.mass if self.mass > 0.0 else 0.0

    @invMass.setter
    def invMass(self, value: SupportsFloat) -> None:
        number = float(value)
        if np.isclose(number, self.invMass, rtol=1e-5, atol=0.0):
            return
        if not number > 0.0:
            raise ValueError(f"RigidBodyProperties.invMass: needs a positive number [1/kg], given {value!r}")
        self.mass = 1.0 / number

    @property
    def invInertia(self) -> Mat33:
        """The inverse of the inertia, zero where it has none [1/(kg m^2)]."""
        inertia = self.inertia.floats().reshape(3, 3).astype(np.float64)
        try:
            return Mat33.from_buffer_copy(np.linalg.inv(inertia).astype(np.float32).tobytes())
        except np.linalg.LinAlgError:
            return Mat33()

    @invInertia.setter
    def invInertia(self, value: Mat33) -> None:
        if np.allclose(value.floats(), self.invInertia.floats(), rtol=1e-4, atol=0.0):
            return
        self.inertia = RigidBodyProperties(inertia=value).invInertia


class RigidShapeProperties(Record):
    """Surface and collision filter of one shape; two shapes with a common filter bit do not collide."""

    friction: float = 1.0
    rolling_friction: float = 0.0
    torsion_friction: float = 0.0
    restitution: float = 0.0
    compliance: float = 0.0
    thickness: float = 0.0  # [m]
    contact_offset: float = 0.02  # [m]
    rest_offset: float = 0.0  # [m]
    filter: int = 0


class ActuatorProperties(Record):
    """One actuator of an MJCF file, in the file's order."""

    type: Literal["motor", "position", "velocity", "general"] = "motor"
    motor_effort: float = 0.0  # gear of a motor [N m] or [N] per unit of control
    kp: float = 0.0
    kv: float = 0.0
    control_limited: bool = False
    lower_control_limit: float = 0.0
    upper_control_limit: float = 0.0
    force_limited: bool = False
    lower_force_limit: float = 0.0
    upper_force_limit: float = 0.0


class TendonProperties(Record):
    """One tendon of an MJCF file, in the file's order."""

    type: TendonType = TendonType.TENDON_FIXED
    stiffness: float = 0.0
    damping: float = 0.0
    limit_stiffness: float = 0.0
    is_fixed_limited: bool = False
    fixed_lower_limit: float = 0.0
    fixed_upper_limit: float = 0.0
    fixed_spring_rest_length: float = 0.0
    num_joints: int = 0
    num_attachments: int = 0
