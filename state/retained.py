"""The newest events of one feed, in segments."""

import threading
from collections import deque

import pyarrow as pa

from state.budget import Budget
from state.segment import Segment, Span


class Retained:
    """Bounded in events and in bytes, and with all other feeds by a budget; the oldest segment goes first, and is counted.

    Events have ordinals, from 0 on. Safe on any thread.

    >>> retained = Retained(10**6, 10**9, Budget())
    >>> retained.append(pa.table({"load": [0.5, 0.7]})), retained.append(pa.table({"load": [0.6]}))
    (None, None)
    >>> retained.since(1)[1:], retained.seen, retained.events
    ((1, 3), 3, 3)
    """

    def __init__(self, max_events: int, max_bytes: int, budget: Budget) -> None:
        self.max_events, self.max_bytes = max_events, max_bytes
        self.seen = 0
        """Events that were ever appended."""
        self.let_go = 0
        """Events that it held once, and holds no more: the oldest, at its own bounds."""
        self.thinned = 0
        """Events that were forgotten before those were met, to keep to the bound of all feeds together."""
        self.events = 0
        """Events in memory."""
        self._budget = budget
        self._key = object()  # what is counted to this feed may outlive it
        self._segments: deque[Segment] = deque()
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        with self._lock:
            return sum(segment.nbytes for segment in self._segments)

    def append(self, table: pa.Table) -> None:
        """Keep a batch within the bounds."""
        with self._lock:
            if not self._segments or self._segments[-1].full:
                self._segments.append(Segment(self.seen))
                self._budget.add(self._key, self._segments[-1])
                self._budget.keep()
                self._drop_what_is_gone()
            self._segments[-1].append(table)
            self.seen += len(table)
            self.events += len(table)
            held = sum(segment.nbytes for segment in self._segments)
            while len(self._segments) > 1 and (self.events > self.max_events or held > self.max_bytes):
                gone = self._segments.popleft()
                held -= gone.nbytes
                self.events -= len(gone)
                self.let_go += len(gone)

    def since(self, ordinal: int) -> tuple[tuple[Span, ...], int, int]:
        """What there is from an ordinal on, with the ordinals of its first event and of the next one to come."""
        with self._lock:
            self._drop_what_is_gone()
            start = max(ordinal, self._segments[0].first if self._segments else self.seen)
            spans: deque[Span] = deque()
            for segment in reversed(self._segments):
                if segment.first + len(segment) <= start:
                    break
                spans.appendleft(Span(segment, max(0, start - segment.first), len(segment)))
            return tuple(spans), start, self.seen

    def _drop_what_is_gone(self) -> None:
        """Let go of segments that were forgotten for other feeds' sake: always the oldest. Called with the lock held."""
        while self._segments and self._segments[0].gone:
            events = len(self._segments.popleft())
            self.events -= events
            self.thinned += events
