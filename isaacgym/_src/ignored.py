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
    "thickness",
    "enable_gyroscopic_forces",
    "slices_per_cylinder",
    "tendon_limit_stiffness",
    "min_particle_mass",
)


def log_ignored(params: SimParams, assets: Iterable[Asset]) -> None:
    """One debug line with every setting that was changed from its default and has no effect here."""
    physx = [name for name in vars(PhysXParams()) if name not in PHYSX_USED]
    found = _changed("physx.", params.physx, PhysXParams(), physx)
    for asset in assets:
        found += _changed(f"{asset.name}.", asset.options, AssetOptions(), OPTIONS_IGNORED)
    if found:
        LOGGER.debug("prepare_sim: accepted and without effect on MuJoCo: %s", ", ".join(dict.fromkeys(found)))


def _changed(prefix: str, given: Record, default: Record, names: Iterable[str]) -> list[str]:
    return [f"{prefix}{n}={getattr(given, n)}" for n in names if getattr(given, n) != getattr(default, n)]
