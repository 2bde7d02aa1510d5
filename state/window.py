"""The bounded deque that each viewer keeps in `st.session_state`."""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyarrow as pa

from state.choice import MICROSECONDS, WINDOW_BYTES, WINDOW_EVENTS
from state.segment import Span
from state.tables import times


class Window:
    """The newest events of a feed, bounded in number, in bytes and, if an age is given, in age; spans of the feed's own segments, never copies.

    `evicted` counts the events it let go. Raises ValueError where a bound is not positive.
    """

    def __init__(self, age_s: float = math.inf, max_events: int = WINDOW_EVENTS, max_bytes: int = WINDOW_BYTES) -> None:
        if age_s <= 0 or max_events < 1:
            raise ValueError(f"a window needs an age and room for events, not {age_s} s and {max_events} events")
        self.age_s = age_s
        self.max_events = max_events
        self.max_bytes = max_bytes
        self.evicted = 0
        self._spans: deque[Span] = deque()
        self._events = 0

    def __len__(self) -> int:
        return self._events

    def extend(self, spans: Iterable[Span]) -> None:
        """Take what is new; what the process has forgotten goes, the oldest events beyond `max_events` go, and segments beyond `max_bytes`."""
        for span in spans:
            last = self._spans[-1] if self._spans else None
            if last is not None and last.segment is span.segment and last.stop == span.start:
                self._spans[-1] = replace(last, stop=span.stop)
            else:
                self._spans.append(span)
            self._events += len(span)
        self._drop_what_is_gone()
        while self._events > self.max_events:
            self._drop(min(len(self._spans[0]), self._events - self.max_events))
        # Whole segments: a span keeps all of its segment in memory, however few rows it refers to.
        while len(self._spans) > 1 and sum(span.segment.nbytes for span in self._spans) > self.max_bytes:
            self._drop(len(self._spans[0]))

    def expire(self, now_us: int) -> None:
        """Let go of the events before the first one that is young enough, in order of arrival.

        A late event that arrived after a younger one stays until that one goes.
        """
        self._drop_what_is_gone()
        if math.isinf(self.age_s):
            return
        cutoff = now_us - int(self.age_s * MICROSECONDS)
        while self._spans:
            old = 0
            for table in self._spans[0].tables():
                young = times(table) >= cutoff
                first = int(young.argmax()) if young.any() else len(table)
                old += first
                if first < len(table):
                    break
            if not old:
                return
            self._drop(old)

    def _drop_what_is_gone(self) -> None:
        """Let go of what was forgotten for all: always the oldest."""
        while self._spans and self._spans[0].segment.gone:
            self._drop(len(self._spans[0]))

    def _drop(self, events: int) -> None:
        """Let go of `events` rows of the oldest span."""
        head = self._spans[0]
        if events == len(head):
            self._spans.popleft()
        else:
            self._spans[0] = replace(head, start=head.start + events)
        self._events -= events
        self.evicted += events

    def spans(self) -> tuple[Span, ...]:
        """What it refers to, oldest arrival first."""
        self._drop_what_is_gone()
        return tuple(self._spans)

    def tables(self) -> Iterator[pa.Table]:
        """All rows, oldest arrival first, as zero-copy slices."""
        for span in self.spans():
            yield from span.tables()

    def newest_first(self) -> Iterator[pa.Table]:
        """All rows as zero-copy slices, the newest slice first (rows within a slice keep their order)."""
        for span in reversed(self.spans()):
            yield from reversed(span.tables())
