"""One connection to a WebSocket server: its socket, its handshake, and the messages that come over it.

The protocol is the library's (`websockets`, without its threads). The socket is ours, so it leads where the address was looked
up to, no redirect is followed, and one thread does all.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidURI, PayloadTooBig
from websockets.extensions.permessage_deflate import enable_client_permessage_deflate
from websockets.frames import DATA_OPCODES, Frame
from websockets.http11 import Response
from websockets.protocol import OPEN, Event
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from sources.addresses import connect, cut
from sources.errors import BadSettings
from sources.tls import tls_context
from sources.websocket_errors import Ended, refused
from sources.websocket_target import Target

MESSAGE_BYTES = 16_000_000
"""The longest message, unpacked. One that is longer ends the connection."""

CONNECT_S = 4.0
HANDSHAKE_S = 4.0
"""How long each part of it may take: TLS, and the answer to what is asked then."""

QUIET_S = 10.0
"""After so long a silence the server is asked whether it is there."""
ANSWER_S = 10.0
"""How long it may take to say so. Whatever it sends is an answer."""
SEND_S = 5.0
GOODBYE_S = 0.1

CHUNK_BYTES = 65_536

_SILENT = logging.Logger("websocket", logging.CRITICAL + 1)  # noqa: LOG001 - what the library says holds logins, and is for nobody


class Wire:
    """A WebSocket to one server, for one thread; another may `end` it."""

    def __init__(self, target: Target, on_socket: Callable[["Wire"], object], quiet_s: float = QUIET_S) -> None:
        """Connect. `on_socket` is called as soon as there is something to `end`. Raises a SourceError with the true cause."""
        self._target = target
        self._quiet_s = quiet_s
        self._heard = time.monotonic()
        self._asked = False
        self._ended = False
        self._begun = bytearray()
        """The message whose end has not come yet."""
        try:
            self._socket: socket.socket = connect(target.host, target.port, CONNECT_S, target.setting)
        except OSError as error:
            raise refused(error, target) from None
        try:
            on_socket(self)
            self._secure()
            self._protocol = self._introduce()
            self._shake_hands()
        except Exception as error:  # noqa: BLE001 - whatever it was, the socket is done for
            self._socket.close()
            raise refused(error, target) from None

    def send(self, text: str) -> None:
        """Send one message. Raises Ended where the server takes nothing more."""
        self._protocol.send_text(text.encode())
        self._flush()

    def receive(self) -> list[bytes]:
        """The messages that have come, as soon as anything has; [] for what is no message, and once `end` was called.

        Raises Ended when there will be no more.
        """
        events = self._protocol.events_received()  # some may have come with the answer to the handshake
        if not events:
            if self._protocol.state is not OPEN:
                raise self._how_it_ended()
            events = self._read()
        return [message for event in events if (message := self._message(event)) is not None]

    def end(self) -> None:
        """Make the other thread's `receive` return: at once, and from then on."""
        self._ended = True
        cut(self._socket, socket.SHUT_RD)

    def close(self) -> None:
        """Say goodbye if that goes at once, and let go of the socket."""
        try:
            if self._protocol.state is OPEN:
                self._protocol.send_close(1000)
            self._write(GOODBYE_S)
        except OSError:
            return  # nobody is there to hear it
        finally:
            self._socket.close()

    def _secure(self) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(HANDSHAKE_S)
        if self._target.secure:
            context: ssl.SSLContext = tls_context(dict(self._target.tls))
            self._socket = context.wrap_socket(self._socket, server_hostname=self._target.host)

    def _introduce(self) -> ClientProtocol:
        """The protocol, with its request written but not sent."""
        target = self._target
        try:
            address = parse_uri(target.url)
        except (InvalidURI, UnicodeError):
            raise BadSettings(target.setting, "the address is none that a WebSocket can have: check it") from None
        protocol = ClientProtocol(
            address,
            origin=Origin(target.origin) if target.origin else None,
            extensions=enable_client_permessage_deflate(None),
            subprotocols=[Subprotocol(each) for each in target.subprotocols] or None,
            max_size=MESSAGE_BYTES,
            logger=_SILENT,
        )
        request = protocol.connect()
        for name, value in (("User-Agent", "Pulseboard"), *target.headers):
            if name in request.headers:
                del request.headers[name]
            request.headers[name] = value
        protocol.send_request(request)
        return protocol

    def _shake_hands(self) -> None:
        self._write(HANDSHAKE_S)
        deadline = time.monotonic() + HANDSHAKE_S
        while not any(isinstance(event, Response) for event in self._protocol.events):
            if self._protocol.handshake_exc is not None:
                break
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            self._feed(self._socket.recv(CHUNK_BYTES))
        if self._protocol.handshake_exc is not None:
            raise self._protocol.handshake_exc

    def _read(self) -> list[Event]:
        limit = self._quiet_s + (ANSWER_S if self._asked else 0.0)
        self._socket.settimeout(max(0.01, self._heard + limit - time.monotonic()))
        try:
            data = self._socket.recv(CHUNK_BYTES)
        except TimeoutError:
            if self._asked:
                raise Ended(None, "", "does not answer any more") from None
            self._asked = True
            self._protocol.send_ping(b"there?")
            self._flush()
            return []
        except OSError:
            data = b""
        if self._ended:
            return []
        self._heard, self._asked = time.monotonic(), False
        self._feed(data)
        self._flush()
        return self._protocol.events_received()

    def _feed(self, data: bytes) -> None:
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()

    def _message(self, event: Event) -> bytes | None:
        """The message that a frame completes, if it does."""
        if not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            return None
        if event.fin and not self._begun:
            return bytes(event.data)
        self._begun += event.data
        if not event.fin:
            return None
        message, self._begun = bytes(self._begun), bytearray()
        return message

    def _flush(self) -> None:
        """Send what is to be sent. Raises Ended where the server takes nothing more."""
        try:
            self._write(SEND_S)
        except OSError:
            if self._protocol.state is OPEN:
                raise Ended(None, "", "takes nothing more") from None

    def _write(self, timeout_s: float) -> None:
        self._socket.settimeout(timeout_s)
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)

    def _how_it_ended(self) -> Ended:
        protocol = self._protocol
        if isinstance(protocol.parser_exc, PayloadTooBig):
            return Ended(None, "", f"sent a message of more than {MESSAGE_BYTES:,} bytes, which is not read")
        if protocol.close_rcvd is not None:
            return Ended(protocol.close_rcvd.code, protocol.close_rcvd.reason, "has closed the connection")
        if isinstance(protocol.parser_exc, EOFError):
            return Ended(None, "", "has gone without a word")
        return Ended(None, "", "sent what is no WebSocket frame")
