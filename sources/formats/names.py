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


def check_format(name: str, *, registry: bool = False) -> None:
    """Raise BadSettings if that is neither `auto` nor a format's name.

    registry  whether those will do that only a schema registry can tell how to read
    """
    names = (AUTO, *NAMES, *(REGISTRY_FORMATS if registry else ()))
    if name not in names:
        why = "needs a schema registry" if name in REGISTRY_FORMATS else "is no format"
        raise BadSettings("format", f"{name[:40]!r} {why}: choose one of {', '.join(names)}")
