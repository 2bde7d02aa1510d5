"""Writing to Kafka with librdkafka, which shares no code with what is tested, and reading until all has come."""

import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic

from sources.batch import Batch
from sources.protocol import Reader

WAIT_S = 20.0

Settings = Mapping[str, Any]
NONE: Settings = {}


class Traffic:
    """Makes topics at one broker and writes to them."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def topic(self, partitions: int = 1, name: str = "", **config: str) -> str:
        """A new topic's name; `config` is the broker's for it, with underscores for dots."""
        settings = {setting.replace("_", "."): value for setting, value in config.items()}
        name = name or f"test-{uuid.uuid4().hex[:12]}"
        for made in self._admin.create_topics([NewTopic(name, partitions, 1, config=settings)]).values():
            made.result(WAIT_S)
        return name

    def topics(self) -> set[str]:
        """All there are, internal ones too."""
        return set(self._admin.list_topics(timeout=WAIT_S).topics)

    def grow(self, topic: str, partitions: int) -> None:
        """Give the topic so many partitions in all."""
        for made in self._admin.create_partitions([NewPartitions(topic, partitions)]).values():
            made.result(WAIT_S)

    def drop(self, topic: str) -> None:
        """Delete the topic."""
        for done in self._admin.delete_topics([topic]).values():
            done.result(WAIT_S)

    def produce(self, topic: str, messages: Iterable[Mapping[str, Any]], settings: Settings = NONE) -> None:
        """Write each message, given as the arguments of `Producer.produce`, and wait until the broker has them all."""
        producer = self.producer(settings)
        for message in messages:
            producer.produce(topic, **message)
            producer.poll(0)
        assert producer.flush(WAIT_S) == 0

    def producer(self, settings: Settings = NONE) -> Producer:
        """A producer of one's own, with settings as librdkafka names them."""
        return Producer(
            {"bootstrap.servers": self.bootstrap, "message.max.bytes": 16_000_000, "log_level": 0} | dict(settings)
        )


def read(reader: Reader, count: int, wait_s: float = WAIT_S) -> list[Batch]:
    """Poll until `count` messages have come, well-formed or not."""
    batches: list[Batch] = []
    deadline = time.monotonic() + wait_s
    while sum(len(each) + each.malformed for each in batches) < count:
        assert time.monotonic() < deadline, f"{sum(map(len, batches))} of {count} events came within {wait_s} s"
        batches.append(reader.poll(0.2))
    return batches


def rows(batches: Iterable[Batch]) -> list[dict[str, Any]]:
    """The events as dicts, without the fields that are null."""
    table = pa.concat_tables([each.table for each in batches], promote_options="permissive")
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def kafka_threads() -> set[str]:
    """The threads that reading Kafka has started and that still run."""
    return {each.name for each in threading.enumerate() if each.name.startswith(("kafka-io", "connect-", "close-"))}


def no_threads_left(wait_s: float = 5.0) -> bool:
    """Whether all of those end in time."""
    deadline = time.monotonic() + wait_s
    while kafka_threads() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return not kafka_threads()
