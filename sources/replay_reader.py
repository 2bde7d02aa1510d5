"""Plays a recording: hands over each event when it is due."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from sources.batch import NO_ROWS, TIME, Batch, Malformed, Note, Reading, Timed
from sources.decode import SAMPLES
from sources.errors import BadSettings, EndOfStream
from sources.fields.event_time import AHEAD_S, with_event_time
from sources.fields.instants import Instants
from sources.replay_part import Part, Piece
from sources.replay_rhythm import AT_ONCE, Rhythm, beginning, pace, runs_backwards
from sources.replay_tape import Tape
from sources.replay_times import Times

POLL_EVENTS = 16_384
"""The most events in one batch."""
FULL = 200
"""Where something of the recording comes at once, so many events do at least: of daily ones, minutes would hold a single one."""
SHORTEST_ROUND_S = 1.0
"""A round of a loop takes at least so long."""
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Score:
    """What to play and how.

    speed      recorded seconds in one of ours, or AT_ONCE
    shifted    whether the events' times are shifted to now
    history_s  so many seconds of the recording come at once, and FULL events at least; 0 for none
    format, time, zone  as in the settings
    """

    files: Sequence[Path]
    speed: float
    shifted: bool
    loop: bool
    history_s: float
    format: str
    time: str
    zone: str


@dataclass(slots=True)
class _Loaded:
    """A piece that is being handed over.

    at     (n,) recorded times, each round of a loop later than the one before
    due    (n,) clock, microseconds, ascending
    """

    table: pa.Table
    at: Instants
    pace: Instants
    due: Instants
    untimed: np.ndarray[tuple[int], np.dtype[np.bool_]]
    row: int = 0


class ReplayReader:
    """See `sources.protocol.Reader`. One piece of the recording is in memory at a time."""

    def __init__(self, score: Score, now: Callable[[], float], wait: Callable[[float], object] | None) -> None:
        """Open the first file and read its first piece. Raises Mendable."""
        self._score = score
        self._now = now
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._busy = threading.Lock()
        self._tape = Tape(score.files, score.format, score.zone)
        self._part: Part | None = None
        self._fresh = True  # no events of this part have come yet
        self._times: Times | None = None
        self._rhythm: Rhythm | None = None
        self._reading: Reading | None = None
        self._loaded: _Loaded | None = None
        self._notes: list[Note] = []
        self._round = 0  # microseconds by which this round is later than the first
        self._first = self._newest = 0
        self._pace: int | None = None
        self._events = self._events_before = 0
        self._malformed, self._samples = 0, list[Malformed]()
        self._done = False
        self._pieces = self._rounds()
        try:
            self._load()
        except BaseException:
            self.close()
            raise

    def poll(self, timeout_s: float) -> Batch:
        """What is due, at most POLL_EVENTS at a time; `lag` says about how many more are."""
        left_s = timeout_s  # counted down, not read off the clock, which a machine may set back while we wait
        while True:
            with self._busy:
                if self._closed.is_set():
                    return Batch(NO_ROWS, self._now())
                batch, next_us = self._take()
            if batch is not None:
                return batch
            if left_s <= 0:
                return Batch(NO_ROWS, self._now(), reading=self._reading)
            pause_s = min(max(next_us - self._now_us(), 1) / _SECOND, left_s)
            self._wait(pause_s)
            left_s -= pause_s

    def close(self) -> None:
        """Wake a waiting poll, give no more events, and let go of the file."""
        self._closed.set()
        with self._busy:
            self._tape.close()

    def _now_us(self) -> int:
        return int(self._now() * _SECOND)

    # Handing over

    def _take(self) -> tuple[Batch | None, int]:
        """What is due, or what could not be read; else None, and when to look again."""
        if self._loaded is None and not self._done:
            self._load()
        now_us = self._now_us()
        loaded = self._loaded
        if loaded is None:
            if not self._done:  # nothing that could be read, so far
                return self._batch(NO_ROWS, {"0": 1}), now_us
            if self._malformed or self._notes:
                return self._batch(NO_ROWS, {}, notes=self._noted(None)), now_us
            raise EndOfStream
        stop = int(np.searchsorted(loaded.due, now_us, side="right"))
        first, stop = loaded.row, min(stop, loaded.row + POLL_EVENTS)
        if stop <= first:
            if self._malformed:
                return self._batch(NO_ROWS, {}), now_us
            return None, int(loaded.due[first])
        loaded.row = stop
        self._events += stop - first
        lag = {"0": self._waiting(loaded, now_us)}
        if stop == len(loaded.at):
            self._loaded = None
        return self._slice(loaded, first, stop, lag), now_us

    def _slice(self, loaded: _Loaded, first: int, stop: int, lag: dict[str, int]) -> Batch:
        assert self._rhythm is not None  # noqa: S101 - there are events, so there is a rhythm
        shown = self._rhythm.shown(loaded.at[first:stop])
        table = loaded.table.slice(first, stop - first)
        untimed = int(np.count_nonzero(loaded.untimed[first:stop]))
        return self._batch(with_event_time(table, shown), lag, untimed, self._noted(int(loaded.pace[stop - 1])))

    def _batch(self, table: pa.Table, lag: dict[str, int], untimed: int = 0, notes: tuple[Note, ...] = ()) -> Batch:
        malformed, samples = self._malformed, tuple(self._samples)
        self._malformed, self._samples = 0, []
        return Batch(
            table, self._now(), malformed, samples, lag, self._reading, notes=notes, timed=self._timed(untimed)
        )

    def _timed(self, untimed: int) -> Timed | None:
        times, rhythm = self._times, self._rhythm
        if times is None or rhythm is None:
            return None
        speed = "" if rhythm.speed in (1.0, AT_ONCE) else f" at {rhythm.speed:g} times the speed"
        shifted = f"; shifted to now{speed}" if rhythm.shifted else ""
        at_once = rhythm.speed == AT_ONCE and self._score.speed != AT_ONCE
        backwards = "; the newest event stands first, so all come at once" if at_once else ""
        return Timed(times.field, f"{times.why}{shifted}{backwards}", times.refused, untimed)

    def _noted(self, reached: int | None) -> tuple[Note, ...]:
        """The notes up to that instant, or all; none is given twice."""
        due = [note for note in self._notes if reached is None or note.at_us <= reached]
        self._notes = [note for note in self._notes if note not in due]
        if not due or self._rhythm is None:
            return ()
        shown = self._rhythm.shown(np.array([note.at_us for note in due], np.int64))
        return tuple(Note(int(at), note.text) for at, note in zip(shown, due, strict=True))

    def _waiting(self, loaded: _Loaded, now_us: int) -> int:
        """About how many more events are due: exactly, within the piece; behind it, as many to a time as so far."""
        assert self._rhythm is not None  # noqa: S101 - as above
        here = int(np.searchsorted(loaded.due, now_us, side="right")) - loaded.row
        if loaded.row + here < len(loaded.at):
            return here
        read = self._events + here
        rest = (read - self._events_before) * (1 - self._tape.share) / max(self._tape.share, 1e-6)
        ahead_us = self._rhythm.reached_us(now_us) - int(loaded.pace[-1])
        span_us = int(loaded.pace[-1]) - self._first + 1
        return here + int(max(0.0, min(rest, read * ahead_us / span_us)))

    # Reading on

    def _load(self) -> None:
        """Read the next piece; what could not be read of it is told with the next batch."""
        piece = next(self._pieces, None)
        if piece is None:
            self._done = True
            return
        self._malformed += piece.malformed
        self._samples = [*self._samples, *piece.samples][:SAMPLES]
        if len(piece.table):
            self._loaded = self._ready(piece)

    def _ready(self, piece: Piece) -> _Loaded:
        score = self._score
        if self._times is None or (self._fresh and not self._times.suits(piece.table)):
            origin = self._part.origin if self._part is not None else None
            self._times = Times(piece.table, origin, self._now(), score.zone, score.time)
        self._fresh = False
        happened = self._times.read(piece.table)
        at = happened.at + self._round
        if self._rhythm is None:
            self._rhythm = self._set_up(at)
            self._first = self._newest = beginning(at)
        run = pace(at, self._pace)
        self._pace = int(run[-1])
        self._newest = max(self._newest, int(run[-1]))
        table = piece.table.drop_columns(TIME) if TIME in piece.table.column_names else piece.table
        return _Loaded(table, at, run, self._rhythm.due(run), ~happened.timed)

    def _set_up(self, at: Instants) -> Rhythm:
        """The rhythm, as soon as there are events to tell where it begins."""
        score, now_us = self._score, self._now_us()
        assert self._times is not None  # noqa: S101 - whoever asks has read them
        shifted = score.shifted or self._times.untimed
        if runs_backwards(at):
            return Rhythm(int(at.max()), now_us, AT_ONCE, shifted)
        if score.speed == AT_ONCE:
            return Rhythm(self._find_newest(at) if shifted else int(at.max()), now_us, AT_ONCE, shifted)
        from_us = beginning(at) + int(score.history_s * _SECOND)
        if score.history_s:
            from_us = max(from_us, int(pace(at, None)[:FULL][-1]))
        return Rhythm(from_us, now_us, score.speed, shifted)

    def _find_newest(self, at: Instants) -> int:
        """The newest time of the recording, from its end."""
        assert self._times is not None  # noqa: S101 - as above
        if self._times.untimed:
            return int(at[-1] / max(self._tape.share, 1e-6))  # about so many there will be
        tail = self._tape.tail()
        if tail is None or not len(tail):
            raise BadSettings(
                "times",
                "the newest event of this file is not known before all of it is read, so it can't be shifted to now "
                "at full speed: choose a speed, or times as recorded",
            )
        origin = self._part.origin if self._part is not None else None
        happened = Times(tail, origin, self._now(), self._score.zone, self._times.field).read(tail)
        return max(int(at.max()), int(happened.at.max()))

    def _rounds(self) -> Iterator[Piece]:
        """The pieces of the tape, again and again in a loop."""
        length = 0
        while True:
            began = self._events
            for part, piece in self._tape.pieces():
                if part is not self._part:
                    self._part, self._fresh = part, True
                    self._note(part.notes)
                self._reading = part.reading
                yield piece
            if not self._score.loop or self._rhythm is None or self._rhythm.speed == AT_ONCE or self._events == began:
                return
            length = length or self._length(self._events - began)
            self._round += length
            self._stay_behind_the_present(length)
            if self._times is not None:
                self._times.rewind()
            self._events_before = self._events

    def _stay_behind_the_present(self, length: int) -> None:
        """Shift the rounds to now from the first on that would end in the future: nothing there would be believed for long."""
        assert self._rhythm is not None  # noqa: S101 - there was a round, so there is a rhythm
        if not self._rhythm.shifted and self._newest + length > self._now_us() + length / self._rhythm.speed:
            self._rhythm = replace(self._rhythm, shifted=True)

    def _note(self, notes: Iterable[Note]) -> None:
        """Keep them until they are due."""
        latest = int((self._now() + AHEAD_S) * _SECOND)
        self._notes += [Note(note.at_us + self._round, note.text) for note in notes if 0 < note.at_us <= latest]

    def _length(self, events: int) -> int:
        """How long a round is: from its first event to its last, and as far again as events usually lie apart."""
        span_us = self._newest - self._first
        length = span_us + span_us // max(1, events - 1)
        return max(length, int(SHORTEST_ROUND_S * self._score.speed * _SECOND))
