"""What one viewer's session remembers: its window of the feed, and the board it has stopped at."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pyarrow as pa

from state.choice import Choice
from state.feed import Feed
from state.frame import Frame
from state.lens import Lens
from state.live import health
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

    def fits(self, feed: Feed, window_s: float) -> bool:
        """Whether this memory is of that feed and that long; if not, a new one is due."""
        return self.feed is feed and self.window.age_s == window_s

    def follow(self, edge_us: int) -> None:
        """Take what is new; the window then ends at `edge_us`, as the frame that is shown with it."""
        pull = self.feed.pull(self.cursor)
        self.cursor = pull.cursor
        self.missed += pull.missed
        self.window.extend(pull.spans)
        self.window.expire(edge_us)
        self.edge_us = edge_us
        self.frames += 1

    def still(self, choice: Choice, at_us: int) -> Frame:
        """The board at one instant, from the events this viewer holds up to then."""
        began = time.perf_counter()
        lens = Lens(choice)
        lens.advance(at_us)
        lens.update(self._until(at_us), history=True)
        return lens.frame(
            seen=self.cursor,
            newest_us=min(self.feed.newest_us, at_us) if self.feed.newest_us is not None else None,
            health=replace(
                health(self.feed, lens, dropped=self.missed, frame_ms=0.0, now=self._clock()),
                frame_ms=(time.perf_counter() - began) * 1000,
            ),
        )

    def _until(self, at_us: int) -> Iterator[Span]:
        for table in self.window.tables():
            segment = Segment(0)
            segment.append(table.filter(pa.array(times(table) <= at_us)))
            yield Span(segment, 0, len(segment))
