"""One client of one broker: connecting, subscribing, and the loop that its messages come from."""

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from paho.mqtt import MQTTException
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from sources.errors import SourceError, Unreachable
from sources.mqtt_broker import Broker
from sources.mqtt_errors import explain, lost, not_subscribed, oversized, refused, unanswered
from sources.mqtt_paho import CONNECT_S, MOST_BYTES, Buffered, Oversized, PahoClient
from sources.mqtt_tls import tls_context

ANSWER_S = 4.0
"""How long a broker may take for an answer."""

TICK_S = 1.0
"""So often it is looked whether the connection needs a sign of life."""

KEPT_S = 3600
"""How long a broker that speaks MQTT 5 keeps a session, and what is published meanwhile, for a reader that is away."""

UNACKNOWLEDGED = 1000
"""So many messages may be on their way at once, with a quality of service above 0."""

_NO_MQTT = (ValueError, LookupError, TypeError, AttributeError, struct.error, MQTTException)
"""What paho raises at bytes that are no MQTT."""

_PROTOCOLS = {"3.1.1": MQTTProtocolVersion.MQTTv311, "5": MQTTProtocolVersion.MQTTv5}


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


class MqttClient:
    """A client under one name, whose session the broker may keep from one connection to the next. One thread uses it.

    protocol    "5" or "3.1.1"
    persistent  whether the broker is to keep the session, and what comes meanwhile, while there is no connection
    on_message  is called for each message by `loop`; the message is acknowledged when it returns
    """

    def __init__(
        self,
        broker: Broker,
        protocol: str,
        name: str,
        *,
        persistent: bool = False,
        on_message: Callable[[MQTTMessage], None] = lambda message: None,  # noqa: ARG005 - nobody listens
    ) -> None:
        """Raise BadSettings for certificates that can't be read."""
        self.broker = broker
        self.protocol = protocol
        self.persistent = persistent
        self._kept = persistent
        self._ended: ReasonCode | None = None
        self._accepted: bool | None = None
        self._granted: Sequence[ReasonCode] | None = None
        clean = {} if protocol == "5" else {"clean_session": not persistent}
        tls = tls_context(broker) if broker.tls else None
        self._client = PahoClient(broker, tls, client_id=name, protocol=_PROTOCOLS[protocol], **clean)
        self._client.connect_timeout = CONNECT_S
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = lambda _, __, message: on_message(message)
        if broker.username:
            self._client.username_pw_set(broker.username, broker.password or None)
        self._properties: Properties | None = None
        if protocol == "5":
            self._properties = _properties(PacketTypes.CONNECT)
            self._properties.SessionExpiryInterval = KEPT_S if persistent else 0
            self._properties.MaximumPacketSize = MOST_BYTES
            self._properties.ReceiveMaximum = UNACKNOWLEDGED
        self._connected_before = False
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)

    def connect(self, is_closed: Callable[[], bool] = lambda: False) -> bool:
        """Connect and log in; whether the broker has kept the session. Raises a SourceError, Unreachable once `is_closed`."""
        self._accepted = self._ended = None
        try:
            if self._connected_before:
                self._client.reconnect()
            else:
                # A session that began clean is none that Mosquitto 2.0 saves. There is no other of our name.
                how: dict[str, Any] = {"clean_start": not self.persistent} if self.protocol == "5" else {}
                self._client.connect(
                    self.broker.host, self.broker.port, self.broker.keepalive, properties=self._properties, **how
                )
        except (OSError, ValueError, SourceError) as failure:
            raise explain(failure, self.broker) from None
        self._until(lambda: self._accepted is not None, is_closed)
        self._connected_before = True
        return bool(self._accepted)

    def subscribe(self, filters: Sequence[str], qos: int, *, retained: bool) -> int:
        """Subscribe to all of them; the least quality of service that was granted. Raises a SourceError if one is refused."""
        self._granted = None
        how: Any = qos
        if self.protocol == "5":
            handling = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE if retained else SubscribeOptions.RETAIN_DO_NOT_SEND
            how = SubscribeOptions(qos=qos, retainHandling=handling)
        self._client.subscribe([(each, how) for each in filters])
        self._until(lambda: self._granted is not None)
        refusal = not_subscribed(self._granted or (), filters, self.broker)
        if refusal is not None:
            raise refusal
        granted: Sequence[ReasonCode] = self._granted or ()
        return min((each.value for each in granted), default=qos)

    def loop(self, timeout_s: float = TICK_S) -> bool:
        """Wait for what comes, at most so long, and take it; whether anything came. Raises Unreachable for a lost connection."""
        sock = self._socket()
        if sock is None:
            raise self._why_ended(lost(self.broker))
        if not sock.pending():
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._client.want_write() else 0)
            with selectors.DefaultSelector() as selector:
                selector.register(sock, wanted)
                selector.register(self._woken, selectors.EVENT_READ)
                ready = {key.fileobj: events for key, events in selector.select(timeout_s)}
            if self._woken in ready:
                self._woken.recv(4096)
            if ready.get(sock, 0) & selectors.EVENT_WRITE:
                self._client.loop_write()
            if not ready.get(sock, 0) & selectors.EVENT_READ:
                self._client.loop_misc()
                return False
        self._read()
        self._client.loop_misc()
        return True

    def _read(self) -> None:
        """Take what has come. Raises Unreachable for what is no MQTT."""
        try:
            self._client.loop_read()
            while (sock := self._socket()) is not None and sock.read_ahead:
                self._client.loop_read()
        except Oversized:
            self._client._sock_close()  # noqa: SLF001 - what is left of it would come first
            raise oversized(self.broker, MOST_BYTES) from None
        except _NO_MQTT:  # whatever it is that answers there
            self._client._sock_close()  # noqa: SLF001 - nothing it sends can be read any more
            raise unanswered(self.broker) from None

    def wake(self) -> None:
        """End a `loop` that waits. For another thread."""
        with contextlib.suppress(OSError):  # it is closed already, or woken often enough
            self._wake.send(b"\0")

    def end(self) -> None:
        """Say farewell, so that the broker forgets us, and close. Never raises for a broker that is away."""
        try:
            if self._client.socket() is not None:
                self._farewell()
            if self._kept and self.protocol != "5" and self._connected_before:
                self._forget()
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Close it without a word, where there is no connection. Safe to call twice."""
        self._client.on_disconnect = None
        with contextlib.suppress(OSError):
            self._client._sock_close()  # noqa: SLF001 - disconnect() leaves it open for the loop
        self._wake.close()
        self._woken.close()

    def _farewell(self) -> None:
        properties = None
        if self.protocol == "5":
            properties = _properties(PacketTypes.DISCONNECT)
            properties.SessionExpiryInterval = 0
        with contextlib.suppress(OSError):
            self._client.disconnect(properties=properties)

    def _forget(self) -> None:
        """Have a broker of MQTT 3.1.1 drop the session: a new one that is not to be kept takes its place."""
        self._client._clean_session = True  # noqa: SLF001 - there is no other way to take the place of one's own session
        self._kept = False
        with contextlib.suppress(SourceError):
            self.connect()
            self._farewell()

    def _until(self, done: Callable[[], bool], is_closed: Callable[[], bool] = lambda: False) -> None:
        deadline = time.monotonic() + ANSWER_S
        while not done():
            if self._client.socket() is None:
                raise self._why_ended(unanswered(self.broker))
            if is_closed() or time.monotonic() > deadline:
                self._client._sock_close()  # noqa: SLF001 - nobody waits for its answer any more
                raise Unreachable(f"The broker at {self.broker.name} did not answer: check the address and the port.")
            self.loop(0.2)

    def _socket(self) -> Buffered | None:
        return cast("Buffered | None", self._client.socket())

    def _why_ended(self, otherwise: SourceError) -> SourceError:
        """What the broker said as it ended the connection."""
        return otherwise if self._ended is None or not self._ended.is_failure else refused(self._ended, self.broker)

    def _on_connect(self, _: Any, __: Any, flags: Any, reason: ReasonCode, ___: Any) -> None:
        if reason.is_failure:
            self._ended = reason
        else:
            self._accepted = bool(flags.session_present)

    def _on_subscribe(self, _: Any, __: Any, ___: int, reasons: Sequence[ReasonCode], ____: Any) -> None:
        self._granted = reasons

    def _on_disconnect(self, _: Any, __: Any, flags: Any, reason: ReasonCode, ___: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._ended = reason
