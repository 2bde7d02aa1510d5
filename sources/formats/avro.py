"""Avro: one datum, read by the very schema that it was written by.

fastavro trusts the schema and the message with its stack, memory and time. A message can be anybody's, so these are
refused or read otherwise:

    a list of items that take no bytes        could have any length at no cost: refused
    records that hold much in no bytes        the same: refused
    a type that contains itself               is read by fastavro's Python, which meets the recursion limit, not a crash
    a decimal of thousands of digits          takes time by the square of their number: refused
"""

import io
from collections.abc import Callable
from itertools import islice
from typing import Any

import orjson
from fastavro import _read_py, parse_schema, reader, schemaless_reader
from fastavro.read import LOGICAL_READERS

from sources.formats.avro_cost import is_recursive
from sources.formats.avro_decimal import read_decimal
from sources.registry import Schema

ROWS = 10_000
"""The most rows of a message that is an object container file."""

RECURSIVE_BYTES = 65_536
"""The longest message of a type that contains itself: fastavro's Python takes long over numbers without end."""

_WRAP = "PulseboardMessage"

LOGICAL_READERS.update({"bytes-decimal": read_decimal, "fixed-decimal": read_decimal})


def reader_of(schema: Schema) -> Callable[[bytes], Any]:
    """What reads a payload that was written by this schema: gives its datum, of whatever type.

    Both raise ValueError, or whatever fastavro does, for what can't be used.
    """
    parsed, recursive = _parse(schema)
    read_one = _read_py.schemaless_reader if recursive else schemaless_reader

    def read(payload: bytes) -> Any:
        if recursive and len(payload) > RECURSIVE_BYTES:
            raise ValueError(f"its type contains itself, and it is longer than {RECURSIVE_BYTES:,} bytes")
        stream = io.BytesIO(payload)
        datum: Any = read_one(stream, parsed, None)
        if stream.tell() < len(payload):
            raise ValueError(f"{len(payload) - stream.tell()} bytes are left over")
        return datum["value"]

    return read


def read_container(message: bytes) -> list[Any]:
    """The data in an object container file that is not compressed. Raises as `reader_of` does."""
    file = reader(io.BytesIO(message))
    _, recursive = _parse(Schema("AVRO", file.metadata["avro.schema"]))
    if recursive or file.codec != "null":
        raise ValueError("a container file that is compressed, or whose type contains itself, is not read")
    data = list(islice(file, ROWS + 1))
    if len(data) > ROWS:
        raise ValueError(f"it holds more than {ROWS:,} rows")
    return data


def _parse(schema: Schema) -> tuple[Any, bool]:
    """The schema as fastavro takes it, and whether a type contains itself.

    A record of one field is written as the field alone. In one, fastavro remembers named types for any schema; by itself,
    a union has no place for them.
    """
    named: dict[str, Any] = {}
    for _, text in schema.references:
        parse_schema(orjson.loads(text), named)
    field = {"name": "value", "type": orjson.loads(schema.text)}
    parsed = parse_schema({"type": "record", "name": _WRAP, "fields": [field]}, named)
    return parsed, is_recursive(parsed, named)
