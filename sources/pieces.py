"""Tables cut so that what is made of them at once is bounded: a few bytes of a dictionary may stand for gigabytes of text."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

GROUP_ROWS = 65_536
GROUP_CELLS = 4_000_000
GROUP_BYTES = 32 * 1024 * 1024
"""A group of rows that is written holds at most so many rows, cells, and bytes of one table: that much is in memory at once."""
PIECE_BYTES = 32 * 1024 * 1024
"""A piece holds at most so many bytes of text that repeats, or one row."""


def groups(tables: Iterable[pa.Table], columns: int) -> Iterator[list[pa.Table]]:
    """The rows in order, in lists of slices that are each small enough to be written out at once.

    columns  how many the file has
    """
    most_rows = max(1, min(GROUP_ROWS, GROUP_CELLS // max(1, columns)))
    group: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        for piece in pieces(table, most_rows):
            if group and (rows + len(piece) > most_rows or size + piece.nbytes > GROUP_BYTES):
                yield group
                group, rows, size = [], 0, 0
            group.append(piece)
            rows += len(piece)
            size += int(_text_bytes(piece).sum()) + piece.nbytes
    if group:
        yield group


def pieces(table: pa.Table, rows: int) -> Iterator[pa.Table]:
    """Slices of at most so many rows, and of at most PIECE_BYTES of text once dictionaries are written out, or one row."""
    start = 0
    used = np.cumsum(_text_bytes(table))
    while start < len(table):
        before = used[start - 1] if start else 0
        fits = int(np.searchsorted(used, before + PIECE_BYTES, side="right"))
        stop = min(max(fits, start + 1), start + rows, len(table))
        yield table.slice(start, stop - start)
        start = stop


def _text_bytes(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(n,) bytes of text in each row that are stored as a dictionary."""
    size = np.zeros(len(table), np.int64)
    for column in table.columns:
        if pa.types.is_dictionary(column.type) and not pa.types.is_primitive(column.type.value_type):
            at = 0
            for chunk in column.chunks:
                lengths = pc.binary_length(chunk.dictionary).take(chunk.indices).fill_null(0)
                size[at : at + len(chunk)] += np.asarray(lengths, np.int64)
                at += len(chunk)
    return size
