"""Names of the Isaac Gym API that are not built yet: using one says so, with its name."""

from __future__ import annotations

from typing import NoReturn

UNBUILT = frozenset(
    """
    acquire_jacobian_tensor acquire_mass_matrix_tensor acquire_particle_state_tensor acquire_pneumatic_pressure_tensor
    acquire_pneumatic_target_tensor add_heightfield add_lines add_triangle_mesh apply_actor_dof_efforts
    apply_body_force_at_pos apply_body_forces apply_dof_effort apply_rigid_body_force_at_pos_tensors
    attach_camera_to_body clear_lines create_asset_force_sensor_shape create_camera_sensor create_cloth_grid
    create_force_sensor create_performance_timers create_rigid_body_attractor create_texture_from_buffer
    create_texture_from_file create_tet_grid create_usd_exporter create_viewer destroy_camera_sensor destroy_viewer
    draw_env_rigid_contacts draw_env_soft_contacts draw_viewer end_access_image_tensors export_usd_asset
    export_usd_sim free_texture get_actor_actuator_count get_actor_actuator_joint_name get_actor_actuator_name
    get_actor_actuator_properties get_actor_best_overlap get_actor_dof_frames get_actor_dof_position_targets
    get_actor_dof_states get_actor_dof_velocity_targets get_actor_fixed_tendon_joint_coefficients get_actor_force_sensor
    get_actor_force_sensor_count get_actor_joint_dict get_actor_joint_handle get_actor_joint_index get_actor_joint_names
    get_actor_joint_transforms get_actor_rigid_body_shape_indices get_actor_rigid_body_states get_actor_soft_body_count
    get_actor_soft_materials get_actor_tendon_count get_actor_tendon_index get_actor_tendon_name
    get_actor_tendon_offset get_actor_tendon_properties get_actor_tendon_stiffness get_asset_actuator_name
    get_asset_fixed_tendon_joint_coefficients get_asset_fixed_tendon_joint_name get_asset_joint_dict
    get_asset_joint_name get_asset_joint_names get_asset_joint_type get_asset_rigid_body_shape_indices
    get_asset_soft_body_count get_asset_soft_materials get_asset_tendon_properties get_attractor_properties
    get_camera_image get_camera_image_gpu_tensor get_camera_proj_matrix get_camera_transform get_camera_view_matrix
    get_dof_frame get_dof_position get_dof_target_position get_dof_target_velocity get_dof_velocity
    get_env_joint_count get_env_rigid_body_states get_env_rigid_contact_forces get_env_rigid_contacts
    get_env_soft_contacts get_frame_transform get_joint_handle get_joint_name get_joint_position
    get_joint_target_position get_joint_target_velocity get_joint_transform get_joint_velocity get_performance_timers
    get_rigid_angular_velocity get_rigid_body_color get_rigid_body_segmentation_id get_rigid_body_texture
    get_rigid_contact_forces get_rigid_contacts get_rigid_handle get_rigid_linear_velocity get_rigid_name
    get_rigid_transform get_sensor get_sim_force_sensor get_sim_joint_count get_sim_rigid_body_states
    get_sim_tetrahedra_count get_sim_triangle_count get_soft_contacts get_texture_count get_vec_actor_dof_states
    get_vec_env_rigid_contact_forces get_vec_rigid_angular_velocity get_vec_rigid_linear_velocity
    get_vec_rigid_transform get_version get_viewer_camera_handle get_viewer_camera_transform get_viewer_mouse_position
    get_viewer_size load_mjcf load_opensim load_sdf load_urdf load_usd omni_connect omni_disconnect poll_viewer_events
    query_viewer_action_events query_viewer_has_closed refresh_jacobian_tensors refresh_mass_matrix_tensors
    refresh_particle_state_tensor refresh_pneumatic_pressure_tensor refresh_pneumatic_target_tensor
    render_all_camera_sensors reset_actor_materials reset_actor_particles_to_rest set_actor_dof_position_targets
    set_actor_dof_states set_actor_dof_velocity_targets set_actor_fixed_tendon_joint_coefficients
    set_actor_rigid_body_states set_actor_scale set_actor_soft_materials set_actor_tendon_offset
    set_actor_tendon_properties set_asset_fixed_tendon_joint_coefficients set_asset_tendon_properties
    set_attractor_properties set_attractor_target set_camera_location set_camera_transform set_dof_target_position
    set_dof_target_velocity set_env_rigid_body_states set_joint_target_position set_joint_target_velocity
    set_light_parameters set_particle_state_tensor set_pneumatic_pressure_tensor set_pneumatic_target_tensor
    set_rigid_angular_velocity set_rigid_body_segmentation_id set_rigid_body_texture set_rigid_linear_velocity
    set_rigid_transform set_sim_device set_sim_rigid_body_states set_usd_export_root start_access_image_tensors
    step_graphics subscribe_viewer_keyboard_event subscribe_viewer_mouse_event sync_frame_time viewer_camera_look_at
    write_camera_image_to_file write_viewer_image_to_file
    """.split()
)


class GymUnbuilt:
    """Attribute access for what Isaac Gym has and this package does not have yet."""

    def __getattr__(self, name: str) -> NoReturn:
        if name in UNBUILT:
            raise NotImplementedError(f"gym.{name}: this part of the Isaac Gym API is not built yet")
        raise AttributeError(f"gym: Isaac Gym has no method '{name}'")
