"""The newest events of a selection, each still known where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from state.frame import Ints
from state.tables import concat, times


@dataclass(frozen=True, slots=True)
class Latest:
    """Events, newest first.

    rows    all of them as one table, in which fields whose type differs from table to table have a type that holds both,
            and long texts may be cut
    tables  where they came from: there each is as it came
    origin  (2, n) the number of each event's table, and its row there
    """

    rows: pa.Table
    tables: tuple[pa.Table, ...]
    origin: Ints

    def event(self, number: int) -> pa.Table:
        """One row: that event as it came."""
        table, row = self.origin[:, number].tolist()
        return self.tables[table].slice(row, 1)


def latest(tables: Sequence[pa.Table], most: int, chars: int | None = None) -> Latest:
    """The events with the newest event times, at most so many; of equal times the one that came last stands first.

    chars  so many characters of a text are in `rows`, whose texts are written out however often they repeat; None for all

    >>> at = pa.array([1, 3, 2], pa.timestamp("us", "UTC"))
    >>> latest([pa.table({"_time": at, "load": [10, 30, 20]})], 2).rows["load"].to_pylist()
    [30, 20]
    """
    tables = tuple(table for table in tables if len(table))
    sizes = [len(table) for table in tables]
    at = np.concatenate([times(table) for table in tables] or [np.empty(0, np.int64)])
    chosen = np.arange(len(at))
    if len(at) > most:  # none that is older than the oldest of them need be sorted
        chosen = np.flatnonzero(at >= np.partition(at, len(at) - most)[len(at) - most])
    chosen = chosen[np.argsort(at[chosen], kind="stable")][::-1][:most]
    starts = np.cumsum([0, *sizes])
    table = np.searchsorted(starts, chosen, side="right") - 1
    row = chosen - starts[table]
    by_table = np.argsort(table, kind="stable")
    pieces = [_cut(tables[each].take(pa.array(row[table == each])), chars) for each in np.unique(table)]
    back = np.empty_like(by_table)
    back[by_table] = np.arange(len(by_table))
    return Latest(concat(pieces).take(pa.array(back)), tables, np.stack([table, row]))


def _cut(table: pa.Table, chars: int | None) -> pa.Table:
    """The table with so many characters of each text. A dictionary is cut and not written out."""
    if chars is None:
        return table
    return pa.table([_cut_column(column, chars) for column in table.columns], names=table.column_names)


def _cut_column(column: pa.ChunkedArray, chars: int) -> pa.ChunkedArray:
    if pa.types.is_string(column.type):
        return pc.utf8_slice_codeunits(column, 0, chars)
    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        short = [
            pa.DictionaryArray.from_arrays(chunk.indices, pc.utf8_slice_codeunits(chunk.dictionary, 0, chars))
            for chunk in column.chunks
        ]
        return pa.chunked_array(short, column.type)
    return column
