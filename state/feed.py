"""One source, read once by one thread, shared by every viewer of this process who asks for the same settings."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from sources.batch import TIME, Batch, Delivery, Malformed, Reading
from sources.errors import EndOfStream, Mendable, Unreachable
from sources.fields.event_time import with_event_time
from sources.protocol import Reader, Source
from state.arrivals import Arrivals
from state.budget import Budget
from state.choice import WINDOW_BYTES
from state.drift import Drift, Drifts
from state.event_clock import EventClock
from state.gaps import Gaps
from state.notes import Notes
from state.schema import Schema
from state.segment import Segment, Span

MAX_EVENTS = 1_000_000
MAX_BYTES = WINDOW_BYTES
"""Bounds of what a feed retains. Whichever is met first, the oldest segment goes."""
IDLE_S = 60.0
"""A feed that nobody has watched for so long stops."""
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between attempts to reach a counterpart that is away; the last one repeats."""
MALFORMED_SAMPLES = 20
BEAT_S = (0.1, 1.0)
"""The shortest and the longest time between two reads of a feed that is up to date, if no tick asks for one."""
READ_S = 0.005
"""Reads come so often that one takes about so long: more often costs more, and no tick would show it."""
POLL_S = 0.25
"""A read of a quiet source waits so long for events."""
GRACE_S = 0.05
"""A beat waits so long for a viewer's tick to ask for its read, so that the frame shows what is newest."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pull:
    """What a viewer had not seen: spans in order of arrival, the cursor for the next pull, and events missed in between."""

    spans: tuple[Span, ...]
    cursor: int
    missed: int
    newest_us: int | None
    """The newest event time among all that were read up to the cursor."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the reading goes; the states are those of `state.frame.Health.state`."""

    state: str = "connecting"
    message: str = ""


