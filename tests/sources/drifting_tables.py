"""Tables as a feed may publish them: other fields, and other types of the same field, from one to the next."""

import math
import struct

import pyarrow as pa
from hypothesis import strategies as st

from sources.batch import TIME, TIME_TYPE

VALUES = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=12),
    TIME_TYPE: st.integers(-(2**60), 2**60),
}

awkward = [
    "value",
    "value (int64)",
    "value (int64)'",
    "value (string)",
    "a.b",
    "a",
    "",
    "_rest",
    "\0",
    "名",
    "pulseboard",
]
names = st.sampled_from(awkward) | st.text(max_size=5).filter(lambda name: name != TIME)


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 6))
    columns = {TIME: pa.array(draw(st.lists(VALUES[TIME_TYPE], min_size=rows, max_size=rows)), TIME_TYPE)}
    for name in draw(st.lists(names, max_size=4, unique=True)):
        kind = draw(st.sampled_from([*VALUES, pa.null()]))
        if kind == pa.null():
            columns[name] = pa.nulls(rows)
            continue
        cells = draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows))
        column = pa.array(cells, kind)
        columns[name] = column.dictionary_encode() if kind == pa.string() and draw(st.booleans()) else column
    return pa.table(columns)


def events_of(given):
    """Each row as field → (type, value), nulls left out; floats as their bits, so that NaN equals itself and 0 not -0."""
    return [event for table in given for event in _rows(table)]


def _rows(table):
    rows = [{} for _ in range(len(table))]
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        cells = column.cast(pa.int64()) if kind == TIME_TYPE else column
        for row, cell in zip(rows, cells.to_pylist(), strict=True):
            if cell is not None:
                row[name] = (kind, _bits(cell) if kind == pa.float64() else cell)
    return rows


def _bits(number):
    return "nan" if math.isnan(number) else struct.pack("<d", number)
