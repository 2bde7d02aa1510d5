"""How rows that will not change any more are stored: the same events, in less memory."""

import numpy as np
import pyarrow as pa

from sources.batch import TIME, TIME_TYPE

FEW = 0.25
"""A column whose distinct texts are at most this share of its rows is stored as indices into them."""
HEAD = 1024
HEAD_FEW = 0.85
"""Of 2,048 names in 8,192 rows the first 1,024 show hardly more. Identifiers do: encoding all would be in vain."""


def compact(table: pa.Table) -> pa.Table:
    """The same rows, each column in one chunk: texts that repeat as a dictionary, the event time not twice.

    A dictionary column has the smallest signed index type. A field that says the same as the event time in each row shares its memory.
    Numbers stay as they are, and so do texts that hardly repeat.
    """
    table = table.combine_chunks()
    for position, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        if pa.types.is_string(column.type):
            table = table.set_column(position, name, _encoded(column))
        elif column.type == TIME_TYPE and TIME in table.column_names and column.equals(table[TIME]):
            table = table.set_column(position, name, table[TIME])
    return table


def _encoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    head = column.slice(0, HEAD)
    if len(head.unique()) > HEAD_FEW * len(head):
        return column
    encoded = column.combine_chunks().dictionary_encode()
    distinct = len(encoded.dictionary)
    if distinct > FEW * len(column):
        return column
    index = np.min_scalar_type(-max(distinct, 1))  # of a negative number: signed
    indices = encoded.indices.cast(pa.from_numpy_dtype(index))
    return pa.chunked_array([pa.DictionaryArray.from_arrays(indices, encoded.dictionary)])
