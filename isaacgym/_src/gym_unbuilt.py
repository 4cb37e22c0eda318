"""Names of the Isaac Gym API that are not built yet: using one says so, with its name."""

from __future__ import annotations

from typing import NoReturn

UNBUILT = frozenset(
    [
        "acquire_particle_state_tensor",
        "acquire_pneumatic_pressure_tensor",
        "acquire_pneumatic_target_tensor",
        "create_asset_force_sensor_shape",
        "create_cloth_grid",
        "create_force_sensor",
        "create_performance_timers",
        "create_tet_grid",
        "create_usd_exporter",
        "draw_env_rigid_contacts",
        "draw_env_soft_contacts",
        "export_usd_asset",
        "export_usd_sim",
        "get_actor_actuator_count",
        "get_actor_actuator_joint_name",
        "get_actor_actuator_name",
        "get_actor_actuator_properties",
        "get_actor_best_overlap",
        "get_actor_force_sensor",
        "get_actor_force_sensor_count",
        "get_actor_joint_transforms",
        "get_actor_soft_body_count",
        "get_actor_soft_materials",
        "get_actor_tendon_offset",
        "get_actor_tendon_stiffness",
        "get_asset_actuator_name",
        "get_asset_soft_body_count",
        "get_asset_soft_materials",
        "get_env_rigid_contact_forces",
        "get_env_rigid_contacts",
        "get_env_soft_contacts",
        "get_frame_transform",
        "get_joint_transform",
        "get_performance_timers",
        "get_rigid_body_color",
        "get_rigid_contact_forces",
        "get_rigid_contacts",
        "get_sensor",
        "get_sim_force_sensor",
        "get_sim_tetrahedra_count",
        "get_sim_triangle_count",
        "get_soft_contacts",
        "get_vec_env_rigid_contact_forces",
        "get_vec_rigid_angular_velocity",
        "get_vec_rigid_linear_velocity",
        "get_vec_rigid_transform",
        "get_version",
        "get_viewer_mouse_position",
        "get_viewer_size",
        "load_mjcf",
        "load_opensim",
        "load_sdf",
        "load_urdf",
        "load_usd",
        "omni_connect",
        "omni_disconnect",
        "refresh_particle_state_tensor",
        "refresh_pneumatic_pressure_tensor",
        "refresh_pneumatic_target_tensor",
        "reset_actor_materials",
        "reset_actor_particles_to_rest",
        "set_actor_fixed_tendon_joint_coefficients",
        "set_actor_soft_materials",
        "set_actor_tendon_offset",
        "set_asset_fixed_tendon_joint_coefficients",
        "set_particle_state_tensor",
        "set_pneumatic_pressure_tensor",
        "set_pneumatic_target_tensor",
        "set_sim_device",
        "set_usd_export_root",
    ]
)


class GymUnbuilt:
    """Attribute access for what Isaac Gym has and this package does not have yet."""

    def __getattr__(self, name: str) -> NoReturn:
        if name in UNBUILT:
            raise NotImplementedError(f"gym.{name}: this part of the Isaac Gym API is not built yet")
        raise AttributeError(f"gym: Isaac Gym has no method '{name}'")
