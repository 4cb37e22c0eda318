"""Enumerations and constants of the Isaac Gym API; every member is also a name of this module.

Numbers that the original does not document (mesh types, domains, spaces, simulation types, data types,
keys and buttons) are ours: client code compares members and never their values.
"""

from enum import IntEnum, IntFlag, auto
from typing import TYPE_CHECKING, Any

__all__ = [
    "DEFAULT_VIEWER_HEIGHT",
    "DEFAULT_VIEWER_WIDTH",
    "INVALID_HANDLE",
    "CameraFollowMode",
    "ContactCollection",
    "CoordinateSpace",
    "DofDriveMode",
    "DofType",
    "ImageType",
    "IndexDomain",
    "JointType",
    "KeyboardInput",
    "MeshNormalMode",
    "MeshType",
    "MouseInput",
    "RigidBodyFlags",
    "SimType",
    "SoftMaterialType",
    "StateFlags",
    "TendonType",
    "TensorDataType",
    "TransformAxes",
    "UpAxis",
    "UsdMaterialMode",
]

INVALID_HANDLE = -1
DEFAULT_VIEWER_WIDTH = 1600  # [pixels]
DEFAULT_VIEWER_HEIGHT = 900  # [pixels]


class SimType(IntEnum):
    """Physics engine asked of `create_sim`."""

    SIM_PHYSX = 0
    SIM_FLEX = 1


class UpAxis(IntEnum):
    """Axis that points against gravity."""

    UP_AXIS_Y = 0
    UP_AXIS_Z = 1


class DofDriveMode(IntEnum):
    """Which command a degree of freedom listens to."""

    DOF_MODE_NONE = 0
    DOF_MODE_POS = 1
    DOF_MODE_VEL = 2
    DOF_MODE_EFFORT = 3


class DofType(IntEnum):
    """Kind of motion of a degree of freedom."""

    DOF_INVALID = 0
    DOF_ROTATION = 1
    DOF_TRANSLATION = 2


class JointType(IntEnum):
    """Kind of joint between a body and its parent."""

    JOINT_INVALID = 0
    JOINT_FIXED = 1
    JOINT_REVOLUTE = 2
    JOINT_PRISMATIC = 3
    JOINT_BALL = 4
    JOINT_PLANAR = 5
    JOINT_FLOATING = 6


class TendonType(IntEnum):
    """Kind of tendon: a linear sum of joint positions, or a path in space."""

    TENDON_FIXED = 0
    TENDON_SPATIAL = 1


class ContactCollection(IntEnum):
    """Which substeps of a step the net contact forces are collected from."""

    CC_NEVER = 0
    CC_LAST_SUBSTEP = 1
    CC_ALL_SUBSTEPS = 2


class IndexDomain(IntEnum):
    """What an index counts within."""

    DOMAIN_ACTOR = 0
    DOMAIN_ENV = 1
    DOMAIN_SIM = 2


class CoordinateSpace(IntEnum):
    """Frame that forces and positions are given in."""

    ENV_SPACE = 0
    LOCAL_SPACE = 1
    GLOBAL_SPACE = 2


class StateFlags(IntFlag):
    """Parts of a state that a call reads or writes."""

    STATE_NONE = 0
    STATE_POS = 1
    STATE_VEL = 2
    STATE_ALL = 3


class RigidBodyFlags(IntFlag):
    """Switches of one rigid body."""

    RIGID_BODY_NONE = 0
    RIGID_BODY_DISABLE_GRAVITY = 1
    RIGID_BODY_DISABLE_SIMULATION = 2
    RIGID_BODY_ENABLE_GYROSCOPIC_FORCES = 4


class TransformAxes(IntFlag):
    """Axes that an attractor acts on."""

    AXIS_NONE = 0
    AXIS_X = 1
    AXIS_Y = 2
    AXIS_Z = 4
    AXIS_TRANSLATION = 7
    AXIS_TWIST = 8
    AXIS_SWING_1 = 16
    AXIS_SWING_2 = 32
    AXIS_ROTATION = 56
    AXIS_ALL = 63


class MeshType(IntFlag):
    """Which meshes of a body a call is about."""

    MESH_NONE = 0
    MESH_COLLISION = 1
    MESH_VISUAL = 2
    MESH_VISUAL_AND_COLLISION = 3


class MeshNormalMode(IntEnum):
    """Where the normals of a mesh come from."""

    FROM_ASSET = 0
    COMPUTE_PER_VERTEX = 1
    COMPUTE_PER_FACE = 2


