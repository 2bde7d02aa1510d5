"""Avro of every kind, and what a hostile message or schema would do."""

import io
import json
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.formats import avro
from sources.formats.framed import framed_formats
from sources.registry import Registry, Schema
from tests.kafka import messages
from tests.kafka.registry import SchemaRegistry

NOON = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)
TREE = {
    "type": "record",
    "name": "Tree",
    "fields": [{"name": "n", "type": "long"}, {"name": "branches", "type": {"type": "array", "items": "Tree"}}],
}
CHAIN = {"type": "record", "name": "Chain", "fields": [{"name": "next", "type": ["null", "Chain"]}]}


def record(**types: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": each} for name, each in types.items()]}


def reader(schema: Any) -> Callable[[bytes], Any]:
    return avro.reader_of(Schema("AVRO", json.dumps(schema)))


def written(schema: Any, datum: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), datum)
    return out.getvalue()


def zigzag(number: int) -> bytes:
    return written("long", number)


CASES: list[tuple[Any, Any]] = [
    ("long", -(2**63)),
    ("double", 1.5),
    (["null", "string"], None),
    ({"type": "enum", "name": "E", "symbols": ["UP", "DOWN"]}, "DOWN"),
    ({"type": "map", "values": "int"}, {"a": 1}),
    ({"type": "array", "items": ["null", "double"]}, [1.0, None]),
    ({"type": "fixed", "name": "F", "size": 2}, b"\0\xff"),
    ({"type": "long", "logicalType": "timestamp-millis"}, NOON),
    ({"type": "long", "logicalType": "timestamp-micros"}, NOON),
    ({"type": "int", "logicalType": "date"}, date(2024, 5, 1)),
    ({"type": "string", "logicalType": "uuid"}, UUID(int=7)),
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 2},
        Decimal("123456789012345678901234567890.12"),
    ),
    (
        {"type": "fixed", "name": "D", "size": 6, "logicalType": "decimal", "precision": 9, "scale": 3},
        Decimal("-1.250"),
    ),
    ({"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "float"}]}, {"x": 0.5}),
]


@pytest.mark.parametrize(("kind", "value"), CASES, ids=lambda each: str(each)[:40])
def test_a_field_of_every_type_is_what_was_written(kind: Any, value: Any) -> None:
    schema = record(before="int", it=kind, after="string")
    datum = {"before": 1, "it": value, "after": "x"}
    assert reader(schema)(written(schema, datum)) == datum


def test_times_decimals_and_uuids_come_as_a_column_can_hold_them() -> None:
    with SchemaRegistry.start() as served:
        schema = record(
            at={"type": "long", "logicalType": "timestamp-millis"},
            price={"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
            id={"type": "string", "logicalType": "uuid"},
            tags={"type": "map", "values": "string"},
        )
        message = messages.avro(served.url, json.dumps(schema))(
            {"at": NOON, "price": Decimal("12.25"), "id": UUID(int=7), "tags": {"zone": "eu"}}
        )
        _, avro_format, _ = framed_formats(Registry({"schema_registry_url": served.url}))
        [row] = avro_format.rows(message)
    assert row == {"at": NOON, "price": 12.25, "id": str(UUID(int=7)), "tags": {"zone": "eu"}}


def test_a_union_of_schemas_that_stand_elsewhere_is_read() -> None:
    up = ("plant.Up", json.dumps(record(n="long") | {"name": "Up", "namespace": "plant"}))
    down = ("plant.Down", json.dumps(record(why="string", last="plant.Up") | {"name": "Down", "namespace": "plant"}))
    read = avro.reader_of(Schema("AVRO", '["plant.Up", "plant.Down"]', (up, down)))
    assert read(b"\0" + zigzag(7)) == {"n": 7}
    assert read(b"\2\2x" + zigzag(7)) == {"why": "x", "last": {"n": 7}}


def test_a_type_that_contains_itself_is_read() -> None:
    leaf = {"n": 2, "branches": []}
    tree = {"n": 1, "branches": [leaf, leaf]}
    assert reader(TREE)(written(TREE, tree)) == tree


@pytest.mark.parametrize("depth", [10_000, 60_000, 1_000_000])
def test_a_message_deeper_than_any_stack_is_refused(depth: int) -> None:
    with pytest.raises((RecursionError, ValueError)):
        reader(CHAIN)(b"\2" * depth + b"\0")


def test_a_record_that_has_no_end_is_refused() -> None:
    with pytest.raises(RecursionError):
        reader({"type": "record", "name": "A", "fields": [{"name": "a", "type": "A"}]})(b"")


@pytest.mark.parametrize(
    "items",
    [
        "null",
        {"type": "record", "name": "E", "fields": []},
        {"type": "fixed", "name": "F", "size": 0},
        record(a="null"),
    ],
)
def test_a_list_whose_items_take_no_bytes_is_refused(items: Any) -> None:
    with pytest.raises(ValueError, match="take no bytes"):
        reader({"type": "array", "items": items})


def test_records_that_double_in_no_bytes_are_refused() -> None:
    schema: Any = {"type": "record", "name": "R0", "fields": [{"name": "a", "type": "null"}]}
    for level in range(1, 40):
        fields = [{"name": "a", "type": schema}, {"name": "b", "type": f"R{level - 1}"}]
        schema = {"type": "record", "name": f"R{level}", "fields": fields}
    with pytest.raises(ValueError, match="take no bytes"):
        reader(schema)


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        ("string", zigzag(2**60) + b"abc"),
        ("string", zigzag(-3) + b"abc"),
        ({"type": "array", "items": "long"}, zigzag(2**60) + b"\2\2"),
        ({"type": "map", "values": "long"}, zigzag(-(2**60)) + b"\2\2"),
        (["null", "long"], zigzag(5)),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, zigzag(5)),
        ({"type": "long", "logicalType": "timestamp-millis"}, zigzag(2**62)),
        ("long", b"\xff" * 100),
        ("string", zigzag(1) + b"\xff"),
        ("long", b"\2\2"),
    ],
)
def test_a_payload_that_makes_no_sense_raises(schema: Any, payload: bytes) -> None:
    with pytest.raises((ValueError, EOFError, IndexError, OverflowError)):
        reader(schema)(payload)