class Feed:
    """Reads a source on a thread of its own into segments, bounded in events and bytes.

    Viewers hold a cursor and `pull`; a slow viewer never slows the feed, and one that fell out of what is retained is told
    how many events it missed. `watch` keeps the feed alive; unwatched it closes its source, calls `on_idle` and ends. The
    counters only grow.
    """

    def __init__(  # noqa: PLR0913 - its bounds are settings for tests and small machines
        self,
        source: Source,
        *,
        clock: Callable[[], float] = time.time,
        max_events: int = MAX_EVENTS,
        max_bytes: int = MAX_BYTES,
        idle_s: float = IDLE_S,
        on_idle: Callable[["Feed"], None] = lambda feed: None,  # noqa: ARG005 - nobody else holds it
        notes: Notes | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.source = source
        self.schema = Schema()
        self.status = Status()
        self.seen = 0
        self.thinned = 0
        """Events that were forgotten before its own bounds were met, to keep to the bound of all feeds together."""
        self.malformed = 0
        self.reading: Reading | None = None
        """How its newest messages were read; None where the source gives none."""
        self.times = EventClock(getattr(source, "time", ""), getattr(source, "zone", ""))
        """How the events' own time runs; the feed's thread alone reads times with it."""
        self.arrivals = Arrivals()
        self.samples: deque[Malformed] = deque(maxlen=MALFORMED_SAMPLES)
        self.lag: dict[str, int] = {}
        self.earlier = 0
        """Events that lie before the start position, as far as the source knows."""
        self.delivery: Delivery | None = None
        """How its newest events got here."""
        self.gaps = Gaps()
        """What was lost, or may have been."""
        self.history_ends = math.inf
        """Events before this ordinal were read to catch up; infinite until that is done."""
        self.notes = notes or Notes()
        self._budget = budget or Budget()
        self._key = object()  # what is counted to this feed may outlive it
        self._drifts = Drifts()
        self._clock = clock
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._idle_s = idle_s
        self._on_idle = on_idle
        self._segments: deque[Segment] = deque()
        self._retained = 0
        self._history = 0
        self._newest_us: int | None = None
        self._read_at = -math.inf
        self._reading_since = -math.inf
        self._busy = READ_S / BEAT_S[0]
        self._rested = time.monotonic()
        self._used = 0.0
        self._watchers: dict[float, float] = {}
        self._watched = time.monotonic()
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._stop = threading.Event()
        self._wanted = threading.Event()
        self._reader: Reader | None = None
        self._thread = threading.Thread(target=self._run, name=f"feed-{source.kind}", daemon=True)

    # What viewers call

    def start(self) -> None:
        """Begin reading."""
        self._thread.start()

    def watch(self, refresh_s: float) -> None:
        """Say that somebody is watching, and how fresh they want it."""
        self._watched = time.monotonic()
        if refresh_s not in self._watchers:
            self._wanted.set()  # the beat that it waits for may be a slower one
        self._watchers[refresh_s] = self._watched

    @property
    def unwatched_s(self) -> float:
        """For how long nobody has watched who should have by now; 0 while somebody does."""
        now = time.monotonic()
        if any(now - at <= _late_s(refresh) for refresh, at in list(self._watchers.items())):
            return 0.0
        return now - self._watched

    def pull(self, cursor: int) -> Pull:
        """Everything retained from ordinal `cursor` on; 0 asks for all history."""
        with self._lock:
            self._drop_what_is_gone()
            oldest = self._segments[0].first if self._segments else self.seen
            start = max(cursor, oldest)
            spans: deque[Span] = deque()
            for segment in reversed(self._segments):
                if segment.first + len(segment) <= start:
                    break
                spans.appendleft(Span(segment, max(0, start - segment.first), len(segment)))
            # Before a cursor's first pull nothing was missed: history from before was never promised.
            return Pull(tuple(spans), self.seen, start - cursor if cursor else 0, self._newest_us)

    def wait_for_first_events(self, timeout_s: float) -> None:
        """Wait until there are events to show, or there is nothing to wait for, or the timeout."""
        with self._news:
            self._news.wait_for(lambda: self.seen > 0 or self._settled(), timeout_s)

    def wait_for_history(self, timeout_s: float) -> bool:
        """Wait until the history is read, or there is no more to wait for, or the timeout; True if it is."""
        with self._news:
            return self._news.wait_for(self._has_history, timeout_s)

    def wait_for_read(self, at_s: float, timeout_s: float) -> bool:
        """Have a read done that began at `at_s` (seconds since the epoch) or later; False if it is not after the timeout."""
        with self._news:
            if max(self._read_at, self._reading_since) < at_s:
                self._wanted.set()
            return self._news.wait_for(lambda: self._read_at >= at_s or self.status.state != "live", timeout_s)

    def _has_history(self) -> bool:
        """A feed is live once what waits is little: the last of its history may be in the read after."""
        there = self.seen >= self.history_ends or not sum(self.lag.values())  # a message may be no event, or many
        return self._settled() and (self.status.state != "live" or there)

    def _settled(self) -> bool:
        return self.status.state not in ("connecting", "catching up")

    def progress(self) -> float:
        """Share of the history read so far, 0 to 1; 1 once live."""
        if self.status.state != "catching up" or not self._history:
            return 1.0
        return min(1.0, max(0.0, 1 - sum(self.lag.values()) / self._history))

    @property
    def failed(self) -> bool:
        """Whether it has stopped for good at an error."""
        return self.status.state == "failed"

    @property
    def retained(self) -> int:
        """Events in memory."""
        return self._retained

    @property
    def drifts(self) -> tuple[Drift, ...]:
        """What has changed in the feed while it ran, interruptions too, oldest first; the newest of many."""
        gaps = self.gaps.drifts(self.times.behind_s)
        return tuple(sorted((*self._drifts.log, *gaps), key=lambda each: each.at_us)) if gaps else self._drifts.log

    def close(self) -> None:
        """Stop reading and let go of the source; what was read stays readable. Safe to call twice and from any thread."""
        self._stop.set()
        self._wanted.set()
        reader = self._reader
        if reader is not None:
            reader.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; False if it has not by then."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # What the thread does

    def _run(self) -> None:
        try:
            self._read_until_stopped()
        except EndOfStream:
            self._say("ended", "the source has given its last event")
        except Mendable as error:
            self._say("failed", str(error))
        except Exception as error:  # the thread's last words: without them the board would wait for ever
            logger.exception("the feed from %s stopped", self.source.kind)
            self._say("failed", f"reading {self.source.title} stopped unexpectedly: {type(error).__name__}")
        finally:
            if self._reader is not None:
                self._reader.close()
        while not self._idle():  # what was read, or the error, stays on the board while somebody watches
            self._stop.wait(1.0)
        self._on_idle(self)

    def _read_until_stopped(self) -> None:
        attempt = 0
        while not self._idle():
            try:
                if self._reader is None:
                    self._reader = self.source.open()
                began = self._reading_since = self._clock()
                batch = self._reader.poll(min(POLL_S, self._beat()))
            except Unreachable as error:
                self._say("waiting", str(error))
                self._stop.wait(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                attempt += 1
                continue
            attempt = 0
            self._take(batch, began)
            if sum(batch.lag.values()) == 0:
                self._rest()

    def _idle(self) -> bool:
        return self._stop.is_set() or time.monotonic() - self._watched > self._idle_s

    def _beat(self) -> float:
        """Seconds between reads: the freshest refresh asked for lately, or the part of it that makes reads short."""
        now = time.monotonic()
        for refresh, at in list(self._watchers.items()):
            if now - at > _late_s(refresh):
                del self._watchers[refresh]
        shortest, longest = BEAT_S
        most = max(shortest, min(longest, READ_S / max(self._busy, 1e-6)))
        refresh = min(self._watchers, default=longest)
        return refresh / math.ceil(refresh / most)

    def _rest(self) -> None:
        """Wait until a read is wanted, or the next beat is past; beats are aligned to the clock, as the viewers' ticks are."""
        now, used = time.monotonic(), time.thread_time()
        self._busy += (min(1.0, (used - self._used) / max(now - self._rested, 1e-3)) - self._busy) / 4
        self._rested, self._used = now, used
        beat = self._beat()
        self._wanted.wait(beat - self._clock() % beat + GRACE_S)
        self._wanted.clear()

    def _say(self, state: str, message: str = "") -> None:
        if (self.status.state, self.status.message) != (state, message):
            with self._news:
                self.status = Status(state, message)
                self._news.notify_all()

    def _take(self, batch: Batch, began: float) -> None:
        """Give each row its event time, keep the batch of a read that began then, and tell the viewers."""
        if len(batch):
            instants = self.times.read(batch)
            if batch.timed is not None:
                batch = replace(batch, table=batch.table.drop_columns(TIME))
            self.schema.time_field, self.schema.near_us = self.times.field.name, int(instants[-1])
            timed = with_event_time(batch.table, instants)
            self.schema.update(timed)
            known = self.schema.known(batch.table.column_names)
            self._drifts.update(batch, instants, known)
            batch = replace(batch, table=timed.select([TIME, *known]))
            self.arrivals.update(len(batch))
        waiting = sum(batch.lag.values())
        with self._news:
            self.malformed += batch.malformed
            self.samples.extend(batch.samples)
            self.lag = dict(batch.lag)
            self.earlier = max(self.earlier, batch.earlier)
            self.reading = batch.reading or self.reading
            self.notes.recorded(batch.notes)
            self.delivery = batch.delivery
            self.gaps.update(batch.gaps)
            self._read_at = began
            if len(batch):
                self._append(batch)
                self._newest_us = self.times.newest_us
            self._news.notify_all()
        self._history = max(self._history, waiting) if self.status.state != "live" else 0
        caught_up = waiting <= max(len(batch), self._history // 100)
        if self.status.state in ("connecting", "waiting", "catching up"):
            if caught_up:
                self.history_ends = min(self.history_ends, self.seen + waiting)
                self.arrivals.clear()  # history that was read is no rate at which events arrive
            self._say("live" if caught_up else "catching up")

    def _append(self, batch: Batch) -> None:
        """Keep the batch within the bounds. Called with the lock held."""
        if not self._segments or self._segments[-1].full:
            self._segments.append(Segment(self.seen))
            self._budget.add(self._key, self._segments[-1])
            self._budget.keep()
            self._drop_what_is_gone()
        self._segments[-1].append(batch.table)
        self.seen += len(batch)
        self._retained += len(batch)
        held = sum(segment.nbytes for segment in self._segments)
        while len(self._segments) > 1 and (self._retained > self._max_events or held > self._max_bytes):
            gone = self._segments.popleft()
            self._retained -= len(gone)
            held -= gone.nbytes

    def _drop_what_is_gone(self) -> None:
        """Let go of segments that were forgotten for other feeds' sake: always the oldest. Called with the lock held."""
        while self._segments and self._segments[0].gone:
            events = len(self._segments.popleft())
            self._retained -= events
            self.thinned += events


def _late_s(refresh_s: float) -> float:
    """Who asks for such a refresh and has not been heard of for so long is gone."""
    return 2 * refresh_s + 5
