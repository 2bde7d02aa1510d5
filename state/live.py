"""Frames computed once for everyone who watches the same choice on the same feed."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TypeVar

from state.choice import MICROSECONDS, WINDOW_EVENTS, Choice
from state.feed import Feed
from state.frame import Frame, Health
from state.lens import Lens

T = TypeVar("T")

LIVE_S = 2.0
LIVE_SHARE = 0.1
"""Events that arrive at most so late, in seconds or as a share of the window, are of the present: the board's clock is ours."""
MALFORMED_SHOWN = 5


class Tick:
    """One frame and what was made of it: each panel's payload is made by the first viewer who draws it."""

    def __init__(self, frame: Frame, made_at: float) -> None:
        self.frame = frame
        self.made_at = made_at
        self._made: dict[Hashable, object] = {}
        self._lock = threading.Lock()

    def make(self, key: Hashable, prepare: Callable[[Frame], T]) -> T:
        """`prepare(frame)`, computed once per key."""
        with self._lock:
            if key not in self._made:
                self._made[key] = prepare(self.frame)
            return self._made[key]  # type: ignore[return-value]


class Live:
    """One choice on one feed. Viewers ask for ticks; whoever asks first after a tick is due computes it for all."""

    def __init__(self, feed: Feed, choice: Choice, *, clock: Callable[[], float] = time.time) -> None:
        self.feed = feed
        self.choice = choice
        self.used = time.monotonic()
        self._clock = clock
        self._lens = Lens(choice)
        self._cursor = 0
        self._missed = 0
        self._tick: Tick | None = None
        self._lock = threading.Lock()

    def tick(self, due: float) -> Tick:
        """The newest tick if it was made at or after `due` (seconds since the epoch), else a new one."""
        with self._lock:
            self.used = time.monotonic()
            if self._tick is None or self._tick.made_at < due:
                made_at = self._clock()
                self._tick = Tick(self._compute(), made_at)
            return self._tick

    def _compute(self) -> Frame:
        began = time.perf_counter()
        pull = self.feed.pull(self._cursor)
        # What was read to catch up may be older than the window without being late.
        history = self._cursor == 0 or self._cursor < self.feed.history_ends
        self._cursor = pull.cursor
        self._missed += pull.missed
        self._lens.advance(self._now_us())
        self._lens.update(pull.spans, history=history)
        frame = self._lens.frame(
            seen=pull.cursor,
            newest_us=pull.newest_us,
            health=health(self.feed, self._lens, dropped=self._missed, now=self._clock()),
            time_field=self.feed.times.field.name,
            moves=moves(self.feed, self.choice.window_s),
        )
        return finished(frame, self.feed, time.perf_counter() - began)

    def _now_us(self) -> int:
        """The right edge: the clock while events are of the present, so that silence is seen as a gap.

        The newest event time where they are not (an old topic, a producer whose clock is off, a feed that has ended): their own
        time is the only one in which they make a picture.
        """
        newest_us = self.feed.times.newest_us
        if newest_us is None or _is_present(self.feed, self.choice.window_s):
            return int(self._clock() * MICROSECONDS)
        return newest_us


def moves(feed: Feed, window_s: float) -> bool:
    """Whether the right edge of a board of such a window moves on, or events still come."""
    return _is_present(feed, window_s) or feed.arrivals.rate() > 0


def _is_present(feed: Feed, window_s: float) -> bool:
    tolerance = max(LIVE_S, LIVE_SHARE * window_s)
    return abs(feed.times.behind_s) <= tolerance and feed.status.state != "ended"


def health(feed: Feed, lens: Lens, *, dropped: int, now: float) -> Health:
    """How the feed is doing, as its panel shows it."""
    return Health(
        state=feed.status.state,
        message=feed.status.message,
        progress=feed.progress(),
        rate=feed.arrivals.rate(),
        age_s=None if feed.times.newest_us is None else now - feed.times.newest_us / MICROSECONDS,
        behind_s=feed.times.behind_s,
        lag=feed.lag,
        earlier=feed.earlier,
        malformed=feed.malformed,
        samples=tuple(feed.samples)[-MALFORMED_SHOWN:],
        untimed=feed.times.untimed,
        drifts=feed.drifts,
        late=lens.late,
        early=lens.early,
        dropped=dropped,
        valueless=lens.valueless,
        held=len(lens.window),
        capacity=WINDOW_EVENTS,
    )


def finished(frame: Frame, feed: Feed, seconds: float) -> Frame:
    """The frame, with the feed's notes of its window, and with what computing it took among its health."""
    notes = feed.notes.between(frame.start_us, frame.end_us)
    return replace(frame, notes=notes, health=replace(frame.health, frame_ms=seconds * 1000))
