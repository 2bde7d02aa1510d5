"""What changes in a feed while it runs: fields that come, go or change their type, and how messages are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED, Batch
from sources.fields.instants import Instants
from sources.fields.numbers import numbers

SETTLED_EVENTS, SETTLED_S = 200, 5.0
"""What is there before so many events, or so much time, is no news."""
GONE_EVENTS = 200
"""A field of most events that is absent from so many in a row has vanished."""
MOST = 0.5
LASTING_EVENTS = 20
"""A change of type lasts once so many events have come, and none of the type before."""
MOST_ENTRIES = 50
TOGETHER_US = 60_000_000
"""Changes of one kind within so much event time are one entry."""
PIECE_EVENTS = 50
"""A field that is absent from fewer events before or behind its own is no reason to look at a batch piece by piece."""
MOST_PIECES = 16
NAMED = 4
"""So many fields are named in one entry."""
LOOK_AT = 50
"""So many texts are looked at for what they hold, where a type has changed."""

Kind = Literal["appeared", "vanished", "changed type", "changed format", "interrupted"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One change, at an event time.

    at_us   microseconds since the epoch
    field   the field's name; "" where it is about several, or about all messages
    kind    what happened
    detail  in words: from what to what
    """

    at_us: int
    field: str
    kind: Kind
    detail: str


@dataclass(slots=True)
class _Watched:
    """One field: what it holds, in how many events it was since `since`, and when it was there last."""

    holds: str
    since: int
    seen: int = 0
    last: int = 0
    last_us: int = 0
    gone: bool = False
    other: str = ""
    """What it holds of late instead, and since when and for how many events."""
    other_us: int = 0
    others: int = 0


