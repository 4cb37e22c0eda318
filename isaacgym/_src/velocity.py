"""Limits of velocities and damping of links, around every substep, by PhysX's rules (docs/isaacgym.md has them).

Dofs and single floating bodies are held after a substep: a dof by impulses on its joint, which the rest of the robot
feels through the mass matrix, a body by shortening the velocities of its centre of mass and of its turning. The
positions are then those that the velocities held would have led to. Links of articulations are damped, and slowed down
where they are faster than their asset allows, by wrenches of the substep that follows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import mujoco
import numpy as np
import torch
from torch import Tensor

from isaacgym._src.asset import Asset
from isaacgym._src.backend.base import Arguments, Backend
from isaacgym._src.enums import DofType
from isaacgym._src.layout import Layout
from isaacgym._src.tree import Tree

if TYPE_CHECKING:
    from isaacgym._src.backend.launches import Launches
    from isaacgym._src.scene import Actor

FREE = 1e9  # a limit from here on is none [m/s, rad/s]
NONE = -1  # in a table
SCRATCH = ("factor", "change", "impulse", "held")  # of the kernel that holds dofs


def single(asset: Asset) -> bool:
    """Whether an actor of this asset is one floating body."""
    return not asset.fixed and len(asset.body_names) == 1


def damped_by_joint(asset: Asset) -> bool:
    """Whether the damping of a single body is that of its free joint: its principal axes are those of the link."""
    props = asset.body_props[0]
    inertia = props.inertia.floats().reshape(3, 3)
    aside = np.abs(inertia - np.diag(np.diag(inertia))).max() > 1e-4 * np.abs(inertia).max()
    centred = max(abs(props.com.x), abs(props.com.y), abs(props.com.z)) < 1e-6
    return single(asset) and centred and not aside


def moves(asset: Asset) -> bool:
    """Whether anything of an actor of this asset can move by itself."""
    return not asset.fixed or bool(asset.dof_names)


def damps(asset: Asset) -> bool:
    """Whether links of this asset are damped by wrenches."""
    options = asset.options
    return moves(asset) and not damped_by_joint(asset) and (options.linear_damping > 0 or options.angular_damping > 0)


def bounded(asset: Asset) -> bool:
    """Whether the options of an asset that moves bound the speed of its bodies."""
    options = asset.options
    return moves(asset) and min(options.max_linear_velocity, options.max_angular_velocity) < FREE


def resisted(asset: Asset) -> bool:
    """Whether wrenches may act on links of this asset."""
    return damps(asset) or (bounded(asset) and not single(asset))


class VelocityRules:
    """What one simulation's dofs, bodies and links have to keep to; `backend` calls it around every substep."""

    def __init__(self, backend: Backend, layout: Layout, actors: Sequence[Actor]) -> None:
        self._backend, self._layout, self._num_envs = backend, layout, backend.num_envs
        self._assets = assets = [actor.asset for actor in actors]
        self.damps = any(damps(asset) for asset in assets)
        self.resists = any(resisted(asset) for asset in assets)  # wrenches on links may be needed
        self._bodies_held = any(bounded(asset) and not asset.fixed for asset in assets)
        self._dofs_held = False
        real = backend.data("qpos").dtype
        self._limits = torch.full((self._num_envs, layout.model.nv), torch.inf, dtype=real, device=backend.device)
        self._suspects = np.zeros(self._num_envs, np.int32)
        self._suspect = torch.from_numpy(self._suspects).to(backend.device)  # the same memory on a CPU
        self._tree = Tree(backend, self._suspect, self.damps) if backend.name == "mujoco" and self.resists else None
        self._pushed = False
        self._launches: Launches | None = None

    @property
    def holds(self) -> bool:
        """Whether something is to be done after a substep."""
        return self._dofs_held or self._bodies_held

    @property
    def idle(self) -> bool:
        """Whether no substep needs anything."""
        return not (self.holds or self.resists)

    def have_pushed(self) -> bool:
        """Whether wrenches of the last step, for which this is asked once, are among the forces on bodies."""
        pushed, self._pushed = self._pushed, self.resists and self._backend.name == "warp"
        return pushed

    def set_dofs(self, props: np.ndarray, envs: slice = slice(None)) -> None:
        """(n, D) dof records of the environments `envs`: their `velocity` is the limit from now on."""
        new = np.where(props["velocity"] < FREE, np.maximum(props["velocity"], 0.0), np.inf)
        new = np.minimum(new, self._fastest_dofs())
        columns = torch.as_tensor(self._layout.dof_qvel.array, device=self._limits.device)
        self._limits[envs, columns] = torch.as_tensor(new, dtype=self._limits.dtype, device=self._limits.device)
        self._dofs_held = self._dofs_held or bool(np.isfinite(new).any())

    def _fastest_dofs(self) -> np.ndarray:
        """(D,) how fast a dof is between links that are as fast as their asset allows, in opposite ways."""
        fastest = [
            2.0 * _fastest(asset)[int(asset.dof_type(i) == DofType.DOF_ROTATION)]
            for asset in self._assets
            for i in range(len(asset.dof_names))
        ]
        return np.array(fastest, dtype=float)

    # Around a substep.

    def suspect(self) -> bool:
        """Whether links are damped or may be too fast; where the host may look at the device's memory."""
        from isaacgym._src.backend.kernels import link_kernels

        if self.damps:
            return True
        self._suspects[:] = 0
        self._run(link_kernels.screen, (len(self._assets),), self._screened)
        return bool(self._suspects.any())

    def resist(self, first: bool) -> None:
        """Wrenches on links; `first` in the first of the substeps.

        On a GPU kinematic fields are those of the present state before the forces of a substep are computed. On a CPU
        they are computed here.
        """
        from isaacgym._src.backend.kernels import link_kernels, tree_kernels

        if self._tree is not None:
            self._run(tree_kernels.move, (), self._tree.arguments, self._tree.variant)
        self._run(link_kernels.resist, (len(self._links),), lambda: self._resisted(first), first)
        self._pushed = True

    def hold(self) -> None:
        """The velocities after a substep, within their limits."""
        from isaacgym._src.backend.kernels import velocity_kernels

        self._run(velocity_kernels.hold, (len(self._assets),), self._held)

    # Tables.

    def _run(
        self, kernel: object, rows: tuple[int, ...], kept: Callable[[], Arguments], variant: object = None
    ) -> None:
        if self._launches is None:
            from isaacgym._src.backend.launches import Launches

            self._launches = Launches(self._backend)
        self._launches.run(kernel, (self._num_envs, *rows), kept, variant)

    def _actors(self) -> Arguments:
        """What both kernels that look at actors are given."""
        model = self._layout.model
        positions = np.full(model.nv, NONE)
        positions[model.jnt_dofadr] = model.jnt_qposadr
        most = [[a.options.max_linear_velocity, a.options.max_angular_velocity] for a in self._assets]
        return {
            "ranges": self._table(self._ranges()),
            "positions": self._table(positions),
            "most": self._real(np.where(np.array(most) < FREE, most, np.inf)),
            "qpos": self._backend.data("qpos"),
            "qvel": self._backend.data("qvel"),
        }

    def _screened(self) -> Arguments:
        model = self._layout.model
        turns = np.isin(model.jnt_type[model.dof_jntid], (mujoco.mjtJoint.mjJNT_FREE, mujoco.mjtJoint.mjJNT_HINGE))
        reach = [_reach(model, place.mujoco_bodies) for place in self._layout.actors]
        tables = {"turns": self._table(turns), "parents": self._table(model.dof_parentid), "reach": self._real(reach)}
        sums = {name: torch.zeros_like(self._limits) for name in ("spin", "slide")}
        return self._actors() | tables | sums | {"suspect": self._suspect}

    def _held(self) -> Arguments:
        from isaacgym._src.backend.quiet_warp import wp

        model, backend = self._layout.model, self._backend
        own = {"limits": self._limits, "step": float(model.opt.timestep), "matrix": backend.data("M")}
        shape = {"nonzeros": model.M_rownnz, "address": model.M_rowadr, "column": model.M_colind}
        return (
            self._actors()
            | own
            | {name: self._table(values) for name, values in shape.items()}
            | {"com": backend.field("body_ipos"), "before": torch.zeros_like(backend.data("qvel"))}
            | {name: self._limits.new_zeros(self._num_envs * model.nC) for name in SCRATCH}
            | {"strides": wp.vec2i(1, self._num_envs) if backend.device.type == "cuda" else wp.vec2i(model.nC, 1)}
        )

    def _resisted(self, first: bool) -> Arguments:
        model, backend = self._layout.model, self._backend
        fields = {"centre": "subtree_com", "xipos": "xipos", "cvel": "cvel", "ximat": "ximat"}
        moved = self._tree.moved if self._tree else {name: backend.data(field) for name, field in fields.items()}
        return (
            self._link_tables
            | moved
            | {"applied": backend.data("xfrc_applied"), "ximat": moved["ximat"].flatten(2)}
            | {"mass": backend.field("body_mass"), "inertia": backend.field("body_inertia")}
            | {"step": float(model.opt.timestep), "first": int(first)}
            | {"suspect": self._suspect, "everyone": int(self.damps or self._tree is None)}
        )

    @functools.cached_property
    def _link_tables(self) -> Arguments:
        """What is known of links, and what pushed them when the step began, which all its substeps share."""
        links, root = self._links, self._layout.model.body_rootid
        return {
            "links": self._table([(body, root[body]) for body, _ in links]),
            "damping": self._real([_damping(asset) for _, asset in links]),
            "fastest": self._real([_fastest(asset) for _, asset in links]),
            "pushed": torch.zeros_like(self._backend.data("xfrc_applied")[:, : len(links)]).contiguous(),
        }

    @functools.cached_property
    def _links(self) -> list[tuple[int, Asset]]:
        """The MuJoCo bodies that wrenches may act on."""
        pairs = zip(self._layout.actors, self._assets, strict=True)
        return [(int(b), asset) for place, asset in pairs if resisted(asset) for b in place.mujoco_bodies]

    def _ranges(self) -> np.ndarray:
        """(A, 4) first and last dof of each actor, its free joint in qpos, and its body if it has only one."""
        model, ranges = self._layout.model, np.full((len(self._assets), 4), NONE)
        ranges[:, :2] = 0
        for row, place, asset in zip(ranges, self._layout.actors, self._assets, strict=True):
            dofs = np.flatnonzero(np.isin(model.dof_bodyid, place.mujoco_bodies))
            if len(dofs):
                row[:2] = dofs[0], dofs[-1] + 1
            if not asset.fixed:
                row[2] = model.jnt_qposadr[model.body_jntadr[place.mujoco_bodies[0]]]
            if single(asset):
                row[3] = place.mujoco_bodies[0]
        return ranges

    def _table(self, values: Iterable[object] | np.ndarray) -> Tensor:
        return torch.as_tensor(np.asarray(values, np.int32), device=self._backend.device)

    def _real(self, values: Iterable[object] | np.ndarray) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=self._limits.dtype, device=self._backend.device)


