"""Enumerations and constants of the Isaac Gym API; every member is also a name of this module.

Numbers that the original does not document (mesh types, domains, spaces, simulation types, data types,
keys and buttons) are ours: client code compares members and never their values.
"""

from enum import IntEnum, IntFlag, auto

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


# Written as a list because a hundred member lines would say nothing more.
_KEYS = (
    "SPACE APOSTROPHE COMMA MINUS PERIOD SLASH SEMICOLON EQUAL LEFT_BRACKET BACKSLASH RIGHT_BRACKET GRAVE_ACCENT "
    "0 1 2 3 4 5 6 7 8 9 A B C D E F G H I J K L M N O P Q R S T U V W X Y Z "
    "ESCAPE TAB ENTER BACKSPACE INSERT DEL RIGHT LEFT DOWN UP PAGE_UP PAGE_DOWN HOME END "
    "CAPS_LOCK SCROLL_LOCK NUM_LOCK PRINT_SCREEN PAUSE F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 "
    "NUMPAD_0 NUMPAD_1 NUMPAD_2 NUMPAD_3 NUMPAD_4 NUMPAD_5 NUMPAD_6 NUMPAD_7 NUMPAD_8 NUMPAD_9 "
    "NUMPAD_DEL NUMPAD_DIVIDE NUMPAD_MULTIPLY NUMPAD_SUBTRACT NUMPAD_ADD NUMPAD_ENTER NUMPAD_EQUAL "
    "LEFT_SHIFT LEFT_CONTROL LEFT_ALT LEFT_SUPER RIGHT_SHIFT RIGHT_CONTROL RIGHT_ALT RIGHT_SUPER MENU"
)

KeyboardInput = IntEnum("KeyboardInput", [f"KEY_{key}" for key in _KEYS.split()], start=0, module=__name__)
KeyboardInput.__doc__ = "Keys of a PC keyboard, named `KEY_...`."

_ENUMS = [
    kind for kind in globals().values() if isinstance(kind, type) and issubclass(kind, (IntEnum, IntFlag))
]
for _enum in _ENUMS:
    globals().update(_enum.__members__)
    __all__ += list(_enum.__members__)
