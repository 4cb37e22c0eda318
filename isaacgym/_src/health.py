"""What went wrong inside the engine, by name: counted on the device, said on the host."""

from __future__ import annotations

from isaacgym._src.backend.base import HEALTH, Backend

__all__ = ["SimulationWarning"]

MEANING = {
    "unstable": "a position, velocity or acceleration became NaN or huge, and the environment was put back to its "
    "start; lower dt or gains, raise substeps or armature",
    "singular_inertia": "the mass matrix could not be inverted; give light links mass or armature",
    "contacts_dropped": "contacts did not fit into memory",
    "constraints_dropped": "contacts and limits did not fit into memory",
    "bad_control": "an effort or a target was NaN or huge, and all of the environment's were taken as zero",
}


ROOM = {"contacts_dropped": "nconmax", "constraints_dropped": "njmax"}


class SimulationWarning(RuntimeWarning):
    """Something the engine went past that makes its numbers doubtful."""


def health_message(backend: Backend, fault: str) -> str:
    """How often, where and what; asks the device."""
    counts = backend.health[:, HEALTH.index(fault)]
    envs = counts.nonzero().view(-1)
    shown = ", ".join(map(str, envs[:5].tolist())) + (", ..." if len(envs) > 5 else "")
    return (
        f"{fault}: {int(counts.sum())} times so far, in {len(envs)} of {backend.num_envs} environments ({shown}): "
        f"{MEANING[fault]}{_remedy(backend, fault)}"
    )


def _remedy(backend: Backend, fault: str) -> str:
    """The number to raise, where there is one."""
    if fault not in ROOM:
        return ""
    if backend.capacities is None:
        return "; give shapes that need not collide a common filter bit"
    name = ROOM[fault]
    size = getattr(backend.capacities, name)
    return (
        f"; raise sim.mujoco.{name} from {size} to {2 * size}, or give shapes that need not collide a common filter bit"
    )
