"""Servers that refuse every login, and repeat in their refusal all that they were told: in as many protocols as say anything at all.

with parrots() as ports:
ports["redis"]
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

CHUNK = 65_536


def http(connection: socket.socket) -> None:
    said = connection.recv(CHUNK)
    told = said.replace(b"\r\n", b" | ")
    head = b"HTTP/1.1 401 " + told + b"\r\nWWW-Authenticate: Basic realm=" + told + b"\r\nX-Said: " + told
    body = b"<h1>" + told + b"</h1>"
    connection.sendall(head + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)


def http_with_events(connection: socket.socket) -> None:
    """Takes the login, and breaks off in the middle of what it says."""
    said = connection.recv(CHUNK).replace(b"\r\n", b" | ")
    connection.sendall(b"HTTP/1.1 500 " + said + b"\r\nContent-Length: 9999\r\n\r\n" + said)


def redis(connection: socket.socket) -> None:
    while said := connection.recv(CHUNK):
        connection.sendall(b"-ERR you said " + said.replace(b"\r\n", b" ") + b"\r\n")


def nats(connection: socket.socket) -> None:
    connection.sendall(b'INFO {"server_id":"x","version":"2.10.0","max_payload":1048576,"auth_required":true}\r\n')
    said = connection.recv(CHUNK)
    connection.sendall(b"-ERR 'You said " + said.replace(b"\r\n", b" ").replace(b"'", b"") + b"'\r\n")


def postgresql(connection: socket.socket) -> None:
    said = connection.recv(CHUNK)
    if len(said) == 8:
        connection.sendall(b"N")
        said = connection.recv(CHUNK)
    connection.sendall(b"R" + struct.pack("!II", 8, 3))  # the password, in clear
    said = connection.recv(CHUNK) + said
    text = b"you said: " + said.replace(b"\0", b" ")
    fields = b"SFATAL\0VFATAL\0C28P01\0M" + text + b"\0H" + text + b"\0\0"
    connection.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)


def anything(connection: socket.socket) -> None:
    """Says back what it hears, whatever that is."""
    while said := connection.recv(CHUNK):
        connection.sendall(said)


PARROTS: dict[str, Callable[[socket.socket], None]] = {
    "http": http,
    "http-500": http_with_events,
    "websocket": http,
    "redis": redis,
    "nats": nats,
    "sql": postgresql,
    "anything": anything,
}


@contextlib.contextmanager
def parrots() -> Iterator[dict[str, int]]:
    """Each one's port, while they listen."""
    servers = {name: socket.create_server(("127.0.0.1", 0)) for name in PARROTS}
    for name, server in servers.items():
        threading.Thread(target=_serve, args=(server, PARROTS[name]), daemon=True).start()
    try:
        yield {name: server.getsockname()[1] for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown(socket.SHUT_RDWR)
            server.close()


def _serve(server: socket.socket, parrot: Callable[[socket.socket], None]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_talk, args=(connection, parrot), daemon=True).start()


def _talk(connection: socket.socket, parrot: Callable[[socket.socket], None]) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(10)
        parrot(connection)
