"""What contacts are made of: friction and restitution, averaged over the two shapes as PhysX does by default.

MuJoCo takes the larger friction of two shapes and knows no restitution, but a pair of shapes can have a contact of its
own. Every pair has one here whose materials differ in some environment or bounce. So has, while they are few, every
other pair of different actors or of an actor with the ground: it costs nothing to speak of, and materials may then
change while the simulation runs.

A contact is a spring-damper that pushes only. With the fraction z of critical damping it lets go where damper and
spring cancel, and gives back exp(-z phi / sqrt(1 - z^2)) of the speed, phi = atan2(2 z sqrt(1 - z^2), 2 z^2 - 1).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np

from isaacgym._src.collision import colliding_pairs
from isaacgym._src.health import SimulationWarning
from isaacgym._src.layout import Layout

if TYPE_CHECKING:
    from isaacgym._src.scene import Env

FEW = 128  # pairs of different actors or with the ground that always have a contact of their own
LEAST_FRICTION = 1e-5  # of MuJoCo
SLIPPERY = 0.05  # friction below which pyramids are so steep that the solver throws bodies into the air
BOUNCE_STEPS = 3.0  # time constant of the spring in a contact that bounces, at most, in time steps
PREFIX = "material_"  # of the pairs' names
GROUND = -1  # in place of an actor's slot

_DAMPING = np.linspace(0.002, 0.999, 2000)
_ROOT = np.sqrt(1.0 - _DAMPING**2)
_RESTITUTION = np.exp(-_DAMPING / _ROOT * np.arctan2(2.0 * _DAMPING * _ROOT, 2.0 * _DAMPING**2 - 1.0))


class Materials:
    """The pairs of shapes in an environment's model that have a contact of their own, and what they average."""

    def __init__(self, model: mujoco.MjModel, layout: Layout, bounce: Mapping[str, float]) -> None:
        """`bounce` is the restitution of each geom of the ground, by name."""
        self._layout, self._step = layout, float(model.opt.timestep)
        self._owner = _owners(model, layout)
        self._ground = np.zeros((model.ngeom, 2))
        for name, restitution in bounce.items():
            geom = model.geom(name).id
            self._ground[geom] = model.geom_friction[geom, 0], restitution
        own = [i for i in range(model.npair) if model.pair(i).name.startswith(PREFIX)]
        self._pairs = np.asarray(own, dtype=np.int64)
        self._first, self._second = model.pair_geom1[self._pairs], model.pair_geom2[self._pairs]
        first, second = colliding_pairs(model)
        known = set(zip(*_sorted(model.pair_geom1, model.pair_geom2), strict=True))
        plain = [pair not in known for pair in zip(*_sorted(first, second), strict=True)]
        self._plain_first, self._plain_second = first[plain], second[plain]
        self._solref = model.pair_solref[self._pairs].copy()
        self._impedance = model.pair_solimp[self._pairs, 1].copy()
        self._bouncy = False
        self._warned: set[int] = set()
        self._warned_of_slippery = False

    @property
    def least(self) -> float:
        """The smallest friction that contacts of this model can have."""
        pyramids = self._layout.model.opt.cone == mujoco.mjtCone.mjCONE_PYRAMIDAL
        return SLIPPERY if pyramids else LEAST_FRICTION

    def slippery(self, model: mujoco.MjModel, envs: Sequence[Env]) -> bool:
        """Whether contacts may have less friction than pyramids can."""
        least = self._surfaces(envs)[..., 0].min(0)
        average = 0.5 * (least[self._first] + least[self._second])
        larger = np.maximum(least[self._plain_first], least[self._plain_second])
        of_file = np.delete(model.pair_friction[:, 0], self._pairs)
        return bool((np.concatenate((average, larger, of_file)) < SLIPPERY).any())

    def missing(self, model: mujoco.MjModel, envs: Sequence[Env]) -> np.ndarray:
        """(P, 2) geoms of the pairs that are to have a contact of their own and have none."""
        first, second = self._plain_first, self._plain_second
        surfaces = self._surfaces(envs).swapaxes(0, 1)
        columns = surfaces.reshape(model.ngeom, 2 * surfaces.shape[1])
        bouncy: np.ndarray = np.any(surfaces[..., 1] > 0, axis=1)
        kind = np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1)
        needed = (kind[first] != kind[second]) | bouncy[first] | bouncy[second]
        between = self._owner[first] != self._owner[second]
        if between.sum() <= FEW:
            needed |= between
        return np.stack((first[needed], second[needed]), axis=1)

    def fields(self, slot: int, envs: Sequence[Env]) -> Iterator[tuple[str, tuple[Any, ...], np.ndarray]]:
        """(field, index behind the environment axis, values) of all pairs that the actor takes part in."""
        touched = (self._owner[self._first] == slot) | (self._owner[self._second] == slot)
        if not touched.any():
            return
        pairs, surfaces = self._pairs[touched], self._surfaces(envs)
        friction, bounce = np.moveaxis(
            0.5 * (surfaces[:, self._first[touched]] + surfaces[:, self._second[touched]]), -1, 0
        )
        if self.least == SLIPPERY and (friction < SLIPPERY).any():
            self._warn_of_slippery(slot)
        for tangent in (0, 1):
            yield "pair_friction", (pairs, tangent), np.maximum(friction, self.least)
        self._bouncy |= bool(bounce.any())
        if self._bouncy:
            solref = bouncing(bounce, self._solref[touched], self._impedance[touched], self._step)
            yield "pair_solref", (pairs,), solref

    def warn_of_plain(self, slot: int, env: Env) -> None:
        """Say once that an actor was given a material for which its contacts have no place."""
        mine = (self._owner[self._plain_first] == slot) | (self._owner[self._plain_second] == slot)
        if slot in self._warned or not mine.any():
            return
        surfaces = self._surfaces([env])[0]
        one, other = surfaces[self._plain_first[mine]], surfaces[self._plain_second[mine]]
        if wrong := int(((one[:, 0] != other[:, 0]) | (one[:, 1] + other[:, 1] > 0)).sum()):
            self._warned.add(slot)
            warnings.warn(
                f"set_actor_rigid_shape_properties: {wrong} pairs of shapes of '{self._layout.actors[slot].name}' were "
                "alike at prepare_sim and have the larger friction of the two now, and no restitution; give the shapes "
                "different materials in one environment before prepare_sim, and they are averaged from then on",
                SimulationWarning,
                stacklevel=5,
            )

    def _warn_of_slippery(self, slot: int) -> None:
        if not self._warned_of_slippery:
            self._warned_of_slippery = True
            warnings.warn(
                f"contacts of '{self._layout.actors[slot].name}' have a friction below {SLIPPERY}, which counts as "
                f"{SLIPPERY} where friction cones are pyramids; set sim_params.mujoco.cone = 'elliptic'",
                SimulationWarning,
                stacklevel=6,
            )

    def _surfaces(self, envs: Sequence[Env]) -> np.ndarray:
        """(n, geoms, 2) friction and restitution; of one row where no environment differs."""
        rows = [[env.actors[slot].shape_props for slot in range(self._layout.num_actors)] for env in envs]
        if all(a is b for row in rows[1:] for a, b in zip(row, rows[0], strict=True)):
            rows = rows[:1]
        found = np.tile(self._ground, (len(rows), 1, 1))
        for slot, place in enumerate(self._layout.actors):
            distinct = {id(row[slot]): row[slot] for row in rows}
            values = {key: [(p.friction, p.restitution) for p in props] for key, props in distinct.items()}
            if len(place.mujoco_geoms):
                found[:, place.mujoco_geoms] = np.array([values[id(row[slot])] for row in rows])
        return found


