"""Writes numbered events to a topic, from a process of its own: how fast it is must not hang on who reads.

    with Numbered.to(bootstrap, topic, rate=5000) as writer:
        ...
        written = writer.stop()     # flushed: what the broker has acknowledged

An event is `{"n": 7, "time": 1700000000000, "series": "s2", "value": 7}`, its time the producer's clock in milliseconds; every
MALFORMED_EVERYth message is no JSON at all.
"""

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from confluent_kafka import KafkaError, Message, Producer

ROOT = Path(__file__).parents[2]
SERIES = 5
VALUES = 1000
MALFORMED_EVERY = 997
PACKET_S = 0.005
FLUSH_S = 120.0

PRODUCER = {
    "enable.idempotence": True,  # and so `acks=all`: what is sent again is written once
    "linger.ms": 5,
    "queue.buffering.max.messages": 2_000_000,  # all of an outage
    "message.timeout.ms": 280_000,
    "topic.metadata.refresh.interval.ms": 1_000,  # so soon it writes to new partitions
    "log_level": 0,
}


@dataclass(frozen=True)
class Written:
    """What became of all that was sent.

    sent          messages handed to the client
    acknowledged  (n, 2) partition and offset of those that the broker has acknowledged
    """

    sent: int
    acknowledged: npt.NDArray[np.int64]


class Numbered:
    """The process that writes, seen from outside."""

    @classmethod
    @contextlib.contextmanager
    def to(cls, bootstrap: str, topic: str, rate: int) -> Iterator["Numbered"]:
        """One that writes `rate` events a second; killed at the end if it was not stopped."""
        with tempfile.TemporaryDirectory(prefix="pulseboard-numbers-") as folder:
            path = Path(folder) / "acknowledged"
            command = [sys.executable, "-m", "tests.chaos.numbered", bootstrap, topic, str(rate), str(path)]
            with subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process:
                try:
                    yield cls(process, path)
                finally:
                    process.kill()

    def __init__(self, process: "subprocess.Popen[str]", path: Path) -> None:
        self._process = process
        self._path = path

    def stop(self) -> Written:
        """Have it write no more, and wait until all is acknowledged."""
        out, _ = self._process.communicate(timeout=FLUSH_S + 10)
        assert self._process.returncode == 0, f"the producer ended with {self._process.returncode}"
        return Written(int(out), np.fromfile(self._path, np.int64).reshape(-1, 2))


def message(n: int, now_ms: int) -> bytes:
    """The message of that number."""
    if n % MALFORMED_EVERY == 0:
        return b"no JSON: %d" % n
    return b'{"n": %d, "time": %d, "series": "s%d", "value": %d}' % (n, now_ms, n % SERIES, n % VALUES)


def write(bootstrap: str, topic: str, rate: int, path: Path) -> None:
    """Write until standard input ends; then say what was sent on standard output, and in `path` what was acknowledged."""
    producer = Producer({"bootstrap.servers": bootstrap, **PRODUCER})
    acknowledged: list[tuple[int, int]] = []
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()

    def note(error: KafkaError | None, delivered: Message) -> None:
        if error is None:
            acknowledged.append((delivered.partition(), delivered.offset()))

    began, sent = time.monotonic(), 0
    while not stop.wait(PACKET_S):
        due = int((time.monotonic() - began) * rate)
        now_ms = int(time.time() * 1000)
        while sent < due:
            producer.produce(topic, message(sent, now_ms), on_delivery=note)
            sent += 1
        producer.poll(0)
    producer.flush(FLUSH_S)
    np.array(acknowledged, np.int64).reshape(-1, 2).tofile(path)
    print(sent)  # noqa: T201 - how it answers


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
