"""A board's filters as lines of pandas, with the meaning that `state.filters` gives them."""

import datetime as dt

import pyarrow as pa

from state.board import format_instant, parse_instant
from state.filters import Filter, as_number

_EXACT = 2**53
"""See `state.filters`."""

HELPERS = {
    "number": (
        "def number(texts):",
        '    """Texts that are numbers, as numbers."""',
        r"    looks = texts.str.fullmatch(r'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?')",
        "    return texts.where(looks).astype('double[pyarrow]')",
    ),
    "text": (
        "def text(column):",
        '    """A column as text."""',
        "    return column.astype(pd.ArrowDtype(pa.string()))",
    ),
    "moment": (
        "def moment(column):",
        '    """Instants as text, in UTC."""',
        "    return text(column.astype('timestamp[us][pyarrow]')).str.replace(' ', 'T', regex=False)",
    ),
}
"""Functions of the script, by name; written only where they are used. `moment` uses `text`."""

_ORDER = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def type_of(field: str, schema: pa.Schema) -> pa.DataType | None:
    """The type of a column, of a dictionary that of what it holds; None where there is no such column, or nothing in it."""
    at = schema.get_field_index(field)
    if at < 0:
        return None
    kind = schema.field(at).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return None if pa.types.is_null(kind) else kind


def instant(time_us: int) -> str:
    """An instant as a literal of pandas."""
    moment = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=int(time_us))
    return f"pd.Timestamp({format_instant(moment)!r})"


def condition(each: Filter, schema: pa.Schema) -> list[str]:
    """The line that keeps what the filter keeps; none where it keeps everything."""
    kind = type_of(each.field, schema)
    if kind is None:
        return [] if each.op == "ne" else ["events = events.iloc[:0]  # no event has a field that a filter names"]
    column = f"events[{each.field!r}]"
    if each.op == "contains":
        made = f"{_text(column, kind)}.str.contains({each.value!r}, regex=False)"
    elif each.op in _ORDER:
        made = _compared(column, kind, _ORDER[each.op], each.value)
    else:
        values = each.value.split(",") if each.op == "in" else [each.value]
        equal = [_equals(column, kind, value) for value in values]
        made = equal[0] if len(equal) == 1 else " | ".join(f"({each})" for each in equal)
    # A field that an event lacks equals nothing.
    return [f"events = events[~({made}).fillna(False)]" if each.op == "ne" else f"events = events[{made}]"]


def _equals(column: str, kind: pa.DataType, value: str) -> str:
    number = as_number(value) if pa.types.is_string(kind) else None
    if number is None or abs(number) >= _EXACT:
        return f"{column} == {value!r}" if pa.types.is_string(kind) else _compared(column, kind, "==", value)
    return f"({column} == {value!r}) | (number({column}) == {_literal(float(number))}).fillna(False)"


def _compared(column: str, kind: pa.DataType, sign: str, value: str) -> str:
    number = as_number(value)
    if pa.types.is_string(kind) and number is not None:
        return f"number({column}) {sign} {_literal(float(number))}"
    if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and number is not None:
        return f"{column} {sign} {_literal(number)}"
    if pa.types.is_timestamp(kind) and (moment := _moment(value)):
        return f"{column} {sign} pd.Timestamp({moment!r})"
    return f"{_text(column, kind)} {sign} {(value.lower() if pa.types.is_boolean(kind) else value)!r}"


def _moment(value: str) -> str:
    """The instant that a value is, ISO in UTC; "" if it is none."""
    try:
        return parse_instant(value)
    except ValueError:
        return ""


def _text(column: str, kind: pa.DataType) -> str:
    if pa.types.is_string(kind):
        return column
    return f"moment({column})" if pa.types.is_timestamp(kind) else f"text({column})"


def _literal(number: float) -> str:
    """A number as Python reads it.

    >>> _literal(0.5), _literal(float("inf"))
    ('0.5', "float('inf')")
    """
    return repr(number) if abs(number) != float("inf") else f"float({str(number)!r})"
