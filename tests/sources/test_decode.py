import json
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.batch import SAMPLE_BYTES
from sources.columns import DEPTH, FIELDS_PER_BATCH, FIELDS_PER_MESSAGE, NAME_CHARS, REST
from sources.decode import SAMPLES, Decoded, Decoder


def decode_json(values: list[bytes | None]) -> Decoded:
    return Decoder("json").decode(values)


def decode(*values: object) -> Decoded:
    return decode_json([value if isinstance(value, bytes | None) else orjson.dumps(value) for value in values])


def cells(decoded: Decoded) -> dict[str, list[Any]]:
    return {name: column.to_pylist() for name, column in decoded.columns.items()}


def types(decoded: Decoded) -> dict[str, str]:
    return {name: str(column.type) for name, column in decoded.columns.items()}


def test_flat_objects_become_columns_in_order_of_first_appearance() -> None:
    decoded = decode({"b": 1, "a": "x"}, {"c": True, "a": "y"})
    assert list(cells(decoded).items()) == [("b", [1, None]), ("a", ["x", "y"]), ("c", [None, True])]
    assert types(decoded) == {"b": "int64", "a": "string", "c": "bool"}


def test_objects_inside_objects_become_dotted_names() -> None:
    assert cells(decode({"a": {"b": {"c": 1}}}, {"a": {"d": 2}})) == {"a.b.c": [1, None], "a.d": [None, 2]}


def test_an_object_without_fields_is_a_row_of_nulls() -> None:
    decoded = decode({}, {"a": {}}, {"a": {"b": 1}})
    assert cells(decoded) == {"a.b": [None, None, 1]}


def test_lists_become_their_compact_json_text() -> None:
    decoded = decode({"a": [1, {"b": None}]}, {"a": []})
    assert cells(decoded) == {"a": ['[1,{"b":null}]', "[]"]}
    assert types(decoded) == {"a": "string"}


def test_a_bare_number_becomes_the_field_value() -> None:
    assert cells(decode(b"12.5", b" -3\n")) == {"value": [12.5, -3.0]}


def test_a_tombstone_is_a_row_of_nulls_among_its_neighbours() -> None:
    decoded = decode({"a": 1}, None, {"a": 3})
    assert cells(decoded) == {"a": [1, None, 3]}
    assert decoded.rows.tolist() == [0, 1, 2]
    assert decoded.malformed == 0


def test_tombstones_alone_have_rows_and_no_columns() -> None:
    decoded = decode(None, None)
    assert (decoded.columns, decoded.rows.tolist()) == ({}, [0, 1])


def test_no_messages_decode_to_nothing() -> None:
    decoded = decode_json([])
    assert (decoded.columns, decoded.rows.tolist(), decoded.malformed, decoded.samples) == ({}, [], 0, ())


def test_names_that_are_empty_or_reserved_are_put_under_value() -> None:
    decoded = decode({"_offset": 1, "": 2, "a": {"_b": 3, "": 4}, "_c": {"d": 5}})
    assert cells(decoded) == {"value._offset": [1], "value.": [2], "a._b": [3], "a.": [4], "value._c.d": [5]}


def test_the_last_of_two_fields_with_one_name_holds() -> None:
    assert cells(decode(b'{"a": 1, "a": 2}')) == {"a": [2]}
    assert cells(decode({"a.b": 1, "a": {"b": 2}}, {"a": {"b": 2}, "a.b": 1})) == {"a.b": [2, 1]}


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 2], "int64", [1, 2]),
        ([1, 2.5], "double", [1.0, 2.5]),
        ([1, None], "int64", [1, None]),
        ([True, None, False], "bool", [True, None, False]),
        (["1", "2"], "string", ["1", "2"]),
        ([1, "x", 2.5, True, None], "string", ["1", "x", "2.5", "true", None]),
        ([1, True], "string", ["1", "true"]),
        ([1, [2]], "string", ["1", "[2]"]),
        ([2**63 - 1, -(2**63)], "int64", [2**63 - 1, -(2**63)]),
        ([2**63, 1], "double", [2.0**63, 1.0]),
        ([10**30, -(10**30)], "double", [1e30, -1e30]),
        ([2**53 + 1, 0.5], "double", [2.0**53, 0.5]),
        (["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"], "string", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]),
        (["a\0b", "é\U0001f600"], "string", ["a\0b", "é\U0001f600"]),
    ],
)
def test_a_column_takes_the_type_that_holds_all_its_values(values: list[Any], kind: str, expected: list[Any]) -> None:
    decoded = decode_json([json.dumps({"a": value}).encode() for value in values])
    assert types(decoded) == {"a": kind}
    assert cells(decoded) == {"a": expected}


