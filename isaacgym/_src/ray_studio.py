"""Draws what camera sensors see with rays, all pictures at a time, on the device where the simulation is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.backend.tracer import Lens, Tracer
from isaacgym._src.camera import Camera
from isaacgym._src.enums import ImageType
from isaacgym._src.layout import rotate
from isaacgym._src.views import Views, numbers, painted, scale_ratios

if TYPE_CHECKING:
    from isaacgym._src.graphics import ImageKey
    from isaacgym._src.sim import Sim

Key = tuple[int, int]  # environment and handle of a camera

OUTPUT = {ImageType.IMAGE_COLOR: "rgb", ImageType.IMAGE_DEPTH: "depth", ImageType.IMAGE_SEGMENTATION: "seg"}
AXES = ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0))  # right, up and back of a camera that looks along x


class RayStudio:
    """Pictures of the states that `look` last took, of `most` pixels; cameras of one lens are drawn together."""

    def __init__(self, sim: Sim, most: int | None = None) -> None:
        self.sim, self._most = sim, most
        self._views: Views = sim.graphics.views(sim)
        self._rolls: dict[Lens, Roll] = {}
        self.change = -1  # of the graphics, when the last look was taken

    def serves(self, size: tuple[int, int]) -> bool:
        """Whether pictures of this size [pixels] are for it."""
        return self._most is None or size[0] * size[1] <= self._most

    def look(self) -> None:
        """Take the present states; pictures show them until the next look."""
        now = self._views.look()
        if self._views.change != self.change:
            self.change = self._views.change
            self._load()
        for roll in self._rolls.values():
            roll.look(now)

    def draw(self, env: int, handle: int, kind: ImageType) -> Tensor:
        """(H, W, 4) uint8 colours, (H, W) float32 depths [m], negative, or (H, W) int32 segmentation numbers."""
        if self.change != self.sim.graphics.change:
            self.look()
        roll = self._rolls[lens_of(self.sim.graphics.cameras[env][handle])]
        return roll.images(kind)[roll.place[env, handle]]

    def renew(self, tensors: dict[ImageKey, Tensor]) -> None:
        """Draw into each of the tensors what its camera sees."""
        for roll in self._rolls.values():
            roll.renew({key: tensor for key, tensor in tensors.items() if key[:2] in roll.place})

    def close(self) -> None:
        """Give the memory back."""
        self._rolls.clear()

    def _load(self) -> None:
        """A roll for each lens; one whose cameras are still the same goes on."""
        old, groups = self._rolls, self._by_lens()
        self._rolls = {
            lens: old[lens] if lens in old and old[lens].keys == keys else Roll(self.sim, lens, keys, self._views)
            for lens, keys in groups.items()
        }

    def _by_lens(self) -> dict[Lens, list[Key]]:
        groups: dict[Lens, list[Key]] = {}
        for env, handle in self._views.keys:
            groups.setdefault(lens_of(self.sim.graphics.cameras[env][handle]), []).append((env, handle))
        return groups


class Roll:
    """The images of all cameras of one lens, drawn when they are first asked for after a look."""

    def __init__(self, sim: Sim, lens: Lens, keys: list[Key], views: Views) -> None:
        self.sim, self.keys, self._views = sim, keys, views
        self.place = {key: place for place, key in enumerate(keys)}
        self._tracer = Tracer(sim.backend.model, lens, len(keys), sim.device)
        self._rows = torch.tensor([views.row[key] for key in keys], device=sim.device)
        self._envs = torch.tensor([env for env, _ in keys], device=sim.device)
        self._axes = torch.tensor(AXES, device=sim.device)
        self._images: dict[ImageType, Tensor] = {}
        self._painted = -1

    def look(self, now: dict[str, Tensor]) -> None:
        """Take the poses of shapes and cameras."""
        if self._painted != self.sim.graphics.paint:
            self._painted = self.sim.graphics.paint
            self._paint()
        quat = self._views.quat[self._rows]
        axes = torch.stack([rotate(quat, axis.expand(len(quat), 3)) for axis in self._axes], -1)
        self._tracer.look(now, self._envs, self._views.pos[self._rows], axes)
        self._images.clear()

    def images(self, kind: ImageType) -> Tensor:
        """(V, H, W, 4) colours, (V, H, W) depths or numbers."""
        self._draw({kind})
        return self._images[kind]

    def renew(self, tensors: dict[ImageKey, Tensor]) -> None:
        """Copy into each of the tensors its camera's image."""
        kinds = {kind for _, _, kind in tensors}
        self._draw(kinds)
        for kind in kinds:
            mine = [(tensor, self.place[key[:2]]) for key, tensor in tensors.items() if key[2] == kind]
            rows = self._images[kind].unbind(0)
            torch._foreach_copy_([tensor for tensor, _ in mine], [rows[place] for _, place in mine])

    def _draw(self, kinds: set[ImageType]) -> None:
        if missing := kinds - self._images.keys():
            self._tracer.trace(OUTPUT[kind] for kind in missing)
            self._images.update({kind: self._developed(kind) for kind in missing})

    def _developed(self, kind: ImageType) -> Tensor:
        if kind == ImageType.IMAGE_COLOR:
            return self._tracer.colors()
        if kind == ImageType.IMAGE_DEPTH:
            return self._tracer.depths()
        shapes = self._tracer.shapes()
        index = (shapes + 1).flatten(1).long()
        return self._numbers.gather(1, index).view(shapes.shape)

    def _paint(self) -> None:
        """Hand over the colours and sizes of shapes in each view, and their numbers in segmentation images."""
        sim, envs = self.sim, [env for env, _ in self.keys]
        rgba = torch.from_numpy(sim.backend.model.geom_rgba.copy()).repeat(len(envs), 1, 1)
        bodies = sim.backend.model.geom_bodyid
        for row, env in enumerate(envs):
            for body, color in painted(sim, env).items():
                rgba[row, bodies == body, :3] = torch.tensor(color) + 1e-3  # half grey would be the material's colour
        differ = any(scale_ratios(sim, env) is not None for env in set(envs))
        sizes = sim.backend.field("geom_size")[self._envs] if differ else None
        self._tracer.paint(rgba.to(sim.device), sizes)
        of_env = {env: np.append(np.int32(0), numbers(sim, env)) for env in set(envs)}
        self._numbers = torch.from_numpy(np.stack([of_env[env] for env in envs])).to(sim.device)


def lens_of(camera: Camera) -> Lens:
    """What the camera has in common with others of its kind."""
    props = camera.props
    return Lens(props.width, props.height, camera.half, props.near_plane, props.far_plane)
