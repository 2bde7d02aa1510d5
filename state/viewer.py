"""What one viewer's session remembers: its window of the feed, and the board it has stopped at."""

import threading
import time
from collections.abc import Callable

import pyarrow as pa

from state.choice import Choice
from state.feed import Feed
from state.frame import Frame
from state.lens import Lens
from state.live import finished, health, moves
from state.segment import Segment, Span
from state.tables import times
from state.window import Window


class Viewer:
    """Kept in `st.session_state`: follows a feed into a bounded window of its own; while paused, the window stands still."""

    def __init__(self, feed: Feed, window_s: float, *, clock: Callable[[], float] = time.time) -> None:
        self.feed = feed
        self.window = Window(window_s)
        self.cursor = 0
        self.missed = 0
        """Events that left the feed's memory before this viewer could read them."""
        self.frames = 0
        """Frames drawn for this viewer."""
        self.edge_us: int | None = None
        """The right edge of the frame on screen, microseconds since the epoch."""
        self._clock = clock
        self._lock = threading.Lock()

    def fits(self, feed: Feed, window_s: float, at_us: int | None) -> bool:
        """Whether this memory is of that feed, that long, and stands at that instant if there is one; if not, a new one is due."""
        return self.feed is feed and self.window.age_s == window_s and at_us in (None, self.edge_us)

    def follow(self, edge_us: int) -> None:
        """Take what is new; the window then ends at `edge_us`, as the frame that is shown with it."""
        with self._lock:  # a run that was interrupted may still be at it when the next one begins
            pull = self.feed.pull(self.cursor)
            self.cursor = pull.cursor
            self.missed += pull.missed
            self.window.extend(pull.spans)
            self.window.expire(edge_us)
            self.edge_us = edge_us
            self.frames += 1

    def came_since(self, at_us: int) -> int:
        """Events later than the instant at which it stands, and those that arrived since it does."""
        held = sum(int((times(table) > at_us).sum()) for table in self.window.tables())
        return held + self.feed.seen - self.cursor

    def still(self, choice: Choice, at_us: int) -> Frame:
        """The board at one instant, from the events this viewer holds up to then."""
        began = time.perf_counter()
        tables = [table.filter(pa.array(times(table) <= at_us)) for table in self.window.tables()]
        lens = Lens(choice)
        lens.advance(at_us)
        lens.update(map(_alone, tables), history=True)
        frame = lens.frame(
            seen=self.cursor,
            newest_us=max((int(times(table).max()) for table in tables if len(table)), default=None),
            health=health(self.feed, lens, dropped=self.missed, now=self._clock()),
            time_field=self.feed.times.field.name,
            moves=moves(self.feed, choice.window_s),
        )
        return finished(frame, self.feed, time.perf_counter() - began)


def _alone(table: pa.Table) -> Span:
    """The table as a span of a segment of its own."""
    segment = Segment(0)
    segment.append(table)
    return Span(segment, 0, len(segment))
