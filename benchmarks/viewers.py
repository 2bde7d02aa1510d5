"""Viewers without a browser: WebSocket clients that speak Streamlit's own protocol and count what a browser would receive.

They do what the page does: ask for a run with the link's query, and ask again for each fragment as often as it says.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

OPEN_S = 60.0
"""A server that starts many sessions at once may take so long to answer the last of them."""

Marks = Callable[[ForwardMsg], bool]


@dataclass
class Received:
    """What one viewer was sent while counting: whole updates, messages per panel, bytes of payload."""

    updates: int = 0
    messages: int = 0
    bytes: int = 0
    panels: Counter[str] = field(default_factory=Counter)


class _Counting(ClientConnection):
    """Counts what comes over the wire, as it comes: compressed, if the server does that."""

    wire_bytes = 0

    def data_received(self, data: bytes) -> None:
        self.wire_bytes += len(data)
        super().data_received(data)


class Tab(ABC):
    """What every viewer counts, whatever it speaks. `received` starts anew with each `count`; `updated` is set at the first update."""

    def __init__(self) -> None:
        self.received = Received()
        self.updated = asyncio.Event()

    def count(self) -> None:
        """Forget what came so far."""
        self.received = Received()

    @property
    def wire_bytes(self) -> int:
        """Bytes that came over the connection while counting: the payload's, where nothing is compressed."""
        return self.received.bytes

    @abstractmethod
    async def watch(self) -> None:
        """Connect and receive until cancelled."""

    def complete(self) -> None:
        """An update has come."""
        self.received.updates += 1
        self.updated.set()


class Viewer(Tab):
    """One tab on `url`.

    completes  tells the message that completes an update
    """

    def __init__(self, url: str, completes: Marks) -> None:
        super().__init__()
        self._url = urlsplit(url)
        self._completes = completes
        self._panels: dict[tuple[int, ...], str] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._socket: Any = None

    def count(self) -> None:
        """Forget what came so far."""
        super().count()
        if self._socket is not None:
            self._socket.wire_bytes = 0

    @property
    def wire_bytes(self) -> int:
        """Bytes that came over the connection while counting."""
        return self._socket.wire_bytes if self._socket is not None else 0

    async def watch(self) -> None:
        """Connect and receive until cancelled. Raises ConnectionError if the server closes the connection."""
        async with connect(
            f"ws://{self._url.netloc}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            open_timeout=OPEN_S,
            create_connection=_Counting,
        ) as socket:
            self._socket = socket
            await self._ask(socket)
            try:
                async for payload in socket:
                    await self._take(socket, payload)
            finally:
                for timer in self._timers.values():
                    timer.cancel()
        raise ConnectionError("the server closed a viewer's connection")

    async def _ask(self, socket: ClientConnection, fragment: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = self._url.query
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        message.rerun_script.context_info.timezone = "UTC"
        await socket.send(message.SerializeToString())

    async def _take(self, socket: ClientConnection, payload: Any) -> None:
        message = ForwardMsg.FromString(payload)
        self.received.messages += 1
        self.received.bytes += len(payload)
        match message.WhichOneof("type"):
            case "delta":
                self._take_delta(message)
            case "auto_rerun":
                self._set_timer(socket, message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    if fragment in self._timers:
                        self._timers.pop(fragment).cancel()

    def _take_delta(self, message: ForwardMsg) -> None:
        path = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") == "add_block" and "panel-" in message.delta.add_block.id:
            self._panels[path] = message.delta.add_block.id.rsplit("panel-", 1)[1]
        for depth in range(len(path), 0, -1):
            if path[:depth] in self._panels:
                self.received.panels[self._panels[path[:depth]]] += 1
                break
        if self._completes(message):
            self.complete()

    def _set_timer(self, socket: ClientConnection, fragment: str, interval: float) -> None:
        async def tick() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._ask(socket, fragment)

        if fragment not in self._timers:
            self._timers[fragment] = asyncio.create_task(tick())


def pulse(message: ForwardMsg) -> bool:
    """Whether this is the marker that ends each update of Pulseboard."""
    return message.delta.new_element.markdown.body.startswith("newest event ")


async def gathered(viewers: Iterable[Tab], measure: Awaitable[Any]) -> Any:
    """Run `measure` while the viewers watch; a viewer that fails ends it all."""
    tasks = [asyncio.create_task(viewer.watch()) for viewer in viewers]
    measuring = asyncio.ensure_future(measure)
    try:
        await asyncio.wait([*tasks, measuring], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        return await measuring
    finally:
        for task in [*tasks, measuring]:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def all_updated(viewers: Iterable[Tab], timeout_s: float = OPEN_S) -> float:
    """Wait until every viewer has had an update; the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(timeout_s):
        for viewer in viewers:
            await viewer.updated.wait()
    return time.monotonic() - began