def test_a_field_that_is_null_throughout_makes_no_column() -> None:
    decoded = decode({"a": None, "b": 1})
    assert cells(decoded) == {"b": [1]}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not JSON"),
        (b" \n", "not JSON"),
        (b"oops", "not JSON"),
        (b'{"a":1}{"a":2}', "not JSON: unexpected content"),
        (b'{"a":1}\0', "not JSON: unexpected content"),
        (b"\xff\xfe\x00", "not JSON: str is not valid UTF-8"),
        (b'{"a":"\xc3"}', "not JSON: str is not valid UTF-8"),
        (b'\xef\xbb\xbf{"a":1}', "byte order mark"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":-Infinity}', "not JSON"),
        (b'{"a":1e400}', "number is infinity"),
        (b"null", "a JSON null"),
        (b"true", "a JSON boolean"),
        (b'"12"', "a JSON string"),
        (b"[1]", "a JSON list"),
        (b"[" * 100_000, "depth limit"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "nested too deeply"),
    ],
)
def test_a_malformed_message_is_counted_and_sampled_and_keeps_its_neighbours(value: bytes, reason: str) -> None:
    decoded = decode({"a": 1}, value, {"a": 3})
    assert cells(decoded) == {"a": [1, 3]}
    assert decoded.rows.tolist() == [0, 2]
    assert decoded.malformed == 1
    [(index, why, sample)] = decoded.samples
    assert index == 1
    assert reason in why
    assert sample == value[:SAMPLE_BYTES]


def test_only_the_first_few_malformed_messages_are_sampled() -> None:
    decoded = decode(*[b"%d?" % i for i in range(50)], {"a": [1]})
    assert decoded.malformed == 50
    assert [index for index, _, _ in decoded.samples] == list(range(SAMPLES))


def test_objects_past_the_depth_cap_stay_json_text() -> None:
    document: Any = 1
    for _ in range(DEPTH + 2):
        document = {"a": document}
    assert cells(decode(document)) == {".".join("a" * DEPTH): ['{"a":{"a":1}}']}


def test_fields_past_the_message_cap_are_kept_as_json_text() -> None:
    decoded = decode({f"f{i}": i for i in range(10_000)}, {"f0": 1})
    assert len(decoded.columns) == FIELDS_PER_MESSAGE + 1
    assert orjson.loads(cells(decoded)[REST][0]) == {f"f{i}": i for i in range(FIELDS_PER_MESSAGE, 10_000)}
    assert cells(decoded)[REST][1] is None


def test_fields_past_a_cap_stay_nested_as_they_came() -> None:
    document = {"a": {"b": {f"f{i}": i for i in range(FIELDS_PER_MESSAGE + 1)}}, "c": [1], "d": {"e": 2}}
    rest = {"a": {"b": {f"f{FIELDS_PER_MESSAGE}": FIELDS_PER_MESSAGE}}, "c": [1], "d": {"e": 2}}
    assert orjson.loads(cells(decode(document))[REST][0]) == rest


def test_new_names_past_the_batch_cap_are_kept_as_json_text() -> None:
    documents = [{"same": i, f"f{i}": i} for i in range(FIELDS_PER_BATCH + 20)]
    decoded = decode(*documents)
    assert len(decoded.columns) == FIELDS_PER_BATCH + 1
    assert cells(decoded)["same"] == list(range(FIELDS_PER_BATCH + 20))
    assert cells(decoded)[REST][-1] == f'{{"f{FIELDS_PER_BATCH + 19}":{FIELDS_PER_BATCH + 19}}}'


def test_a_name_past_the_length_cap_is_kept_as_json_text() -> None:
    name = "n" * (NAME_CHARS + 1)
    assert cells(decode({name: 1, "a": {name: 2}, "b": 3})) == {"b": [3], REST: [f'{{"{name}":1,"a":{{"{name}":2}}}}']}


