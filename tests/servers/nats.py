"""A real NATS server on loopback, with JetStream, for tests and for trying things by hand.

    with NatsServer.start() as server:
        server.stream("sensors", "sensors.>")          # keeps what is sent there
        server.publish("sensors.kitchen", [b"…"])

`python -m tests.servers.nats` starts one, prints its address and keeps it until Ctrl-C.
"""

import asyncio
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from tests.servers.free_port import free_port
from tests.servers.or_skip import Unavailable

START_S = 20.0
BATCH = 500


class NatsServer:
    """One server that can be killed and started again with what its streams held."""

    @classmethod
    @contextlib.contextmanager
    def start(cls, more: str = "", *, scheme: str = "nats", streams: bool = True) -> Iterator["NatsServer"]:
        """A running server in a folder of its own; both are gone afterwards. Raises Unavailable.

        more     what else stands in its configuration, such as logins
        streams  whether it has JetStream
        """
        if shutil.which("nats-server") is None:
            raise Unavailable("there is no nats-server on the PATH: apt-get install nats-server")
        folder = Path(tempfile.mkdtemp(prefix="pulseboard-nats-"))
        server = cls(folder, more, scheme, streams=streams)
        try:
            server.run()
            yield server
        finally:
            server.kill()
            shutil.rmtree(folder)

    def __init__(self, folder: Path, more: str, scheme: str, *, streams: bool) -> None:
        self.port = free_port()
        self.url = f"{scheme}://localhost:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._produced = 0
        store = f'jetstream {{ store_dir: "{folder}" }}\n' if streams else ""
        (folder / "nats.conf").write_text(f'listen: "127.0.0.1:{self.port}"\n{store}{more}\n')

    def run(self) -> None:
        """Start it, and wait until it accepts connections. Raises RuntimeError with its log if it does not."""
        with (self._folder / "nats.log").open("ab") as log:
            command = ["nats-server", "-c", str(self._folder / "nats.conf")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as probe:
                if probe.recv(4) == b"INFO":
                    return
        raise RuntimeError(f"nats-server did not start:\n{(self._folder / 'nats.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def do(self, work: Callable[[Client], Awaitable[Any]], **login: Any) -> Any:
        """What `work` gives, done with a client of its own."""

        async def done() -> Any:
            client = Client()
            await client.connect(f"nats://127.0.0.1:{self.port}", allow_reconnect=False, **login)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(done())

    def stream(self, name: str, *subjects: str, **config: Any) -> None:
        """Make a stream that keeps these subjects."""
        self.do(lambda client: client.jetstream().add_stream(name=name, subjects=list(subjects), **config))

    def delete(self, stream: str) -> None:
        """Delete a stream."""
        self.do(lambda client: client.jetstream().delete_stream(stream))

    def publish(self, subject: str, payloads: Sequence[bytes], *, stored: bool = True, **login: Any) -> None:
        """Send messages; returns when the stream has them or, if none keeps them, the server."""

        async def sent(client: Client) -> None:
            for first in range(0, len(payloads), BATCH):
                batch = payloads[first : first + BATCH]
                if stored:
                    await asyncio.gather(*(client.jetstream(timeout=START_S).publish(subject, each) for each in batch))
                else:
                    for each in batch:
                        await client.publish(subject, each)
            await client.flush()

        self.do(sent, **login)

    def produce(self, subject: str, count: int, *, stored: bool = True) -> None:
        """Send so many events, each with an ever higher number."""
        numbers = range(self._produced, self._produced + count)
        self._produced += count
        self.publish(subject, [json.dumps({"n": n, "load": n % 7}).encode() for n in numbers], stored=stored)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the server ends with us
    with contextlib.suppress(KeyboardInterrupt), NatsServer.start() as running:
        print(running.url, flush=True)  # noqa: T201 - the point of running it
        threading.Event().wait()