def bouncing(restitution: np.ndarray, solref: np.ndarray, impedance: np.ndarray, step: float) -> np.ndarray:
    """(n, P, 2) solref of contacts that give back `restitution` (n, P), given that (P, 2) of contacts that do not.

    What bounces less than a contact does by itself stays as it is.
    """
    stiffness_time, damping = _spring(solref)
    wanted = np.interp(restitution, _RESTITUTION[::-1], _DAMPING[::-1]) / np.sqrt(impedance)
    time = np.minimum(stiffness_time, BOUNCE_STEPS * step)
    lively = np.stack((time / wanted, wanted), axis=-1)
    return np.where((wanted < damping)[..., None], lively, solref)


def _spring(solref: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(P,) time constant of the spring [s] and fraction of critical damping, of MuJoCo's two ways to give them."""
    direct = solref[:, 0] <= 0
    time = np.where(direct, 1.0 / np.sqrt(np.maximum(-solref[:, 0], 1e-10)), solref[:, 0] * solref[:, 1])
    return time, np.where(direct, -0.5 * solref[:, 1] * time, solref[:, 1])


def add_pairs(spec: mujoco.MjSpec, model: mujoco.MjModel, pairs: np.ndarray) -> None:
    """A contact of its own for each pair (P, 2) of the model's geoms, which all have names."""
    for number, (first, second) in enumerate(pairs):
        name = f"{PREFIX}{number}"
        spec.add_pair(name=name, geomname1=model.geom(first).name, geomname2=model.geom(second).name)


def set_pairs(model: mujoco.MjModel) -> None:
    """Let the pairs be what MuJoCo would make of their geoms; their materials come later."""
    for pair in range(model.npair):
        if not model.pair(pair).name.startswith(PREFIX):
            continue
        geoms = np.array([model.pair_geom1[pair], model.pair_geom2[pair]])
        priority, solref = model.geom_priority[geoms], model.geom_solref[geoms]
        weight = _weights(priority, model.geom_solmix[geoms])
        used = geoms[priority == priority.max()]
        slide, spin, roll = model.geom_friction[used].max(0)
        model.pair_dim[pair] = model.geom_condim[used].max()
        model.pair_friction[pair] = slide, slide, spin, roll, roll
        model.pair_solref[pair] = weight @ solref if (solref[:, 0] > 0).all() else solref.min(0)
        model.pair_solreffriction[pair] = model.pair_solref[pair]
        model.pair_solimp[pair] = weight @ model.geom_solimp[geoms]
        model.pair_margin[pair], model.pair_gap[pair] = model.geom_margin[geoms].sum(), model.geom_gap[geoms].sum()
        model.pair_adhesion[pair] = model.geom_adhesion[used].sum()


def name_geoms(spec: mujoco.MjSpec) -> None:
    """A name for every geom that has none, by which pairs can refer to it."""
    for number, geom in enumerate(spec.geoms):
        geom.name = geom.name or f"shape_{number}"


def _weights(priority: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """(2,) how much each of two geoms counts in their contact."""
    if priority[0] != priority[1]:
        return np.asarray(priority == priority.max(), dtype=float)
    return mix / mix.sum() if mix.min() > 0 else np.where(mix == mix.max(), 1.0, 0.0) / (1 + (mix[0] == mix[1]))


def _owners(model: mujoco.MjModel, layout: Layout) -> np.ndarray:
    """(geoms,) the slot of the actor that each geom belongs to."""
    owner = np.full(model.ngeom, GROUND)
    for slot, place in enumerate(layout.actors):
        owner[np.isin(model.geom_bodyid, place.mujoco_bodies)] = slot
    return owner


def _sorted(first: np.ndarray, second: np.ndarray) -> tuple[list[int], list[int]]:
    return np.minimum(first, second).tolist(), np.maximum(first, second).tolist()
