"""A board that is played again from an instant of the past, at a multiple of its own pace."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from state.choice import MICROSECONDS, Choice
from state.frame import Frame
from state.lens import Lens
from state.live import Reader, Tick, moves, present_us, read_lens
from state.still import scene_at, spans
from state.tables import times
from state.viewer import Viewer

SPEEDS = (1, 2, 5, 10, 60)


class Playback:
    """Plays what a session holds, and what comes meanwhile. Events appear by their own time, so none is late.

    from_us  where it begins, microseconds since the epoch
    speed    seconds of the feed a second
    """

    def __init__(
        self, viewer: Viewer, choice: Choice, from_us: int, speed: float, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.choice = choice
        self.from_us = from_us
        self.speed = speed
        self.at_us = from_us
        """The right edge of the newest frame."""
        self.caught_up = False
        """Whether it has come to the present of the feed, or to its end."""
        self.viewer = viewer
        self._clock = clock
        self._began = clock()
        self._lens: Lens | None = None
        self._newest_us: int | None = None
        self._tick: Tick | None = None
        self._lock = threading.Lock()

    @property
    def span_us(self) -> tuple[int, int]:
        """The oldest and the newest instant that can be played."""
        oldest, newest = self.viewer.held().span_us or (self.from_us, self.at_us)
        return min(oldest, self.from_us), max(newest, self.at_us)

    def tick(self, due: float) -> Tick:
        """The newest tick if it was made at or after `due` (seconds since the epoch), else a new one. See `Live.tick`."""
        with self._lock:  # a run that was interrupted may still be at it when the next one begins
            if self._tick is None or self._tick.made_at < due:
                reader = Reader(time.perf_counter(), self._clock())
                try:
                    self._tick = Tick(self._compute(reader), reader.now)
                except Exception:
                    self._lens = None  # it may have taken in half of the news
                    raise
            return self._tick

    def _compute(self, reader: Reader) -> Frame:
        viewer, choice = self.viewer, self.choice
        end_us = present_us(viewer.feed, choice.window_s, reader.now)
        due_us = self.from_us + int((reader.now - self._began) * self.speed * MICROSECONDS)
        before, self.at_us = self.at_us, max(self.at_us, min(due_us, end_us))
        self.caught_up = due_us >= end_us
        viewer.have(self.at_us)
        if self._lens is None or self._lens.choice != choice:  # a new choice begins with what is held
            self._lens, before = Lens(choice), scene_at(choice, self.at_us).lead_us
        new = viewer.held().between(before + 1, self.at_us + 1)
        self._lens.advance(self.at_us)
        self._lens.update(spans(new), history=True)
        newest_us = max((int(times(table).max()) for table in new), default=self._newest_us)
        self._newest_us = newest_us
        reader = replace(reader, seen=viewer.cursor, dropped=viewer.missed, newest_us=newest_us)
        fills = moves(viewer.feed, choice.window_s) or self.at_us < self.span_us[1]
        return read_lens(self._lens, viewer.feed, reader, moves=fills)
