"""Messages as producers write them for a schema registry, made by Confluent's own serializers."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

Write = Callable[[Mapping[str, Any]], bytes]

AVRO = """{"type": "record", "name": "Reading", "fields": [
    {"name": "n", "type": "long"}, {"name": "ms", "type": "double"}, {"name": "site", "type": "string"}]}"""

JSON = """{"title": "Reading", "type": "object", "properties": {
    "n": {"type": "integer"}, "ms": {"type": "number"}, "site": {"type": "string"}}}"""

Field = descriptor_pb2.FieldDescriptorProto


def avro(url: str, schema: str = AVRO, topic: str = "avro", **login: str) -> Write:
    return _bound(AvroSerializer(_client(url, **login), schema), topic)


def json_schema(url: str, schema: str = JSON, topic: str = "json", **login: str) -> Write:
    return _bound(JSONSerializer(schema, _client(url, **login)), topic)


def protobuf(url: str, definition: Any, topic: str = "protobuf") -> Write:
    """Writes messages of the class `definition`, given as its JSON says."""
    write = _bound(ProtobufSerializer(definition, _client(url)), topic)
    return lambda row: write(json_format.ParseDict(dict(row), definition()))


@functools.cache
def reading() -> Any:
    """The class of the same reading as in AVRO and JSON."""
    file = descriptor_pb2.FileDescriptorProto(name="reading.proto", package="plant", syntax="proto3")
    fields = (("n", Field.TYPE_INT64), ("ms", Field.TYPE_DOUBLE), ("site", Field.TYPE_STRING))
    file.message_type.add(name="Other").field.append(Field(name="a", number=1, type=Field.TYPE_INT32, label=1))
    message = file.message_type.add(name="Reading")
    for number, (name, kind) in enumerate(fields, 1):
        message.field.append(Field(name=name, number=number, type=kind, label=1))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("plant.Reading"))


def writers(url: str) -> dict[str, Write]:
    """One of each kind for the same reading, by the name of its format."""
    return {"avro": avro(url), "protobuf": protobuf(url, reading()), "jsonschema": json_schema(url)}


def _client(url: str, **login: str) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": url, "max.retries": 0, **login})


def _bound(serializer: Any, topic: str) -> Write:
    context = SerializationContext(topic, MessageField.VALUE)
    return lambda row: serializer(row, context)
