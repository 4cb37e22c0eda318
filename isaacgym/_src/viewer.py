"""The viewer: a window that shows environments side by side on their grid, with the client's lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import imageio.v3 as imageio
import mujoco
import numpy as np
import torch

from isaacgym._src.enums import KeyboardInput, MouseInput
from isaacgym._src.lights import SceneLights
from isaacgym._src.lines import MOST_LINES, Lines
from isaacgym._src.opengl import OpenGLError
from isaacgym._src.opengl_textures import OpenGLTextures, Print
from isaacgym._src.options import CameraProperties
from isaacgym._src.shapes import Shapes, aim, picture_model, rows, set_frustum
from isaacgym._src.viewer_camera import ViewerCamera
from isaacgym._src.views import SHAPE_FIELDS, painted, present, scale_ratios
from isaacgym._src.window import SAMPLES, Window

if TYPE_CHECKING:
    from isaacgym._src.sim import Sim

MOST_SHAPES = 6000  # that are drawn; of more environments, those that are nearest to what the camera looks at
SLICES = 20, 10  # of a sphere
NEAREST, FARTHEST = 0.02, 2000.0  # what the window's depth buffer tells apart [m]
SPEED = 1.5  # of flying, in distances to the target a second
FLIGHT = {  # forward, left, up
    KeyboardInput.KEY_W: (1, 0, 0),
    KeyboardInput.KEY_S: (-1, 0, 0),
    KeyboardInput.KEY_A: (0, 1, 0),
    KeyboardInput.KEY_D: (0, -1, 0),
    KeyboardInput.KEY_E: (0, 0, 1),
    KeyboardInput.KEY_Q: (0, 0, -1),
}
WINDOW, OFFSCREEN = int(mujoco.mjtFramebuffer.mjFB_WINDOW), int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN)


def open_viewer(sim: Sim, props: CameraProperties) -> Viewer:
    """The viewer of a simulation, which closes one that was there before."""
    if sim.graphics.viewer is not None:
        sim.graphics.viewer.close()
        sim.graphics.viewer = None
    return Viewer(sim, props)


class Viewer:
    """What create_viewer returns; client code treats it as opaque.

    The left button turns the camera about what it looks at, the right one moves it, the middle one looks around, the
    wheel comes closer; W, A, S, D, Q and E fly, unless the client subscribed to them.
    """

    def __init__(self, sim: Sim, props: CameraProperties) -> None:
        self.sim = sim
        self.window = Window(props.width, props.height, "Myriad")
        self._check_opengl()
        self.camera = ViewerCamera((0, 0, 1) if int(sim.params.up_axis) == 1 else (0, 1, 0))
        self.lines = Lines()
        self._half = float(np.tan(np.radians(props.horizontal_fov) / 2))
        self._clip = max(props.near_plane, NEAREST), min(props.far_plane, FARTHEST)
        self._stage: Stage | None = None
        self._last = self._due = time.perf_counter()
        self._due_frame = sim.frame_count
        self.window.dragged, self.window.scrolled = self._drag, self.camera.zoom

    def draw(self) -> None:
        """Show the present state; nothing before the simulation is prepared and after the window was closed."""
        self.window.poll()
        self._fly()
        width, height = self.window.size
        if not self.sim.prepared or self.window.closed or not width * height:
            return
        self.window.make_current()
        self._render(self._opened(), width, height)
        self.window.show()

    def picture(self) -> np.ndarray:
        """(H, W, 3) uint8 of what the window shows, with the present state."""
        self.sim.require("write_viewer_image_to_file")
        self.window.make_current()
        stage, (width, height) = self._opened(), self.window.size
        try:
            return stage.shot(lambda: self._render(stage, width, height), width, height)
        finally:
            self.window.release()

    def write(self, filename: str) -> None:
        """Write the picture; the file's suffix says its format."""
        imageio.imwrite(filename, self.picture())

    def pace(self) -> None:
        """Wait until the simulated time since the last call has passed."""
        now, frame = time.perf_counter(), self.sim.frame_count
        self._due += (frame - self._due_frame) * self.sim.params.dt
        self._due_frame = frame
        if self._due > now:
            time.sleep(self._due - now)
        else:
            self._due = now  # what is late is not made up for

    def close(self) -> None:
        """Close the window and free what it draws with."""
        if self._stage is not None:
            self.window.make_current()
            self._stage.free()
            self.window.release()
        self._stage = None
        self.window.close()

    def _check_opengl(self) -> None:
        """Whether MuJoCo can draw here is known before there is something to draw."""
        model = mujoco.MjModel.from_xml_string("<mujoco/>")
        self.window.make_current()
        try:
            mujoco.MjrContext(model, int(mujoco.mjtFontScale.mjFONTSCALE_100)).free()
        except mujoco.FatalError as error:
            self.window.close()
            raise OpenGLError(f"the display's OpenGL is not what MuJoCo needs: {error}") from None
        self.window.release()

    def _opened(self) -> Stage:
        if self._stage is None:
            self._stage = Stage(self.sim, self.window.size)
        return self._stage

    def _render(self, stage: Stage, width: int, height: int) -> None:
        forward, _, up = self.camera.axes()
        stage.set(self.camera, self.lines)
        aim(stage.scene, self.camera.eye, forward, up)
        set_frustum(stage.scene, (self._half, self._half * height / width), *self._clip)
        mujoco.mjr_render(mujoco.MjrRect(0, 0, width, height), stage.scene, stage.context)

    def _drag(self, button: MouseInput, dx: float, dy: float) -> None:
        camera = self.camera
        moves = {
            MouseInput.MOUSE_LEFT_BUTTON: camera.orbit,
            MouseInput.MOUSE_RIGHT_BUTTON: camera.pan,
            MouseInput.MOUSE_MIDDLE_BUTTON: camera.turn,
        }
        if button in moves:
            moves[button](dx, dy)

    def _fly(self) -> None:
        now = time.perf_counter()
        step, self._last = SPEED * self.camera.distance * min(0.1, now - self._last), now
        for key, way in FLIGHT.items():
            if key in self.window.held and not self.window.subscribed(key):
                self.camera.fly(*(step * part for part in way))