def _damping(asset: Asset) -> tuple[float, float]:
    """Linear and angular damping of links by wrenches [1/s]."""
    return (asset.options.linear_damping, asset.options.angular_damping) if damps(asset) else (0.0, 0.0)


def _fastest(asset: Asset) -> tuple[float, float]:
    """Linear [m/s] and angular [rad/s] speed from which on wrenches slow a link down."""
    options = asset.options
    speeds = (options.max_linear_velocity, options.max_angular_velocity)
    found = [speed if speed < FREE and not single(asset) else np.inf for speed in speeds]
    return found[0], found[1]


def _reach(model: mujoco.MjModel, bodies: np.ndarray) -> float:
    """How far a centre of mass can be from the root with all sliding dofs at zero, at any scale an actor has [m]."""
    far = np.zeros(model.nbody)
    for body in bodies:
        joints = slice(model.body_jntadr[body], model.body_jntadr[body] + model.body_jntnum[body])
        anchors = 2.0 * np.abs(model.jnt_pos[joints]).sum() if model.body_jntnum[body] else 0.0
        own = 0.0 if body == bodies[0] else float(np.linalg.norm(model.body_pos[body]))
        far[body] = (far[model.body_parentid[body]] if body != bodies[0] else 0.0) + own + anchors
    return 4.0 * float(np.max(far[bodies] + np.linalg.norm(model.body_ipos[bodies], axis=1)))
