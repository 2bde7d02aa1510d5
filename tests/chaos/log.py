"""What a topic's log holds, read by another client than the one that is tested: the truth that a feed is compared with."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
from confluent_kafka import Consumer, TopicPartition

from tests.kafka.traffic import WAIT_S

Ints = npt.NDArray[np.int64]

OFFSET_BITS = 40


@dataclass(frozen=True)
class Log:
    """Every message of a topic.

    bounds     partition → (first offset that is retained, offset after the last)
    events     (n, 4) partition, offset, number and time in microseconds of each event
    malformed  (m, 2) partition and offset of the messages that are no event
    """

    bounds: dict[int, tuple[int, int]]
    events: Ints
    malformed: Ints

    @property
    def messages(self) -> Ints:
        """(n + m, 2) partition and offset of each message."""
        return np.concatenate([self.events[:, :2], self.malformed])


def where(messages: Ints) -> Ints:
    """(n,) partition and offset, the first two columns, in one number; they sort as the log does."""
    return messages[:, 0] << OFFSET_BITS | messages[:, 1]


def read_log(bootstrap: str, topic: str) -> Log:
    """All that is retained by now."""
    with _client(bootstrap) as consumer:
        bounds = _bounds(consumer, topic)
        consumer.assign([TopicPartition(topic, each, first) for each, (first, _) in bounds.items()])
        events: list[tuple[int, ...]] = []
        malformed: list[tuple[int, int]] = []
        left = sum(end - first for first, end in bounds.values())
        while left:
            messages = consumer.consume(min(left, 10_000), WAIT_S)
            assert messages, f"{left} messages of {topic} did not come within {WAIT_S} s"
            left -= len(messages)
            for each in messages:
                place = (each.partition(), each.offset())
                try:
                    event = orjson.loads(each.value())
                except orjson.JSONDecodeError:
                    malformed.append(place)
                else:
                    events.append((*place, event["n"], event["time"] * 1000))
        return Log(bounds, np.array(events, np.int64).reshape(-1, 4), np.array(malformed, np.int64).reshape(-1, 2))


def oldest(bootstrap: str, topic: str) -> dict[int, int]:
    """The first offset that each partition has retained."""
    with _client(bootstrap) as consumer:
        return {each: first for each, (first, _) in _bounds(consumer, topic).items()}


@contextlib.contextmanager
def _client(bootstrap: str) -> Iterator[Consumer]:
    settings = {"bootstrap.servers": bootstrap, "group.id": "truth", "enable.auto.commit": False, "log_level": 0}
    consumer = Consumer(settings)
    try:
        yield consumer
    finally:
        consumer.close()


def _bounds(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    numbers = consumer.list_topics(topic, WAIT_S).topics[topic].partitions
    return {each: consumer.get_watermark_offsets(TopicPartition(topic, each), WAIT_S) for each in numbers}
