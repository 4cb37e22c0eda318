"""What is said of names that do not mean quite what they mean in Isaac Gym; every other name means the same."""

from __future__ import annotations

from isaacgym._src.ignored import OPTIONS_IGNORED, PHYSX_USED
from isaacgym._src.options import FlexParams, PhysXParams, VhacdParams

NO_EFFECT = "accepted, no effect"
VHACD_USED = {"resolution", "max_convex_hulls", "max_num_vertices_per_ch", "project_hull_vertices"}

NEXT_STEP = "zero until the first simulate after it was asked for"
ROOTS = "links must be where the root and the dofs put them"
COPY = "a copy, read from the engine; the acquired tensors stay as they are"
CONTACTS = "the present state on the CPU's engine, the last step with MuJoCo Warp; offsets are zero"
NET = "brings the acquired tensor up to date too"
ALIKE = "the same in every environment"
UNTIL = "before prepare_sim only"
SURFACE = "friction and restitution as the page on meanings says, dynamic friction without effect"

GYM = {
    "acquire_dof_force_tensor": NEXT_STEP,
    "acquire_force_sensor_tensor": NEXT_STEP,
    "acquire_net_contact_force_tensor": NEXT_STEP,
    "add_ground": SURFACE,
    "add_heightfield": f"axis 0 runs along x and the first sample lies at the transform; {SURFACE}",
    "add_triangle_mesh": f"becomes a height field or convex parts, what hangs over raises; {SURFACE}",
    "apply_body_force": "apply_body_force_at_pos, which earlier previews called so",
    "begin_aggregate": NO_EFFECT,
    "create_actor": "the same assets in the same order in every environment; other ones raise",
    "create_aggregate": NO_EFFECT,
    "create_env": "a world of its own, whose actors never meet those of others",
    "create_force_sensor": ALIKE,
    "create_performance_timers": "while there are any, timed calls wait for the GPU",
    "create_sim": "the engine is MuJoCo whichever type is asked for; failures raise, None is never returned",
    "create_viewer": "None where there is no display, which every call of a viewer takes",
    "destroy_env": "ends the whole simulation, as destroy_sim does",
    "draw_viewer": "render_collision has no effect",
    "end_aggregate": NO_EFFECT,
    "fetch_results": "nothing to wait for",
    "get_actor_dof_forces": NET,
    "get_actor_dof_states": COPY,
    "get_actor_joint_transforms": "at the joints' anchors, with the axes of the links that they hold",
    "get_actor_rigid_body_states": COPY,
    "get_camera_image": "IMAGE_OPTICAL_FLOW raises",
    "get_camera_image_gpu_tensor": "IMAGE_OPTICAL_FLOW raises; on the CPU where the simulation is on the CPU",
    "get_env_rigid_body_states": COPY,
    "get_env_rigid_contact_forces": NET,
    "get_env_rigid_contacts": CONTACTS,
    "get_joint_transform": "at the joint's anchor, with the axes of the link that it holds",
    "get_rigid_body_color": "one colour for all meshes of a body",
    "get_rigid_body_texture": "one texture for all meshes of a body",
    "get_rigid_contact_forces": NET,
    "get_rigid_contacts": CONTACTS,
    "get_sim_rigid_body_states": COPY,
    "get_vec_env_rigid_contact_forces": NET,
    "get_viewer_camera_handle": "INVALID_HANDLE",
    "load_asset": "MJCF and URDF",
    "refresh_net_contact_force_tensor": "forces of the last substep, not summed over substeps",
    "reset_actor_materials": "of all meshes of an actor",
    "set_actor_dof_properties": "friction is a constant force; a dof without limits cannot get them after prepare_sim",
    "set_actor_fixed_tendon_joint_coefficients": f"{ALIKE}, {UNTIL}",
    "set_actor_rigid_body_properties": "centres of mass move at any time, on a GPU too",
    "set_actor_rigid_body_states": ROOTS,
    "set_actor_rigid_shape_properties": f"friction and restitution at any time, filters {UNTIL}; others {NO_EFFECT}",
    "set_actor_scale": UNTIL,
    "set_asset_fixed_tendon_joint_coefficients": "of actors that exist too, until prepare_sim",
    "set_attractor_properties": "body and axes are fixed by prepare_sim",
    "set_attractor_target": "in the environment's frame",
    "set_env_rigid_body_states": ROOTS,
    "set_light_parameters": "lights that are not set are dark once one is; no shadows",
    "set_rigid_angular_velocity": "of roots; links raise",
    "set_rigid_body_color": "one colour for all meshes of a body",
    "set_rigid_body_texture": "on all meshes of a body",
    "set_rigid_linear_velocity": "of roots; links raise",
    "set_rigid_transform": "of roots; links raise",
    "set_sim_params": "after prepare_sim gravity alone; another dt or number of substeps raises",
    "set_sim_rigid_body_states": ROOTS,
    "step_graphics": "nothing to do: pictures show the present state",
}

GYMAPI = {
    "CC_ALL_SUBSTEPS": "as CC_LAST_SUBSTEP",
    "IMAGE_OPTICAL_FLOW": "raises where an image is asked for",
    "JOINT_BALL": "assets with such a joint raise",
    "JOINT_FLOATING": "of the root only; elsewhere assets raise",
    "JOINT_PLANAR": "assets with such a joint raise",
    "RIGID_BODY_DISABLE_SIMULATION": NO_EFFECT,
    "RIGID_BODY_ENABLE_GYROSCOPIC_FORCES": "always on",
    "SIM_FLEX": "as SIM_PHYSX: MuJoCo",
    "SIM_PHYSX": "MuJoCo",
    "RigidBodyProperties.invInertia": "follows from inertia; setting it sets inertia",
    "RigidBodyProperties.invMass": "follows from mass; setting it sets mass",
    "RigidContact.offset0": "zero",
    "RigidContact.offset1": "zero",
    "SimParams.num_client_threads": NO_EFFECT,
    "SimParams.enable_actor_creation_warning": NO_EFFECT,
    "SimParams.stress_visualization": NO_EFFECT,
    "SimParams.stress_visualization_max": NO_EFFECT,
    "SimParams.stress_visualization_min": NO_EFFECT,
    "Tensor.dtype": "a torch.dtype",
    "carb_init": "nothing to start",
    **{f"PhysXParams.{name}": NO_EFFECT for name in PhysXParams.names() if name not in PHYSX_USED},
    **{f"FlexParams.{name}": NO_EFFECT for name in FlexParams.names()},
    **{f"AssetOptions.{name}": NO_EFFECT for name in OPTIONS_IGNORED},
    **{f"VhacdParams.{name}": NO_EFFECT for name in VhacdParams.names() if name not in VHACD_USED},
    **{f"{kind}.dynamic_friction": NO_EFFECT for kind in ("PlaneParams", "TriangleMeshParams", "HeightFieldParams")},
    **{
        f"RigidShapeProperties.{name}": NO_EFFECT
        for name in ("rolling_friction", "torsion_friction", "compliance", "thickness", "contact_offset", "rest_offset")
    },
    **{f"CameraProperties.{name}": NO_EFFECT for name in ("supersampling_horizontal", "supersampling_vertical")},
}

# Types of gymapi that are not there.
GYMAPI_UNBUILT = {
    "OmniConnectionParams": "there is no Omniverse to talk to; use create_viewer or create_camera_sensor",
    "ParticleState": "particles are not simulated; use rigid bodies",
    "SoftMaterial": "soft bodies are not simulated; use rigid bodies",
    "UsdExporter": "USD is not written; keep the URDF or MJCF file that the asset came from",
}
