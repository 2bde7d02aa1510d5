"""Which rows of an answer are new, where the same address is asked again and again.

A row that says when it happened is an event: it is handed on once, whatever answer it comes in again. So an answer of a
single object whose own time has not moved brings nothing, nor does one that the server says has not changed (304).

A row that does not say so is a sample, taken when the answer was asked for: a gauge that stands still is a new sample each
time. But rows of a list without times may be a window that moves over events, as "the last 100 trades" is:

    before   a b c d        a b c d        a b c d        a b c d
    now      b c d e        e a b c        a b x d        a b c d
             moved          moved          changed        the same

What has moved is a window, and its rows are events. What has changed in place is a snapshot, and its rows are samples. Until
one of both has been seen it is taken for a window, so that nothing is counted twice; which it was last seen to be holds.
Events are known by all that stands in their row; two that are alike in one answer are two.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import RESERVED, Batch
from sources.fields.event_time import TimeField, event_times, find_time_field, is_own
from sources.messages import RECORD_TIME

KEPT_ANSWERS = 5
"""A row is forgotten when it has been in none of so many answers: servers behind one address may lag behind each other."""

MOST_KEYS = 200_000
MOST_NAMES = 2_000
TRIES = 50
"""So many places are looked at where an answer may go on from the one before."""

Key = tuple[Any, ...]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class New:
    """What is new in an answer of n rows.

    rows     (k,) which they are, oldest first
    goes_on  the answer is a window that overlaps with those before: nothing lies between them
    torn     it is a window in which nothing of those before is left: more may have come than it holds
    events   whether all n rows are events, so that the same answer has nothing more to give
    """

    rows: Rows
    goes_on: bool = False
    torn: bool = False
    events: bool = False


class News:
    """What has been handed on of one address.

    time, zone  as in the settings: the field of the event time, and the zone of times that name none
    """

    def __init__(self, time: str = "", zone: str = "") -> None:
        self._time = time
        self._zone = zone or "UTC"  # for telling what is a time, any will do
        self._field: TimeField | None = None
        self._names: dict[str, int] = {}
        self._seen: dict[Key, tuple[int, int]] = {}
        self._number = 0
        self._before: list[Key] = []
        self._longest = 0
        self._window: bool | None = None
        self._newest_first = False

    def take(self, table: pa.Table, arrived: float, around: Sequence[str] = ()) -> New:
        """What is new in an answer, with its rows as they came.

        around  fields that are the answer's own, and stand in each of its rows
        """
        own = [name for name in table.column_names if not _is_any(name, around)]
        if not len(table) or own == [RECORD_TIME]:
            return New(np.arange(len(table)))
        if not self._finds_time(table.select(own), arrived):
            own = table.column_names  # a time around the rows is that of each
            self._finds_time(table, arrived)
        timed = np.zeros(len(table), np.bool_)
        instants = None
        if self._field is not None:
            instants, timed = event_times(Batch(table, arrived), self._field)
        if not timed.any() and len(table) == 1 and not self._window:
            return New(np.arange(1))
        keys = self._keys(table.select(own))
        moved = self._look(keys)
        events = timed if timed.any() or self._window is False else np.ones(len(table), np.bool_)
        known = self._known(keys)
        rows = np.flatnonzero(~(known & events))
        torn = self._window is True and not known.any() and 2 <= self._longest <= len(keys)  # noqa: PLR2004 - one is no window
        torn = torn and bool(self._before)
        goes_on = bool(moved or (self._window and known.any()))
        self._before, self._longest = keys, max(self._longest, len(keys))
        if instants is not None:
            rows = rows[np.argsort(instants[rows], kind="stable")]
        elif self._newest_first and self._window:
            rows = rows[::-1]
        return New(rows, goes_on, torn, bool(timed.all()))

    def _finds_time(self, table: pa.Table, arrived: float) -> bool:
        """Whether a field of these holds the rows' own time; it is kept."""
        if self._field is not None and self._field.name in table.column_names:
            return True
        found = find_time_field(table, arrived, self._zone, self._time, days=True)
        if is_own(found.field):
            self._field = found.field
        return is_own(found.field)

    def _keys(self, table: pa.Table) -> list[Key]:
        """What each row is known by: its values by the names so far, however its columns' types or order change."""
        names = [name for name in table.column_names if name != RECORD_TIME]
        if len(self._names) > MOST_NAMES:
            self._names.clear()
            self._seen.clear()
        for name in names:
            self._names.setdefault(name, len(self._names))
        nothing = [None] * len(table)
        columns: list[Sequence[Any]] = [nothing] * len(self._names)
        for name in names:
            cells = table[name].to_pylist()
            columns[self._names[name]] = list(map(_number, cells)) if pa.types.is_string(table[name].type) else cells
        rows = zip(*columns, strict=True)
        return [_trimmed(row) if row[-1] is None else row for row in rows]

    def _look(self, keys: list[Key]) -> bool:
        """See which of both it is; True if it has moved on from the answer before, or is the same."""
        before = self._before
        if not before or not keys:
            return False
        if keys == before:
            return True
        enough = min(2, len(before), len(keys))
        older, newer = _overlap(before, keys), _overlap(keys, before)
        if len(keys) > 1 and max(older, newer) >= enough and len(before) > 1:
            self._window, self._newest_first = True, newer > older
            return True
        if len(keys) == len(before):
            same = sum(map(_equal, keys, before))
            if 0 < same < len(keys):
                self._window = False
        return False

    def _known(self, keys: list[Key]) -> npt.NDArray[np.bool_]:
        """(n,) whether each was there before, as often; all of them are from now on."""
        self._number += 1
        known = np.zeros(len(keys), np.bool_)
        counts: Counter[Key] = Counter()
        for row, key in enumerate(keys):
            counts[key] += 1
            known[row] = key in self._seen and counts[key] <= self._seen[key][0]
        for key, count in counts.items():
            self._seen[key] = max(count, self._seen.get(key, (0, 0))[0]), self._number
        if len(self._seen) > 2 * len(counts) + 1000:
            last = self._number - (KEPT_ANSWERS if len(self._seen) <= MOST_KEYS else 1)
            self._seen = {key: each for key, each in self._seen.items() if each[1] > last}
        return known


def _overlap(before: list[Key], now: list[Key]) -> int:
    """How many of the last rows of one answer are the first of the other.

    >>> _overlap([(1,), (2,), (3,)], [(2,), (3,), (4,)])
    2
    """
    start = max(0, len(before) - len(now))
    for _ in range(TRIES):
        try:
            start = before.index(now[0], start)
        except ValueError:
            return 0
        if before[start:] == now[: len(before) - start]:
            return len(before) - start
        start += 1
    return 0


def _equal(one: Key, other: Key) -> bool:
    return one == other


def _trimmed(row: Key) -> Key:
    """Without what is null at the end, where names may be that came later."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _number(cell: Any) -> Any:
    """The number that a text stands for: in an answer with a `-` in that column, its numbers are texts too."""
    if cell and (cell[-1].isdigit() or cell[0].isdigit()):
        try:
            return int(cell) if cell.isdigit() and len(cell) < 40 else float(cell)  # noqa: PLR2004 - no id is so long
        except ValueError:
            return cell
    return cell


def _is_any(name: str, around: Sequence[str]) -> bool:
    """Whether a column is one of these fields, or lies within one."""
    return not name.startswith(RESERVED) and any(name == each or name.startswith(f"{each}.") for each in around)
