"""Columns as other programs store them, in the few types that events have here.

struct                       a column for each member, under a dotted name
list, map, and what is past the bounds of `sources.columns`     its JSON text
timestamp of any unit or zone, date    timestamp(us, UTC)
time of day, duration        seconds; decimal, unsigned: numbers; binary: text, or hexadecimal where it is none
dictionary                   what it stands for
"""

from collections.abc import Iterator

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED, TIME_TYPE
from sources.columns import DEPTH, FIELDS_PER_BATCH, NAME_CHARS
from sources.formats.plain import plain

CELL_BYTES = 8
_YEAR_1, _YEAR_10000 = -62_135_596_800_000_000, 253_402_300_800_000_000


def plain_columns(table: pa.Table, zone: str = "") -> pa.Table:
    """The table in the types of a batch, without what is null throughout.

    zone  of timestamps that have none; "" for UTC

    Raises ValueError, or an ArrowException, for values that can't be kept.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        for full, leaf in _leaves(name, column, 1):
            if len(columns) >= FIELDS_PER_BATCH:
                return pa.table(columns)
            if leaf.null_count < len(leaf):
                columns[_free(full, columns)] = _simple(leaf, zone)
    return pa.table(columns) if columns else table.select([])


def bytes_of(array: pa.Array) -> int:
    """What the array holds once it is written out: a few bytes of a dictionary may stand for gigabytes."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        if not _is_bytes(kind.value_type):
            return int(array.nbytes)
        return int(pc.sum(pc.binary_length(array.dictionary).cast(pa.int64()).take(array.indices)).as_py() or 0)
    if pa.types.is_map(kind):
        array, kind = _as_list(array), pa.list_(pa.null())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return bytes_of(array.flatten()) + CELL_BYTES * len(array)
    if pa.types.is_struct(kind):
        return sum(bytes_of(array.field(at)) for at in range(kind.num_fields))
    return int(array.nbytes)


def _as_list(array: pa.MapArray) -> pa.ListArray:
    """A map as the list of its pairs, whose slices know what is theirs."""
    return array.cast(pa.list_(pa.struct([array.type.key_field, array.type.item_field])))


def _leaves(name: str, column: pa.ChunkedArray, depth: int) -> Iterator[tuple[str, pa.ChunkedArray]]:
    if depth < DEPTH and pa.types.is_struct(column.type) and column.type.num_fields:
        for at in range(column.type.num_fields):
            inner = pa.chunked_array(
                [pc.struct_field(chunk, at) for chunk in column.chunks], column.type.field(at).type
            )
            yield from _leaves(f"{name}.{column.type.field(at).name}", inner, depth + 1)
    else:
        yield name, column


def _free(name: str, taken: dict[str, pa.ChunkedArray]) -> str:
    """A name that is no transport's, not too long, and no other column's."""
    name = (f"value.{name}" if not name or name.startswith(RESERVED) else name)[:NAME_CHARS]
    while name in taken:
        name += "'"
    return name


def _simple(column: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:  # noqa: C901, PLR0911 - a table of types
    kind = column.type
    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _simple(pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type), zone)
    if types.is_dictionary(kind):
        if all(len(chunk.dictionary) <= len(chunk) for chunk in column.chunks):  # what repeats is converted once
            values = [_simple(pa.chunked_array([chunk.dictionary]), zone).combine_chunks() for chunk in column.chunks]
            return pa.chunked_array(
                [value.take(chunk.indices) for value, chunk in zip(values, column.chunks, strict=True)]
            )
        return _simple(column.cast(kind.value_type), zone)
    if kind in (pa.int64(), pa.bool_(), pa.string()):
        return column
    if types.is_uint64(kind):
        fits = (pc.max(column).as_py() or 0) < 2**63
        return column.cast(pa.int64() if fits else pa.float64(), safe=False)
    if types.is_integer(kind):
        return column.cast(pa.int64())
    if types.is_floating(kind) or types.is_decimal(kind):
        return _finite(column.cast(pa.float64(), safe=False))
    if types.is_date(kind):
        return column.cast(pa.timestamp("us")).cast(TIME_TYPE)
    if types.is_timestamp(kind):
        return _instants(column, zone)
    if types.is_duration(kind) or types.is_time(kind):
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        whole = pa.int32() if kind.bit_width == 32 else pa.int64()  # noqa: PLR2004 - bits
        return pc.divide(column.cast(whole).cast(pa.float64(), safe=False), float(per_second))
    if types.is_large_string(kind) or types.is_string_view(kind):
        return column.cast(pa.string())
    if _is_bytes(kind) or types.is_binary_view(kind):
        return _texts([plain(cell) for cell in column.to_pylist()])
    return _texts([None if cell is None else _json(cell) for cell in column.to_pylist()])


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
    )


def _instants(column: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    if column.type.tz is None and zone:
        column = pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="latest")
    elif column.type.tz is None:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    return on_calendar(column.cast(TIME_TYPE, safe=False))


def on_calendar(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without instants before the year 1 or after 9999, which nothing could show."""
    span = pc.min_max(column.cast(pa.int64()))
    if not span["min"].is_valid or (span["min"].as_py() >= _YEAR_1 and span["max"].as_py() < _YEAR_10000):
        return column
    whole = column.cast(pa.int64())
    shown = pc.and_(pc.greater_equal(whole, _YEAR_1), pc.less(whole, _YEAR_10000))
    return pc.if_else(shown, column, pa.scalar(None, TIME_TYPE))


def _finite(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without what no chart could show: NaN is how many programs write that there is nothing."""
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))


def _texts(cells: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def _json(cell: object) -> str:
    return orjson.dumps(plain(cell), default=str, option=orjson.OPT_NON_STR_KEYS).decode()
