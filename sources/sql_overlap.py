"""Which of the newest rows have been read: so that one that shows up late, below the watermark, is read once.

A number is given out when a row is written, and the row is seen when its transaction ends: rows may appear below the highest
watermark. So the last stretch is looked at again, for as long as a transaction that had begun when it was first read may still
be under way, where the database tells that, and for LATE_S in any case.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sources.sql_guard import Horizon

LATE_S = 10.0
MOST_SEEN = 200_000
"""Rows that are remembered at the most; of a feed so busy, less than LATE_S."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far had been read, and when."""

    at_s: float
    xmax: int
    position: Any


class Overlap:
    """Remembers by watermark how many rows with it were read, and which.

    floor  rows up to here are not looked at again; None where there is no bound

    >>> overlap = Overlap(None)
    >>> overlap.fresh([1, 2, 2], [("a",), ("b",), ("c",)])
    [0, 1, 2]
    >>> overlap.fresh([1, 2, 2, 2, 3], [("a",), ("b",), ("late",), ("c",), ("d",)])
    [2, 4]
    """

    def __init__(self, floor: Any, known: Iterable[Any] = ()) -> None:
        """`known` are the watermarks of rows that count as read."""
        self.floor = floor
        self._seen: dict[Any, tuple[int, ...]] = {mark: (0,) * times for mark, times in Counter(known).items()}
        self._marks: list[_Mark] = []
        self._rows = sum(map(len, self._seen.values()))

    def count(self, upto: Any) -> int:
        """Rows that were read after the floor and up to that watermark."""
        if upto is None:
            return 0
        return sum(len(rows) for mark, rows in self._seen.items() if mark <= upto)

    def at(self, mark: Any) -> int:
        """Rows that were read with that watermark, or a higher one."""
        return sum(len(rows) for each, rows in self._seen.items() if each >= mark)

    def missing(self, marks: Iterable[Any]) -> dict[Any, int]:
        """Of these watermarks of rows those of which fewer were read, and how many rows have them."""
        return {mark: rows for mark, rows in Counter(marks).items() if rows > len(self._seen.get(mark, ()))}

    def fresh(self, marks: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> list[int]:
        """Which of these rows have not been read; from now on they have.

        They must be all there are of each watermark, but for the last, of which they must be at least all that were read.
        """
        groups: dict[Any, list[int]] = {}
        for index, mark in enumerate(marks):
            groups.setdefault(mark, []).append(index)
        fresh: list[int] = []
        for mark, group in groups.items():
            known = self._seen.get(mark)
            more = len(group) - len(known or ())
            if more <= 0:
                continue
            new = group if known is None else _unseen(group, rows, known)[-more:]
            self._seen[mark] = (known or ()) + tuple(_fingerprint(rows[index]) for index in new)
            self._rows += more
            fresh += new
        return sorted(fresh)

    def read(self, now_s: float, horizon: Horizon | None, position: Any) -> None:
        """Note that all up to there has been read, and forget what no late row can come before any more."""
        done = None
        while self._marks and self._is_settled(self._marks[0], now_s, horizon):
            done = self._marks.pop(0)
        if done is not None:
            self._raise_to(done.position, position)
        if not self._marks or self._marks[-1].position != position:  # what begins later writes above it
            self._marks.append(_Mark(now_s, horizon.xmax if horizon else 0, position))
        if self._rows > MOST_SEEN:
            kept, marks = 0, sorted(self._seen, reverse=True)
            for mark in marks:
                kept += len(self._seen[mark])
                if kept > MOST_SEEN * 3 // 4 and mark < position:
                    self._raise_to(mark, position)
                    break

    def _is_settled(self, mark: _Mark, now_s: float, horizon: Horizon | None) -> bool:
        return now_s - mark.at_s >= LATE_S and (horizon is None or mark.xmax <= horizon.xmin)

    def _raise_to(self, floor: Any, position: Any) -> None:
        """Forget what is not above the floor, but never the rows at the position itself."""
        if floor is None or not (self.floor is None or floor > self.floor):
            return
        if floor >= position:
            below = [mark for mark in self._seen if mark < position]
            if not below:
                return
            floor = max(below)
        self._seen = {mark: rows for mark, rows in self._seen.items() if mark > floor}
        self._rows = sum(map(len, self._seen.values()))
        self.floor = floor


def _unseen(group: list[int], rows: Sequence[tuple[Any, ...]], known: tuple[int, ...]) -> list[int]:
    left = Counter(known)
    unseen = []
    for index in group:
        fingerprint = _fingerprint(rows[index])
        if left[fingerprint] > 0:
            left[fingerprint] -= 1
        else:
            unseen.append(index)
    return unseen


def _fingerprint(row: tuple[Any, ...]) -> int:
    try:
        return hash(row)
    except TypeError:  # lists and objects in it
        return hash(repr(row))
