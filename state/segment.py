"""How a feed keeps what it read: segments that grow batch by batch and are shared by reference.

A quiet feed delivers a few events at a time, and an Arrow table costs about as much for one row as for fifty. So a segment
gathers batches and joins them into one table now and then, in place: every window that refers to it profits. Once it is
full it is stored for good, in as little memory as its rows allow.
"""

import threading
from dataclasses import dataclass

import pyarrow as pa

from state.compact import compact
from state.tables import concat

SEGMENT_EVENTS = 8192
SEGMENT_BYTES = 2 * 1024 * 1024
"""Whichever is met first, the segment is full. What is forgotten is forgotten by whole segments, so a few large events must fill one."""
LOOSE_TABLES = 64
"""So many batches may lie loose in a segment before they are joined."""


class Segment:
    """A run of events in order of arrival. One thread appends; any thread may read rows that it was told of, or have them forgotten.

    first  ordinal of its first event: how many events the feed had read before it
    """

    def __init__(self, first: int) -> None:
        self.first = first
        self.gone = False
        """Whether its rows were forgotten, so that other feeds have room: it has its length still, and no rows."""
        self._tables: tuple[pa.Table, ...] = ()
        self._events = 0
        self._lock = threading.Lock()
        self.nbytes = 0
        """Bytes that its columns take, each on its own: more than when they came where they differ in fields and were joined,
        and fewer once it is full."""

    def __len__(self) -> int:
        return self._events

    @property
    def full(self) -> bool:
        """Whether the next batch belongs in a new segment."""
        return self.gone or self._events >= SEGMENT_EVENTS or self.nbytes >= SEGMENT_BYTES

    def append(self, table: pa.Table) -> None:
        """Add rows at the end, joining what lies loose when the segment is full or in many pieces."""
        with self._lock:
            self._events += len(table)
            if self.gone:
                return
            tables = (*self._tables, table)
            if self._events >= SEGMENT_EVENTS or self.nbytes + table.nbytes >= SEGMENT_BYTES:
                tables = (compact(concat(tables) if len(tables) > 1 else table),)
            elif len(tables) > LOOSE_TABLES:
                tables = (concat(tables),)
            # One assignment: a reader sees the old pieces or the new ones, and the same rows either way.
            self._tables = tables
            self.nbytes = tables[0].nbytes if len(tables) == 1 else self.nbytes + table.nbytes

    def forget(self) -> None:
        """Let go of its rows for all who hold it. Any thread may."""
        with self._lock:
            self.gone = True
            self._tables = ()
            self.nbytes = 0

    def slices(self, start: int, stop: int) -> list[pa.Table]:
        """Rows `start` to `stop` (counted from the segment's first) as zero-copy slices, in order."""
        found = []
        at = 0
        for table in self._tables:
            low, high = max(start, at), min(stop, at + len(table))
            if low < high:
                found.append(table.slice(low - at, high - low))
            at += len(table)
            if at >= stop:
                break
        return found


@dataclass(frozen=True, slots=True)
class Span:
    """Rows `start` to `stop` of a segment: a reference, not a copy."""

    segment: Segment
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def tables(self) -> list[pa.Table]:
        """Its rows as zero-copy slices."""
        return self.segment.slices(self.start, self.stop)
