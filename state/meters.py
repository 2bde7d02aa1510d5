"""The counters of a lens: which fields tell them apart, and how fast each series of them grows, measure by measure."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from state.choice import Choice
from state.counters import Codes, Counters
from state.filters import Filter, keeps
from state.frame import Floats, Ints
from state.identity import Identities
from state.readings import values
from state.tables import labels, times

COUNTER = "\0counter"
"""The column of which counter each row is of, while a table is taken in; no message has a field of this name."""


class Meters:
    """`Counters` of several measures, told apart by the same labels; those that have fallen silent make room for others.

    The labels are read once for all measures: `coded` notes a row's counter in the table, where filters select it with the row.
    """

    def __init__(self, choice: Choice) -> None:
        self._shape = choice.bucket_us, choice.buckets
        self._fields = tuple(dict.fromkeys(field for field in (*choice.identity, choice.by) if field))
        self._identities = Identities()
        self._all: list[Counters] = []
        self._filters: list[Sequence[Filter]] = []

    def add(self, filters: Sequence[Filter]) -> Counters:
        """The counters of one more measure, of the rows that pass its own filters."""
        self._all.append(Counters(*self._shape))
        self._filters.append(filters)
        return self._all[-1]

    def advance(self, now_us: int) -> None:
        """Move the right edge of the window to `now_us`; never backwards."""
        moved = False
        for counters in self._all:
            right = counters.ring.right
            counters.advance(now_us)
            moved |= counters.ring.right != right
        if moved:
            idle = self._identities.taken()
            for counters in self._all:
                active = counters.active()[: len(idle)]
                idle[: len(active)] &= ~active
            self._identities.release(np.flatnonzero(idle))

    def coded(self, table: pa.Table) -> pa.Table:
        """The table with the code of each row's counter; as it is where no measure counts up."""
        if not self._all:
            return table
        # Rows that are of no counter must not take the place of one.
        wanted = None if not all(self._filters) else reduce(pc.or_, (keeps(each, table) for each in self._filters))
        mine = table if wanted is None else table.filter(wanted)
        codes = self._identities.encode([labels(mine, field) for field in self._fields], len(mine))
        if wanted is not None:
            every = np.full(len(table), -1, np.int32)
            every[np.asarray(wanted)] = codes
            codes = every
        return plain(table).append_column(COUNTER, pa.array(codes))


def plain(table: pa.Table) -> pa.Table:
    """A table without what `coded` noted in it."""
    return table.drop_columns(COUNTER) if COUNTER in table.column_names else table


def update(counters: Counters, tables: Sequence[pa.Table], time_us: Ints, series: Codes, value: Floats) -> None:
    """Give counters the rows of coded tables in the order of their arrival; the others are (n,) for all rows of all tables."""
    counters.update(time_us, np.concatenate([table[COUNTER].to_numpy() for table in tables]), series, value)


def increases(choice: Choice, filters: Sequence[Filter], tables: Sequence[pa.Table], now_us: int) -> Floats:
    """(n,) the increase a second since the sample before of its counter, of each row of tables in the order of their arrival.

    filters  those of the measure; all rows pass them
    now_us   the end of a window as long as the choice's; what is outside of it, or has no sample before it there, is NaN
    """
    meters = Meters(choice)
    counters = meters.add(filters)
    meters.advance(now_us)
    at = np.concatenate([times(table) for table in tables])
    value = np.concatenate([values(choice.read, table) for table in tables])
    update(counters, [meters.coded(table) for table in tables], at, np.zeros(len(at), np.int32), value)
    return counters.rates
