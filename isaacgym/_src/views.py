"""Where all cameras of a simulation are, as tensors, and the poses of what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.enums import CameraFollowMode
from isaacgym._src.layout import rotate, xyzw
from isaacgym._src.terrain import PREFIX
from isaacgym._src.textures import Texture
from isaacgym._src.vectors import Quat, Transform, Vec3

if TYPE_CHECKING:
    from isaacgym._src.sim import Sim

SHAPE_FIELDS = ("geom_xpos", "geom_xmat")
BODY_FIELDS = ("xpos", "xquat")


def present(sim: Sim) -> dict[str, Tensor]:
    """Live (N, ...) poses of bodies and shapes in their environments, brought up to the present state."""
    if not sim.graphics.bound:  # the engine fills a field from the next computation on
        for name in SHAPE_FIELDS + BODY_FIELDS:
            sim.backend.data(name)
        sim.graphics.bound = True
        sim.state.kinematics_changed()
    sim.state.settle()
    return {name: sim.backend.data(name) for name in SHAPE_FIELDS + BODY_FIELDS}


class Views:
    """One row for each camera: (V,) environments, and (V, ...) poses in them since the last `look`."""

    def __init__(self, sim: Sim) -> None:
        self.sim = sim
        self.change = -1  # of the graphics, when the rows were made
        self._poses: np.ndarray | None = None

    @property
    def changed(self) -> bool:
        """Whether a camera was added, removed or moved since the last look."""
        return self.change != self.sim.graphics.change

    def look(self) -> dict[str, Tensor]:
        """Take the present poses; those of shapes and bodies are returned, live."""
        now = present(self.sim)
        if self.changed:
            self.change = self.sim.graphics.change
            self._take_rows()
        pos, quat = (now[name][self.envs, self._bodies] for name in BODY_FIELDS)
        self.pos, self.quat = self._placed(pos.float(), xyzw(quat.float()))
        self._poses = None
        return now

    def pose(self, env: int, handle: int) -> Transform:
        """Where a camera was at the last look, in its environment's frame."""
        if self._poses is None:
            self._poses = torch.cat((self.pos, self.quat), 1).cpu().numpy()
        row = self._poses[self.row[env, handle]].tolist()
        return Transform(Vec3(*row[:3]), Quat(*row[3:]))

    def _take_rows(self) -> None:
        sim, device = self.sim, self.sim.device
        found = [(e, h, c) for e, cameras in sorted(sim.graphics.cameras.items()) for h, c in cameras.items()]
        self.keys = [(env, handle) for env, handle, _ in found]
        self.row = {key: row for row, key in enumerate(self.keys)}
        cameras = [camera for _, _, camera in found]
        bodies = [0 if c.body is None else int(sim.layout.body_ids[c.body]) for c in cameras]
        follows = [c.mode == CameraFollowMode.FOLLOW_TRANSFORM for c in cameras]
        self.envs = torch.tensor([env for env, _ in self.keys], dtype=torch.long, device=device)
        self._bodies = torch.tensor(bodies, dtype=torch.long, device=device)  # the world's is at rest at the origin
        self._turns = torch.tensor(follows, dtype=torch.bool, device=device).unsqueeze(1)
        local = np.stack([np.append(c.local.p.floats(), c.local.r.floats()) for c in cameras]).astype(np.float32)
        self._local = torch.from_numpy(local).to(device)

    def _placed(self, pos: Tensor, quat: Tensor) -> tuple[Tensor, Tensor]:
        """Poses (V, 3) and (V, 4) of cameras on bodies at these poses."""
        own_pos, own_quat = self._local[:, :3], self._local[:, 3:]
        pos = pos + torch.where(self._turns, rotate(quat, own_pos), own_pos)
        return pos, torch.where(self._turns, product(quat, own_quat), own_quat)


def product(a: Tensor, b: Tensor) -> Tensor:
    """The rotations (V, 4) that turn by `b`, then by `a`, in xyzw."""
    axis = a[:, 3:] * b[:, :3] + b[:, 3:] * a[:, :3] + torch.linalg.cross(a[:, :3], b[:, :3])
    return torch.cat((axis, a[:, 3:] * b[:, 3:] - (a[:, :3] * b[:, :3]).sum(1, keepdim=True)), 1)


class Paint(NamedTuple):
    """What a body of an environment looks like: a colour in 0..1, and a picture that it multiplies."""

    color: tuple[float, float, float]
    texture: Texture | None = None


BARE = Paint((1.0, 1.0, 1.0))


def painted(sim: Any, env: int) -> dict[int, Paint]:
    """What was set of how an environment looks, by MuJoCo's bodies; a picture without a colour is seen as it is."""
    places, graphics = sim.layout.actors, sim.graphics
    found = {
        int(place.mujoco_bodies[body]): Paint(color)
        for place, actor in zip(places, sim.envs[env].actors, strict=True)
        for body, color in (actor.colors or {}).items()
    }
    for (slot, body), texture in graphics.body_textures.get(env, {}).items():
        key = int(places[slot].mujoco_bodies[body])
        found[key] = Paint(found.get(key, BARE).color, graphics.textures[texture])
    return found


def scale_ratios(sim: Any, env: int) -> np.ndarray | None:
    """(nbody,) how much larger each body of an environment is than in environment 0, None where nothing is."""
    pairs = zip(sim.envs[env].actors, sim.envs[0].actors, strict=True)
    ratios = [actor.scale / first.scale for actor, first in pairs]
    if all(ratio == 1.0 for ratio in ratios):
        return None
    found = np.ones(sim.backend.model.nbody, np.float32)
    for place, ratio in zip(sim.layout.actors, ratios, strict=True):
        found[place.mujoco_bodies] = ratio
    return found


def numbers(sim: Any, env: int) -> np.ndarray:
    """(ngeom,) int32: what each shape of the model is in segmentation images of an environment."""
    model, graphics, here = sim.backend.model, sim.graphics, sim.envs[env]
    of_body = np.zeros(model.nbody, np.int32)
    for slot, place in enumerate(sim.layout.actors):
        bodies = range(len(place.mujoco_bodies))
        of_body[place.mujoco_bodies] = [graphics.segmentation_of(here, slot, body) for body in bodies]
    if graphics.ground_numbers is None:
        graphics.ground_numbers = _ground_numbers(sim)
    return np.asarray(np.where(model.geom_bodyid > 0, of_body[model.geom_bodyid], graphics.ground_numbers))


def _ground_numbers(sim: Any) -> np.ndarray:
    """(ngeom,) int32: those of planes and terrains, zero for all else."""
    model = sim.backend.model
    found = np.zeros(model.ngeom, np.int32)
    for index, plane in enumerate(sim.scene.planes):
        found[model.geom(f"ground_{index}").id] = plane.segmentation_id
    for geom in np.flatnonzero(model.geom_bodyid == 0):
        name = model.geom(geom).name
        if name.startswith(PREFIX):
            found[geom] = sim.graphics.terrain_numbers[int(name.removeprefix(PREFIX).split("_")[0])]
    return found
