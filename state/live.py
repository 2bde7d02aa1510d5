"""Frames computed once for everyone who watches the same choice on the same feed."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TypeVar

from state.choice import MICROSECONDS, WINDOW_EVENTS, Choice
from state.crash import Failed
from state.feed import Feed
from state.frame import Frame, Health
from state.lens import Lens

T = TypeVar("T")

LIVE_S = 2.0
LIVE_SHARE = 0.1
"""Events that arrive at most so late, in seconds or as a share of the window, are of the present: the board's clock is ours."""
FAR_S, BEGIN_AGAIN_S = 10.0, 30.0
"""A right edge that is further ahead, or by LIVE_SHARE of the window, is moved back; not oftener than so: it costs a look at all that is held."""
MALFORMED_SHOWN = 5
AGAIN_S = (1.0, 2.0, 5.0, 10.0)
"""Waits after frames that failed in a row; the last one repeats. Each is made of all that is held, which takes a while."""


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
        self._began = 0.0
        self._tick: Tick | None = None
        self._failures = 0
        self._failed: Failed | None = None
        self._again_at = 0.0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of its aggregates; of the events it holds references."""
        return self._lens.nbytes

    def tick(self, due: float) -> Tick:
        """The newest tick if it was made at or after `due` (seconds since the epoch), else a new one.

        Raises what making it raises; and for a while after that `Failed`.
        """
        with self._lock:
            self.used = time.monotonic()
            if self._tick is None or self._tick.made_at < due:
                made_at = self._clock()
                if self._failed is not None and made_at < self._again_at:
                    raise self._failed.with_traceback(None)
                try:
                    self._tick = Tick(self._compute(), made_at)
                except Exception as error:
                    self._begin_anew(error, made_at)
                    raise
                self._failures = 0
            return self._tick

    def _begin_anew(self, error: Exception, now: float) -> None:
        """What has taken in half of the news is of no use: the next frame is made of all that is held."""
        self._lens, self._cursor = Lens(self.choice), 0
        self._failed = Failed(error)
        self._again_at = now + AGAIN_S[min(self._failures, len(AGAIN_S) - 1)]
        self._failures += 1

    def _compute(self) -> Frame:
        reader = Reader(time.perf_counter(), self._clock())
        pull = self.feed.pull(self._cursor)
        # What was read to catch up may be older than the window without being late, and so may what a jump passes over.
        now_us = present_us(self.feed, self.choice.window_s, reader.now)
        if self._is_too_far(now_us) and reader.now > self._began + BEGIN_AGAIN_S:
            self._begin_again(reader.now)
            pull = self.feed.pull(0)
        jumps = now_us - self._lens.now_us > self.choice.window_s * MICROSECONDS
        history = jumps or self._cursor == 0 or self._cursor < self.feed.history_ends
        self._cursor = pull.cursor
        self._missed += pull.missed
        self._lens.advance(now_us)
        self._lens.update(pull.spans, history=history)
        if history:
            self._lens.remember(self.feed.pull(0).spans)
        reader = replace(reader, seen=pull.cursor, dropped=self._missed, newest_us=pull.newest_us)
        return read_lens(self._lens, self.feed, reader, moves=moves(self.feed, self.choice.window_s))

    def _is_too_far(self, now_us: int) -> bool:
        """Whether the right edge was moved by a clock far ahead, which no longer is the feed's."""
        tolerance_s = max(FAR_S, LIVE_SHARE * self.choice.window_s)
        return self._lens.now_us - now_us > tolerance_s * MICROSECONDS

    def _begin_again(self, now: float) -> None:
        """Make the frames anew from all that the feed holds; series keep their colours."""
        seats = [name for name in self._tick.frame.slots if name] if self._tick else []
        self._lens, self._cursor, self._began = Lens(self.choice, seats), 0, now


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a lens, and what it has read of the feed.

    began      when it began to compute, on the performance counter
    now        the clock then, seconds since the epoch
    seen       events the feed had read by then
    dropped    events that left the feed's memory before it could read them
    newest_us  the newest event time among what it has read
    """

    began: float
    now: float
    seen: int = 0
    dropped: int = 0
    newest_us: int | None = None


def read_lens(lens: Lens, feed: Feed, reader: Reader, *, moves: bool) -> Frame:
    """The frame of a lens, with the feed's health and notes.

    moves  as `Lens.frame` has it
    """
    frame = lens.frame(
        seen=reader.seen,
        newest_us=reader.newest_us,
        health=health(feed, lens, dropped=reader.dropped, now=reader.now),
        time_field=feed.times.field.name,
        moves=moves,
    )
    took = replace(frame.health, frame_ms=(time.perf_counter() - reader.began) * 1000)
    notes = feed.notes.between(frame.start_us, frame.end_us)
    return replace(frame, notes=notes, noted=bool(feed.notes.all), health=took)


def present_us(feed: Feed, window_s: float, now: float) -> int:
    """The right edge of a live board: the clock while events are of the present, so that silence is seen as a gap.

    The newest event time where they are not (an old topic, a producer whose clock is off, a feed that has ended): their own
    time is the only one in which they make a picture.
    """
    newest_us = feed.times.newest_us
    return int(now * MICROSECONDS) if newest_us is None or _is_present(feed, window_s) else newest_us


def moves(feed: Feed, window_s: float) -> bool:
    """Whether the right edge of a board of such a window moves on, or events still come."""
    return _is_present(feed, window_s) or feed.arrivals.rate() > 0


def _is_present(feed: Feed, window_s: float) -> bool:
    if feed.times.behind_s < -LIVE_S:
        return False  # on our clock they would be shown nowhere until their time comes
    polled_s = feed.delivery.every_s if feed.delivery else 0.0  # what happened just after a poll waits for the next one
    tolerance = max(LIVE_S, LIVE_SHARE * window_s, 2 * polled_s)
    return feed.times.behind_s <= tolerance and feed.status.state != "ended"


def health(feed: Feed, lens: Lens, *, dropped: int, now: float) -> Health:
    """How the feed is doing, as its panel shows it."""
    return Health(
        state=feed.status.state,
        message=feed.status.message,
        progress=feed.progress(),
        rate=feed.arrivals.rate(),
        age_s=None if feed.times.newest_us is None else now - feed.times.newest_us / MICROSECONDS,
        behind_s=feed.times.behind_s,
        skews=feed.skews.found,
        lag=feed.lag,
        earlier=feed.earlier,
        malformed=feed.malformed,
        samples=tuple(feed.samples)[-MALFORMED_SHOWN:],
        untimed=feed.times.untimed,
        drifts=feed.drifts,
        delivery=feed.delivery,
        lost=feed.gaps.lost,
        unsure_s=feed.gaps.seconds,
        late=lens.late,
        early=lens.early,
        dropped=dropped,
        valueless=lens.valueless,
        let_go=feed.retained.let_go,
        kept_s=feed.memory_s if feed.retained.let_go else 0.0,
        thinned=feed.retained.thinned,
        held=len(lens.window),
        capacity=WINDOW_EVENTS,
    )
