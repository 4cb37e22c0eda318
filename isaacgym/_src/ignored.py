"""What Isaac Gym code may set and this engine has no use for: said once at debug level, as far as it was set."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from isaacgym._src.asset import Asset
from isaacgym._src.options import AssetOptions, PhysXParams, SimParams
from isaacgym._src.record import Record

LOGGER = logging.getLogger("isaacgym")

PHYSX_USED = {"contact_collection", "num_threads"}
OPTIONS_IGNORED = (
    "max_linear_velocity",
    "max_angular_velocity",
    "thickness",
    "enable_gyroscopic_forces",
    "slices_per_cylinder",
    "tendon_limit_stiffness",
    "min_particle_mass",
)
OPTIONS_OF_SINGLE_BODIES = ("linear_damping", "angular_damping")


def log_ignored(params: SimParams, assets: Iterable[Asset]) -> None:
    """One debug line with every setting that was changed from its default and has no effect here."""
    physx = [name for name in vars(PhysXParams()) if name not in PHYSX_USED]
    found = _changed("physx.", params.physx, PhysXParams(), physx)
    for asset in assets:
        names = [*OPTIONS_IGNORED, *(OPTIONS_OF_SINGLE_BODIES if asset.fixed or len(asset.body_names) > 1 else ())]
        found += _changed(f"{asset.name}.", asset.options, AssetOptions(), names)
    if found:
        LOGGER.debug("prepare_sim: accepted and without effect on MuJoCo: %s", ", ".join(dict.fromkeys(found)))


def _changed(prefix: str, given: Record, default: Record, names: Iterable[str]) -> list[str]:
    return [f"{prefix}{n}={getattr(given, n)}" for n in names if getattr(given, n) != getattr(default, n)]
