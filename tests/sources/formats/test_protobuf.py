"""Protobuf fields of every type under their own names, definitions wherever they stand, and hostile bytes."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from hypothesis import given
from hypothesis import strategies as st

from sources.formats import protobuf, protobuf_rows
from sources.formats.framed import framed_formats
from sources.registry import Registry, Schema
from tests.kafka import messages
from tests.kafka.registry import SchemaRegistry

Field = descriptor_pb2.FieldDescriptorProto
WELL_KNOWN = (timestamp_pb2, duration_pb2, struct_pb2, wrappers_pb2)
FIRST = b"\0"
"""The place of a file's first definition."""


def file(name: str = "all.proto") -> descriptor_pb2.FileDescriptorProto:
    """Of the first message, every kind of field; of the second, one that stands inside another."""
    found = descriptor_pb2.FileDescriptorProto(name=name, package="plant", syntax="proto3")
    found.dependency.extend(each.DESCRIPTOR.name for each in WELL_KNOWN)
    state = found.enum_type.add(name="State")
    for number, value in enumerate(("UNKNOWN", "UP")):
        state.value.add(name=value, number=number)
    every = found.message_type.add(name="Every")
    entry = every.nested_type.add(name="TagsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=Field.TYPE_STRING, label=1)
    entry.field.add(name="value", number=2, type=Field.TYPE_INT32, label=1)
    every.oneof_decl.add(name="_limit")
    every.field.add(name="limit", number=1, type=Field.TYPE_DOUBLE, label=1, oneof_index=0, proto3_optional=True)
    scalars = {"long_id": Field.TYPE_INT64, "big": Field.TYPE_UINT64, "ok": Field.TYPE_BOOL, "ratio": Field.TYPE_FLOAT}
    for number, (field, kind) in enumerate(scalars.items(), 2):
        every.field.add(name=field, number=number, type=kind, label=1)
    every.field.add(name="state", number=10, type=Field.TYPE_ENUM, type_name=".plant.State", label=1)
    typed = {
        "at": "google.protobuf.Timestamp",
        "took": "google.protobuf.Duration",
        "count": "google.protobuf.Int64Value",
        "extra": "google.protobuf.Struct",
        "child": "plant.Outer.Inner",
    }
    for number, (field, name_of_type) in enumerate(typed.items(), 11):
        every.field.add(name=field, number=number, type=Field.TYPE_MESSAGE, type_name=f".{name_of_type}", label=1)
    every.field.add(name="tags", number=20, type=Field.TYPE_MESSAGE, type_name=".plant.Every.TagsEntry", label=3)
    every.field.add(name="sizes", number=21, type=Field.TYPE_INT32, label=3)
    outer = found.message_type.add(name="Outer")
    outer.nested_type.add(name="Inner").field.add(name="n", number=1, type=Field.TYPE_INT32, label=1)
    return found


def definition(name: str) -> Any:
    pool = descriptor_pool.DescriptorPool()
    for each in WELL_KNOWN:
        pool.AddSerializedFile(each.DESCRIPTOR.serialized_pb)
    pool.Add(file())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def schema(of: descriptor_pb2.FileDescriptorProto, *references: tuple[str, str]) -> Schema:
    return Schema("PROTOBUF", base64.b64encode(of.SerializeToString()).decode(), references)


FULL = {
    "limit": 0.0,
    "longId": "9007199254740993",
    "big": "18446744073709551615",
    "ok": True,
    "ratio": 0.5,
    "state": "UP",
    "at": "2024-05-01T12:00:00.123456Z",
    "took": "1.500s",
    "count": "7",
    "extra": {"a": [1, {"b": None}]},
    "child": {"n": 3},
    "tags": {"eu": 1},
    "sizes": [1, 2],
}
ROW = {
    "limit": 0.0,
    "long_id": 2**53 + 1,
    "big": 2**64 - 1,
    "ok": True,
    "ratio": 0.5,
    "state": "UP",
    "at": datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC),
    "took": 1.5,
    "count": 7,
    "extra": {"a": [1.0, {"b": None}]},
    "child": {"n": 3},
    "tags": {"eu": 1},
    "sizes": [1, 2],
}


