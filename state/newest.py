"""The newest events, as they came."""

from collections import deque
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from state.tables import concat

NEWEST_EVENTS = 20


class Newest:
    """The `NEWEST_EVENTS` newest events in order of arrival, as slices of their tables.

    >>> newest = Newest()
    >>> newest.update([pa.table({"load": [1, 2]}), pa.table({"load": [3], "time": ["noon"]})])
    >>> newest.rows("time").to_pydict()
    {'load': [3, 2, 1]}
    """

    def __init__(self) -> None:
        self._tables: deque[pa.Table] = deque()

    def update(self, tables: Iterable[pa.Table]) -> None:
        """Take in tables that are not empty."""
        for table in tables:
            self._tables.append(table.slice(max(0, len(table) - NEWEST_EVENTS)))
        while sum(map(len, self._tables)) - len(self._tables[0]) >= NEWEST_EVENTS:
            self._tables.popleft()

    def rows(self, without: str = "") -> pa.Table:
        """The events, newest first, without one of their fields."""
        if not self._tables:
            return pa.table({})
        rows = concat(list(self._tables))
        rows = rows.slice(max(0, len(rows) - NEWEST_EVENTS))
        # A field that none of these events has would be an empty column.
        shown = [name for name in rows.column_names if name != without and rows[name].null_count < len(rows)]
        return rows.select(shown).take(pa.array(np.arange(len(rows))[::-1]))
