"""Whatever the bytes: a format gives rows or raises ValueError, a decoder never raises and loses nothing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.decode import SAMPLES, Decoder
from sources.formats.every import FORMATS
from tests.sources.formats import samples

genuine = st.sampled_from([message for each in samples.SAMPLES.values() for message in each[:3]])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A genuine message, of which some bytes are others, gone or new."""
    message = draw(genuine)
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(message))] * 2)))
    piece = draw(st.binary(max_size=4) | st.text('{}[]":,=|;#\\ \t\n01.-e', max_size=4).map(str.encode))
    return message[:start] + piece + message[min(end, start + 8) :]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def misshapen(draw: st.DrawFn) -> bytes:
    """JSON of the names that formats look for, with anything under them."""
    names = ("resourceMetrics", "scopeMetrics", "metrics", "name", "sum", "gauge", "histogram", "dataPoints", "asInt")
    names += ("attributes", "resource", "key", "value", "timeUnixNano", "asDouble", "count", "intValue", "arrayValue")
    names += ("op", "before", "after", "source", "schema", "payload", "data", "specversion", "id", "type")
    node = values
    for _ in range(draw(st.integers(1, 7))):
        inner = node
        node = st.dictionaries(st.sampled_from(names), inner, max_size=3) | st.lists(inner, max_size=2)
    return json.dumps(draw(node)).encode()


messages = damaged() | st.binary(max_size=40) | st.text(max_size=40).map(str.encode) | misshapen()


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(message=messages)
def test_a_format_gives_rows_or_a_reason(name: str, message: bytes) -> None:
    rows, reason = rows_or_reason(name, message)
    assert (rows is None) == bool(reason)
    assert all(type(row) is dict and all(type(field) is str for field in row) for row in rows or ())


def rows_or_reason(name: str, message: bytes) -> tuple[list[dict[str, Any]] | None, str]:
    try:
        return FORMATS[name].rows(message), ""
    except ValueError as error:
        return None, str(error)


@pytest.mark.parametrize("name", ["auto", *FORMATS])
@settings(max_examples=25)
@given(batches=st.lists(st.lists(st.none() | messages | genuine, max_size=8), max_size=4))
def test_a_decoder_accounts_for_every_message(name: str, batches: list[list[bytes | None]]) -> None:
    decoder = Decoder(name)
    for batch in batches:
        decoded = decoder.decode(batch)
        rows = decoded.rows.tolist()
        assert rows == sorted(rows)
        assert set(rows) <= set(range(len(batch)))
        assert {index for index, value in enumerate(batch) if value is None} <= set(rows)
        assert decoded.malformed <= len(batch) - batch.count(None)
        assert len(decoded.samples) == min(decoded.malformed, SAMPLES)
        assert all(batch[index] is not None and reason for index, reason, _ in decoded.samples)
        assert all(len(column) == len(rows) for column in decoded.columns.values())
        assert {str(column.type) for column in decoded.columns.values()} <= {
            "int64",
            "double",
            "bool",
            "string",
            "timestamp[us, tz=UTC]",
        }