class ImageType(IntEnum):
    """What a camera sensor measures per pixel."""

    IMAGE_COLOR = 0
    IMAGE_DEPTH = 1
    IMAGE_SEGMENTATION = 2
    IMAGE_OPTICAL_FLOW = 3


class CameraFollowMode(IntEnum):
    """How a camera follows the body it is attached to."""

    FOLLOW_POSITION = 0
    FOLLOW_TRANSFORM = 1


class TensorDataType(IntEnum):
    """Element type of a tensor descriptor."""

    DTYPE_FLOAT32 = 0
    DTYPE_UINT32 = 1
    DTYPE_UINT64 = 2
    DTYPE_UINT8 = 3
    DTYPE_INT16 = 4


class SoftMaterialType(IntEnum):
    """Constitutive law of a soft body; soft bodies themselves are not simulated."""

    MAT_COROTATIONAL = 0
    MAT_NEOHOOKEAN = 1


class UsdMaterialMode(IntEnum):
    """How materials are written to a USD file."""

    USD_MATERIAL_DISPLAY_COLOR = 0
    USD_MATERIAL_PREVIEW_SURFACE = 1
    USD_MATERIAL_MDL = 2


class MouseInput(IntEnum):
    """Buttons and motions of a mouse."""

    MOUSE_LEFT_BUTTON = 0
    MOUSE_RIGHT_BUTTON = auto()
    MOUSE_MIDDLE_BUTTON = auto()
    MOUSE_FORWARD_BUTTON = auto()
    MOUSE_BACK_BUTTON = auto()
    MOUSE_SCROLL_RIGHT = auto()
    MOUSE_SCROLL_LEFT = auto()
    MOUSE_SCROLL_UP = auto()
    MOUSE_SCROLL_DOWN = auto()
    MOUSE_MOVE_RIGHT = auto()
    MOUSE_MOVE_LEFT = auto()
    MOUSE_MOVE_UP = auto()
    MOUSE_MOVE_DOWN = auto()


# Several names to a line, because a hundred lines would say nothing more; a wrong count fails on import.
class KeyboardInput(IntEnum):
    """Keys of a PC keyboard."""

    KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9 = range(10)
    KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M = range(10, 23)
    KEY_N, KEY_O, KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W, KEY_X, KEY_Y, KEY_Z = range(23, 36)
    KEY_SPACE, KEY_APOSTROPHE, KEY_COMMA, KEY_MINUS, KEY_PERIOD, KEY_SLASH = range(36, 42)
    KEY_SEMICOLON, KEY_EQUAL, KEY_LEFT_BRACKET, KEY_RIGHT_BRACKET, KEY_BACKSLASH = range(42, 47)
    KEY_GRAVE_ACCENT, KEY_ESCAPE, KEY_TAB, KEY_ENTER, KEY_BACKSPACE, KEY_INSERT, KEY_DEL = range(47, 54)
    KEY_RIGHT, KEY_LEFT, KEY_DOWN, KEY_UP = range(54, 58)
    KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END = range(58, 62)
    KEY_CAPS_LOCK, KEY_SCROLL_LOCK, KEY_NUM_LOCK, KEY_PRINT_SCREEN, KEY_PAUSE = range(62, 67)
    KEY_F1, KEY_F2, KEY_F3, KEY_F4, KEY_F5, KEY_F6 = range(67, 73)
    KEY_F7, KEY_F8, KEY_F9, KEY_F10, KEY_F11, KEY_F12 = range(73, 79)
    KEY_NUMPAD_0, KEY_NUMPAD_1, KEY_NUMPAD_2, KEY_NUMPAD_3, KEY_NUMPAD_4 = range(79, 84)
    KEY_NUMPAD_5, KEY_NUMPAD_6, KEY_NUMPAD_7, KEY_NUMPAD_8, KEY_NUMPAD_9 = range(84, 89)
    KEY_NUMPAD_DEL, KEY_NUMPAD_DIVIDE, KEY_NUMPAD_MULTIPLY, KEY_NUMPAD_SUBTRACT = range(89, 93)
    KEY_NUMPAD_ADD, KEY_NUMPAD_ENTER, KEY_NUMPAD_EQUAL = range(93, 96)
    KEY_LEFT_SHIFT, KEY_LEFT_CONTROL, KEY_LEFT_ALT, KEY_LEFT_SUPER = range(96, 100)
    KEY_RIGHT_SHIFT, KEY_RIGHT_CONTROL, KEY_RIGHT_ALT, KEY_RIGHT_SUPER, KEY_MENU = range(100, 105)


# Names in capitals are numbers, the others are enumerations.
for _name in list(__all__):
    if _name[-1].islower():
        _members = globals()[_name].__members__
        globals().update(_members)
        __all__ += list(_members)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
