"""A field as numbers, whatever its type."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sources.fields.quantities import quantities


def numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """The field as float64; NaN where it is absent, null, or no number. See `quantities` for texts that name a unit.

    >>> numbers(pa.table({"a": ["1.5", "x", None, "18ms"]}), "a").tolist()
    [1.5, nan, nan, 18.0]
    """
    if name not in table.column_names:
        return np.full(len(table), np.nan)
    column = table[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type):
        values = np.asarray(told_numbers(column).to_numpy(), np.float64)
        if np.count_nonzero(np.isnan(values)) > column.null_count:
            values = np.where(np.isnan(values), quantities(column), values)
        return np.where(np.isinf(values), np.nan, values)  # `1e999`: larger than any number
    if pa.types.is_timestamp(column.type):
        return np.full(len(table), np.nan)
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)


def told_numbers(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """(n,) strings as float64; null where one is null or no number."""
    looks = pc.match_substring_regex(texts, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")
    return pc.if_else(looks, texts, pa.scalar(None, pa.string())).cast(pa.float64())
