"""How messages are read: one small file a format, each from the bytes of one message to its rows."""

from sources.formats import (
    clf,
    cloudevents,
    csv,
    debezium,
    influx,
    json,
    logfmt,
    msgpack,
    ndjson,
    number,
    otlp,
    prometheus,
    statsd,
    text,
)
from sources.formats.format import Document, Format, Rows

__all__ = ["FORMATS", "LAST_RESORT", "REGISTRY_FORMATS", "Document", "Format", "Rows"]

FORMATS: dict[str, Format] = {
    each.FORMAT.name: each.FORMAT
    for each in (
        *(otlp, debezium, cloudevents, number, json, ndjson),
        *(msgpack, clf, prometheus, influx, statsd, logfmt, csv),
        text,
    )
}
"""Every format that needs nothing but the message, by its name in the link; the more specific stand first."""

LAST_RESORT = text.FORMAT

REGISTRY_FORMATS = ("avro", "protobuf", "jsonschema")
"""The formats that only a schema registry can tell how to read."""
