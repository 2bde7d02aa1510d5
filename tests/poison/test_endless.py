"""Servers that send without end take neither time nor memory without end, and their readers say so."""

import contextlib
import gzip
import socket
import struct
import time
from collections.abc import Callable
from itertools import repeat

import pytest

from sources.errors import SourceError
from sources.http import Http
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.registry import Registry
from sources.websocket import WebSocket
from tests.poison import wires
from tests.poison.watchdog import watched

MB = bytes(2**20)
PARTS = 300
CPU_S = 8.0
"""Hundreds of megabytes are received, by the server's own thread too."""


def polled(opened: Callable[[], object]) -> None:
    """Read until it is told what is wrong."""
    reader = opened()
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            reader.poll(0.1)
        pytest.fail("nothing was said of it")
    finally:
        reader.close()


def http(address: str) -> None:
    polled(Http(url=f"http://{address}/a").open)


CASES = {
    "a body": (wires.http, b"HTTP/1.1 200 OK\r\n\r\n", MB, http, "more than 32 MB"),
    "a packed body": (
        wires.http,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(MB * PARTS, 1),
        b"",
        http,
        "more than 32 MB",
    ),
    "headers": (wires.http, b"HTTP/1.1 200 OK\r\n", b"A: " + b"x" * 60_000 + b"\r\n", http, "without an answer"),
    "a status": (wires.http, b"HTTP/1.1 200 ", MB, http, "without an answer"),
    "a schema": (
        wires.http,
        b"HTTP/1.1 200 OK\r\n\r\n",
        MB,
        lambda address: Registry({"schema_registry_url": f"http://{address}"}).schema(1),
        "not as a schema registry",
    ),
    "a WebSocket message": (
        wires.websocket,
        b"\x01\x01a",
        b"\0\x7e\xea\x60" + bytes(60_000),
        lambda address: polled(WebSocket(url=f"ws://{address}/a").open),
        "more than 16,000,000 bytes",
    ),
    "a WebSocket frame": (
        wires.websocket,
        b"\x81\x7f" + struct.pack(">Q", 2**40),
        MB,
        lambda address: polled(WebSocket(url=f"ws://{address}/a").open),
        "more than 16,000,000 bytes",
    ),
    "an MQTT message": (
        wires.mqtt,
        b"\x30\xff\xff\xff\x7f\0\x03a/b",
        MB,
        lambda address: polled(Mqtt(topic="a/#", url=f"mqtt://{address}").open),
        "more than 16,000,000 bytes",
    ),
    "a NATS message": (
        wires.nats,
        b"MSG a.b 2 900000000\r\n",
        MB,
        lambda address: polled(Nats(topic="a.>", url=f"nats://{address}").open),
        "none of NATS",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_what_has_no_end_is_not_kept(name: str) -> None:
    script, beginning, part, read, told = CASES[name]

    def send(connection: socket.socket, data: bytes) -> None:
        script(connection, data)
        with contextlib.suppress(OSError):
            for each in repeat(part, PARTS if part else 0):
                connection.sendall(each)

    with wires.playing(send, beginning) as address, watched(CPU_S), pytest.raises(SourceError, match=told):
        read(address)
