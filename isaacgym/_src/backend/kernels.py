"""All kernels of the Warp module behind the API's calls: one that is imported later would have all compiled again."""

from isaacgym._src.backend import (
    body_kernels,
    dof_kernels,
    dynamics_kernels,
    link_kernels,
    root_kernels,
    sensor_kernels,
    tree_kernels,
    velocity_kernels,
)

__all__ = [
    "body_kernels",
    "dof_kernels",
    "dynamics_kernels",
    "link_kernels",
    "root_kernels",
    "sensor_kernels",
    "tree_kernels",
    "velocity_kernels",
]
