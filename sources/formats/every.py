"""The formats that need nothing but the message. Only what decodes imports them: they cost the app's start 20 ms."""

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
from sources.formats.format import Format

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
