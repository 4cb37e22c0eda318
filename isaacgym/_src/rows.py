"""States of single environments as NumPy rows, read from the engine or, before prepare_sim, from the description.

They are not the acquired tensors, which change by refresh_* alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from isaacgym._src import spawn
from isaacgym._src.chosen import Chosen
from isaacgym._src.enums import StateFlags
from isaacgym._src.scene import Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import RigidBodyState

APART, TURNED = 1e-3, 1e-3  # what body states may differ from what root and dofs say [m], [rad]


def body_states(env: Env) -> np.ndarray:
    """(B, 13) of the environment's bodies."""
    if not env.sim.prepared:
        return np.concatenate([spawn.body_states(actor) for actor in env.actors])
    return env.sim.state.bodies_of(env.index).cpu().numpy()


def sim_body_states(sim: Sim) -> np.ndarray:
    """(N, B, 13) of the bodies of all environments."""
    return sim.state.bodies_of().cpu().numpy()


def dof_states(env: Env) -> np.ndarray:
    """(D, 2) of the environment's dofs."""
    if not env.sim.prepared:
        return np.concatenate([spawn.dof_states(actor) for actor in env.actors])
    return env.sim.state.dofs_of(env.index).cpu().numpy()


def set_dof_states(env: Env, slot: int, new: np.ndarray, flags: int) -> None:
    """(D, 2) of one actor; `flags` says which of positions and velocities count."""
    columns, sim = _columns(flags), env.sim
    if sim.prepared:
        start = sim.layout.actors[slot].dof.start
        sim.state.set_run_of_dofs(env.index, start, torch.as_tensor(new, device=sim.device), int(flags))
        return
    actor = env.actors[slot]
    actor.dof_states = spawn.dof_states(actor).copy()
    actor.dof_states[:, columns] = new[:, columns]


def dof_targets(env: Env) -> np.ndarray:
    """(D, 2) position and velocity targets; zero for dofs that are driven otherwise."""
    if not env.sim.prepared:
        kept = [(a.dof_targets, len(a.asset.dof_names)) for a in env.actors]
        return np.concatenate([np.zeros((n, 2), np.float32) if t is None else t for t, n in kept])
    return env.sim.state.targets(env.index).float().cpu().numpy()


def set_dof_targets(env: Env, slot: int, new: np.ndarray, column: int, dofs: slice = slice(None)) -> None:
    """Position (column 0) or velocity (1) targets of an actor's dofs, which count in the mode they are meant for."""
    if not env.sim.prepared:
        actor = env.actors[slot]
        if actor.dof_targets is None:
            actor.dof_targets = np.zeros((len(actor.asset.dof_names), 2), np.float32)
        actor.dof_targets[dofs, column] = new
        return
    own = env.sim.layout.actors[slot].dof
    env.sim.state.set_targets(env.index, range(own.start, own.stop)[dofs], new, column)


def set_dof_target(env: Env, dof: int, target: float, column: int) -> None:
    """The position (column 0) or velocity (1) target of one dof of an environment."""
    for slot, actor in enumerate(env.actors):
        if dof < (count := len(actor.asset.dof_names)):
            set_dof_targets(env, slot, np.array([target], np.float32), column, slice(dof, dof + 1))
            return
        dof -= count


def set_bodies(sim: Sim, rows: np.ndarray, chosen: np.ndarray, flags: int, method: str) -> None:
    """Body states (N, B, 13) of the actors in `chosen` (N, A): their roots; the other links must be where these and
    the dofs put them.
    """
    layout, columns = sim.layout, slice(*{1: (0, 7), 2: (7, 13), 3: (0, 13)}[_flags(flags)])
    if flags & StateFlags.STATE_POS:
        _check_links(sim, rows, chosen, method)
    firsts = [place.body.start for place in layout.actors]
    root = sim.state.roots()
    mask = torch.as_tensor(chosen, device=sim.device)
    new = torch.as_tensor(rows[:, firsts], dtype=root.dtype, device=sim.device)
    root[..., columns] = torch.where(mask.unsqueeze(-1), new, root)[..., columns]
    sim.state.set_root(root, Chosen(mask=mask))


def set_root(env: Env, slot: int, first: int, values: np.ndarray) -> None:
    """Some columns of one actor's root state, from column `first` on."""
    sim = env.sim
    root = sim.state.roots()
    root[env.index, slot, first : first + len(values)] = torch.as_tensor(values.copy(), device=sim.device)
    sim.state.set_root(root)


def dof_frames(sim: Sim, env: int) -> np.ndarray:
    """(D, 6) anchors and axes of an environment's dofs in its frame."""
    joints = sim.layout.joint_ids
    sim.state.keep_bodies(("xanchor", "xaxis"))
    sim.state.settle()
    anchor, axis = (sim.backend.data(name)[env, joints].float().cpu().numpy() for name in ("xanchor", "xaxis"))
    return np.concatenate((anchor, axis), -1)


def structured(rows: np.ndarray) -> np.ndarray:
    """Float32 rows (..., 13) as records of poses and velocities."""
    return np.ascontiguousarray(rows, np.float32).view(RigidBodyState.dtype)[..., 0]


def plain(given: Any, dtype: np.dtype, method: str, *shape: int) -> np.ndarray:
    """(*shape, n) float32 numbers of the records or plain rows handed in."""
    array = np.ascontiguousarray(given)
    flat = array.view(np.float32) if array.dtype == dtype else array.astype(np.float32)
    if flat.size != math.prod(shape):
        raise ValueError(f"{method}: needs {shape[:-1]} states of {shape[-1]} numbers, given shape {array.shape}")
    return flat.reshape(shape)


def _columns(flags: int) -> slice:
    return slice(*{1: (0, 1), 2: (1, 2), 3: (0, 2)}[_flags(flags)])


def _flags(flags: int) -> int:
    if int(flags) not in (1, 2, 3):
        raise ValueError(f"flags must be STATE_POS (1), STATE_VEL (2) or STATE_ALL (3), given {flags}")
    return int(flags)


def _check_links(sim: Sim, rows: np.ndarray, chosen: np.ndarray, method: str) -> None:
    """Links may not be set apart from their root."""
    now = sim_body_states(sim)
    for slot, place in enumerate(sim.layout.actors):
        if place.body.stop - place.body.start == 1 or not chosen[:, slot].any():
            continue
        given, present = (_from_root(x[chosen[:, slot], place.body].astype(float)) for x in (rows, now))
        apart = np.abs(given[0] - present[0]).max(), np.abs(given[1] - present[1]).max()
        if apart[0] > APART or apart[1] > TURNED:
            raise NotImplementedError(
                f"{method}: links of '{place.name}' are given {apart[0]:.3g} m from where its root and dofs put them; "
                "set its dofs first (set_actor_dof_states), or move all of its bodies alike"
            )


def _from_root(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (n, B, 3) in the root's frame and rotation matrices (n, B, 3, 3) from the root's."""
    turn = matrices(states[..., 3:7])
    arm = states[..., 0:3] - states[:, :1, 0:3]
    back = turn[:, :1].swapaxes(-1, -2)
    return (back @ arm[..., None])[..., 0], back @ turn


def matrices(quat: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) of xyzw quaternions."""
    axis, w = quat[..., :3], quat[..., 3, None, None]
    x, y, z = np.moveaxis(axis, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    return np.eye(3) + 2.0 * (w * cross + cross @ cross)
