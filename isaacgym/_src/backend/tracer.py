"""Pictures by MuJoCo Warp's ray tracer: all cameras of one lens in one launch, and the images stay on the device."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import mujoco
import mujoco_warp as mjw
import numpy as np
import torch
import warp as wp
from torch import Tensor

from isaacgym._src.backend.streams import WarpStreams
from isaacgym._src.backend.tracer_looks import TracerLamps, TracerTextures, take_own_textures

OUTPUTS = {"rgb": wp.uint32, "depth": wp.float32, "seg": wp.vec2i}
EMPTY = {"rgb": 240, "depth": 0, "seg": -1}  # where there is no shape at all
COARSEST = 256  # edge to which textures of a model are reduced, for the smallest images [pixels]
SHAPE_FIELDS = ("geom_xpos", "geom_xmat")


class Lens(NamedTuple):
    """What cameras of one kind have in common: pixels, half the image at a distance of one, and two planes [m]."""

    width: int
    height: int
    half: tuple[float, float]
    near: float
    far: float
    collision: bool = False  # whether it sees the shapes that collide

    @property
    def fineness(self) -> int:
        """Pixels along the longer edge of a texture beyond which a picture shows nothing more."""
        return 2 * max(self.width, self.height)


def device_model(model: mujoco.MjModel, device: torch.device) -> Any:
    """What tracers of a model share; raises where MuJoCo Warp does not know all of it."""
    with WarpStreams(device).scope():
        return mjw.put_model(model)


class Tracer:
    """Images (V, H, W) of V views, each of an environment of its own choice; `shared` is the model's device_model."""

    def __init__(self, model: mujoco.MjModel, shared: Any, lens: Lens, count: int, device: torch.device) -> None:
        self.lens, self.count, self.device = lens, count, device
        self._model, self._ngeom = model, model.ngeom
        self._streams = WarpStreams(device)
        with self._streams.scope():
            self._m = copy.copy(shared)
            self._scene = mjw.create_render_context(
                model, count, cam_active=[], render_skybox=True, background_color=(0.93, 0.95, 0.97, 1.0)
            )
            take_own_textures(model, self._m, self._scene, max(COARSEST, lens.fineness))
            self._set_lens()
            self._d = SimpleNamespace(nworld=count, **self._stage(model))
        self._poses = {name: wp.to_torch(getattr(self._d, name)) for name in (*SHAPE_FIELDS, "cam_xpos", "cam_xmat")}
        self._outputs: dict[str, Tensor] = {}
        self._painted: dict[str, Tensor] = {}
        self._textures = TracerTextures(model, self._m, self._scene)
        self._lamps: TracerLamps | None = None
        self._moved = 0
        self._nothing = torch.tensor(-torch.inf, device=device)
        self._order = torch.tensor([2, 1, 0, 3], device=device)  # blue comes first in memory

    def materials(self, pictures: Collection[Hashable], pixels: Callable[[Any], np.ndarray]) -> dict[Hashable, int]:
        """The materials that show these pictures, by their keys; `pixels` gives (H, W, 3) uint8 of new ones."""
        with self._streams.scope():
            return self._textures.materials(pictures, pixels)

    def paint(self, rows: Tensor, rgba: Tensor, sizes: Tensor | None, materials: Tensor | None) -> None:
        """Colours (R, ngeom, 4), materials (R, ngeom) and sizes (R, ngeom, 3) [m] of the shapes in some of the views.

        Sizes and materials are the model's before they are first given.
        """
        given = (("geom_rgba", rgba, wp.vec4), ("geom_size", sizes, wp.vec3), ("geom_matid", materials, wp.int32))
        for name, values, dtype in given:
            if values is None:
                continue
            if name not in self._painted:
                own = torch.as_tensor(getattr(self._model, name), device=self.device)
                own = own.int() if dtype is wp.int32 else own.float()
                self._painted[name] = own.repeat(self.count, *[1] * own.dim()).contiguous()
                setattr(self._m, name, wp.from_torch(self._painted[name], dtype=dtype))
                self._moved += 1
            self._painted[name].index_copy_(0, rows, values.to(self._painted[name].dtype))

    def shine(self, lamps: Mapping[str, np.ndarray], replaced: str) -> None:
        """Let directional lights shine in place of the model's light of this name, and of that on each camera.

        They are (L, 3) ambient, diffuse and specular colours and unit vectors `dir`, always as many.
        """
        with self._streams.scope():
            if self._lamps is None:
                sun, count = self._model.light(replaced).id, len(lamps["dir"])
                self._lamps = TracerLamps(self._model, self._m, self._scene, self._d, sun, count)
            self._lamps.set(lamps)

    @property
    def revision(self) -> tuple[int, ...]:
        """Another one where a graph that was captured before would not see what was painted, or the lights."""
        return self._moved, self._textures.room, self._lamps is not None

    def look(self, shapes: Mapping[str, Tensor], envs: Tensor, eyes: Tensor, axes: Tensor) -> None:
        """Take the poses (N, ngeom, ...) of shapes in `envs` (V,), of cameras (V, 3) and their axes (V, 3, 3).

        A camera's axes are right, up and back, one in each column.
        """
        for name in SHAPE_FIELDS:
            self._poses[name].copy_(shapes[name].index_select(0, envs).view_as(self._poses[name]))
        self._poses["cam_xpos"].copy_(eyes.unsqueeze(1))
        self._poses["cam_xmat"].copy_(axes.unsqueeze(1))
        if self._scene.bvh_ngeom:  # Warp crashes where there is no shape
            with self._streams.scope():
                mjw.refit_bvh(self._m, self._d, self._scene)

    def trace(self, kinds: Iterable[str]) -> None:
        """Cast the rays of the last look for some of rgb, depth and seg."""
        kinds = set(kinds)
        for kind in kinds - self._outputs.keys():
            self._allocate(kind)
        for kind in OUTPUTS:
            wp.to_torch(getattr(self._scene, f"render_{kind}")).fill_(kind in kinds)
        if not self._scene.bvh_ngeom:
            for kind in kinds:
                self._outputs[kind].fill_(EMPTY[kind])
            return
        with self._streams.scope():
            mjw.render(self._m, self._d, self._scene)

    def colors(self, out: Tensor) -> None:
        """Red, green, blue, alpha into (V, H, W, 4) uint8."""
        torch.index_select(self._outputs["rgb"], 3, self._order, out=out)

    def depths(self, out: Tensor) -> None:
        """Depths along the view axis [m] into (V, H, W) float32, negative, -inf where nothing is."""
        depth = self._outputs["depth"]
        torch.where(depth > 0, -(depth + self.lens.near), self._nothing, out=out)

    def shapes(self) -> Tensor:
        """(V, H, W) int32 number of the shape that is seen, -1 where none is."""
        return self._outputs["seg"][..., 0]

    def _set_lens(self) -> None:
        """One camera for each view; its rays begin at the near plane, where those of a projection do."""
        lens, scene = self.lens, self._scene
        rays = _rays(lens)
        lengths = np.linalg.norm(rays, axis=1, keepdims=True)
        scene.ray, scene.ray_offset = wp.array(rays / lengths, dtype=wp.vec3), wp.array(rays * lens.near, dtype=wp.vec3)
        scene.has_orthographic_camera = True  # whose rays may begin elsewhere than in the camera's middle
        scene.zfar = lens.far - lens.near
        scene.nrender, scene.total_rays = 1, len(rays)
        scene.cam_res, scene.cam_id_map = wp.array([(lens.width, lens.height)], dtype=wp.vec2i), wp.zeros(1, dtype=int)
        for kind in OUTPUTS:
            setattr(scene, f"{kind}_adr", wp.zeros(1, dtype=int))
            setattr(scene, f"render_{kind}", wp.zeros(1, dtype=bool))

    def _stage(self, model: mujoco.MjModel) -> dict[str, Any]:
        """What the tracer reads of a simulation's data, a row for each view; lights stand where the model has them."""
        data = mujoco.MjData(model)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)
        lights = {
            name: wp.array(np.tile(getattr(data, name), (self.count, 1, 1)), dtype=wp.vec3)
            for name in ("light_xpos", "light_xdir")
        }
        return lights | {
            "geom_xpos": wp.zeros((self.count, self._ngeom), dtype=wp.vec3),
            "geom_xmat": wp.zeros((self.count, self._ngeom), dtype=wp.mat33),
            "cam_xpos": wp.zeros((self.count, 1), dtype=wp.vec3),
            "cam_xmat": wp.zeros((self.count, 1), dtype=wp.mat33),
            "flexvert_xpos": wp.zeros((self.count, 0), dtype=wp.vec3),
        }

    def _allocate(self, kind: str) -> None:
        with self._streams.scope():
            pixels = wp.zeros((self.count, self.lens.width * self.lens.height), dtype=OUTPUTS[kind])
        setattr(self._scene, f"{kind}_data", pixels)
        shape = self.count, self.lens.height, self.lens.width
        if kind == "rgb":
            self._outputs[kind] = wp.to_torch(pixels.view(wp.int32)).view(torch.uint8).view(*shape, 4)
        else:
            whole = wp.to_torch(pixels)
            self._outputs[kind] = whole.view(*shape, *whole.shape[2:])


def _rays(lens: Lens) -> np.ndarray:
    """(H * W, 3) float32 from the camera through each pixel's middle, at a distance of one; x right, y up, z back."""
    across = ((np.arange(lens.width) + 0.5) / lens.width * 2 - 1) * lens.half[0]
    down = (1 - (np.arange(lens.height) + 0.5) / lens.height * 2) * lens.half[1]
    rays = np.stack(np.broadcast_arrays(across, down[:, None], -1.0), axis=-1)
    return rays.reshape(-1, 3).astype(np.float32)
