r"""Which events a board keeps: filters such as `region:eq:north`, `load:ge:0.9`, `site:in:a,b`.

A filter is `field:op:value`. The first two colons split it, so a value may hold colons (`_timestamp:ge:2024-05-01T12:00:00Z`);
in a field's name a colon is written `\:` and a backslash `\\`. Dots need nothing: nested fields have dotted names.

    eq ne           equal or not
    lt le gt ge     order
    contains        the text holds this text, upper and lower case told apart
    in              equal to one of several, separated by commas

Numbers compare as numbers where the field is a number and the value is one too, times as instants where the field is a time
and the value is an ISO instant (UTC unless it says otherwise), and everything else as text. Where the field is text and the
value a number, each cell that is a number compares as one, because feeds send "0.12"; of the others, none is before or after a
number, and one is equal to it if it is the same text. An event without the field matches nothing but `ne`, which is always the
opposite of `eq`.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sources.fields.numbers import told_numbers

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "contains", "in")

_PATTERN = re.compile(r"(?P<field>(?:[^:\\]|\\[:\\])+):(?P<op>[a-z]+):(?P<value>.*)", re.DOTALL)
_SIGNS = {"=": "eq", "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_SIGN = re.compile(r"(?P<field>[^\s:<>=!][^:<>=!]*)(?P<sign>==|!=|<=|>=|=|<|>)\s*(?P<value>[^\s<>=].*)", re.DOTALL)
_ORDER = {"lt": pc.less, "le": pc.less_equal, "gt": pc.greater, "ge": pc.greater_equal}
_INT64 = range(-(2**63), 2**63)
_EXACT = 2**53
"""Below it float64 tells whole numbers apart: identifiers of more digits are equal only if their texts are."""

Column: TypeAlias = pa.Array | pa.ChunkedArray


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on one field; `value` is text as it was typed."""

    field: str
    op: str
    value: str

    def __str__(self) -> str:
        r"""What `parse_filter` reads back as this filter.

        >>> str(Filter("host:port", "eq", "a:1"))
        'host\\:port:eq:a:1'
        """
        field = self.field.replace("\\", "\\\\").replace(":", "\\:")
        return f"{field}:{self.op}:{self.value}"


def parse_filter(text: str) -> Filter:
    """Read `field:op:value`, or what people type first, such as `load >= 0.9`. Raises ValueError, with a message for the user, if it is no filter.

    >>> parse_filter("load:ge:0.9")
    Filter(field='load', op='ge', value='0.9')
    >>> parse_filter("region = north")
    Filter(field='region', op='eq', value='north')
    """
    match = _PATTERN.fullmatch(text)
    if match is None and (sign := _SIGN.fullmatch(text.strip())):
        return Filter(sign["field"].rstrip(), _SIGNS[sign["sign"]], sign["value"])
    if match is None:
        raise ValueError(f"{text[:40]!r} is no filter: write field:op:value, such as region:eq:north")
    if match["op"] not in OPERATORS:
        raise ValueError(f"{match['op'][:40]!r} is no comparison: write one of {', '.join(OPERATORS)}")
    return Filter(re.sub(r"\\(.)", r"\1", match["field"]), match["op"], match["value"])


def apply(filters: Iterable[Filter], table: pa.Table) -> pa.Table:
    """The rows that every filter keeps. Columns and their types stay as they are."""
    filters = list(filters)
    return table.filter(keeps(filters, table)) if filters else table


def keeps(filters: Iterable[Filter], table: pa.Table) -> Column:
    """One boolean a row, never null: whether every filter keeps it. `filters` are not empty."""
    return reduce(pc.and_, (_mask(each, table) for each in filters))


def _mask(each: Filter, table: pa.Table) -> Column:
    """One boolean a row, never null."""
    if each.field not in table.column_names:
        return pa.repeat(pa.scalar(each.op == "ne"), table.num_rows)
    column = table.column(each.field)
    if pa.types.is_dictionary(column.type):  # each text is judged once, however many rows have it
        judged = [_matches(each, chunk.dictionary).take(chunk.indices) for chunk in column.chunks]
        mask = pa.chunked_array(judged, pa.bool_())
    else:
        mask = _matches(each, column)
    mask = pc.fill_null(mask, False)
    return pc.invert(mask) if each.op == "ne" else mask


def _matches(each: Filter, column: Column) -> Column:
    """One boolean a row, null where the column is; for `ne` those of `eq`."""
    if each.op == "contains":
        return pc.match_substring(_as_text(column), each.value)
    if each.op in _ORDER:
        return _ORDER[each.op](*_comparable(column, each.value))
    values = each.value.split(",") if each.op == "in" else [each.value]
    return reduce(pc.or_, (_equals(column, value) for value in values))


def _equals(column: Column, value: str) -> Column:
    """One boolean a row, null where the column is."""
    number = as_number(value) if pa.types.is_string(column.type) else None
    if number is None or abs(number) >= _EXACT:
        return pc.equal(column, value) if pa.types.is_string(column.type) else pc.equal(*_comparable(column, value))
    same = pc.equal(told_numbers(column), pa.scalar(float(number), pa.float64()))
    return pc.or_(pc.equal(column, value), pc.fill_null(same, False))


def _comparable(column: Column, value: str) -> tuple[Column, pa.Scalar]:
    """Both sides as one type: number, instant or text; null where a text has no place among numbers."""
    if pa.types.is_string(column.type) and (number := as_number(value)) is not None:
        return told_numbers(column), pa.scalar(float(number), pa.float64())
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        number = as_number(value)
        if isinstance(number, int) and pa.types.is_integer(column.type):
            return column, pa.scalar(number, pa.int64())
        if number is not None:
            return column.cast(pa.float64(), safe=False), pa.scalar(float(number), pa.float64())
    if pa.types.is_timestamp(column.type):
        instant = _instant(value)
        if instant is not None:
            return column, pa.scalar(instant, pa.timestamp("us", "UTC"))
    return _as_text(column), pa.scalar(value.lower() if pa.types.is_boolean(column.type) else value)


def _as_text(column: Column) -> Column:
    """The column as strings; times as `2024-05-01T12:00:00.000000`, in UTC."""
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring(column.cast(pa.timestamp("us")).cast(pa.string()), " ", "T")
    return column.cast(pa.string())


def as_number(text: str) -> int | float | None:
    """Whole numbers of 64 bits exactly, others as float; NaN, which equals nothing, is left to be compared as text."""
    try:
        whole = int(text)
    except ValueError:
        pass
    else:
        if whole in _INT64:
            return whole
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