def test_fields_of_every_type_are_what_was_written() -> None:
    with SchemaRegistry.start() as served:
        message = messages.protobuf(served.url, definition("plant.Every"))(FULL)
        [row] = framed_formats(Registry({"schema_registry_url": served.url}))[2].rows(message)
    assert row == ROW | {"big": float(2**64)}  # the nearest that a column can hold


def test_what_is_not_written_is_its_default_or_left_out_where_that_can_be_told() -> None:
    row = protobuf.reader_of(schema(file()))(FIRST)
    assert row == {
        "long_id": 0,
        "big": 0,
        "ok": False,
        "ratio": 0.0,
        "state": "UNKNOWN",
        "tags": {},
        "sizes": [],
    }


def test_a_definition_inside_another_is_found() -> None:
    with SchemaRegistry.start() as served:
        message = messages.protobuf(served.url, definition("plant.Outer.Inner"))({"n": 3})
        [row] = framed_formats(Registry({"schema_registry_url": served.url}))[2].rows(message)
    assert row == {"n": 3}


def test_a_definition_in_a_file_that_is_referred_to_is_found() -> None:
    other = descriptor_pb2.FileDescriptorProto(name="top.proto", syntax="proto3", dependency=["lib/all.proto"])
    top = other.message_type.add(name="Top")
    top.field.add(name="inner", number=1, type=Field.TYPE_MESSAGE, type_name=".plant.Outer.Inner", label=1)
    read = protobuf.reader_of(schema(other, ("lib/all.proto", schema(file()).text)))
    assert read(FIRST + b"\x0a\x02\x08\x05") == {"inner": {"n": 5}}


def test_an_enum_value_without_a_name_stays_a_number() -> None:
    assert protobuf.reader_of(schema(file()))(FIRST + b"\x50\x09")["state"] == 9


@pytest.mark.parametrize("imported", ["confluent/type/decimal.proto", "confluent/types/decimal.proto"])
def test_confluents_decimal_is_a_number(imported: str) -> None:
    of = descriptor_pb2.FileDescriptorProto(name="d", syntax="proto3", dependency=[imported, "confluent/meta.proto"])
    field = of.message_type.add(name="D").field
    field.add(name="price", number=1, type=Field.TYPE_MESSAGE, type_name=".confluent.type.Decimal", label=1)
    if imported == "confluent/types/decimal.proto":
        del of.dependency[1]
    row = protobuf.reader_of(schema(of))(FIRST + b"\x0a\x08\x0a\x02\x04\xd2\x10\x04\x18\x02")
    assert float(row["price"]) == 12.34


def test_an_import_that_nobody_knows_is_named() -> None:
    of = descriptor_pb2.FileDescriptorProto(name="d", syntax="proto3", dependency=["lost.proto"])
    with pytest.raises(ValueError, match=r"lost\.proto"):
        protobuf.reader_of(schema(of))


@pytest.mark.parametrize(
    "place",
    [
        b"",
        b"\x02",
        b"\x02\x08",
        b"\x04\x02\x08",
        b"\x01",
        b"\xfe\xff\xff\xff\xff\x7f",
        b"\xc8\x01" + b"\0" * 100,
        b"\x80" * 99,
    ],
)
def test_a_place_without_a_definition_is_refused(place: bytes) -> None:
    with pytest.raises(ValueError, match="definition"):
        protobuf.reader_of(schema(file()))(place)


def test_a_message_deeper_than_any_stack_is_refused() -> None:
    of = descriptor_pb2.FileDescriptorProto(name="d", syntax="proto3")
    field = of.message_type.add(name="Chain").field
    field.add(name="next", number=1, type=Field.TYPE_MESSAGE, type_name=".Chain", label=1)
    deep = b""
    for _ in range(1000):
        length = len(deep)
        size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
        deep = b"\x0a" + size + deep
    with pytest.raises(ValueError, match="cut short"):
        protobuf.reader_of(schema(of))(FIRST + deep)


def test_values_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf_rows, "VALUES", 100)
    with pytest.raises(ValueError, match="more than 100"):
        protobuf.reader_of(schema(file()))(FIRST + b"\xaa\x01\x7f" + b"\1" * 127)


@given(payload=st.binary(max_size=200))
def test_any_bytes_are_a_row_or_malformed(payload: bytes) -> None:
    try:
        row = READ(FIRST + payload)
    except (ValueError, OverflowError):
        return
    assert "long_id" in row


READ = protobuf.reader_of(schema(file()))
