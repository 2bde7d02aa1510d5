"""The sample of a feed's events that its fields are judged by: the newest, bounded in rows and in cells."""

from collections import deque

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from state.tables import concat

ROWS = 10_000
"""So many events are looked at together."""
CELLS = 400_000
"""A sample of very many fields has fewer rows."""
HEAD = 1000
"""While the sample is not full, so many rows of a batch are added to it."""
LATER_HEAD = 100
"""Afterwards so many: they take the place of the oldest."""
TOLD_BY = 100
"""Strings are told apart by so many characters, so that long ones cost no memory."""
PIECES = 128
"""So many batches may lie loose before they are joined."""


class Sample:
    """The first rows of each batch, the oldest let go.

    >>> sample = Sample()
    >>> sample.update(pa.table({"a": [1, 2]}))
    >>> sample.table().num_rows
    2
    """

    def __init__(self) -> None:
        self._tables: deque[pa.Table] = deque()
        self._rows = 0
        self._full = False

    def update(self, table: pa.Table) -> None:
        """Add the first rows of a batch."""
        head = table.slice(0, LATER_HEAD if self._full else HEAD)
        self._tables.append(_copied(head))
        self._rows += len(head)
        most = max(LATER_HEAD, min(ROWS, CELLS // max(1, table.num_columns)))
        while self._rows > most and len(self._tables) > 1:
            self._full = True
            over = self._rows - most
            oldest = self._tables.popleft()
            gone = min(over, len(oldest))
            if gone < len(oldest):
                self._tables.appendleft(oldest.slice(gone))
            self._rows -= gone
        if len(self._tables) > PIECES:
            self._tables = deque([self.table()])

    def table(self) -> pa.Table:
        """Its rows in order of arrival, each column in one chunk."""
        # Names made of data make each batch a few columns, and all together a thousand: the newest rows will do.
        names: set[str] = set()
        kept: list[pa.Table] = []
        rows = 0
        for table in reversed(self._tables):
            names.update(table.column_names)
            if kept and (rows + len(table)) * len(names) > CELLS and rows >= LATER_HEAD:
                break
            kept.append(table)
            rows += len(table)
        joined = concat(kept[::-1])
        most = max(LATER_HEAD, CELLS // max(1, joined.num_columns))
        return joined.slice(max(0, len(joined) - most))


def _copied(table: pa.Table) -> pa.Table:
    """The rows in memory of their own, so that they hold no whole batch, with long texts cut."""
    rows = table.take(np.arange(len(table)))
    for at, (name, column) in enumerate(zip(rows.column_names, rows.columns, strict=True)):
        if pa.types.is_string(column.type) and column.nbytes > TOLD_BY * len(column):
            rows = rows.set_column(at, name, pc.utf8_slice_codeunits(column, 0, TOLD_BY))
    return rows
