"""paho's client on sockets of our own."""

import socket
import ssl
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from sources.addresses import connect
from sources.mqtt_broker import Broker

CONNECT_S = 4.0

MOST_BYTES = 16_000_000
"""A larger message is not read. A broker that speaks MQTT 5 is told so, and does not send it."""


class Oversized(Exception):
    """A message is longer than MOST_BYTES."""


class Buffered:
    """A socket read in large pieces, which paho reads byte by byte; else the socket."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._piece = memoryview(b"")

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; paho asks for all that is left of a message. Raises Oversized."""
        if size > MOST_BYTES:
            raise Oversized
        if not self._piece:
            self._piece = memoryview(self._inner.recv(65_536))
        taken, self._piece = self._piece[:size], self._piece[size:]
        return bytes(taken)

    @property
    def read_ahead(self) -> bool:
        """Whether there are bytes that paho has not had."""
        return bool(self._piece)

    def pending(self) -> int:
        """Bytes that no `select` tells of."""
        return len(self._piece) + (self._inner.pending() if isinstance(self._inner, ssl.SSLSocket) else 0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class PahoClient(Client):
    """paho's client with sockets of ours: it would look a typed host up itself, and anew, and leave open what fails."""

    def __init__(self, broker: Broker, tls: ssl.SSLContext | None, **arguments: Any) -> None:
        self._broker = broker
        self._tls = tls
        super().__init__(CallbackAPIVersion.VERSION2, reconnect_on_failure=False, **arguments)

    def _create_socket(self) -> Any:
        broker = self._broker
        if broker.typed:
            plain = connect(broker.host, broker.port, CONNECT_S, broker.setting)
        else:
            plain = socket.create_connection((broker.host, broker.port), CONNECT_S)
        if self._tls is None:
            return Buffered(plain)
        try:
            return Buffered(self._tls.wrap_socket(plain, server_hostname=broker.host))
        except (OSError, ValueError):
            plain.close()
            raise