def test_a_decimal_without_end_is_refused_at_once() -> None:
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
    with pytest.raises(ValueError, match="decimal"):
        reader(schema)(zigzag(10_000_000) + b"\x7f" * 10_000_000)


@given(payload=st.binary(max_size=200), schema=st.sampled_from([TREE, CHAIN, *(kind for kind, _ in CASES)]))
def test_any_bytes_are_a_row_or_malformed(payload: bytes, schema: Any) -> None:
    [_, avro_format, _] = framed_formats(_Fixed(Schema("AVRO", json.dumps(record(it=schema)))))
    try:
        [row] = avro_format.rows(struct.pack(">bi", 0, 1) + payload)
    except ValueError:
        return
    assert set(row) == {"it"}


def test_an_object_container_file_is_rows_without_a_registry() -> None:
    rows = [{"n": number} for number in range(10)]
    _, avro_format, _ = framed_formats(Registry({}))
    assert avro_format.rows(container(record(n="long"), rows)) == rows


@pytest.mark.parametrize(
    ("schema", "rows", "codec"),
    [
        (record(n="long"), [{"n": 1}], "deflate"),
        (CHAIN, [{"next": None}], "null"),
        (record(n="long"), [{"n": 1}] * (avro.ROWS + 1), "null"),
        ({"type": "array", "items": "null"}, [[None]], "null"),
    ],
)
def test_a_container_that_could_cost_without_end_is_refused(schema: Any, rows: list[Any], codec: str) -> None:
    _, avro_format, _ = framed_formats(Registry({}))
    with pytest.raises(ValueError, match="not an Avro container file"):
        avro_format.rows(container(schema, rows, codec))


def container(schema: Any, rows: list[Any], codec: str = "null") -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, schema, rows, codec=codec)
    return out.getvalue()


class _Fixed(Registry):
    """A registry of one schema that needs no server."""

    def __init__(self, only: Schema) -> None:
        super().__init__({})
        self._only = only

    def schema(self, number: int) -> Schema:
        del number
        return self._only
