"""Vectors, rotations and poses: 32-bit C structures, so that a part of a pose is a live reference into it.

A structure is its own buffer: `pose.floats()` are p.x p.y p.z r.x r.y r.z r.w themselves.
"""

import ctypes
import math
from typing import Any, ClassVar, Self, cast

import numpy as np

__all__ = [
    "DofFrame",
    "DofState",
    "Int2",
    "Int3",
    "Mat33",
    "Mat44",
    "Quat",
    "RigidBodyState",
    "Struct",
    "Transform",
    "Vec2",
    "Vec3",
    "Velocity",
]


def taken(kind: type["Struct"], value: Any) -> Any:
    """`value`, or the structure in it where it is a record of an array of such structures."""
    if isinstance(value, np.void) and value.dtype == kind.dtype:
        return kind.from_buffer_copy(value.tobytes())
    return value


def _set_part(structure: Any, name: str, value: Any) -> None:
    """Assign a part of a structure of structures, also from a record: `pose.p = states["pose"]["p"][0]`."""
    kind = structure._parts.get(name)
    ctypes.Structure.__setattr__(structure, name, value if kind is None else taken(kind, value))


def _restore(kind: type["Struct"], content: bytes) -> "Struct":
    return kind.from_buffer_copy(content)


class Struct(ctypes.Structure):
    """A C structure that copies, pickles, compares and prints by value."""

    __slots__ = ()
    dtype: ClassVar[np.dtype]
    _parts: ClassVar[dict[str, type["Struct"]]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._parts = {field[0]: field[1] for field in cls._fields_ if issubclass(field[1], Struct)}
        if cls._parts:
            cls.__setattr__ = _set_part  # type: ignore[assignment]
        cls.dtype = np.dtype([(field[0], getattr(field[1], "dtype", field[1])) for field in cls._fields_])

    def floats(self) -> np.ndarray:
        """The numbers of the structure in the order of its fields, (n,) f32, sharing its memory."""
        return np.frombuffer(cast(Any, self), np.float32)

    def __copy__(self) -> Self:
        return type(self).from_buffer_copy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self).from_buffer_copy(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), bytes(self))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field[0]) == getattr(other, field[0]) for field in self._fields_)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(_text(getattr(self, field[0])) for field in self._fields_)
        return f"{type(self).__name__}({shown})"


def _text(value: object) -> str:
    return f"{value:.7g}" if isinstance(value, float) else repr(value)


class Int2(Struct):
    """Two whole numbers x, y."""

    __slots__ = ()
    _fields_ = tuple((name, ctypes.c_int32) for name in "xy")


class Int3(Struct):
    """Three whole numbers x, y, z."""

    __slots__ = ()
    _fields_ = tuple((name, ctypes.c_int32) for name in "xyz")


class Vec2(Struct):
    """Two numbers x, y."""

    __slots__ = ()
    _fields_ = (("x", ctypes.c_float), ("y", ctypes.c_float))

    def __add__(self, other: "Vec2") -> "Vec2":
        return Vec2(self.x + other.x, self.y + other.y)

    def __sub__(self, other: "Vec2") -> "Vec2":
        return Vec2(self.x - other.x, self.y - other.y)

    def __mul__(self, scale: float) -> "Vec2":
        return Vec2(self.x * scale, self.y * scale)

    def __truediv__(self, scale: float) -> "Vec2":
        return Vec2(self.x / scale, self.y / scale)

    def __neg__(self) -> "Vec2":
        return Vec2(-self.x, -self.y)


class Vec3(Struct):
    """Three numbers x, y, z."""

    __slots__ = ()
    _fields_ = (("x", ctypes.c_float), ("y", ctypes.c_float), ("z", ctypes.c_float))

    def __init__(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other: "Vec3") -> "Vec3":
        return Vec3(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other: "Vec3") -> "Vec3":
        return Vec3(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, scale: float) -> "Vec3":
        return Vec3(self.x * scale, self.y * scale, self.z * scale)

    __rmul__ = __mul__

    def __truediv__(self, scale: float) -> "Vec3":
        return Vec3(self.x / scale, self.y / scale, self.z / scale)

    def __neg__(self) -> "Vec3":
        return Vec3(-self.x, -self.y, -self.z)

    def dot(self, other: "Vec3") -> float:
        """Inner product."""
        return self.x * other.x + self.y * other.y + self.z * other.z

    def cross(self, other: "Vec3") -> "Vec3":
        """Vector product self x other."""
        return Vec3(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )

    def length_sq(self) -> float:
        """Squared Euclidean length."""
        return self.dot(self)

    def length(self) -> float:
        """Euclidean length."""
        return math.sqrt(self.dot(self))

    def normalize(self) -> "Vec3":
        """The vector of length one in the same direction; zero stays zero."""
        length = self.length()
        return self / length if length > 0.0 else Vec3()


