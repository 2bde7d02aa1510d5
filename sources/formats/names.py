"""The names of the formats in the link, known without loading what reads them."""

from sources.errors import BadSettings

AUTO = "auto"
"""Found out by looking at the messages."""

NAMES = (
    *("otlp", "debezium", "cloudevents", "number", "json", "ndjson"),
    *("msgpack", "clf", "prometheus", "influx", "statsd", "logfmt", "csv"),
    "text",
)
"""Those of `sources.formats.every`, in its order."""

REGISTRY_FORMATS = ("avro", "protobuf", "jsonschema")
"""The formats that only a schema registry can tell how to read."""


def check_format(name: str) -> None:
    """Raise BadSettings if that is neither `auto` nor a format's name."""
    names = (AUTO, *NAMES, *REGISTRY_FORMATS)
    if name not in names:
        raise BadSettings("format", f"{name[:40]!r} is no format: choose one of {', '.join(names)}")