class Stage:
    """The scene of a prepared simulation and the OpenGL it is drawn with; made while the window is current."""

    def __init__(self, sim: Sim, size: tuple[int, int]) -> None:
        self.sim = sim
        model = picture_model(sim.backend.model, size, SLICES, SAMPLES)
        self.scene = mujoco.MjvScene(model, maxgeom=model.ngeom + MOST_SHAPES + MOST_LINES + 100)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            self.scene.flags[flag] = False
        self.context = mujoco.MjrContext(model, int(mujoco.mjtFontScale.mjFONTSCALE_100))
        mujoco.mjr_setBuffer(WINDOW, self.context)
        self._shapes, self._rows = Shapes(model, self.scene), rows(self.scene)
        self._lights, self._textures = SceneLights(model, self.scene), OpenGLTextures(self.context)
        still = self._shapes.still
        device = sim.device
        self._still, self._moving = (
            torch.as_tensor(part.astype(np.int64), device=device)
            for part in (self._shapes.geoms[:still], self._shapes.geoms[still:])
        )
        self.most = max(1, (MOST_SHAPES - still) // max(1, len(self._moving)))
        self._key: Any = None

    def set(self, camera: ViewerCamera, lines: Lines) -> None:
        """Put shapes and lines where they are now."""
        now = present(self.sim)
        envs = self._nearest(now["xpos"], camera)
        self._dress(envs)
        self._lights.renew(self.sim.graphics)
        count = len(self._dressed)
        found = self._rows[:count]
        found[:] = self._dressed
        still, origins = self._shapes.still, self.sim.origins
        for name, fields, width in zip(("pos", "mat"), SHAPE_FIELDS, (3, 9), strict=True):
            whole = now[fields].flatten(2)
            standing, moving = whole[0, self._still], whole.index_select(0, envs).index_select(1, self._moving)
            if name == "pos":
                standing, moving = standing + origins[0], moving + origins[envs]
            found[name][:still] = standing.cpu().numpy()
            found[name][still:] = moving.reshape(-1, width).cpu().numpy()
        if self._ratios is not None:
            found["mat"][still:] *= self._ratios[:, None]
        self._shapes.centre_planes(found, camera.eye)
        drawn = lines.rows()
        self._rows[count : count + len(drawn)] = drawn
        self.scene.ngeom = count + len(drawn)

    def shot(self, render: Any, width: int, height: int) -> np.ndarray:
        """(H, W, 3) uint8 of what `render` draws, beside the window, which may be covered by others."""
        if (self.context.offWidth, self.context.offHeight) != (width, height):
            mujoco.mjr_resizeOffscreen(width, height, self.context)
        mujoco.mjr_setBuffer(OFFSCREEN, self.context)
        render()
        pixels = np.empty((height, width, 3), np.uint8)
        mujoco.mjr_readPixels(pixels, None, mujoco.MjrRect(0, 0, width, height), self.context)
        mujoco.mjr_setBuffer(WINDOW, self.context)
        return np.flipud(pixels)

    def free(self) -> None:
        """Give back what OpenGL holds, while the window is current."""
        self._textures.free()
        self.context.free()

    def _nearest(self, xpos: torch.Tensor, camera: ViewerCamera) -> torch.Tensor:
        """The environments that are shown, by number."""
        count = len(self.sim.envs)
        if count <= self.most:
            return torch.arange(count, device=xpos.device)
        root = int(self.sim.layout.actors[-1].mujoco_bodies[0])
        places = xpos[:, root] + self.sim.origins[:, 0]
        away = (places - torch.as_tensor(camera.target, device=xpos.device, dtype=xpos.dtype)).square().sum(1)
        return away.topk(self.most, largest=False).indices.sort().values

    def _dress(self, envs: torch.Tensor) -> None:
        """The rows of these environments in their colours and scales, renewed where others are shown now."""
        numbers = envs.tolist()
        if self._key == (numbers, self.sim.graphics.paint):
            return
        self._key = numbers, self.sim.graphics.paint
        still, own = self._shapes.still, self._shapes.rows
        paints = [painted(self.sim, env) for env in numbers]
        wanted = set[Print]().union(*map(self._shapes.prints, paints))
        known = self._textures.numbers(wanted, self.sim.graphics.textures.values())
        parts = [own[:still]]
        for paint in paints:
            dressed = own.copy()
            self._shapes.paint(dressed, paint, known)
            parts.append(dressed[still:])
        self._dressed = np.concatenate(parts)
        ratios = [scale_ratios(self.sim, env) for env in numbers]
        self._ratios: np.ndarray | None = None
        if any(ratio is not None for ratio in ratios):
            bodies = self._shapes.bodies[still:]
            rows_of = [np.ones(len(bodies), np.float32) if r is None else r[bodies] for r in ratios]
            self._ratios = np.concatenate(rows_of)
