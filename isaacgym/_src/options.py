"""Options of a simulation, an asset, the ground, a camera, a sensor and an attractor.

Defaults that the original documents are kept. Those it does not document are our choice and are named in the
docstring of each class.
"""

from typing import Literal

from isaacgym._src.enums import (
    INVALID_HANDLE,
    ContactCollection,
    DofDriveMode,
    MeshNormalMode,
    TransformAxes,
    UpAxis,
    UsdMaterialMode,
)
from isaacgym._src.record import Record, Single
from isaacgym._src.vectors import Transform, Vec3

__all__ = [
    "AssetOptions",
    "AttractorProperties",
    "CameraProperties",
    "FlexParams",
    "ForceSensorProperties",
    "HeightFieldParams",
    "MujocoParams",
    "PhysXParams",
    "PlaneParams",
    "SimParams",
    "TriangleMeshParams",
    "UsdExportOptions",
    "VhacdParams",
]


class MujocoParams(Record):
    """Settings of MuJoCo, its solver and its engines; ours, not part of Isaac Gym.

    `engine` is mujoco (on the CPU), warp (MuJoCo Warp), or auto: warp with the GPU pipeline, else mujoco. Zero for
    `nconmax` (contacts of an environment, on average) and `njmax` (constraint rows of each environment) lets a probe
    choose; they matter to warp only. `graph` captures what `simulate` does on a GPU. `deterministic` makes warp repeat
    itself bit by bit, slower. `cone` is auto for pyramids of friction, and round ones where contacts are slippery.
    """

    engine: Literal["auto", "mujoco", "warp"] = "auto"

    solver: Literal["newton", "cg"] = "newton"
    iterations: int = 10
    ls_iterations: int = 8
    tolerance: float = 1e-6
    cone: Literal["auto", "pyramidal", "elliptic"] = "auto"
    impratio: float = 1.0
    nconmax: int = 0
    njmax: int = 0
    graph: bool = True
    deterministic: bool = False


class PhysXParams(Record):
    """PhysX settings, all of them accepted; every default here is our choice but `contact_collection`."""

    solver_type: int = 1
    num_position_iterations: int = 4
    num_velocity_iterations: int = 1
    contact_offset: float = 0.02  # [m]
    rest_offset: float = 0.001  # [m]
    bounce_threshold_velocity: float = 0.2  # [m/s]
    max_depenetration_velocity: float = 100.0  # [m/s]
    friction_offset_threshold: float = 0.04  # [m]
    friction_correlation_distance: float = 0.025  # [m]
    max_gpu_contact_pairs: int = 1024 * 1024
    default_buffer_size_multiplier: float = 2.0
    contact_collection: ContactCollection = ContactCollection.CC_ALL_SUBSTEPS
    num_threads: int = 0
    num_subscenes: int = 0
    use_gpu: bool = False
    always_use_articulations: bool = False


class FlexParams(Record):
    """FleX settings, accepted and without effect; every default here is our choice."""

    solver_type: int = 5
    num_outer_iterations: int = 4
    num_inner_iterations: int = 10
    relaxation: float = 0.75
    warm_start: float = 0.4
    deterministic_mode: bool = False
    return_contacts: bool = True
    contact_regularization: float = 1e-6
    geometric_stiffness: float = 1.0
    shape_collision_distance: float = 0.0  # [m]
    shape_collision_margin: float = 0.01  # [m]
    friction_mode: int = 1
    static_friction: float = 0.0
    dynamic_friction: float = 0.0
    particle_friction: float = 0.0
    max_rigid_contacts: int = 1024 * 1024
    max_soft_contacts: int = 1024 * 1024


class SimParams(Record):
    """Settings of a simulation, y-up unless said; our choice are `dt`, `substeps` and `gravity`."""

    dt: Single = 1.0 / 60.0  # [s]
    substeps: int = 2
    up_axis: UpAxis = UpAxis.UP_AXIS_Y
    gravity: Vec3 = Vec3(0.0, -9.8, 0.0)  # [m/s^2]
    use_gpu_pipeline: bool = False
    num_client_threads: int = 0
    enable_actor_creation_warning: bool = True
    stress_visualization: bool = False
    stress_visualization_min: float = 0.0
    stress_visualization_max: float = 1e5
    physx: PhysXParams = PhysXParams()
    flex: FlexParams = FlexParams()
    mujoco: MujocoParams = MujocoParams()


