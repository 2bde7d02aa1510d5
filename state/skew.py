"""Producers whose clocks are off: whose events are of a time that has not come yet, or always of the same time ago."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_high

import numpy as np
import pyarrow as pa

from sources.fields.instants import Instants
from state.choice import MICROSECONDS

AHEAD_S = 5.0
"""No event happens so long after its arrival."""
BEHIND_S = 60.0
"""Events so old may have been held up: they are of a clock that is behind where they are all equally old."""
ALIKE_S, ALIKE = 5.0, 0.02
"""Skews that differ by no more, or by no more than such a share, are one."""
EACH = 8
"""So many rows of a batch are looked at, of those that are off and of the others."""
RECENT, RECENT_S = 200, 30.0
"""What is told is told by so many rows, none older than that."""
FRESH_S = 5.0
"""Where no field tells whose they are, they are told of for so long after the last one came."""
ENOUGH = 3
"""A producer is known by so many of its events."""
EXPLAINED = 0.8
"""A field tells producers apart if those whose newest events are all off account for so many of all that are."""
LOOK_EVERY_S = 1.0
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Skew:
    """A clock that is off.

    ahead_s  by how many seconds; negative where it is behind
    field    the field that tells its producer from others; "" where all events are off, or nothing tells whose are
    name     the producer's value in that field
    part     whether other events are right
    """

    ahead_s: float
    field: str = ""
    name: str = ""
    part: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    arrived: float
    ahead_s: float
    says: dict[str, str]

    @property
    def off(self) -> bool:
        return self.ahead_s > AHEAD_S or self.ahead_s < -BEHIND_S


class Skews:
    """The clocks that are off among the producers of one feed. `found` is replaced as a whole, so any thread may read it.

    Costs a comparison of numbers as long as none is.
    """

    def __init__(self) -> None:
        self.found: tuple[Skew, ...] = ()
        """The largest first, at most MOST_TOLD."""
        self._rows: deque[_Row] = deque(maxlen=RECENT)
        self._looked = 0.0

    def update(self, table: pa.Table, instants: Instants, arrived: float, fields: Sequence[str]) -> None:
        """Look at the rows of a batch that arrived then, with (n,) event times; the fields may tell producers apart."""
        ahead = instants / MICROSECONDS - arrived
        off = (ahead > AHEAD_S) | (ahead < -BEHIND_S)
        if not self._rows and not off.any():
            return
        some = np.sort(np.concatenate([np.flatnonzero(off)[-EACH:], np.flatnonzero(~off)[-EACH:]]))
        told = {name: table[name].take(pa.array(some)).to_pylist() for name in fields if name in table.column_names}
        for at, row in enumerate(some):
            says = {name: str(values[at]) for name, values in told.items() if values[at] is not None}
            self._rows.append(_Row(arrived, float(ahead[row]), says))
        while self._rows[0].arrived < arrived - RECENT_S:
            self._rows.popleft()
        if arrived >= self._looked + LOOK_EVERY_S:
            self._looked = arrived
            self.found = _calm(self.found, _found(self._rows, fields)[:MOST_TOLD])
            if not any(row.off for row in self._rows):
                self._rows.clear()


def _found(rows: Sequence[_Row], fields: Sequence[str]) -> list[Skew]:
    """Whose clocks are off by the newest rows, the largest skew first."""
    off = [row for row in rows if row.off]
    ahead = [row.ahead_s for row in off if row.ahead_s > 0]
    if len(off) == len(rows):  # all that is behind is an old feed, or one that is slow to come: nobody can tell
        return [Skew(median_high(ahead))] if len(ahead) >= ENOUGH and len(ahead) == len(off) else []
    for field in fields:
        newest: defaultdict[str, deque[_Row]] = defaultdict(lambda: deque(maxlen=ENOUGH))
        for row in rows:
            if field in row.says:
                newest[row.says[field]].append(row)
        skews = {name: skew for name, its in newest.items() if (skew := _skew(its))}
        if sum(row.says.get(field) in skews for row in off) > EXPLAINED * len(off):
            named = [Skew(skew, field, name, part=True) for name, skew in skews.items()]
            return sorted(named, key=lambda each: -abs(each.ahead_s))
    fresh = [row.ahead_s for row in off if row.ahead_s > 0 and row.arrived >= rows[-1].arrived - FRESH_S]
    return [Skew(median_high(fresh), part=True)] if len(fresh) >= ENOUGH else []


def _skew(rows: Sequence[_Row]) -> float:
    """By how much the clock of these rows is ahead; 0 where some are right, are held up for as long as it happens, or are too few."""
    aheads = [row.ahead_s for row in rows]
    middle = median_high(aheads)
    alike = max(aheads) - min(aheads) <= max(ALIKE_S, ALIKE * abs(middle))
    return middle if len(rows) >= ENOUGH and all(row.off for row in rows) and (middle > 0 or alike) else 0.0


def _calm(before: Sequence[Skew], found: Sequence[Skew]) -> tuple[Skew, ...]:
    """What was found, with the figures told before where they are much the same."""
    told = {(skew.field, skew.name, skew.part): skew for skew in before}
    known = [told.get((skew.field, skew.name, skew.part), skew) for skew in found]
    return tuple(
        old if abs(old.ahead_s - skew.ahead_s) <= ALIKE_S else skew for old, skew in zip(known, found, strict=True)
    )
