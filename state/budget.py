"""How much memory the events of all feeds of a process take together, whoever holds them."""

import os
import threading
from collections.abc import Mapping
from weakref import WeakSet

from state.segment import Segment

MOST_BYTES = 384 * 1024 * 1024
"""Beside 300 MB for the program itself, what a machine of 1 GB has room for. PULSEBOARD_HISTORY_MB says otherwise."""


class Budget:
    """The segments of all feeds that anybody still holds: a feed, the window of a session, a board that stands still.

    Over the bound, whichever feed has most forgets its oldest segment, for all who hold it. Any thread may use it.

    >>> import pyarrow as pa
    >>> budget = Budget(most_bytes=100)
    >>> small, large = Segment(0), Segment(0)
    >>> budget.add("small", small), budget.add("large", large)
    (None, None)
    >>> small.append(pa.table({"load": [1, 2]})), large.append(pa.table({"load": range(20)}))
    (None, None)
    >>> budget.keep()
    >>> budget.held, large.gone, small.gone
    (16, True, False)
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._segments: dict[object, WeakSet[Segment]] = {}
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """Bytes of all events in memory."""
        with self._lock:
            return sum(segment.nbytes for segments in self._segments.values() for segment in segments)

    def add(self, feed: object, segment: Segment) -> None:
        """Count a segment, as long as anybody holds it, to the feed of that key."""
        with self._lock:
            self._segments.setdefault(feed, WeakSet()).add(segment)

    def keep(self) -> None:
        """Keep to the bound: to be called whenever a segment is begun."""
        with self._lock:
            self._segments = {feed: segments for feed, segments in self._segments.items() if segments}
            there = {feed: sorted(segments, key=_first, reverse=True) for feed, segments in self._segments.items()}
            sizes = {feed: sum(each.nbytes for each in segments) for feed, segments in there.items()}
            while there and sum(sizes.values()) > self.most_bytes:
                largest = max(sizes, key=sizes.__getitem__)
                oldest = there[largest].pop()
                sizes[largest] -= oldest.nbytes
                oldest.forget()
                if not there[largest]:
                    del there[largest], sizes[largest]


def most_bytes(environ: Mapping[str, str] = os.environ) -> int:
    """The bound that whoever runs the app has set, or the usual one. Raises ValueError where it is no number."""
    said = environ.get("PULSEBOARD_HISTORY_MB", "")
    if not said:
        return MOST_BYTES
    if not said.isdecimal() or int(said) < 1:
        raise ValueError(f"PULSEBOARD_HISTORY_MB is {said!r}: give a whole number of megabytes, such as 384")
    return int(said) * 1024 * 1024


def _first(segment: Segment) -> int:
    return segment.first
