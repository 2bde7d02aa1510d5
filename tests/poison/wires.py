"""Counterparts that say what they like: a socket on loopback that plays a server until its client is there, and then the input."""

import base64
import contextlib
import gzip
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sources.errors import EndOfStream, SourceError
from sources.http import Http
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.redis import Redis
from sources.registry import Registry
from sources.websocket import WebSocket
from tests.poison.poison import APART, as_json

ENOUGH_S = 10.0
"""What has not come by then is not waited for."""

Script = Callable[[socket.socket, bytes], None]


@dataclass(frozen=True)
class Wire:
    """A server that plays its part by `script`, a client of its address that raises nothing but a SourceError, and genuine inputs."""

    script: Script
    read: Callable[[str], None]
    seeds: tuple[bytes, ...]

    def take(self, data: bytes) -> None:
        """Have the client meet the input."""
        with playing(self.script, data) as address, contextlib.suppress(SourceError, EndOfStream):
            self.read(address)


@contextlib.contextmanager
def playing(script: Script, data: bytes) -> Iterator[str]:
    """The host and port of a server that plays the script with each connection, and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(ENOUGH_S)
                        if not ended.is_set():
                            script(connection, data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        host, port = server.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                socket.create_connection((host, port), 1).close()
            thread.join(ENOUGH_S)


def until(connection: socket.socket, pattern: bytes) -> bytes:
    """What the client has said up to there. Raises OSError once it is gone."""
    said = b""
    while not re.search(pattern, said, re.DOTALL):
        part = connection.recv(65_536)
        if not part:
            raise ConnectionResetError
        said += part
    return said


def drained(opened: Any, polls: int = 4) -> None:
    """Poll a reader a few times, and close it."""
    try:
        deadline = time.monotonic() + ENOUGH_S
        for _ in range(polls):
            if time.monotonic() < deadline:
                opened.poll(0.02)
    finally:
        opened.close()


def http(connection: socket.socket, data: bytes) -> None:
    until(connection, rb"\r\n\r\n")
    connection.sendall(data)


def websocket(connection: socket.socket, data: bytes) -> None:
    said = until(connection, rb"\r\n\r\n")
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", said)
    accepted = hashlib.sha1((key[1] if key else b"") + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # noqa: S324 - RFC 6455
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(accepted) + b"\r\n\r\n" + data
    )


def mqtt(connection: socket.socket, data: bytes) -> None:
    newest = until(connection, rb"MQTT.").partition(b"MQTT")[2][0] == 5
    connection.sendall(b"\x20\x03\0\0\0" if newest else b"\x20\x02\0\0")
    said = until(connection, rb"\x82.{3}")
    number = said[said.index(b"\x82") + 2 :][:2]
    connection.sendall(b"\x90\x04" + number + b"\0\0" if newest else b"\x90\x03" + number + b"\0")
    connection.sendall(data)


def redis(connection: socket.socket, data: bytes) -> None:
    """The first part of the input answers what kind a name is of, the others whatever else is asked, one after the other."""
    kind, *answers = data.split(APART)
    while answers:
        asked = until(connection, rb"\r\n")
        connection.sendall(kind if b"TYPE" in asked else answers.pop(0))


def nats(connection: socket.socket, data: bytes) -> None:
    """There are no streams; the input follows the subscription."""
    connection.sendall(b'INFO {"server_id":"a","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576}\r\n')
    until(connection, rb"PING\r\n")
    connection.sendall(b"PONG\r\n")
    asked = until(connection, rb"PUB \S+ \S+ \d+")
    [inbox] = re.findall(rb"PUB \S+ (\S+) \d+", asked)
    connection.sendall(b"MSG " + inbox + b" 1 2\r\n{}\r\n")
    until(connection, rb"SUB a\S+ +2\r\n.*PING\r\n")
    connection.sendall(b"PONG\r\n" + data)


def _schema(address: str) -> None:
    with contextlib.suppress(ValueError):
        Registry({"schema_registry_url": f"http://{address}"}).schema(1)


def _answered(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join((b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"", body))


def _frame(opcode: int, payload: bytes) -> bytes:
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
    return bytes([0x80 | opcode]) + length + payload


def _published(topic: bytes, payload: bytes) -> bytes:
    content = struct.pack(">H", len(topic)) + topic + b"\0" + payload
    return b"\x30" + bytes([len(content)]) + content


def _pushed(*items: Any) -> bytes:
    """As Redis writes a list (RESP2)."""
    return b"*%d\r\n" % len(items) + b"".join(map(_item, items))


def _item(item: Any) -> bytes:
    if isinstance(item, list):
        return _pushed(*item)
    return b":%d\r\n" % item if isinstance(item, int) else b"$%d\r\n%s\r\n" % (len(item), item)


_INFO = (
    b"first-entry",
    [b"1-1", [b"ms", b"5"]],
    b"length",
    1,
    b"entries-added",
    1,
    b"last-generated-id",
    b"1-1",
    b"max-deleted-entry-id",
    b"0-0",
    b"recorded-first-entry-id",
    b"1-1",
)
_ROWS = b'[{"time": "2024-05-01T12:00:00Z", "ms": 12.5}]'

WIRES: dict[str, Wire] = {
    "wire-http": Wire(
        http,
        lambda address: drained(Http(url=f"http://{address}/a").open(), 1),
        (
            _answered(_ROWS, b"Content-Type: application/json"),
            _answered(gzip.compress(_ROWS), b"Content-Encoding: gzip", b'ETag: "a"'),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
            b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\ndata: {"a": 1}\n\n',
            _answered(b"", b"Location: /b", status=b"302 Found"),
            _answered(b"slow down", b"Retry-After: 5", status=b"429 Too Many Requests"),
        ),
    ),
    "wire-registry": Wire(
        http,
        _schema,
        (
            _answered(
                as_json({"schema": '{"type": "long"}', "references": [{"name": "a", "subject": "b", "version": 1}]})
            ),
            _answered(as_json({"error_code": 40403}), status=b"404 Not Found"),
        ),
    ),
    "wire-websocket": Wire(
        websocket,
        lambda address: drained(WebSocket(url=f"ws://{address}/a").open()),
        (
            _frame(1, b'{"a": 1}') + _frame(2, b"x"),
            _frame(9, b"ping") + _frame(8, b"\x03\xe8bye"),
            b"\x01\x01a\x80\x01b",
        ),
    ),
    "wire-mqtt": Wire(
        mqtt,
        lambda address: drained(Mqtt(topic="a/#", url=f"mqtt://{address}").open()),
        (_published(b"a/b", b"21.5"), _published(b"a/c", b'{"t": 1}') + b"\xd0\0", b"\xe0\x02\x8b\0"),
    ),
    "wire-redis": Wire(
        redis,
        lambda address: drained(Redis(channel="a", url=f"redis://{address}").open()),
        (
            APART.join((b"+none\r\n", _pushed(b"subscribe", b"a", 1) + _pushed(b"message", b"a", b"21.5"))),
            APART.join(
                (
                    b"+stream\r\n",
                    _pushed(*_INFO),
                    _pushed(b"1714564800", b"0"),
                    _pushed([b"a", [[b"1-1", [b"ms", b"5"]]]]),
                    _pushed(*_INFO),
                )
            ),
            APART.join((b"-ERR unknown\r\n", b"")),
        ),
    ),
    "wire-nats": Wire(
        nats,
        lambda address: drained(Nats(topic="a.>", url=f"nats://{address}").open()),
        (
            b'MSG a.b 2 8\r\n{"a": 1}\r\n',
            b"HMSG a.b 2 31 33\r\nNATS/1.0 100 Idle\r\nA: b\r\n\r\nok\r\n",
            b"-ERR 'Stale Connection'\r\n",
            b"PING\r\n+OK\r\nINFO " + json.dumps({"connect_urls": ["a:1"]}).encode() + b"\r\n",
        ),
    ),
}
