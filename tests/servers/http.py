"""A real web server on loopback, for tests and for trying things by hand: one function says what it answers.

    with WebServer(lambda request: Reply(b'{"n": 1}')) as server:
        server.url            # http://127.0.0.1:PORT
        server.requests       # what was asked, oldest first

`python -m tests.servers.http PORT` serves invented trades, a gauge, a stream and a page, until Ctrl-C.
"""

import contextlib
import itertools
import json
import random
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """What was asked: the path with its query, and the headers by their names in small letters."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class Reply:
    """What to answer.

    body    all of it, or its parts, each sent as it comes
    breaks  whether the connection is reset after the body
    length  what Content-Length says; None for what is true of a whole body, and for no such header of one in parts
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False
    length: int | None = None


Answer = Callable[[Request], Reply]


class WebServer:
    """Answers each request on a thread of its own, until it is stopped; may be started again at the same port."""

    def __init__(self, answer: Answer, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.connections = 0
        self._tls = tls
        self._port = port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.start()

    def start(self) -> None:
        self.stopping.clear()
        self._server = _Server(("127.0.0.1", self._port), self)
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and reset every connection, as a machine does whose power is cut."""
        self.stopping.set()
        self._server.shutdown()
        self._server.socket.close()
        self._thread.join()
        with self._lock:
            connections = list(self._open)
        for each in connections:
            reset(each)
        for thread in self._server.threads:
            thread.join(5)

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def reset(connection: socket.socket) -> None:
    """Close so that the other side is told of an error, not of an end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], owner: WebServer) -> None:
        self.owner = owner
        self.threads: list[threading.Thread] = []
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self.threads = [each for each in self.threads if each.is_alive()] + [thread]
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.owner.opened(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.server.owner.closed(self.connection)

    def do_GET(self) -> None:
        owner = self.server.owner
        request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, time.time())
        owner.requests.append(request)
        reply = owner.answer(request)
        try:
            self._send(reply)
        except OSError:
            self.close_connection = True
        if reply.breaks:
            self.close_connection = True
            reset(self.connection)

    def _send(self, reply: Reply) -> None:
        whole = isinstance(reply.body, bytes)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        length = len(reply.body) if whole and reply.length is None else reply.length
        if length is not None and reply.status not in (204, 304):
            self.send_header("Content-Length", str(length))
        elif length is None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        for part in [reply.body] if whole else reply.body:
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def as_json(value: Any, **more: Any) -> Reply:
    return Reply(json.dumps(value).encode(), headers={"Content-Type": "application/json"}, **more)


def events(parts: Iterable[bytes]) -> Reply:
    return Reply(parts, headers={"Content-Type": "text/event-stream"})


class Trades:
    """Invented trades of the last minute, and a stream of new ones."""

    def __init__(self) -> None:
        self._random = random.Random(4)  # noqa: S311 - invented numbers
        self._prices = {"AAA": 120.0, "BBB": 45.0, "CCC": 8.0}
        self._last: list[dict[str, Any]] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def trade(self) -> dict[str, Any]:
        symbol = self._random.choice(list(self._prices))
        self._prices[symbol] *= 1 + self._random.gauss(0, 0.0005)
        price = round(self._prices[symbol], 3)
        size = self._random.choice((1, 5, 10, 50))
        return {"id": next(self._ids), "time": time.time(), "symbol": symbol, "price": price, "size": size}

    def serve(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        if path == "/trades":
            with self._lock:
                self._last = (self._last + [self.trade() for _ in range(self._random.randrange(1, 30))])[-100:]
                return as_json({"server": "demo", "trades": self._last[::-1]})
        if path == "/gauge":
            return as_json({"temperature": round(20 + self._random.gauss(0, 0.3), 2), "room": "lab"})
        if path == "/stream":
            return events(self._stream())
        return Reply(b"<!DOCTYPE html><title>Trades</title>", headers={"Content-Type": "text/html"})

    def _stream(self) -> Iterable[bytes]:
        while True:
            with self._lock:
                trade = self.trade()
            yield f"id: {trade['id']}\nevent: trade\ndata: {json.dumps(trade)}\n\n".encode()
            time.sleep(self._random.expovariate(20))


if __name__ == "__main__":
    with WebServer(Trades().serve, int(sys.argv[1])) as running:
        sys.stdout.write(f"{running.url}\n")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
