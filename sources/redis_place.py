"""Where reading stands in a stream, and what that tells: how much waits, and what was trimmed away before it was read.

Since Redis 7 a stream counts what was ever added to it. How many of those were added up to the last entry that was read is
followed here, so what is gone and was not read can be counted:

    added ever       1 2 3 4 5 6 7 8 9     9
    still there                  7 8 9     3
    read       up to 4                     4     lost: 9 - 3 - 4 = 2
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sources.batch import Gap
from sources.redis_ids import END, ZERO, EntryId, is_time, parse_id


@dataclass(frozen=True, slots=True)
class Info:
    """What `XINFO STREAM` says.

    length  entries that are there
    first   the oldest of them; END if there is none
    last    the newest that was ever added
    added   entries ever added; None before Redis 7
    """

    length: int
    first: EntryId
    last: EntryId
    added: int | None


NO_STREAM = Info(0, END, ZERO, 0)
"""Of a key that does not exist."""

TRIMMED = "entries were trimmed from the stream before they could be read"
MAYBE = "entries may have been trimmed from the stream before they could be read"
ANEW = "the stream was deleted and begun anew, or went back to an earlier state"


def read_info(answer: Any) -> Info:
    """From Redis' answer, a flat list or a mapping."""
    said: Mapping[bytes, Any] = (
        answer if isinstance(answer, Mapping) else dict(zip(answer[::2], answer[1::2], strict=True))
    )
    first = said.get(b"first-entry")
    return Info(
        said[b"length"],
        parse_id(first[0].decode()) if first else END,
        parse_id(said[b"last-generated-id"].decode()),
        said.get(b"entries-added"),
    )


@dataclass(slots=True)
class Place:
    """Where reading stands in one stream.

    read     the last entry that was read; the start position before the first
    count    how many entries were added up to there, ever; None while unknown
    number   how many were read
    waits    about how many come after it
    earlier  entries known to lie before the start
    """

    read: EntryId
    count: int | None = None
    number: int = 0
    waits: int = 0
    earlier: int = 0
    _length: int = 0
    _went_back: bool = False

    @classmethod
    def at(cls, read: EntryId, info: Info, after: int | None = None) -> "Place":
        """At a start position: what is gone already was not promised.

        after  how many entries come after it; None where that is not known
        """
        if info.last <= read:
            after = 0
        elif info.first > read:
            after = info.length
        place = cls(read, _length=info.length)
        if after is not None:
            place.count = None if info.added is None else info.added - after
            place.earlier = info.length - after
        place.waits = place._waiting(info) if after is None else after
        return place

    def advance(self, last: EntryId, number: int) -> None:
        """So many entries more were read, up to `last`."""
        self.read = last
        self.number += number
        if self.count is not None:
            self.count += number

    def look(self, info: Info) -> Gap | None:
        """Settle with what the stream says of itself; what was lost since the last time."""
        gap = self._lost(info)
        self.waits = self._waiting(info)
        return gap

    def _lost(self, info: Info) -> Gap | None:
        if info.last >= self.read:
            self._went_back = False
        elif self._went_back:  # told already; what is read next comes after what was read before
            self.count = info.added
            return None
        if info.last < self.read or (info.added is not None and self.count is not None and info.added < self.count):
            return self._begin_anew(info)
        lost: int | None = 0
        if info.last <= self.read:
            if self.count is not None and info.added is not None:
                lost = info.added - self.count
            elif info.added is not None and not self.earlier:
                self.earlier = max(0, self._length - self.number)
            self.count = info.added
        elif info.first > self.read:
            gone = None if info.added is None else info.added - info.length
            lost = gone - self.count if gone is not None and self.count is not None else None
            if lost is None and not self.number:
                lost = 0  # what lay at the start position was not promised
            self.count = gone
        if lost is None or lost > 0:
            return self._gap(info, lost, TRIMMED if lost else MAYBE)
        return None

    def _begin_anew(self, info: Info) -> Gap | None:
        """The stream is not the one that was read, or has lost its end: a server came back without it, or a replica took over."""
        if info is NO_STREAM:
            return None  # told once there is one again
        gap = self._gap(info, None, ANEW)
        other = info.added is not None and self.count is not None and info.added < self.count / 2
        if info.last < self.read and other:
            self.read = ZERO
        self._went_back = info.last < self.read
        self.count = info.added if info.last <= self.read else None
        if info.first > self.read and info.added is not None:
            self.count = info.added - info.length
        return gap

    def _gap(self, info: Info, lost: int | None, why: str) -> Gap:
        now = int(time.time() * 1e6)
        since, until = (each[0] * 1000 if is_time(each) else now for each in (self.read, info.first))
        return Gap(min(since, until, now), min(max(since, until), now), lost, why)

    def _waiting(self, info: Info) -> int:
        """About how many entries come after the last that was read: counted if that can be, else by their time."""
        if info.last <= self.read or not info.length:
            return 0
        if info.first > self.read:
            return info.length
        if self.count is not None and info.added is not None:
            return max(1, info.added - self.count)
        span = info.last[0] - info.first[0]
        share = (info.last[0] - self.read[0]) / span if span else 1.0
        return max(1, min(info.length, round(info.length * share)))
