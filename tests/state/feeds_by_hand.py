"""A source whose reader is driven by the test: what it gives, and when, is what the test puts in."""

import queue
import threading
import time
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa

from sources.batch import NO_ROWS, TIME_TYPE, Batch
from sources.protocol import Package

START = 1_700_000_000
"""The second at which the tests' event time begins."""


def events(values, *, at=None, host="a", start=START):
    """A batch of events, one a second from `start` unless `at` says otherwise (seconds after `start`)."""
    at = range(len(values)) if at is None else at
    hosts = [host] * len(values) if isinstance(host, str) else host
    instants = pa.array([int((start + second) * 1e6) for second in at]).cast(TIME_TYPE)
    table = pa.table({"time": instants, "host": hosts, "value": np.asarray(values, float)})
    return Batch(table, arrived=start + (max(at, default=0)))


class ReaderByHand:
    def __init__(self, given):
        self.given = given
        self.closed = threading.Event()

    def poll(self, timeout_s):
        try:
            item = self.given.get(timeout=min(timeout_s, 0.01))
        except queue.Empty:
            return Batch(NO_ROWS, arrived=START)
        if isinstance(item, BaseException):
            raise item
        return item

    def close(self):
        self.closed.set()


@dataclass(frozen=True)
class ByHand:
    """`give` batches, or errors to raise; `opened` holds every reader made."""

    kind: ClassVar[str] = "by hand"
    title: ClassVar[str] = "By hand"
    icon: ClassVar[str] = ":material/front_hand:"
    subject: ClassVar[str] = "name"
    packages: ClassVar[tuple[Package, ...]] = ()
    name: str = "one"
    time: str = ""
    zone: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    given: queue.SimpleQueue = field(default_factory=queue.SimpleQueue, compare=False)
    opened: list = field(default_factory=list, compare=False)

    def open(self):
        self.opened.append(ReaderByHand(self.given))
        return self.opened[-1]

    def give(self, *items):
        for item in items:
            self.given.put(item)


def until(condition, seconds=10.0):
    """Wait for a condition; the deadline is for a machine that is busy, not a promise."""
    deadline = time.monotonic() + seconds
    waiting = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        waiting.wait(0.005)
