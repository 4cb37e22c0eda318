"""A stand-in for a browser that shows a page: it reads what viser sends, and clicks."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import msgspec
import viser
import zstandard
from viser import _messages as messages
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

CAMERA = messages.ViewerCameraMessage(
    (1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 1.0, 0.1, 10.0, 100, 100, (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)
)


class PageClient:
    """Connected to the page at `url` while open; messages are kept by their type."""

    def __init__(self, url: str) -> None:
        self._socket = connect(
            url.replace("http", "ws"), subprotocols=[Subprotocol(f"viser-v{viser.__version__}")], max_size=None
        )
        self.frames: list[float] = []  # when shapes were moved [s]
        self.received: dict[str, list[dict[str, Any]]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send(CAMERA)

    def wait_for(self, there: Callable[[], Any], seconds: float = 10.0) -> Any:
        """What `there` gives, once it gives something."""
        end = time.monotonic() + seconds
        while not (found := there()):
            assert time.monotonic() < end, "it never came"
            time.sleep(0.01)
        return found

    def answered(self) -> bool:
        """Whether anything has come."""
        return bool(self.received)

    def parts(self) -> dict[str, str]:
        """What can be clicked or read, by its label: the numbers that viser gave them."""
        kinds = [kind for kind in self.received if kind.startswith("Gui") and kind.endswith("Message")]
        created = [one for kind in kinds for one in self.received[kind] if "props" in one]
        return {one["props"].get("label") or "": one["uuid"] for one in created}

    def texts(self) -> str:
        """All that has been written in the panel."""
        return str([one["updates"] for one in self.received.get("GuiUpdateMessage", [])])

    def set(self, label: str, value: Any) -> None:
        """Click a button (value True), or set an input."""
        uuid = self.wait_for(lambda: self.parts().get(label))
        self._send(messages.GuiUpdateMessage(uuid, {"value": value}))

    def moved(self) -> list[dict[str, Any]]:
        """The updates of shapes so far."""
        return [one for one in self.received.get("SceneNodeUpdateMessage", []) if one["name"].startswith("/robots")]

    def close(self) -> None:
        """Leave the page."""
        self._socket.close()
        self._reader.join()

    def __enter__(self) -> PageClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, message: Any) -> None:
        self._socket.send(msgspec.msgpack.encode(message.as_serializable_dict()))

    def _read(self) -> None:
        try:
            for packet in self._socket:
                assert isinstance(packet, bytes)
                self._note(msgspec.msgpack.decode(zstandard.decompress(packet[16 : 16 + _size(packet)])))
        except ConnectionClosed:
            return

    def _note(self, bundle: dict[str, Any]) -> None:
        for message in bundle["messages"]:
            self.received.setdefault(message["type"], []).append(message)
        if any(str(message.get("name", "")).startswith("/robots") for message in bundle["messages"]):
            self.frames.append(time.perf_counter())


def entered(url: str, over: Callable[[], bool]) -> PageClient:
    """The page at `url`, once it is served; fails when what serves it is `over`."""
    while not over():
        with contextlib.suppress(OSError):
            client = PageClient(url)
            with contextlib.suppress(AssertionError):  # viser drops who comes in its first milliseconds
                client.wait_for(client.answered, seconds=2.0)
                return client
            client.close()
        time.sleep(0.01)
    raise RuntimeError(f"{url} was never served")


def _size(packet: bytes) -> int:
    """Of the compressed part."""
    return int.from_bytes(packet[8:16], "little")