class Quat(Struct):
    """A rotation as a quaternion x, y, z, w; the identity by default."""

    __slots__ = ()
    _fields_ = tuple((name, ctypes.c_float) for name in "xyzw")

    def __init__(self, x: float = 0.0, y: float = 0.0, z: float = 0.0, w: float = 1.0) -> None:
        self.x = x
        self.y = y
        self.z = z
        self.w = w

    @staticmethod
    def from_axis_angle(axis: Vec3, angle: float) -> "Quat":
        """Turn by `angle` [rad] about `axis`, which need not have length one."""
        unit = axis.normalize()
        sine = math.sin(0.5 * angle)
        return Quat(unit.x * sine, unit.y * sine, unit.z * sine, math.cos(0.5 * angle))

    @staticmethod
    def from_euler_zyx(roll: float, pitch: float, yaw: float) -> "Quat":
        """Turn by roll about x, then pitch about y, then yaw about z, all fixed axes [rad]."""
        sr, cr = math.sin(0.5 * roll), math.cos(0.5 * roll)
        sp, cp = math.sin(0.5 * pitch), math.cos(0.5 * pitch)
        sy, cy = math.sin(0.5 * yaw), math.cos(0.5 * yaw)
        return Quat(
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
            cr * cp * cy + sr * sp * sy,
        )

    def to_euler_zyx(self) -> tuple[float, float, float]:
        """Roll, pitch and yaw [rad], in the order that `from_euler_zyx` takes them."""
        x, y, z, w = self.x, self.y, self.z, self.w
        roll = math.atan2(2.0 * (w * x + y * z), w * w - x * x - y * y + z * z)
        pitch = math.asin(max(-1.0, min(1.0, 2.0 * (w * y - z * x))))
        yaw = math.atan2(2.0 * (w * z + x * y), w * w + x * x - y * y - z * z)
        return roll, pitch, yaw

    def __mul__(self, other: "Quat") -> "Quat":
        """The rotation that does `other` first, then self."""
        ax, ay, az, aw = self.x, self.y, self.z, self.w
        bx, by, bz, bw = other.x, other.y, other.z, other.w
        return Quat(
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        )

    def inverse(self) -> "Quat":
        """The opposite rotation of a quaternion of length one."""
        return Quat(-self.x, -self.y, -self.z, self.w)

    def normalize(self) -> "Quat":
        """The quaternion of length one in the same direction; zero becomes the identity."""
        length = math.hypot(self.x, self.y, self.z, self.w)
        return Quat(self.x / length, self.y / length, self.z / length, self.w / length) if length > 0.0 else Quat()

    def rotate(self, vector: Vec3) -> Vec3:
        """The vector turned by this rotation."""
        axis = Vec3(self.x, self.y, self.z)
        twice = axis.cross(vector) * 2.0
        return vector + twice * self.w + axis.cross(twice)


class Transform(Struct):
    """A pose: position p and rotation r, both live (`pose.p.x = 1` writes through) each copied when set."""

    __slots__ = ()
    _fields_ = (("p", Vec3), ("r", Quat))

    def __init__(self, p: Vec3 | None = None, r: Quat | None = None) -> None:
        if p is not None:
            self.p = p
        if r is not None:
            self.r = r
        else:
            self.r.w = 1.0

    def __mul__(self, child: "Transform") -> "Transform":
        """The pose of `child`, given in this frame, in the frame this pose is given in."""
        return Transform(self.transform_point(child.p), self.r * child.r)

    def inverse(self) -> "Transform":
        """The pose of the outer frame in this one."""
        back = self.r.inverse()
        return Transform(back.rotate(-self.p), back)

    def transform_point(self, point: Vec3) -> Vec3:
        """The point given in this frame, in the outer frame."""
        return self.r.rotate(point) + self.p

    def transform_vector(self, vector: Vec3) -> Vec3:
        """The direction given in this frame, in the outer frame."""
        return self.r.rotate(vector)

    def transform_points(self, points: np.ndarray) -> np.ndarray:
        """Points of any shape, as `Vec3.dtype` records or with a last axis of 3, in the outer frame."""
        return self._turn(points, self.p.floats())

    def transform_vectors(self, vectors: np.ndarray) -> np.ndarray:
        """Directions of any shape, as `Vec3.dtype` records or with a last axis of 3, in the outer frame."""
        return self._turn(vectors, np.zeros(3, np.float32))

    def _turn(self, vectors: np.ndarray, shift: np.ndarray) -> np.ndarray:
        given = np.ascontiguousarray(vectors)
        plain = given.view(np.float32).reshape(*given.shape, 3) if given.dtype == Vec3.dtype else given
        axis = np.array([self.r.x, self.r.y, self.r.z])
        twice = 2.0 * np.cross(axis, plain)
        turned = (plain + self.r.w * twice + np.cross(axis, twice) + shift).astype(np.float32)
        return turned.view(Vec3.dtype)[..., 0] if given.dtype == Vec3.dtype else turned


class Velocity(Struct):
    """Linear [m/s] and angular [rad/s] velocity."""

    __slots__ = ()
    _fields_ = (("linear", Vec3), ("angular", Vec3))


class RigidBodyState(Struct):
    """Pose and velocity of one body."""

    __slots__ = ()
    _fields_ = (("pose", Transform), ("vel", Velocity))


class DofState(Struct):
    """Position and velocity of one degree of freedom."""

    __slots__ = ()
    _fields_ = (("pos", ctypes.c_float), ("vel", ctypes.c_float))


class DofFrame(Struct):
    """Anchor and axis of one degree of freedom."""

    __slots__ = ()
    _fields_ = (("origin", Vec3), ("axis", Vec3))


class Mat33(Struct):
    """A 3 x 3 matrix by rows x, y, z; zero by default."""

    __slots__ = ()
    _fields_ = (("x", Vec3), ("y", Vec3), ("z", Vec3))


class Mat44(Struct):
    """A 4 x 4 matrix by rows x, y, z, w; zero by default."""

    __slots__ = ()
    _fields_ = (("x", Quat), ("y", Quat), ("z", Quat), ("w", Quat))
