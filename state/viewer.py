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
        self._clock = clock

    def follow(self, now_us: int) -> None:
        """Take what is new."""
        pull = self.feed.pull(self.cursor)
        self.cursor = pull.cursor
        self.missed += pull.missed
        self.window.extend(pull.spans)
        self.window.expire(now_us)

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
