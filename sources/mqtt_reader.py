"""Reading the topics of one broker, through its death and return."""

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from paho.mqtt.client import MQTTMessage

from sources.batch import Batch, Gap
from sources.errors import BadSettings, SourceError, Unreachable
from sources.formats.names import AUTO
from sources.messages import Message, MessageDecoder
from sources.mqtt_broker import Broker
from sources.mqtt_client import MqttClient
from sources.mqtt_errors import Unanswered
from sources.mqtt_payload import named
from sources.mqtt_topics import Filter, Levels, Topic
from sources.receiver import Receiver

NOT_KEPT = "the connection was lost, and the broker had not kept what came meanwhile"
UNKEPT = "the connection was lost, and a broker keeps no message that was published with a QoS of 0"

TOPICS, TOPIC_CHARS = 20_000, 500
"""So many topics are remembered, with what is said in them; longer ones are not."""


class MqttReader:
    """Opened topics. Receives on a thread of its own.

    Order     as the broker sends them: that in which they were published, within a topic and a quality of service.
    Loss      qos 0: what is published while there is no connection; that is a gap. Above: none while the broker keeps the
              session and has room for what waits; where it tells that it has not, or where messages have a QoS of 0 themselves,
              that is a gap too. A message is acknowledged once it is in the inbox.
    Twice     qos 1: what was on its way when the connection was lost, marked with `_dup`. Never with 0 or 2.
    """

    def __init__(
        self,
        broker: Broker,
        filters: Sequence[Filter],
        *,
        qos: int = 0,
        retained: bool = False,
        format: str = AUTO,  # noqa: A002 - as in the link
    ) -> None:
        """Connect and subscribe. Raises a SourceError with the true cause if that fails."""
        self._broker = broker
        self._filters = ["/".join(each) for each in filters]
        self._qos = qos
        self._retained = retained
        self._names = format == AUTO
        self._named = False
        self._decoder = MessageDecoder(format)
        self._describe = _Described(Levels(filters))
        self._told = lru_cache(maxsize=TOPICS)(self._describe)
        self._name = f"{broker.client_id}-{uuid.uuid4().hex[:10]}"
        self._client: MqttClient | None = None
        self._receiving = False
        """Whether the receiver's thread uses the client, and closes it once it is told to."""
        self._subscribed = False
        self._may_lose = False
        """Whether the broker has sent what it would not have kept."""
        self._heard = 0.0
        self._lock = threading.Lock()
        self._receiver: Receiver[Message] = Receiver(
            self._receive,
            f"The broker at {broker.name}",
            keeps=qos > 0,
            notice_s=2.0 * broker.keepalive,
        )
        self._receiver.open()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        received = self._receiver.take(timeout_s)
        batch = self._decoder.batch(received.items, gaps=received.gaps)
        if self._named and batch.reading is not None:
            why = f"{batch.reading.why}; bare values are named after their topic"
            batch = replace(batch, reading=replace(batch.reading, why=why))
        return batch

    def close(self) -> None:
        """See Reader.close. The broker forgets the session, if it can be reached."""
        self._receiver.close()
        if self._client is not None and not self._receiving:
            self._client.let_go()

    def _receive(self, receiver: Receiver[Message]) -> None:
        """Connect, and take what comes until closed or the connection is lost."""
        self._receiving = True
        try:
            self._receive_on(self._connect(receiver), receiver)
        finally:
            self._receiving = False

    def _receive_on(self, client: MqttClient, receiver: Receiver[Message]) -> None:
        try:
            self._heard = time.time()
            receiver.ready()
            while not receiver.closed:
                if client.loop():
                    receiver.heard()
                    self._heard = time.time()
        except Unreachable:
            if not receiver.closed:
                raise
        finally:
            if receiver.closed:
                client.end()

    def _connect(self, receiver: Receiver[Message]) -> MqttClient:
        """The client, connected and subscribed: the one there is, else one that speaks what the broker understands."""
        if self._client is not None:
            self._attach(self._client, receiver)
            return self._client
        protocols = self._broker.protocols
        for protocol in protocols:
            client = MqttClient(
                self._broker,
                protocol,
                self._name,
                persistent=self._qos > 0,
                on_message=lambda message: self._take(message, receiver),
            )
            try:
                self._attach(client, receiver)
            except SourceError as refusal:
                client.end()
                if protocol == protocols[-1] or not _is_of_version(refusal):
                    raise
            else:
                self._client = client
                return client
        raise AssertionError("a broker has a protocol")

    def _attach(self, client: MqttClient, receiver: Receiver[Message]) -> None:
        receiver.cancel_with(client.wake)
        session = client.connect(lambda: receiver.closed)
        if self._subscribed and self._qos:
            self._tell_loss(receiver, kept=session)
        if not session:
            granted = client.subscribe(self._filters, self._qos, retained=self._retained and not self._subscribed)
            self._may_lose = self._may_lose or granted == 0
            self._subscribed = True

    def _tell_loss(self, receiver: Receiver[Message], *, kept: bool) -> None:
        """Say what the broker has not kept while we were away."""
        if not kept or self._may_lose:
            now = time.time()
            receiver.lost(Gap(int(self._heard * 1e6), int(now * 1e6), None, UNKEPT if kept else NOT_KEPT))

    def _take(self, message: MQTTMessage, receiver: Receiver[Message]) -> None:
        """Hand a message over; with a quality of service above 0, as soon as there is room, and then it is acknowledged."""
        if message.retain and not self._retained:
            return
        ours = self._message(message)
        size = len(message.payload) + 3 * len(ours.where)  # its levels are fields too
        if message.qos:
            receiver.put_when_room(ours, size)
        else:
            self._may_lose = True
            receiver.put(ours, size)

    def _message(self, message: MQTTMessage) -> Message:
        try:
            text = message.topic
        except UnicodeDecodeError:
            text = "?"
        fields, name, unnamed = (self._told if len(text) <= TOPIC_CHARS else self._describe)(text)
        payload = bytes(message.payload)
        value = named(payload, name) if self._names and payload else None
        if value is not None:
            self._named, fields = True, unnamed
        marks: dict[str, Any] = {}
        if self._retained:
            marks["_retained"] = bool(message.retain)
        if message.dup:
            marks["_dup"] = True
        at_us = time.time_ns() // 1000
        return Message((value or payload) or None, at_us, {**fields, **marks} if marks else fields, text)


class _Described:
    """What is said in a topic: fields of a message that names its values, what else they are called, and then which fields."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels

    def __call__(self, text: str) -> tuple[dict[str, str], str, dict[str, str]]:
        topic = Topic(text)
        name, used = topic.naming
        fields = {"topic": text, **self._levels.of(topic)}
        if name in fields or name.startswith("level_"):
            name = f"{name}_value"
        return fields, name, {"topic": text, **self._levels.of(topic, used)}


def _is_of_version(refusal: SourceError) -> bool:
    """Whether a broker may have refused because it speaks another version of the protocol."""
    return isinstance(refusal, BadSettings | Unanswered)
