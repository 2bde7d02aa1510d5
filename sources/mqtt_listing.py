"""What is published at a broker: heard for a moment, since no broker has a list."""

import time
import uuid
from collections import Counter
from collections.abc import Iterable

from paho.mqtt.client import MQTTMessage

from sources.errors import SourceError
from sources.mqtt_broker import Broker
from sources.mqtt_client import MqttClient

LISTEN_S = 1.0
MOST_MESSAGES = 5_000
MOST_TOPICS = 500
MOST_FILTERS, MOST_SHOWN = 50, 150
"""So many filters that stand for several topics are offered, and so many topics."""


def heard_topics(broker: Broker) -> list[str]:
    """Topics heard within a second, those that hold something already among them, and filters that stand for several."""
    topics: Counter[str] = Counter()

    def hear(message: MQTTMessage) -> None:
        if len(topics) < MOST_TOPICS:
            topics[message.topic] += 1

    client = _connected(broker, hear)
    try:
        client.subscribe(["#"], 0, retained=True)
        deadline = time.monotonic() + LISTEN_S
        while (left := deadline - time.monotonic()) > 0 and topics.total() < MOST_MESSAGES:
            client.loop(left)
    finally:
        client.end()
    return offered(topics)


def _connected(broker: Broker, hear: object) -> MqttClient:
    for protocol in broker.protocols:
        client = MqttClient(broker, protocol, f"{broker.client_id}-{uuid.uuid4().hex[:10]}", on_message=hear)  # type: ignore[arg-type]
        try:
            client.connect()
        except SourceError:
            client.end()
            if protocol == broker.protocols[-1]:
                raise
        else:
            return client
    raise AssertionError("a broker has a protocol")


def offered(topics: Iterable[str]) -> list[str]:
    """The topics, and filters that stand for several of them, those for most first chosen; sorted.

    >>> offered(["house/kitchen/temperature", "house/hall/temperature"])
    ['#', 'house/#', 'house/+/temperature', 'house/hall/temperature', 'house/kitchen/temperature']
    """
    known = sorted(each for each in set(topics) if "," not in each)
    filters: Counter[str] = Counter()
    for topic in known:
        levels = topic.split("/")
        filters["#"] += 1
        if len(levels) > 1:
            filters[f"{levels[0]}/#"] += 1
        filters.update("/".join([*levels[:at], "+", *levels[at + 1 :]]) for at in range(len(levels)) if len(levels) > 1)
    several = [text for text, count in filters.most_common(MOST_FILTERS) if count > 1 or text == "#"]
    return sorted([*several, *known[:MOST_SHOWN]])
