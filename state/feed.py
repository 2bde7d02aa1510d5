"""One source, read once by one thread, shared by every viewer of this process who asks for the same settings."""

import itertools
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from sources.batch import TIME, Batch, Delivery, Gap, Malformed, Reading
from sources.errors import EndOfStream, Mendable, Unreachable
from sources.fields.event_time import with_event_time
from sources.protocol import Reader, Source
from state.arrivals import Arrivals
from state.beat import Beat
from state.budget import Budget
from state.choice import MICROSECONDS, WINDOW_BYTES
from state.drift import Drift, Drifts
from state.event_clock import EventClock
from state.gaps import Gaps
from state.logs import fields
from state.notes import Notes
from state.retained import Retained
from state.schema import Schema
from state.segment import Span
from state.settings import subject
from state.skew import Skews
from state.stumbles import Stumbles
from state.watchers import Watchers

MAX_EVENTS = 1_000_000
MAX_BYTES = WINDOW_BYTES
"""Bounds of what a feed retains. Whichever is met first, the oldest segment goes."""
IDLE_S = 100.0
"""A feed that nobody has watched for so long stops: a board may be drawn once a minute, and a browser that throttles a hidden tab's
timers to one a minute may take so long to come back to the loop."""
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between attempts to reach a counterpart that is away; the last one repeats."""
MALFORMED_SAMPLES = 20
POLL_S = 0.25
"""A read of a quiet source waits so long for events."""
GRACE_S = 0.05
"""A beat waits so long for a viewer's tick to ask for its read, so that the frame shows what is newest."""

