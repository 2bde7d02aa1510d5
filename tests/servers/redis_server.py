"""One real Redis server on loopback, for tests and for trying things by hand.

    with RedisServer.running() as server:
        server.url            # plain text, anyone may read and write
        server.tls_url        # encrypted, if it was asked for with `certificates`

`python -m tests.servers.redis_server` starts one, prints its address and keeps it until Ctrl-C.
"""

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from tests.kafka.certificates import Certificates, make_certificates
from tests.servers.free_port import free_ports
from tests.servers.or_skip import skip

START_S = 20.0
MISSING = "redis-server is not on the PATH: install Redis (apt-get install redis-server)"

# What was acknowledged is kept through a kill.
OPTIONS = ("--save", "", "--appendonly", "yes", "--appendfsync", "always", "--bind", "127.0.0.1", "--daemonize", "no")


until_retry = threading.Event()
"""Never set."""


class RedisServer:
    """One server that can be killed and started again with what it held."""

    @classmethod
    @contextlib.contextmanager
    def running(cls, *options: str, tls: bool = False) -> Iterator["RedisServer"]:
        """A server in a folder of its own; both are gone afterwards. Skips the test, with the reason, where there is none."""
        if shutil.which("redis-server") is None:
            skip(MISSING)
        folder = Path(tempfile.mkdtemp(prefix="pulseboard-redis-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, folder)
            server = cls(folder, options, tls=tls)
            stack.callback(server.kill)
            server.run()
            yield server

    def __init__(self, folder: Path, options: Sequence[str] = (), *, tls: bool = False) -> None:
        self._folder = folder
        self._options = tuple(options)
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = free_ports(2)
        self.url = f"redis://127.0.0.1:{self.port}"
        self.tls_url = f"rediss://localhost:{self.tls_port}"
        self.certificates: Certificates | None = None
        if tls:
            self.certificates = make_certificates(folder / "certificates")
            made = folder / "certificates"
            self._options += ("--tls-port", str(self.tls_port), "--tls-auth-clients", "no")
            self._options += ("--tls-cert-file", str(made / "broker.pem"), "--tls-key-file", str(made / "broker.key"))
            self._options += ("--tls-ca-cert-file", str(self.certificates.authority))

    def run(self) -> None:
        """Start it and wait until it serves. Raises RuntimeError with the end of its log if it does not."""
        log = (self._folder / "server.log").open("ab")
        command = ("redis-server", "--port", str(self.port), "--dir", str(self._folder), *OPTIONS, *self._options)
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        at_once = Retry(NoBackoff(), 0)  # the client would wait longer and longer, and try a login again
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with self.client(retry=at_once) as client:
                    client.ping()
            except AuthenticationError:
                return
            except RedisError:
                until_retry.wait(0.02)
                continue
            return
        raise RuntimeError(f"the server did not start:\n{(self._folder / 'server.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it hang, with its connections open; `kill` ends that too."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def client(self, **arguments: Any) -> Redis:
        """A client of redis-py, for tests that write."""
        return Redis(host="127.0.0.1", port=self.port, socket_timeout=10, **arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the server ends with us
    with contextlib.suppress(KeyboardInterrupt), RedisServer.running() as running:
        print(f"Redis at {running.url} (Ctrl-C ends it)", flush=True)  # noqa: T201 - the point of running it
        threading.Event().wait()
