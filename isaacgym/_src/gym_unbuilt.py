"""Names of the Isaac Gym API that are not there: using one says so, with its name and what to use instead."""

from __future__ import annotations

from typing import NoReturn

SOFT = "soft bodies, cloth and particles are not simulated; use rigid bodies"
PNEUMATIC = "soft actuators are not simulated; drive dofs with set_dof_actuation_force_tensor"
USD = "USD is not written; keep the URDF or MJCF file that the asset came from"
NO_USD = "USD is not read; use load_asset with a URDF or MJCF file"
OMNIVERSE = "there is no Omniverse to talk to; use create_viewer or create_camera_sensor to see the simulation"

UNBUILT = {
    "acquire_particle_state_tensor": SOFT,
    "acquire_pneumatic_pressure_tensor": PNEUMATIC,
    "acquire_pneumatic_target_tensor": PNEUMATIC,
    "attach_sim": NO_USD,
    "create_asset_force_sensor_shape": "sensors belong to bodies; use create_asset_force_sensor",
    "create_cloth_grid": SOFT,
    "create_tet_grid": SOFT,
    "create_usd_exporter": USD,
    "destroy_usd_exporter": USD,
    "export_usd_asset": USD,
    "export_usd_sim": USD,
    "get_actor_best_overlap": "overlaps are not looked for; use get_rigid_transform and get_env_rigid_contacts",
    "get_frame_transform": "bodies and joints are the only frames; use get_rigid_transform or get_joint_transform",
    "get_pneumatic_pressure": PNEUMATIC,
    "get_pneumatic_target": PNEUMATIC,
    "get_sensor": "force sensors are the only ones; use get_actor_force_sensor or get_sim_force_sensor",
    "get_usd_export_root": USD,
    "initialize": "there is nothing to initialize; use acquire_gym and create_sim",
    "load_opensim": "OpenSim files are not read; use load_asset with a URDF or MJCF file",
    "load_sdf": "SDF files are not read; use load_asset with a URDF or MJCF file",
    "load_sim": NO_USD,
    "load_usd": NO_USD,
    "omni_connect": OMNIVERSE,
    "omni_disconnect": OMNIVERSE,
    "refresh_particle_state_tensor": SOFT,
    "refresh_pneumatic_pressure_tensor": PNEUMATIC,
    "refresh_pneumatic_target_tensor": PNEUMATIC,
    "reset_actor_particles_to_rest": SOFT,
    "set_actor_soft_materials": SOFT,
    "set_particle_state_tensor": SOFT,
    "set_particle_state_tensor_indexed": SOFT,
    "set_pneumatic_pressure": PNEUMATIC,
    "set_pneumatic_pressure_tensor": PNEUMATIC,
    "set_pneumatic_pressure_tensor_indexed": PNEUMATIC,
    "set_pneumatic_target": PNEUMATIC,
    "set_pneumatic_target_tensor": PNEUMATIC,
    "set_pneumatic_target_tensor_indexed": PNEUMATIC,
    "set_rigid_body_state_tensor": "links follow from roots and dofs; use set_actor_root_state_tensor and "
    "set_dof_state_tensor",
    "set_usd_export_root": USD,
}


class GymUnbuilt:
    """Attribute access for what Isaac Gym has and this package does not."""

    def __getattr__(self, name: str) -> NoReturn:
        if name in UNBUILT:
            raise NotImplementedError(f"gym.{name}: {UNBUILT[name]}")
        raise AttributeError(f"gym: Isaac Gym has no method '{name}'")
