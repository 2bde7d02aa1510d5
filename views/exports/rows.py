"""The rows of a selection as files: CSV for spreadsheets, Parquet for programs."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from sources.pieces import groups
from state.download import MOST_BYTES, Bounded
from state.tables import concat

_FORMULA = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet may take for a formula."""
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"


def common_schema(tables: Sequence[pa.Table]) -> pa.Schema:
    """The columns of all tables together, as `state.tables.concat` joins them; costs no rows."""
    return concat([table.slice(0, 0) for table in tables]).schema


def csv(tables: Sequence[pa.Table], most: int = MOST_BYTES) -> bytes:
    """All rows in order, with a head; UTF-8. Text is quoted, so that an empty text and no text differ.

    Times are ISO 8601 in UTC to the microsecond. A text that a spreadsheet could take for a formula gets a `'` before it, so
    that a stranger's `=HYPERLINK(…)` is shown and not run; texts that are numbers, and numbers, stay as they are. So do the
    columns' names. Parquet keeps every text as it came. Raises Refused where that is over `most` bytes.
    """
    schema = common_schema(tables)
    shown = _shown(schema.empty_table())
    sink = Bounded(most)
    sink.write(b"\xef\xbb\xbf")  # without it, Excel reads UTF-8 as something else
    with pyarrow.csv.CSVWriter(sink, shown.schema) as writer:
        for table in _alike(tables, schema):
            writer.write_table(_shown(table))
    return sink.getvalue()


def parquet(tables: Sequence[pa.Table], most: int = MOST_BYTES) -> bytes:
    """All rows in order, zstd; times are UTC in microseconds. Types are those of the feed; see `concat` where they drift.

    Raises Refused where that is over `most` bytes.
    """
    schema = common_schema(tables)
    sink = Bounded(most)
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for table in _alike(tables, schema):
            writer.write_table(table)
    return sink.getvalue()


def _alike(tables: Sequence[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """All rows with all columns, as many at a time as may be in memory once their dictionaries are written out."""
    for group in groups(tables, len(schema)):
        yield concat([schema.empty_table(), *group])


def _shown(table: pa.Table) -> pa.Table:
    names = [_safe(pa.array([name]))[0].as_py() for name in table.column_names]
    return pa.table(list(map(_cells, table.columns)), names=names)


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        text = pc.replace_substring(column.cast(pa.timestamp("us")).cast(pa.string()), " ", "T")
        return pc.binary_join_element_wise(text, "Z", "")
    return _safe(column) if pa.types.is_string(column.type) else column


def _safe(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    risky = pc.and_not(pc.match_substring_regex(texts, _FORMULA), pc.match_substring_regex(texts, _NUMBER))
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)
