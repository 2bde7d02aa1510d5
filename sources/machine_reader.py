"""Measuring this computer again and again."""

import threading
import time
from collections.abc import Iterable

import psutil  # type: ignore[import-untyped]
import pyarrow as pa

from sources.batch import NO_ROWS, TIME_TYPE, Batch, Delivery
from sources.machine_gauges import Gauge, quick, slow
from sources.machine_processes import Processes

APART_S = 0.1
"""How far the first two looks at the processors lie apart."""

SHARE = 0.01
"""What takes long to look at, such as some sensors, may take so large a part of a core: else it is looked at less often."""


class MachineReader:
    """An opened machine: one row a metric and part, all of one look at one time. It has no history.

    No total stands beside its parts under one name: `cpu_pct` is there for each core alone, and its mean is the machine's. One
    field says which part, whatever the metric, so that a board of any metric is split by it.
    """

    def __init__(self, every_s: float, *, processes: bool = True) -> None:
        """Take the looks from which the first poll can tell how busy the processors are."""
        self._delivery = Delivery(every_s)
        self._every_s = every_s
        self._closed = threading.Event()
        self._processes = Processes() if processes else None
        if self._processes is not None:
            list(self._processes.look())
        psutil.cpu_percent(percpu=True)
        self._closed.wait(APART_S)
        self._due = self._slow_due = time.monotonic()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll. A look takes some milliseconds, which may be past the timeout."""
        wait_s = max(0.0, min(timeout_s, self._due - time.monotonic()))
        if self._closed.wait(wait_s) or time.monotonic() < self._due:
            return Batch(NO_ROWS, time.time(), delivery=self._delivery)
        now = time.monotonic()
        # Looks that were missed, while the machine slept or nobody polled, are not made up for.
        due = self._due + self._every_s
        self._due = due if due > now else now + self._every_s
        at_us = time.time_ns() // 1000
        readings = [*quick(), *self._slow(now)]
        if self._processes is not None:
            readings += self._processes.look()
        return Batch(_table(readings, at_us), time.time(), delivery=self._delivery)

    def close(self) -> None:
        """See Reader.close."""
        self._closed.set()

    def _slow(self, now: float) -> Iterable[Gauge]:
        if now < self._slow_due:
            return ()
        used = time.thread_time()
        found = list(slow())
        self._slow_due = now + (time.thread_time() - used) / SHARE
        return found


def _table(readings: list[Gauge], at_us: int) -> pa.Table:
    """One row a reading."""
    metrics, values, types, parts = zip(*readings, strict=True) if readings else ((), (), (), ())
    return pa.table(
        {
            "time": pa.array([at_us] * len(readings), pa.int64()).cast(TIME_TYPE),
            "metric": pa.array(metrics, pa.string()),
            "part": pa.array(parts, pa.string()),
            "value": pa.array(list(map(float, values)), pa.float64()),
            "type": pa.array(types, pa.string()),
        }
    )
