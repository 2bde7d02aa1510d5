"""Tables stored as dictionaries in ways that `compact` might choose, and in ways that it would not."""

import pyarrow as pa
from hypothesis import strategies as st


def stored(table, index, spare=("pump", "spare")):
    """The same rows, each text column as indices of that type into a dictionary that also names what no row holds."""
    columns = [
        _encoded(column, index, spare) if pa.types.is_string(column.type) else column for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _encoded(column, index, spare):
    def encode(chunk):
        names = [*spare, *(name for name in chunk.unique().to_pylist() if name not in (None, *spare))]
        at = [None if name is None else names.index(name) for name in chunk.to_pylist()]
        return pa.DictionaryArray.from_arrays(pa.array(at, index), pa.array(names, pa.string()))

    kind = pa.dictionary(index, pa.string())
    return pa.chunked_array([encode(chunk) for chunk in column.chunks], kind)


indices = st.sampled_from([pa.int8(), pa.int16(), pa.int32()])
