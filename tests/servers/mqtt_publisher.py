"""Publishes to a broker, for tests and for trying things by hand."""

import contextlib
import itertools
import threading
from collections.abc import Iterator

import orjson
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

ACCEPTED_S = 30.0


class Publisher:
    """One connection through which messages are published in their order."""

    @classmethod
    @contextlib.contextmanager
    def at(cls, port: int) -> Iterator["Publisher"]:
        client = Client(CallbackAPIVersion.VERSION2)
        accepted = threading.Event()
        client.on_connect = lambda *_: accepted.set()
        client.connect("127.0.0.1", port)
        client.loop_start()
        try:
            # What is published while the broker's answer is taken in may wait in the client for ever.
            assert accepted.wait(ACCEPTED_S), "the broker does not answer"
            yield cls(client)
        finally:
            client.disconnect()
            client.loop_stop()

    def __init__(self, client: Client) -> None:
        self._client = client

    def publish(self, topic: str, payload: bytes | str, qos: int = 1, *, retain: bool = False) -> None:
        """Publish one message; the broker has accepted it when this returns."""
        info = self._client.publish(topic, payload, qos, retain)
        info.wait_for_publish(ACCEPTED_S)
        assert info.is_published()

    def publish_many(self, topic: str, payloads: Iterator[bytes], qos: int) -> None:
        """Publish all, the last one so that the broker confirms it, and with it those before."""
        ahead = None
        for payload in payloads:
            if ahead is not None:
                self._client.publish(topic, ahead, qos)
            ahead = payload
        if ahead is not None:
            self.publish(topic, ahead, max(1, qos))


class Numbers:
    """Payloads with an ever higher number in the field `n`."""

    def __init__(self) -> None:
        self._next = itertools.count()

    def take(self, count: int) -> Iterator[bytes]:
        return (orjson.dumps({"n": number, "temperature": 20.5}) for number in itertools.islice(self._next, count))
