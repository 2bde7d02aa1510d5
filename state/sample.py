"""The sample of a feed's events that its fields are judged by: the newest, bounded in rows, in cells and in bytes."""

from collections import deque

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from state.tables import concat

ROWS = 10_000
"""So many events are looked at together."""
CELLS = 400_000
"""A sample of very many fields has fewer rows."""
AT_FIRST = 1000
"""While the sample is not full, so many rows of a batch are added to it."""
LATER = 100
"""Afterwards so many: they take the place of the oldest, and are of another part of each batch, for all may begin with the same."""
BYTES = 8 * 1024 * 1024
"""A sample of long texts has fewer rows too."""
TOLD_BY = 1000
"""Strings are told apart by so many characters: names of measures, which filters repeat, are whole, and pages of text cost little."""
PIECES = 128
"""So many batches may lie loose before they are joined."""

FULL = 0.8
"""Where so much of that is there, one more batch may be too much."""


def is_full(rows: int, fields: int) -> bool:
    """Whether a sample hardly holds more rows than these."""
    return rows >= FULL * min(ROWS, CELLS // max(1, fields))


class Sample:
    """A few rows of each batch, the oldest let go.

    >>> sample = Sample()
    >>> sample.update(pa.table({"a": [1, 2]}))
    >>> sample.table().num_rows
    2
    """

    def __init__(self) -> None:
        self._tables: deque[pa.Table] = deque()
        self._rows = 0
        self._bytes = 0
        self._full = False
        self._later = 0

    def update(self, table: pa.Table) -> None:
        """Add some rows of a batch."""
        if self._full:
            rows = min(LATER, len(table))
            self._append(_copied(table.take(np.sort((self._later + np.arange(rows)) % max(1, len(table))))))
            self._later += LATER
        else:
            self._append(_copied(table.slice(0, AT_FIRST)))
        most = max(LATER, min(ROWS, CELLS // max(1, table.num_columns)))
        while (self._rows > most or self._bytes > BYTES) and len(self._tables) > 1:
            self._full = True
            oldest = self._tables.popleft()
            self._rows -= len(oldest)
            self._bytes -= oldest.nbytes
            kept = min(most - self._rows, _fitting(oldest, BYTES - self._bytes))
            if kept > 0:
                self._append(oldest.slice(len(oldest) - kept), left=True)
        if len(self._tables) > PIECES:
            joined = self.table()
            self._tables.clear()
            self._rows = self._bytes = 0
            self._append(joined)

    def table(self) -> pa.Table:
        """Its rows in order of arrival, each column in one chunk."""
        # Names made of data make each batch a few columns, and all together a thousand: the newest rows will do.
        names: set[str] = set()
        kept: list[pa.Table] = []
        rows = 0
        for table in reversed(self._tables):
            names.update(table.column_names)
            if kept and (rows + len(table)) * len(names) > CELLS and rows >= LATER:
                break
            kept.append(table)
            rows += len(table)
        joined = concat(kept[::-1])
        most = max(LATER, CELLS // max(1, joined.num_columns))
        return joined.slice(max(0, len(joined) - most))

    def _append(self, table: pa.Table, *, left: bool = False) -> None:
        if left:
            self._tables.appendleft(table)
        else:
            self._tables.append(table)
        self._rows += len(table)
        self._bytes += table.nbytes


def _copied(table: pa.Table) -> pa.Table:
    """The rows in memory of their own, so that they hold no whole batch, with long texts cut; fewer where those are many."""
    for at, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        if pa.types.is_string(column.type) and (pc.max(pc.binary_length(column)).as_py() or 0) > TOLD_BY:
            table = table.set_column(at, name, pc.utf8_slice_codeunits(column, 0, TOLD_BY))
    return table.take(np.arange(max(1, _fitting(table, BYTES // 2)) if len(table) else 0))


def _fitting(table: pa.Table, size: int) -> int:
    """How many of its rows take so many bytes at the most, where all are alike."""
    rows = len(table)
    return min(rows, rows * max(0, size) // max(1, int(table.nbytes)))
