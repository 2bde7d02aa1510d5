"""Messages framed for a schema registry: a zero byte, the schema's number in four bytes, most significant first, the payload.

The frame is that of "Formats, Serializers, and Deserializers" in Confluent's documentation.
"""

import struct
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

import orjson

from sources.formats.format import Document, Format
from sources.formats.plain import plain
from sources.registry import SCHEMAS, Registry, Schema

_FRAME = struct.Struct(">bi")

_NAMES = {"AVRO": "Avro", "PROTOBUF": "Protobuf", "JSON": "JSON Schema"}

_CONTAINER = b"Obj\x01"
"""How an Avro object container file begins, which holds its own schema."""

Read = Callable[[bytes], Any]


def framed_formats(registry: Registry) -> tuple[Format, ...]:
    """Avro, Protobuf and JSON Schema, by the schemas of that registry.

    `jsonschema` comes first: its objects tell themselves, while for the others the registry must be asked. Then `rows`
    raises a SourceError where it is not named, is away or refuses the login.
    """
    framed = _Framed(registry)
    return (
        Format("jsonschema", "JSON Schema (registry)", framed.json_rows),
        Format("avro", "Avro (registry)", framed.avro_rows),
        Format("protobuf", "Protobuf (registry)", partial(framed.rows, "PROTOBUF")),
    )


class _Framed:
    """Reads by the schemas of one registry, each made ready once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._reader = lru_cache(SCHEMAS)(self._make_reader)

    def rows(self, kind: str, message: bytes) -> list[Document]:
        """See Rows."""
        number = _number(message)
        if kind != "JSON" and _is_object(message[_FRAME.size :]):  # known without the registry, which may not be there
            raise ValueError(f"its payload is JSON, not {_NAMES[kind]}")
        found, read = self._reader(number)
        if found != kind:
            raise ValueError(f"its schema, number {number}, is {_NAMES.get(found, found)[:40]}, not {_NAMES[kind]}")
        if isinstance(read, str):
            raise ValueError(read)  # noqa: TRY004 - the schema's fault, known since it was made ready
        return [_document(_try(read, message[_FRAME.size :], f"not {_NAMES[kind]} by its schema, number {number}"))]

    def avro_rows(self, message: bytes) -> list[Document]:
        """See Rows. An object container file is read too."""
        if not message.startswith(_CONTAINER):
            return self.rows("AVRO", message)
        from sources.formats.avro import read_container  # noqa: PLC0415 - few feeds need it

        return [_document(each) for each in _try(read_container, message, "not an Avro container file")]

    def json_rows(self, message: bytes) -> list[Document]:
        """See Rows. Of what is JSON and no object, as bytes may be by chance, the registry must say that it is meant so."""
        number = _number(message)
        value = _try(orjson.loads, message[_FRAME.size :], f"not JSON, of schema {number}")
        if isinstance(value, dict):
            return [value]
        if not self._registry.named:  # no reason to end a feed whose other messages need none
            raise ValueError(f"no object, and only schema {number} tells what it is: add schema_registry_url")
        return self.rows("JSON", message)

    def _make_reader(self, number: int) -> tuple[str, Read | str]:
        """The schema's kind, and what reads by it or why nothing can."""
        schema = self._registry.schema(number)
        try:
            return schema.kind, _try(_reader_of, schema, f"its schema, number {number}, can't be used")
        except ValueError as error:
            return schema.kind, str(error)  # remembered, lest it be tried again for every message


def _reader_of(schema: Schema) -> Read:
    """What reads by that schema. The libraries are imported by whose messages need them."""
    match schema.kind:
        case "AVRO":
            from sources.formats import avro  # noqa: PLC0415

            return avro.reader_of(schema)
        case "PROTOBUF":
            from sources.formats import protobuf  # noqa: PLC0415

            return protobuf.reader_of(schema)
        case "JSON":
            return orjson.loads
    raise ValueError("it is neither Avro nor Protobuf nor JSON Schema")


def _number(message: bytes) -> int:
    """The number of the message's schema."""
    if len(message) < _FRAME.size or message[0] != 0:
        raise ValueError("not framed for a schema registry: does not begin with a zero byte and a schema's number")
    number: int = _FRAME.unpack_from(message)[1]
    if number <= 0:
        raise ValueError(f"not framed for a schema registry: {number} is no schema's number")
    return number


def _is_object(payload: bytes) -> bool:
    if payload[:1] != b"{":
        return False
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError:
        return False
    return True


def _try(read: Callable[[Any], Any], given: Any, otherwise: str) -> Any:
    """What `read` makes of it; ValueError, which begins so, whatever it raises."""
    try:
        return read(given)
    except RecursionError:
        reason = "nested too deeply"
    except EOFError:
        reason = "cut short"
    except Exception as error:  # noqa: BLE001 - each library, and each wrong byte, raises its own
        reason = str(error)[:200] or type(error).__name__
    raise ValueError(f"{otherwise}: {reason}")


def _document(datum: Any) -> Document:
    if isinstance(datum, int | float | Decimal) and not isinstance(datum, bool):
        datum = {"value": datum}
    if not isinstance(datum, dict):
        raise ValueError(f"a {type(datum).__name__} alone, where a record or a number was expected")  # noqa: TRY004
    row: Document = _try(plain, datum, "can't be shown")
    return row