class VhacdParams(Record):
    """Settings of the convex decomposition of collision meshes."""

    resolution: int = 100_000
    concavity: float = 0.0
    alpha: float = 0.05
    beta: float = 0.05
    max_convex_hulls: int = 64
    max_num_vertices_per_ch: int = 64
    min_volume_per_ch: float = 1e-4
    convex_hull_downsampling: int = 4
    plane_downsampling: int = 4
    pca: int = 0
    mode: int = 0
    convex_hull_approximation: bool = True
    ocl_acceleration: bool = True
    project_hull_vertices: bool = True


class AssetOptions(Record):
    """How an asset file becomes bodies and joints.

    Our choice are the defaults of drive mode, density, dampings, thickness, velocity limits, cylinder slices,
    tendon stiffness, particle mass, gyroscopic forces and `use_physx_armature`.
    """

    fix_base_link: bool = False
    collapse_fixed_joints: bool = False
    default_dof_drive_mode: DofDriveMode = DofDriveMode.DOF_MODE_NONE
    disable_gravity: bool = False
    density: float = 1000.0  # of bodies without a mass [kg/m^3]
    override_com: bool = False
    override_inertia: bool = False
    armature: float = 0.0  # [kg m^2]
    use_physx_armature: bool = True
    linear_damping: float = 0.0  # [1/s]
    angular_damping: float = 0.5  # [1/s]
    max_linear_velocity: float = 1000.0  # [m/s]
    max_angular_velocity: float = 64.0  # [rad/s]
    enable_gyroscopic_forces: bool = True
    thickness: float = 0.02  # [m]
    replace_cylinder_with_capsule: bool = False
    slices_per_cylinder: int = 20
    convex_decomposition_from_submeshes: bool = False
    vhacd_enabled: bool = False
    vhacd_params: VhacdParams = VhacdParams()
    flip_visual_attachments: bool = False
    use_mesh_materials: bool = False
    mesh_normal_mode: MeshNormalMode = MeshNormalMode.FROM_ASSET
    tendon_limit_stiffness: float = 1.0
    min_particle_mass: float = 1e-12  # [kg]


class PlaneParams(Record):
    """An infinite ground plane; every default here is our choice."""

    normal: Vec3 = Vec3(0.0, 1.0, 0.0)
    distance: float = 0.0  # of the plane from the origin, against the normal [m]
    static_friction: float = 1.0
    dynamic_friction: float = 1.0
    restitution: float = 0.0
    segmentation_id: int = 0


class TriangleMeshParams(Record):
    """A static ground made of triangles; every default here is our choice."""

    nb_vertices: int = 0
    nb_triangles: int = 0
    transform: Transform = Transform()
    static_friction: float = 1.0
    dynamic_friction: float = 1.0
    restitution: float = 0.0
    segmentation_id: int = 0


class HeightFieldParams(Record):
    """A static ground made of height samples; every default here is our choice."""

    nbRows: int = 0
    nbColumns: int = 0
    row_scale: float = 1.0  # between samples [m]
    column_scale: float = 1.0  # between samples [m]
    vertical_scale: float = 1.0  # per unit of height [m]
    transform: Transform = Transform()
    static_friction: float = 1.0
    dynamic_friction: float = 1.0
    restitution: float = 0.0
    segmentation_id: int = 0


class CameraProperties(Record):
    """What a camera sees; the planes, the field of view and the image size are our choice."""

    width: int = 1600  # [pixels]
    height: int = 900  # [pixels]
    horizontal_fov: float = 90.0  # [deg]
    near_plane: float = 0.001  # [m]
    far_plane: float = 2e6  # [m]
    supersampling_horizontal: int = 1
    supersampling_vertical: int = 1
    use_collision_geometry: bool = False
    enable_tensors: bool = False


class ForceSensorProperties(Record):
    """Which forces a force sensor adds up, and in which frame it reports them."""

    enable_forward_dynamics_forces: bool = True
    enable_constraint_solver_forces: bool = True
    use_world_frame: bool = False


class AttractorProperties(Record):
    """A spring-damper that pulls a frame of a body to a target; every default here is our choice."""

    rigid_handle: int = INVALID_HANDLE
    axes: TransformAxes = TransformAxes.AXIS_NONE
    stiffness: float = 0.0
    damping: float = 0.0
    target: Transform = Transform()
    offset: Transform = Transform()  # in the body's frame


class UsdExportOptions(Record):
    """How a scene is written to USD; every default here is our choice."""

    export_physics: bool = True
    material_mode: UsdMaterialMode = UsdMaterialMode.USD_MATERIAL_DISPLAY_COLOR
    scale: float = 1.0
    single_file: bool = False
    use_geom_subsets: bool = False
    use_physics_visuals: bool = False
