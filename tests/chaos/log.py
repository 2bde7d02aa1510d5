"""What a topic's log holds, read by another client than the one that is tested: the truth that a feed is compared with."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
from confluent_kafka import Consumer, TopicPartition

from tests.kafka.traffic import WAIT_S

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Log:
    """Every message of a topic.

    bounds     partition → (first offset that is retained, offset after the last)
    events     (n, 5) partition, offset, number, time in microseconds and value of each event
    malformed  (m, 2) partition and offset of the messages that are no event
    """

    bounds: dict[int, tuple[int, int]]
    events: Ints
    malformed: Ints

    @property
    def where(self) -> Ints:
        """(n + m, 2) partition and offset of each message."""
        return np.concatenate([self.events[:, :2], self.malformed])


def read_log(bootstrap: str, topic: str) -> Log:
    """All that is retained by now."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "truth", "enable.auto.commit": False, "log_level": 0}
    consumer = Consumer(settings)
    try:
        numbers = consumer.list_topics(topic, WAIT_S).topics[topic].partitions
        bounds = {each: consumer.get_watermark_offsets(TopicPartition(topic, each), WAIT_S) for each in numbers}
        consumer.assign([TopicPartition(topic, each, first) for each, (first, _) in bounds.items()])
        events: list[tuple[int, ...]] = []
        malformed: list[tuple[int, int]] = []
        left = sum(end - first for first, end in bounds.values())
        while left:
            messages = consumer.consume(min(left, 10_000), WAIT_S)
            assert messages, f"{left} messages of {topic} did not come within {WAIT_S} s"
            left -= len(messages)
            for each in messages:
                where = (each.partition(), each.offset())
                try:
                    event = orjson.loads(each.value())
                except orjson.JSONDecodeError:
                    malformed.append(where)
                else:
                    events.append((*where, event["n"], event["time"] * 1000, event["value"]))
        return Log(bounds, np.array(events, np.int64).reshape(-1, 5), np.array(malformed, np.int64).reshape(-1, 2))
    finally:
        consumer.close()
