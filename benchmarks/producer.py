"""A topic of metric messages, written to at an even pace: `python -m benchmarks.producer HOST:PORT TOPIC --rate 70000`.

A process of its own, so that what it costs can be told from what reading costs, and cheap: of each message only the time is
made anew, once a packet. Ends by itself after `--count` messages.
"""

import argparse
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.browser.running_app import ROOT
from tests.kafka.traffic import Traffic

PARTITIONS = 4
ASK_S = 5.0
PACKET_S = 0.01
TEMPLATES = 5000
SERIES = 5
FIRST_NUMBER = 100_000_000


@dataclass
class Topic:
    """A new topic, and what the broker holds of it."""

    bootstrap: str
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = Traffic(self.bootstrap).topic(PARTITIONS)
        self._broker = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "benchmark", "log_level": 0})

    def events(self) -> int:
        """Messages in it."""
        partitions = [TopicPartition(self.name, number) for number in range(PARTITIONS)]
        return sum(self._broker.get_watermark_offsets(partition, timeout=ASK_S)[1] for partition in partitions)

    def produce(self, count: int, rate: float = 0.0) -> subprocess.Popen[bytes]:
        """Begin to write so many messages, at so many a second or as fast as possible."""
        arguments = (self.bootstrap, self.name, f"--count={count}", f"--rate={rate}")
        return subprocess.Popen([sys.executable, "-m", "benchmarks.producer", *arguments], cwd=ROOT)


def templates(count: int = TEMPLATES, seed: int = 7) -> list[bytes]:
    """JSON objects without their beginning; with the time in milliseconds before it, each is a message of 120 bytes."""
    rng = random.Random(seed)  # noqa: S311 - noise for a picture
    return [
        b',"series":"pump-%d","value":%.4f,"requests":%d,"status":"ok","site":"north-east-1","n":%d}'
        % (number % SERIES, 50 + 20 * rng.random(), rng.randrange(10, 99), FIRST_NUMBER + number)
        for number in range(count)
    ]


def produce(bootstrap: str, topic: str, *, rate: float, count: int) -> None:
    """Write `count` messages at `rate` a second, as fast as possible if that is 0, and wait until the broker has them."""
    producer = Producer({"bootstrap.servers": bootstrap, "queue.buffering.max.messages": 2_000_000, "log_level": 0})
    rests, began, done, beat = templates(), time.monotonic(), 0, threading.Event()
    while done < count:
        due = min(count, int(rate * (time.monotonic() - began)) if rate else done + TEMPLATES)
        _packet(producer, topic, rests, range(done, due))
        done = due
        if rate:
            beat.wait(PACKET_S)
    producer.flush()


def _packet(producer: Producer, topic: str, rests: Sequence[bytes], numbers: range) -> None:
    time_ms = b'{"time":%d' % (time.time() * 1000)
    for number in numbers:
        producer.produce(topic, time_ms + rests[number % TEMPLATES])
    producer.poll(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap", metavar="HOST:PORT")
    parser.add_argument("topic")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; 0 for as fast as possible")
    parser.add_argument("--count", type=int, default=1_000_000)
    options = parser.parse_args()
    produce(options.bootstrap, options.topic, rate=options.rate, count=options.count)


if __name__ == "__main__":
    main()
