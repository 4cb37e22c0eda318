"""A page that shows environments in a browser, through viser: shapes once, then where they are, many times a second."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import viser

from learning.poses import Poses, Snapshot
from learning.shapes import Kind, Placed, Shapes
from learning.staging import LEVEL, Lens, View
from learning.view.address import taken
from learning.view.controls import Controls, News, standing
from learning.view.panel import Panel
from tasks.base.config import ConfigError
from tasks.base.task import Command

LENS = Lens(45.0, 1.3)  # of a browser's camera; its window is about so wide beside the panel
CELL = 1.0  # edge of a square of the ground [m]
GROUND, LINES, SKY = (205, 210, 216), (176, 182, 190), (237, 242, 247)
SHINE = 0.6  # of the surroundings on the shapes
GAMMA = 2.2  # of a screen
NEWS = 0.25  # between two looks at plots and figures [s]


class Page:
    """Serves the environments of `poses`; what is clicked there stands in `controls`.

    To follow robots, the world moves and the browser's camera stays: so nobody who turns it is interrupted.

    `live` where nobody can pause what is shown, as in training; `commands` are what the policy may be told. `changed`
    is called with the address and True when the first watcher comes, and with False when the last one has left.
    """

    closed = False

    def __init__(
        self,
        poses: Poses,
        title: str,
        address: tuple[str, int],
        commands: list[Command] | None = None,
        live: bool = False,
        changed: Callable[[str, bool], None] = lambda url, watched: None,
    ) -> None:
        self.controls = Controls(command=standing(commands or []))
        self._poses, self._changed = poses, changed
        self._lineup, self._centre = poses.lineup(), np.zeros(3)
        self._shapes = Shapes(poses)
        self._watchers: set[int] = set()
        self._lock = threading.Lock()
        self._told = 0.0
        self._server = serve(address, title)
        self.url = f"http://{address[0]}:{self._server.get_port()}"
        self._build_scene()
        self._panel = Panel(self._server.gui, self.controls, poses.count, commands or [], live, self._look_at)
        self._look_at(None)
        self._server.on_client_connect(lambda client: self._count(client.client_id, True))
        self._server.on_client_disconnect(lambda client: self._count(client.client_id, False))

    @property
    def watched(self) -> bool:
        """Whether a browser shows the page."""
        return bool(self._watchers)

    def show(self, snapshot: Snapshot, seconds: float, news: Callable[[], News]) -> None:
        """Send where everything is, and now and then what the panel tells."""
        target = self._view(self._poses.show(snapshot), seconds).lookat * LEVEL
        if self.controls.follow:
            self._centre = target
        placed = self._shapes.place(self._lineup.offsets - self._centre)
        with self._server.atomic():
            for handle, one in zip(self._handles, placed, strict=True):
                handle.batched_positions = one.positions.reshape(-1, 3)
                handle.batched_wxyzs = one.quats.reshape(-1, 4)
            self._still.position = -self._centre
            self._ground.position = (*np.mod(-self._centre[:2], CELL), self._level)
        if time.perf_counter() - self._told > NEWS:
            self._told = time.perf_counter()
            self._panel.tell(news())

    def close(self) -> None:
        """Stop serving."""
        with quiet():
            self._server.stop()

    def _build_scene(self) -> None:
        scene = self._server.scene
        scene.set_up_direction("+z")
        scene.configure_environment_map(environment_intensity=SHINE)
        scene.set_background_image(np.full((1, 1, 3), SKY, np.uint8))
        self._still = scene.add_frame("/still", show_axes=False)
        planes = [position for position, quat in self._shapes.planes if np.allclose(quat, (1, 0, 0, 0), atol=1e-6)]
        self._level = float(max((plane[2] for plane in planes), default=0.0))
        self._ground = scene.add_grid(
            "/ground",
            infinite_grid=True,
            fade_distance=60.0,
            cell_size=CELL,
            section_size=CELL,
            cell_color=LINES,
            section_color=LINES,
            plane_color=GROUND,
            plane_opacity=1.0,
            shadow_opacity=0.3,
            visible=bool(planes),
        )
        for number, kind in enumerate(self._shapes.still):
            colors = kind.rgba[:, :3]
            self._add(f"/still/{number}", kind, self._shapes.at_rest(kind), (colors * 255).astype(np.uint8), 1)
        placed = self._shapes.place(self._lineup.offsets)
        self._handles = [
            self._add(f"/robots/{number}", kind, one, self._shapes.colors(kind).reshape(-1, 3), self._poses.count)
            for number, (kind, one) in enumerate(zip(self._shapes.kinds, placed, strict=True))
        ]
        for handle, kind in zip(self._handles, self._shapes.kinds, strict=True):
            self._follow_clicked(handle, len(kind.geoms))

    def _add(self, name: str, kind: Kind, at: Placed, colors: np.ndarray, copies: int) -> viser.BatchedMeshHandle:
        opacity = float(kind.rgba[0, 3])
        return self._server.scene.add_batched_meshes_simple(
            name,
            kind.mesh.vertices,
            kind.mesh.faces,
            at.quats.reshape(-1, 4),
            at.positions.reshape(-1, 3),
            batched_scales=np.tile(kind.scales, (copies, 1)),
            batched_colors=linear(colors),
            lod="off",
            opacity=opacity if opacity < 1.0 else None,
        )

    def _look_at(self, env: int | None) -> None:
        """Turn to one environment, or to all of them."""
        self._view = self._lineup.follow(env, LENS)
        self._frame(self._lineup.view(env, LENS))

    def _frame(self, view: View) -> None:
        """Put every browser's camera, and those to come, where the view says, seen from above the world's origin."""
        height = np.array([0.0, 0.0, view.lookat[2]])
        cameras: list[Any] = [self._server.initial_camera]
        cameras += [client.camera for client in self._server.get_clients().values()]
        for camera in cameras:
            camera.up = (0.0, 0.0, 1.0)
            camera.fov = np.radians(LENS.fovy)
            camera.position = height - view.distance * view.direction
            camera.look_at = height

    def _follow_clicked(self, handle: viser.BatchedMeshHandle, shapes: int) -> None:
        """Choose the environment whose robot is clicked; `shapes` of the handle's belong to each."""
        handle.on_click(lambda event: self._panel.choose((event.instance_index or 0) // shapes))

    def _count(self, client: int, here: bool) -> None:
        with self._lock:
            before = bool(self._watchers)
            (self._watchers.add if here else self._watchers.discard)(client)
            after = bool(self._watchers)
        if before != after:
            self._changed(self.url, after)


def serve(address: tuple[str, int], title: str) -> viser.ViserServer:
    """A server of viser at (host, port), where port 0 is any free one."""
    host, port = address
    with quiet():
        server = viser.ViserServer(host=host, port=port, label=title, verbose=False)
    if port and server.get_port() != port:  # where somebody took it meanwhile, viser goes on to the next one
        with quiet():
            server.stop()
        raise ConfigError("viewer", [taken(port)])
    server.gui.configure_theme(show_logo=False, show_share_button=False)
    server.gui.main_panel.dock_right()
    return server


def linear(colors: np.ndarray) -> np.ndarray:
    """Colours (..., 3) uint8 in proportion to light, which is how viser takes those of instances."""
    return np.round(255.0 * (colors / 255.0) ** GAMMA).astype(np.uint8)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what viser prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
