"""What one viewer's session remembers: its window of the feed, and how far it has followed it."""

import threading
import time
from collections.abc import Callable

import pyarrow as pa

from state.choice import MICROSECONDS
from state.feed import Feed
from state.filters import apply, parse_filter
from state.frame import Frame
from state.held import Held
from state.live import Reader
from state.pace import Pace
from state.still import Scene, busiest, still
from state.window import Window

HISTORY_S = 10.0
"""How long a board that opens paused waits for the history it is to show."""
READ_S = 1.0
"""How long a pause waits for what happened just before and is not read yet."""


class Viewer:
    """Kept in `st.session_state`: follows a feed into a bounded window of its own, which stands still while the board does."""

    def __init__(self, feed: Feed, *, clock: Callable[[], float] = time.time) -> None:
        self.feed = feed
        self.window = Window()
        self.cursor = 0
        self.missed = 0
        """Events that left the feed's memory before this viewer could read them."""
        self.frames = 0
        """Frames drawn for this viewer."""
        self.pace = Pace()
        self.edge_us: int | None = None
        """The right edge of the frame on screen, microseconds since the epoch."""
        self.ready = True
        """Whether all of the feed's history was there when the board came to stand still."""
        self._held_to_us = 0
        self._held: tuple[tuple[int, int], Held] = ((0, 0), Held(()))
        self._clock = clock
        self._lock = threading.Lock()

    def follow(self, edge_us: int, *, take: bool = True) -> None:
        """Take what is new, unless told not to; the frame that is shown with it ends at `edge_us`."""
        if take:
            self._take()
            # Made again for the next pause: it refers to what the window has let go since.
            self._held = ((0, 0), Held(()))
        self.edge_us = edge_us
        self.frames += 1

    def stand(self, at_us: int) -> None:
        """Have all in the window that was there by an instant, and show one frame of it.

        While the feed still reads its history, not all of it is there: `ready` says whether it is.
        """
        self.ready = self.feed.wait_for_history(HISTORY_S if self.cursor == 0 else 0.0)
        if at_us > self._held_to_us:
            self.feed.wait_for_read(at_us / MICROSECONDS, READ_S)
        self.have(at_us)
        if not self.ready:
            self._held_to_us = 0
        self.edge_us = at_us
        self.frames = 1

    def have(self, at_us: int) -> None:
        """Take what was read by an instant. What was taken for it before stands as it is, whatever has come late."""
        if at_us > self._held_to_us:
            self._take()
            self._held_to_us = at_us

    def held(self) -> Held:
        """The events in the window, by event time."""
        with self._lock:
            spans = self.window.spans()
            holds = (self.cursor, self.window.evicted)
            if self._held[0] != holds:
                self._held = (holds, Held(spans))
            return self._held[1]

    def came_since(self, at_us: int) -> int:
        """Events later than an instant, and those that arrived since the window stands still."""
        span = self.held().span_us
        later = self.held().count(at_us + 1, span[1] + 1) if span else 0
        return later + self.feed.seen - self.cursor

    def still(self, scene: Scene, whole: Scene) -> Frame:
        """The frame of a scene, from the events in the window; its series have the colours that they have in the whole one."""
        reader = Reader(time.perf_counter(), self._clock(), seen=self.cursor, dropped=self.missed)
        return still(self.feed, self.held(), scene, reader, busiest(self.held(), whole))

    def events(self, scene: Scene) -> list[pa.Table]:
        """The events of a scene that its filters keep, in order of arrival."""
        filters = [parse_filter(text) for text in scene.choice.where]
        kept = (apply(filters, table) for table in self.held().between(scene.from_us, scene.to_us))
        return [table for table in kept if len(table)]

    def _take(self) -> None:
        with self._lock:  # a run that was interrupted may still be at it when the next one begins
            pull = self.feed.pull(self.cursor)
            self.cursor = pull.cursor
            self.missed += pull.missed
            self.window.extend(pull.spans)