class Drifts:
    """The changes of one feed, told once each; `log` is replaced as a whole, so any thread may read it.

    Costs a look at each column of a batch, and at its values only where its type is another than before.
    """

    def __init__(self) -> None:
        self.log: tuple[Drift, ...] = ()
        self._fields: dict[str, _Watched] = {}
        self._events = 0
        self._began: float | None = None
        self._format = ""
        self._merging: dict[Kind, list[str]] = {}

    def update(self, batch: Batch, instants: Instants, names: Sequence[str]) -> None:
        """Look at those fields of a batch; (n,) `instants` are its rows' event times.

        History comes in large batches: one is looked at piece by piece where a field begins or ends within it.
        """
        bounds = _bounds(batch.table, names)
        for start, stop in pairwise(bounds):
            self._look(replace(batch, table=batch.table.slice(start, stop - start)), instants[start:stop], names)

    def _look(self, batch: Batch, instants: Instants, names: Sequence[str]) -> None:
        if self._began is None:
            self._began = batch.arrived
        settled = self._events >= SETTLED_EVENTS or (self._events > 0 and batch.arrived - self._began >= SETTLED_S)
        self._watch_format(batch, int(instants[0]))
        appeared = []
        for name in names:
            column = batch.table[name]
            there = len(column) - column.null_count
            if there and not name.startswith(RESERVED):
                news = self._watch(name, column, there, instants)
                if news and settled:
                    appeared.append((name, news))
        self._events += len(batch)
        self._tell("appeared", appeared, instants, batch.table)
        self._look_for_gone(batch.table)

    def _watch(self, name: str, column: pa.ChunkedArray, there: int, instants: Instants) -> str:
        """Take note of a field that is there; what to say if it has come or come back."""
        seen, news = self._fields.get(name), ""
        if seen is None:
            seen = self._fields[name] = _Watched(_holds(column), self._events)
            news = f"new: {seen.holds}"
        elif seen.gone:
            seen.gone, seen.since, seen.seen, news = False, self._events, 0, "is back"
        holds = _name(column.type)
        if holds == seen.holds:
            seen.other, seen.others = "", 0
        else:
            self._compare(name, seen, column, there, int(instants[0]))
        seen.seen += there
        seen.last, seen.last_us = self._events + len(column), int(instants[-1])
        return news

    def _compare(self, name: str, seen: _Watched, column: pa.ChunkedArray, there: int, at_us: int) -> None:
        """Tell of a type that has changed for good: a field of numbers may well be without fractions for a while."""
        holds = _holds(column)
        if holds in (seen.holds, "both"):
            seen.other, seen.others = "", 0
            return
        if holds != seen.other:
            seen.other, seen.others, seen.other_us = holds, 0, at_us
        seen.others += there
        if seen.others >= LASTING_EVENTS:
            self._append(Drift(seen.other_us, name, "changed type", f"{seen.holds} → {holds}"))
            seen.holds, seen.other, seen.others = holds, "", 0

    def _look_for_gone(self, table: pa.Table) -> None:
        gone = [
            (name, "in most events before")
            for name, seen in self._fields.items()
            if not seen.gone
            and self._events - seen.last >= GONE_EVENTS
            and seen.last - seen.since >= GONE_EVENTS
            and seen.seen > MOST * (seen.last - seen.since)
        ]
        for name, _ in gone:
            self._fields[name].gone = True
        if gone:
            self._tell("vanished", gone, np.array([max(self._fields[name].last_us for name, _ in gone)]), table)

    def _tell(self, kind: Kind, fields: Sequence[tuple[str, str]], instants: Instants, table: pa.Table) -> None:
        """One entry for the fields, or for these and those told of a moment ago."""
        if not fields:
            return
        at_us = _first(table, fields[0][0], instants)
        names = [name for name, _ in fields]
        merges = self._is_newest(kind) and abs(at_us - self.log[-1].at_us) <= TOGETHER_US
        if merges:
            at_us, names = self.log[-1].at_us, [*self._merging[kind], *names]
        self._merging[kind] = names
        if len(names) == 1:
            entry = Drift(at_us, names[0], kind, fields[0][1])
        else:
            rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            entry = Drift(at_us, "", kind, f"{len(names)} fields {kind}: {', '.join(names[:NAMED])}{rest}")
        self.log = self.log[:-1] if merges else self.log
        self._append(entry)

    def _is_newest(self, kind: Kind) -> bool:
        return bool(self.log) and self.log[-1].kind == kind

    def _watch_format(self, batch: Batch, at_us: int) -> None:
        told = batch.reading.format if batch.reading else self._format
        if self._format and told != self._format:
            self._append(Drift(at_us, "", "changed format", f"{self._format} → {told}"))
        self._format = told

    def _append(self, entry: Drift) -> None:
        self.log = (*self.log, replace(entry))[-MOST_ENTRIES:]


def _bounds(table: pa.Table, names: Sequence[str]) -> list[int]:
    """Where the pieces of a batch begin, and where the last one ends."""
    rows = len(table)
    bounds = {0, rows}
    for name in names:
        column = table[name]
        if 0 < column.null_count < rows and rows > PIECE_EVENTS and not name.startswith(RESERVED):
            there = np.flatnonzero(column.is_valid().to_numpy())
            first, after = int(there[0]), int(there[-1]) + 1
            bounds |= {first} if first >= PIECE_EVENTS else set()
            bounds |= {after} if rows - after >= PIECE_EVENTS else set()
    inner = sorted(bounds - {0, rows})[:MOST_PIECES]
    return sorted({0, *inner, rows})


def _first(table: pa.Table, name: str, instants: Instants) -> int:
    """The event time of the first row in which the field is."""
    if name not in table.column_names or len(instants) != len(table):
        return int(instants[0])
    return int(instants[max(0, pc.index(table[name].is_valid(), value=True).as_py())])


def _name(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "numbers"
    if pa.types.is_boolean(kind):
        return "true or false"
    return "times" if pa.types.is_timestamp(kind) else "text"


def _holds(column: pa.ChunkedArray) -> str:
    """What a column holds; `both` where some texts are numbers: then a batch's numbers were written beside odd ones out."""
    held = _name(column.type)
    if held != "text":
        return held
    some = column.drop_null().slice(0, LOOK_AT)
    readable = np.count_nonzero(np.isfinite(numbers(pa.table({"": some}), "")))
    if readable == len(some):
        return "numbers written as text"
    return "both" if readable else "text"
