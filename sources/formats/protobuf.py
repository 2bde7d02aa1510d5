"""Protobuf: one message, as the file that a schema is defines it. What becomes of its fields: see `protobuf_rows`.

The payload begins with the place of the message's definition in the file, as "Formats, Serializers, and Deserializers"
in Confluent's documentation says: how many numbers, then the numbers, each a zigzag varint; a 0 alone is the first
definition.
"""

import base64
import binascii
import importlib
import re
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from sources.formats.protobuf_rows import Rows
from sources.registry import Schema

ROOT = "registered.proto"
"""The name that a schema's own file gets. Nobody imports it."""

DEPTH = 20
"""The deepest that a definition may stand inside others."""

_LIBRARY = re.compile(r"(google/(?:protobuf|type)/\w+)\.proto")

_Field = descriptor_pb2.FieldDescriptorProto

_DECIMAL = descriptor_pb2.FileDescriptorProto(
    name="confluent/type/decimal.proto",
    package="confluent.type",
    syntax="proto3",
    message_type=[
        descriptor_pb2.DescriptorProto(
            name="Decimal",
            field=[
                _Field(name=name, number=number, type=kind)
                for number, (name, kind) in enumerate(
                    (("value", _Field.TYPE_BYTES), ("precision", _Field.TYPE_UINT32), ("scale", _Field.TYPE_INT32)), 1
                )
            ],
        )
    ],
)
"""What Confluent's clients know without a registry, besides google's."""


def reader_of(schema: Schema) -> Callable[[bytes], dict[str, Any]]:
    """What reads a payload of this schema: gives its fields.

    Both raise ValueError, or whatever protobuf does, for what can't be used.
    """
    pool = DescriptorPool()  # its own, because another schema may define the same names otherwise
    for name, text in schema.references:
        _add(pool, _file(name, text))
    _add(pool, _file(ROOT, schema.text))
    root = pool.FindFileByName(ROOT)
    rows = Rows()
    classes: dict[tuple[int, ...], Any] = {}

    def read(payload: bytes) -> dict[str, Any]:
        path, start = _path(payload)
        if path not in classes:
            classes[path] = GetMessageClass(_definition(root, path))
        try:
            message = classes[path].FromString(payload[start:])
        except DecodeError:
            raise ValueError("its bytes are cut short, or of another schema") from None
        return rows.row(message)

    return read


def _file(name: str, text: str) -> descriptor_pb2.FileDescriptorProto:
    """The definitions, under the name by which others import them."""
    try:
        file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(text, validate=True))
    except (binascii.Error, DecodeError):
        raise ValueError("the registry does not give it serialized (format=serialized)") from None
    file.name = name
    return file


def _add(pool: DescriptorPool, file: descriptor_pb2.FileDescriptorProto) -> None:
    """Add the file and, before it, what it imports and nobody refers to: files that every client knows."""
    for name in file.dependency:
        try:
            pool.FindFileByName(name)
        except KeyError:
            _add(pool, _known(name))
    pool.Add(file)


def _known(name: str) -> descriptor_pb2.FileDescriptorProto:
    library = _LIBRARY.fullmatch(name)
    if library is not None:
        try:
            module = importlib.import_module(library[1].replace("/", ".") + "_pb2")
        except ImportError:
            raise ValueError(f"it imports {name}, which is not known here") from None
        return descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    if name == _DECIMAL.name:
        return _DECIMAL
    if name == "confluent/types/decimal.proto":  # where it stood before
        return descriptor_pb2.FileDescriptorProto(name=name, dependency=[_DECIMAL.name], public_dependency=[0])
    if name == "confluent/meta.proto":  # remarks for other tools, which may stay unread
        return descriptor_pb2.FileDescriptorProto(name=name)
    raise ValueError(f"it imports {name[:100]}, and the registry does not say where that is")


def _path(payload: bytes) -> tuple[tuple[int, ...], int]:
    """The place of the definition, and where in the payload the message begins."""
    count, position = _varint(payload, 0)
    if count == 0:
        return (0,), position
    if not 0 < count <= DEPTH:
        raise ValueError(f"its definition stands {count} deep, where at most {DEPTH} are read")
    numbers = []
    for _ in range(count):
        number, position = _varint(payload, position)
        numbers.append(number)
    return tuple(numbers), position


def _varint(payload: bytes, position: int) -> tuple[int, int]:
    """A zigzag varint of at most 32 bits, and where it ends."""
    value = 0
    for shift in range(0, 35, 7):
        byte = payload[position] if position < len(payload) else 0x80
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that there is more
            return (value >> 1) ^ -(value & 1), position
    raise ValueError("it does not say which definition is meant")


def _definition(root: FileDescriptor, path: tuple[int, ...]) -> Descriptor:
    definitions: list[Descriptor] = list(root.message_types_by_name.values())
    for number in path[:-1]:
        definitions = list(_at(definitions, number).nested_types)
    return _at(definitions, path[-1])


def _at(definitions: list[Descriptor], number: int) -> Descriptor:
    if not 0 <= number < len(definitions):
        raise ValueError(f"its schema has no definition number {number} there")
    return definitions[number]