logger = logging.getLogger("pulseboard.feed")
_LEVELS = {"waiting": logging.WARNING, "failed": logging.ERROR}
_numbers = itertools.count(1)


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
    since: float = field(default_factory=time.monotonic, compare=False)
    """Seconds of the monotonic clock."""


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
        self.name = f"{source.kind}-{next(_numbers)}"
        """What it is called where its settings are nobody's business."""
        self.schema = Schema()
        self.status = Status()
        self.retained = Retained(max_events, max_bytes, budget or Budget())
        self.malformed = 0
        self.reading: Reading | None = None
        """How its newest messages were read; None where the source gives none."""
        self.times = EventClock(getattr(source, "time", ""), getattr(source, "zone", ""))
        """How the events' own time runs; the feed's thread alone reads times with it."""
        self.skews = Skews()
        """Whose clocks are off."""
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
        self._drifts = Drifts()
        self._clock = clock
        self._idle_s = idle_s
        self._on_idle = on_idle
        self._history = 0
        self._newest_us: int | None = None
        self._read_at = -math.inf
        self._reading_since = -math.inf
        self._beat = Beat()
        self._watchers = Watchers()
        self.stumbles = Stumbles(source.title)
        self._batch: Batch | None = None
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

    def watch(self, refresh_s: float, who: Hashable = None) -> None:
        """Say that somebody is watching, and how fresh they want it; `who` tells one from another."""
        if self._watchers.look(refresh_s, who):
            self._wanted.set()  # the beat that it waits for may be a slower one

    @property
    def unwatched_s(self) -> float:
        """For how long nobody has watched who should have by now; 0 while somebody does."""
        return self._watchers.unwatched_s

    def pull(self, cursor: int) -> Pull:
        """Everything retained from ordinal `cursor` on; 0 asks for all history."""
        with self._lock:
            spans, start, seen = self.retained.since(cursor)
            # Before a cursor's first pull nothing was missed: history from before was never promised.
            return Pull(spans, seen, start - cursor if cursor else 0, self._newest_us)

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
    def viewers(self) -> int:
        """How many have watched lately."""
        return self._watchers.count

    @property
    def failed_s(self) -> float:
        """For how many seconds it has been stopped at an error; 0 if it is not."""
        return time.monotonic() - self.status.since if self.failed else 0.0

    @property
    def seen(self) -> int:
        """Events that it ever gave."""
        return self.retained.seen

    @property
    def memory_s(self) -> float:
        """How long an event stays in memory as they arrive now, in seconds; infinite where none does."""
        rate = self.arrivals.rate()
        kept = self.retained
        return (kept.events if kept.let_go or kept.thinned else kept.max_events) / rate if rate else math.inf

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
        self._log(logging.INFO, "feed opened")
        try:
            self._read_until_stopped()
        except EndOfStream:
            if self.stumbles.count:  # a reader that has stumbled may take that for its end
                self._give_up()
            else:
                self._say("ended", "the source has given its last event")
        except Mendable as error:
            self._say("failed", str(error))
        except Exception:  # noqa: BLE001 - the thread's last words, which are logged: without them the board would wait for ever
            self._give_up()
        finally:
            if self._reader is not None:
                self._reader.close()
        while not self._idle():  # what was read, or the error, stays on the board while somebody watches
            self._stop.wait(1.0)
        self._log(logging.INFO, "feed closed")
        self._on_idle(self)

    def _read_until_stopped(self) -> None:
        attempt = 0
        while not self._idle():
            self._batch = None
            try:
                self._read()
            except Unreachable as error:
                self._say("waiting", str(error))
            except (Mendable, EndOfStream):
                raise
            except Exception as error:
                self._stumble(error)
                if self.stumbles.too_many:
                    raise
            else:
                attempt = 0
                self.stumbles.clear()
                continue
            self._stop.wait(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    def _read(self) -> None:
        """Take what there is, and rest if that was all. A reader that could not be read is asked again: it knows where it was."""
        if self._reader is None:
            self._reader = self.source.open()
        began = self._reading_since = self._clock()
        self._batch = self._reader.poll(min(POLL_S, self._beat.every_s(self._watchers)))
        self._take(self._batch, began)
        if sum(self._batch.lag.values()) == 0:
            self._rest()

    def _stumble(self, error: Exception) -> None:
        """Say that an error came that nobody had foreseen, and what it cost."""
        self.stumbles.add(error)
        self._log(logging.ERROR, "reading failed", error=error)
        if self._reader is not None:
            ends = (self._reading_since * MICROSECONDS, self._clock() * MICROSECONDS)
            lost = None if self._batch is None else len(self._batch)
            self.gaps.update([Gap(int(min(ends)), int(max(ends)), lost, "reading failed")])
        self._say("waiting", f"{self.stumbles.words}: trying again with what comes next. The log says more.")

    def _give_up(self) -> None:
        self.stumbles.gave_up = True
        self._say("failed", f"{self.stumbles.words}, too often to go on: it is opened anew soon. The log says more.")

    def _log(self, level: int, event: str, *, error: Exception | None = None, **more: str) -> None:
        named = fields(feed=self.name, source=self.source.kind, subject=subject(self.source), **more)
        logger.log(level, event, exc_info=error, extra=named)

    def _idle(self) -> bool:
        return self._stop.is_set() or self._watchers.idle_s > self._idle_s

    def _rest(self) -> None:
        """Wait until a read is wanted, or the next beat is past; beats are aligned to the clock, as the viewers' ticks are."""
        self._beat.update()
        beat = self._beat.every_s(self._watchers)
        self._wanted.wait(beat - self._clock() % beat + GRACE_S)
        self._wanted.clear()

    def _say(self, state: str, message: str = "") -> None:
        if (self.status.state, self.status.message) != (state, message):
            with self._news:
                self.status = Status(state, message)
                self._news.notify_all()
            self._log(_LEVELS.get(state, logging.INFO), "feed state", state=state, message=message)

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
            if self.status.state == "live":  # history may be of any time
                self.skews.update(batch.table, instants, batch.arrived, self.schema.offer.dimensions)
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
                self.retained.append(batch.table)
                self._newest_us = self.times.newest_us
            self._news.notify_all()
        self._history = max(self._history, waiting) if self.status.state != "live" else 0
        caught_up = waiting <= max(len(batch), self._history // 100)
        if self.status.state in ("connecting", "waiting", "catching up"):
            if caught_up:
                self.history_ends = min(self.history_ends, self.seen + waiting)
                self.arrivals.clear()  # history that was read is no rate at which events arrive
            self._say("live" if caught_up else "catching up")
