"""Draws what camera sensors see with rays, all pictures at a time, on the device where the simulation is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from isaacgym._src.backend.pictures import reduced
from isaacgym._src.backend.tracer import Lens, Tracer, device_model
from isaacgym._src.camera import Camera
from isaacgym._src.enums import ImageType
from isaacgym._src.graphics import PIXEL
from isaacgym._src.layout import rotate
from isaacgym._src.lights import lamps
from isaacgym._src.looks import SUN
from isaacgym._src.shapes import collision_model
from isaacgym._src.views import SHAPE_FIELDS, Views, numbers, painted, scale_ratios

if TYPE_CHECKING:
    from isaacgym._src.graphics import ImageKey
    from isaacgym._src.sim import Sim

Key = tuple[int, int]  # environment and handle of a camera

OUTPUT = {ImageType.IMAGE_COLOR: "rgb", ImageType.IMAGE_DEPTH: "depth", ImageType.IMAGE_SEGMENTATION: "seg"}
AXES = ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0))  # right, up and back of a camera that looks along x


class RayStudio:
    """Pictures of the states that `look` last took, of `most` pixels.

    Cameras of one lens are drawn together where images of more than one of them are asked for between two looks.
    """

    def __init__(self, sim: Sim, most: int | None = None) -> None:
        self.sim, self._most = sim, most
        self._views: Views = sim.graphics.views(sim)
        self._shared = device_model(sim.backend.model, sim.device)
        self._rolls: dict[Lens, Roll] = {}
        self._covered: set[Key] = set()  # by the rolls
        self._asked: set[Key] = set()  # for since the last look
        self._wanted: set[Key] = set()  # for which the rolls were made
        self.change = -1  # of the graphics, when the last look was taken

    def serves(self, size: tuple[int, int]) -> bool:
        """Whether pictures of this size [pixels] are for it."""
        return self._most is None or size[0] * size[1] <= self._most

    def look(self) -> None:
        """Take the present states; pictures show them until the next look."""
        now = self._views.look()
        wanted = (self._asked or self._wanted) & self._views.row.keys()
        if self._views.change != self.change or wanted != self._wanted:
            self.change = self._views.change
            self._load(wanted)
        complete = len(self._covered) == len(self._views.keys)
        self._now = {name: now[name] if complete else now[name].clone() for name in SHAPE_FIELDS}
        for roll in self._rolls.values():
            roll.look(self._now)
        self._asked = set()

    def draw(self, env: int, handle: int, kind: ImageType) -> Tensor:
        """(H, W, 4) uint8 colours, (H, W) float32 depths [m], negative, or (H, W) int32 segmentation numbers."""
        if self.change != self.sim.graphics.change:
            self.look()
        self._ask({(env, handle)})
        roll = self._rolls[lens_of(self.sim.graphics.cameras[env][handle])]
        return roll.images(kind)[roll.place[env, handle]]

    def renew(self, tensors: dict[ImageKey, Tensor]) -> None:
        """Draw into each of the tensors what its camera sees."""
        self._ask({key[:2] for key in tensors})
        for roll in self._rolls.values():
            roll.renew(tensors)

    def dress(self) -> None:
        """Let a captured step draw how environments look now."""
        if any([roll.dress() for roll in self._rolls.values()]):
            self.sim.graphics.revision += 1

    def close(self) -> None:
        """Give the memory back."""
        self._rolls.clear()

    def _ask(self, keys: set[Key]) -> None:
        """Have these cameras among those that are drawn."""
        self._asked |= keys
        if not keys <= self._covered:
            for roll in self._load(set(self._asked)):
                roll.look(self._now)

    def _load(self, wanted: set[Key]) -> list[Roll]:
        """A roll for each lens that is wanted, of one camera or of all; those that are new."""
        old, groups = self._rolls, dict[Lens, list[Key]]()
        for env, handle in self._views.keys:
            groups.setdefault(lens_of(self.sim.graphics.cameras[env][handle]), []).append((env, handle))
        self._rolls, self._wanted = {}, wanted
        for lens, cameras in groups.items():
            chosen = [key for key in cameras if key in wanted]
            keys = cameras if len(chosen) > 1 else chosen
            if keys:
                same = lens in old and old[lens].keys == keys
                self._rolls[lens] = old[lens] if same else Roll(self.sim, self._shared, lens, keys, self._views)
        self._covered = {key for roll in self._rolls.values() for key in roll.keys}
        return [roll for lens, roll in self._rolls.items() if old.get(lens) is not roll]


class Roll:
    """The images of all cameras of one lens, drawn when they are first asked for after a look."""

    def __init__(self, sim: Sim, shared: Any, lens: Lens, keys: list[Key], views: Views) -> None:
        self.sim, self.keys, self._views = sim, keys, views
        self.place = {key: place for place, key in enumerate(keys)}
        model = collision_model(sim.backend.model) if lens.collision else sim.backend.model
        self._tracer = Tracer(model, shared, lens, len(keys), sim.device)
        self._envs = torch.tensor([env for env, _ in keys], device=sim.device)
        self._axes = torch.tensor(AXES, device=sim.device)
        numbers = len(keys), sim.backend.model.ngeom + 1
        self._numbers = torch.zeros(numbers, dtype=torch.int32, device=sim.device)  # of nothing, then of each shape
        self._images: dict[ImageType, Tensor] = {}
        self._drawn: set[ImageType] = set()  # since the last look
        self._given: dict[ImageType, tuple[list[Tensor], list[Tensor]]] = {}
        self._known = (-1, 0)
        self._painted = self._change = -1
        self._lighting = 0

    def look(self, now: dict[str, Tensor]) -> None:
        """Take the poses of shapes and cameras."""
        if self._change != self._views.change:
            self._change = self._views.change
            self._rows = torch.tensor([self._views.row[key] for key in self.keys], device=self.sim.device)
        self.dress()
        quat = self._views.quat[self._rows]
        axes = torch.stack([rotate(quat, axis.expand(len(quat), 3)) for axis in self._axes], -1)
        self._tracer.look(now, self._envs, self._views.pos[self._rows], axes)
        self._drawn.clear()

    def images(self, kind: ImageType) -> Tensor:
        """(V, H, W, 4) colours, (V, H, W) depths or numbers, in memory that never moves."""
        self._draw({kind})
        return self._images[kind]

    def renew(self, tensors: dict[ImageKey, Tensor]) -> None:
        """Copy into each of the tensors of these cameras its image."""
        if self._known != (self.sim.graphics.change, len(tensors)):
            self._known = self.sim.graphics.change, len(tensors)
            self._take(tensors)
        self._draw(self._given.keys())
        for given, rows in self._given.values():
            torch._foreach_copy_(given, rows)

    def _take(self, tensors: dict[ImageKey, Tensor]) -> None:
        """Pair the tensors of these cameras with the rows of the images."""
        self._given.clear()
        for (env, handle, kind), tensor in tensors.items():
            if (env, handle) in self.place:
                given, rows = self._given.setdefault(kind, ([], []))
                given.append(tensor)
                rows.append(self._buffer(kind)[self.place[env, handle]])

    def _draw(self, kinds: Iterable[ImageType]) -> None:
        if missing := set(kinds) - self._drawn:
            self._tracer.trace(OUTPUT[kind] for kind in missing)
            for kind in missing:
                self._develop(kind, self._buffer(kind))
            self._drawn |= missing

    def _buffer(self, kind: ImageType) -> Tensor:
        if kind not in self._images:
            channels, dtype = PIXEL[kind]
            shape = len(self.keys), self._tracer.lens.height, self._tracer.lens.width
            self._images[kind] = torch.zeros(*shape, *channels, dtype=dtype, device=self.sim.device)
        return self._images[kind]

    def _develop(self, kind: ImageType, out: Tensor) -> None:
        if kind == ImageType.IMAGE_COLOR:
            self._tracer.colors(out)
        elif kind == ImageType.IMAGE_DEPTH:
            self._tracer.depths(out)
        else:
            index = (self._tracer.shapes() + 1).flatten(1).long()
            torch.gather(self._numbers, 1, index, out=out.flatten(1))

    def dress(self) -> bool:
        """Take up what was painted, and which lights were set, since the last time; whether memory moved for it."""
        graphics, before = self.sim.graphics, self._tracer.revision
        if self._painted != graphics.paint:
            changed = graphics.painted_since(self._painted)
            self._paint([row for row, (env, _) in enumerate(self.keys) if self._painted < 0 or env in changed])
            self._painted = graphics.paint
        if self._lighting != graphics.lighting:
            self._lighting = graphics.lighting
            self._tracer.shine(lamps(graphics.lights)._asdict(), SUN)
        return self._tracer.revision != before

    def _paint(self, rows: list[int]) -> None:
        """Hand over how shapes look in some of the views, and their numbers in segmentation images."""
        if not rows:
            return
        sim, envs = self.sim, [self.keys[row][0] for row in rows]
        looks = {env: self._looks(env) for env in set(envs)}
        rgba, materials, numbers = (np.stack([looks[env][part] for env in envs]) for part in range(3))
        at = torch.tensor(rows, device=sim.device)
        differ = any(scale_ratios(sim, env) is not None for env in looks)
        sizes = sim.backend.field("geom_size")[self._envs[at]] if differ else None
        shown = torch.from_numpy(materials).to(sim.device) if sim.graphics.body_textures else None
        self._tracer.paint(at, torch.from_numpy(rgba).to(sim.device), sizes, shown)
        self._numbers[at] = torch.from_numpy(numbers).to(sim.device)

    def _looks(self, env: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Colours (ngeom, 4) and materials (ngeom,) of shapes in an environment; nothing's number, then theirs."""
        model, paints = self.sim.backend.model, painted(self.sim, env)
        rgba, materials = model.geom_rgba.copy(), model.geom_matid.copy()
        shown = self._materials() if any(paint.texture for paint in paints.values()) else {}
        for body, (color, texture) in paints.items():
            own = slice(model.body_geomadr[body], model.body_geomadr[body] + model.body_geomnum[body])
            rgba[own, :3] = color
            rgba[own, 2] += 1e-3  # half grey would be the material's colour
            if texture:
                materials[own] = shown[texture]
        return rgba, materials, np.append(np.int32(0), numbers(self.sim, env))

    def _materials(self) -> dict[Any, int]:
        """The materials of all textures; those are no larger than is seen in a picture."""
        most = self._tracer.lens.fineness
        return self._tracer.materials(self.sim.graphics.textures.values(), lambda t: reduced(t.pixels, most))


def lens_of(camera: Camera) -> Lens:
    """What the camera has in common with others of its kind."""
    props = camera.props
    clip = props.near_plane, props.far_plane
    return Lens(props.width, props.height, camera.half, *clip, bool(props.use_collision_geometry))