def test_a_long_name_over_many_short_ones_does_not_multiply() -> None:
    [rest] = cells(decode({"k" * 1_000_000: {str(i): i for i in range(100_000)}}))[REST]
    assert len(rest) < 3_000_000


def test_a_message_of_5_mb_is_one_row() -> None:
    assert decode({"a": "x" * 5_000_000}).columns["a"].to_pylist() == ["x" * 5_000_000]


json_like = st.binary() | st.text('{}[]":,\\ud01e-+.nulltrue \x00é').map(str.encode)


def events_in(value: bytes | None) -> int:
    """One, also where it can't be read; but a list has as many as it holds, and an empty one has none."""
    try:
        parsed = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return 1
    return len(parsed) if type(parsed) is list and all(type(each) is dict for each in parsed) else 1


@example([b"[]", b"[{}, {}]", b"[[]]", None])
@given(st.lists(st.none() | json_like, max_size=20))
def test_any_bytes_are_a_row_or_malformed(values: list[bytes | None]) -> None:
    decoded = decode_json(values)
    assert len(decoded.rows) + decoded.malformed == sum(map(events_in, values))
    assert all(len(column) == len(decoded.rows) for column in decoded.columns.values())
    assert len(decoded.samples) == min(decoded.malformed, SAMPLES)


TRICKY = 'a1.-\0\n"\\é\U0001f600'

names = st.text("ab._", max_size=3)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(TRICKY, max_size=5)
)
lists = st.lists(st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(TRICKY, max_size=3), max_size=3)
objects = st.dictionaries(
    names,
    st.recursive(scalars | lists, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=12),
    max_size=5,
)


def leaves(document: dict[str, Any], *path: str) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict) and len(path) + 1 < DEPTH:
            yield from leaves(value, *path, key)
        else:
            name = ".".join([*path, key])
            root = path[0] if path else key
            yield (name if root and root[0] != "_" else f"value.{name}"), value


def reads_back(cell: Any, value: Any, kind: pa.DataType) -> bool:
    if value is None:
        return cell is None
    if isinstance(value, bool) and kind == pa.bool_():
        return cell is value
    if isinstance(value, str):
        return bool(cell == value)
    if kind == pa.string():
        return bool(orjson.loads(cell) == value or float(cell) == float(value))
    return bool(cell == (float(value) if kind == pa.float64() else value))


@given(st.lists(objects, max_size=8))
def test_each_field_of_each_row_reads_back(documents: list[dict[str, Any]]) -> None:
    decoded = decode_json([json.dumps(document).encode() for document in documents])
    assert len(decoded.rows) == len(documents)
    expected = [dict(leaves(document)) for document in documents]
    assert set(decoded.columns) == {name for fields in expected for name, value in fields.items() if value is not None}
    for name, column in decoded.columns.items():
        for cell, fields in zip(column.to_pylist(), expected, strict=True):
            assert reads_back(cell, fields.get(name), column.type), (name, cell, fields.get(name))


def test_a_batch_in_which_nearly_all_is_absent_has_few_columns_and_loses_nothing() -> None:
    rows = 60_000
    decoded = decode_json([b"[" + b",".join(b'{"a%d":%d}' % (each % 500, each) for each in range(rows)) + b"]"])
    assert sum(len(column) for column in decoded.columns.values()) <= 40 * rows
    assert sum(len(column) - column.null_count for column in decoded.columns.values()) == rows
    assert decoded.malformed == 0


def test_rows_of_a_wide_envelope_are_kept_as_far_as_they_fit() -> None:
    message = orjson.dumps({f"k{each}": "v" for each in range(3_000)} | {"data": [{}] * 3_000})
    decoded = decode(message)
    assert 0 < len(decoded.rows) < 3_000
    assert "too much for one message: 3,000 rows" in decoded.samples[0][1]


def test_rows_that_are_deep_are_refused_however_many_they_are() -> None:
    row = b'{"a":' * 900 + b"1" + b"}" * 900
    decoded = decode(b"[" + b",".join([row] * 40) + b"]", {"a": 1})
    assert (decoded.malformed, decoded.rows.tolist()) == (1, [1])


def test_a_number_beyond_all_others_is_null() -> None:
    decoded = Decoder("statsd").decode([b"a:1e999|g", b"a:1|g"])
    assert cells(decoded)["value"] == [None, 1.0]
