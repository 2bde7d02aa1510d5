"""Joining tables whose columns and types drift from batch to batch, and reading one field out of them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import TIME


def concat(tables: Sequence[pa.Table]) -> pa.Table:
    """One table of all rows in order, each column in one chunk.

    A field absent from a table is null there. A field whose type differs between tables becomes float64 where all are
    numbers, else string, so that old and new events stay readable side by side. A dictionary is what it holds.
    """
    types: dict[str, pa.DataType] = {}
    known: pa.Schema | None = None
    for table in tables:
        if known is None or not table.schema.equals(known):
            known = table.schema
            for field in known:
                held = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
                types[field.name] = _common(types.get(field.name, held), held)
    schema = pa.schema(list(types.items()))
    parts = [table if table.schema.equals(schema) else _conform(table, schema) for table in tables]
    return pa.concat_tables(parts or [schema.empty_table()]).combine_chunks()


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string()


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    have = set(table.column_names)
    columns = [
        # safe=False: an integer beyond 2**53 loses its last digits as a float rather than the batch its place
        table[field.name].cast(field.type, safe=False) if field.name in have else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def times(table: pa.Table) -> npt.NDArray[np.int64]:
    """Event times of a published table, microseconds since the epoch."""
    return np.asarray(table[TIME].cast(pa.int64()).to_numpy(), np.int64)


def labels(table: pa.Table, name: str) -> pa.Array:
    """The field as strings, null where it is absent: what a series is named by. As a dictionary where it is stored as one."""
    if name not in table.column_names:
        return pa.nulls(len(table), pa.string())
    column = table[name]
    if column.num_chunks == 1 and pa.types.is_dictionary(column.type):
        return column.chunk(0)
    column = column if pa.types.is_string(column.type) else column.cast(pa.string())
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def named(table: pa.Table, field: str, name: str | None) -> pa.Table:
    """The rows whose label in `field` is `name`; None for those without one."""
    column = labels(table, field)
    if name is None:
        return table.filter(column.is_null())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return table.filter(pc.equal(column, name))
