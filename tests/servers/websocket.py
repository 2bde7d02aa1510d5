"""Real WebSocket servers on loopback.

    with serving(handler) as url:          # in a thread of this process: it does what `handler` says with each connection
        ...

    with Broadcast.start() as server:      # in a process of its own, which can be killed and started again
        server.produce(100)                # to every connection of server.url

`python -m tests.servers.websocket PORT` is that process: an event is `{"n": 1, "at": …}`, and whoever connects to `/produce` and
sends `{"first": 1, "count": 100}` has it send so many to those at `/feed`.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from websockets.asyncio.server import ServerConnection as AsyncConnection
from websockets.asyncio.server import serve as serve_async
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from tests.servers.free_port import free_port

ROOT = Path(__file__).parents[2]
START_S = 20.0

Handler = Callable[[ServerConnection], None]
Answer = Callable[[ServerConnection, Request], Response | None]


@contextlib.contextmanager
def serving(handler: Handler, answer: Answer | None = None, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that does so with each connection.

    answer   what it says to a request instead of taking it
    context  its certificate, where it speaks TLS
    """
    with serve(handler, "127.0.0.1", 0, process_request=answer, ssl=context, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        scheme, host = ("ws", "127.0.0.1") if context is None else ("wss", "localhost")
        try:
            yield f"{scheme}://{host}:{server.socket.getsockname()[1]}/feed"
        finally:
            server.shutdown()
            thread.join()


class Broadcast:
    """One server process at one address."""

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator["Broadcast"]:
        """A running server, which is gone afterwards."""
        server = cls()
        try:
            server.run()
            yield server
        finally:
            server.kill()

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/feed"
        self._process: subprocess.Popen[bytes] | None = None
        self._produced = 0

    def run(self) -> None:
        """Start it, and wait until it accepts connections."""
        self._process = subprocess.Popen([sys.executable, "-m", "tests.servers.websocket", str(self.port)], cwd=ROOT)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
        raise RuntimeError("the WebSocket server did not start")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def produce(self, count: int) -> None:
        """Have it send so many events; returns when they are sent."""
        with connect(self.url.replace("/feed", "/produce")) as connection:
            connection.send(json.dumps({"first": self._produced, "count": count}))
            self._produced += count
            connection.recv(timeout=START_S)


async def _broadcast(port: int) -> None:
    watching: set[AsyncConnection] = set()

    async def handle(connection: AsyncConnection) -> None:
        if connection.request is None or connection.request.path != "/produce":
            watching.add(connection)
            await connection.wait_closed()
            watching.discard(connection)
            return
        async for text in connection:
            order = json.loads(text)
            for n in range(order["first"], order["first"] + order["count"]):
                event = json.dumps({"n": n, "at": time.time(), "load": n % 7})
                for each in list(watching):
                    await each.send(event)
            await connection.send("sent")

    async with serve_async(handle, "127.0.0.1", port):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_broadcast(int(sys.argv[1])))
