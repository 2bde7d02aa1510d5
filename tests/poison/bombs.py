"""Inputs that are short to write and long to read: made here, because the files would be large."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from tests.poison import batches
from tests.poison.poison import APART, as_json


@dataclass(frozen=True)
class Bomb:
    """What is made for which target; `cpu_s` where so large an input may take longer than others."""

    target: str
    make: Callable[[], bytes]
    cpu_s: float = 1.0


def envelope(fields: int, items: int, opening: bytes = b"{") -> bytes:
    """Objects in a list, in an object of many fields."""
    outer = b",".join(b'"k%d":"v"' % each for each in range(fields))
    return opening + outer + b',"data":[' + b",".join([b"{}"] * items) + b"]}"


def otlp(attributes: int, points: int) -> bytes:
    """Data points of a resource of many attributes."""
    named = [{"key": f"k{each}", "value": {"stringValue": "v"}} for each in range(attributes)]
    gauge = {"name": "a", "gauge": {"dataPoints": [{"asInt": "1"}] * points}}
    return as_json({"resourceMetrics": [{"resource": {"attributes": named}, "scopeMetrics": [{"metrics": [gauge]}]}]})


def deep(opening: bytes, closing: bytes, depth: int = 900) -> bytes:
    """Rows, each of objects or lists within each other."""
    return b"[" + b",".join([b'{"a":' + opening * depth + b"1" + closing * depth + b"}"] * 40) + b"]"


def of_names(count: int, each: bytes, between: bytes) -> bytes:
    """So many names, each with a number of its own."""
    return between.join(each % number for number in range(count))


_CLOUDEVENT = b'{"specversion":"1.0","id":"1","source":"a","type":"b",'
_ZEROS = 300_000_000

BOMBS: dict[str, Bomb] = {
    "an envelope of many fields around many items": Bomb("format-json", lambda: envelope(3_000, 3_000)),
    "such envelopes line by line": Bomb("format-ndjson", lambda: b"\n".join([envelope(1_000, 1_000)] * 5)),
    "such an answer over HTTP": Bomb("http-answer", lambda: b"\n" + envelope(3_000, 3_000)),
    "a CloudEvent of many attributes and items": Bomb(
        "format-cloudevents", lambda: envelope(3_000, 3_000, _CLOUDEVENT)
    ),
    "OTLP of many attributes and points": Bomb("format-otlp", lambda: otlp(1_500, 1_500), 2.0),
    "StatsD of many tags and values": Bomb(
        "format-statsd", lambda: b"a:" + b":".join([b"1"] * 5_000) + b"|c|#" + of_names(5_000, b"t%d:1", b",")
    ),
    "rows of which each has another field": Bomb(
        "format-json", lambda: b"[" + b",".join(b'{"a%d":1}' % (each % 500) for each in range(60_000)) + b"]", 3.0
    ),
    "many rows of deep objects": Bomb("format-json", lambda: deep(b'{"a":', b"}")),
    "many rows of deep lists": Bomb("format-json", lambda: deep(b"[", b"]")),
    "an object of 100,000 fields": Bomb("format-json", lambda: b"{" + of_names(100_000, b'"k%d":1', b",") + b"}", 2.0),
    "a name of a megabyte": Bomb("format-json", lambda: b'{"' + b"x" * 1_000_000 + b'":1}'),
    "a number of 100,000 digits": Bomb("format-auto", lambda: b'{"a":' + b"9" * 100_000 + b"}"),
    "a list of 100,000 lists": Bomb("format-json", lambda: b'{"a":[' + b"[]," * 100_000 + b"1]}"),
    "JSON of a million brackets": Bomb("format-auto", lambda: b"[" * 1_000_000),
    "MessagePack of 100,000 lists": Bomb("format-msgpack", lambda: b"\x91" * 100_000 + b"\xc0"),
    "MessagePack that promises four billion items": Bomb("format-msgpack", lambda: b"\xdd\xff\xff\xff\xff"),
    "CSV of 20,000 columns": Bomb("format-csv", lambda: b"\n".join([b",".join([b"1"] * 20_000)] * 3), 2.0),
    "logfmt of 30,000 pairs": Bomb("format-logfmt", lambda: of_names(30_000, b"k%d=1", b" "), 2.0),
    "Prometheus of 16,000 underscores": Bomb("format-auto", lambda: b"\n".join([b"_" * 16_000 + b"\t1"] * 4)),
    "Prometheus of 8,000 backslashes": Bomb("format-prometheus", lambda: b"\n".join([b'a{b="' + b"\\" * 8_000] * 10)),
    "an access log of 50,000 quotes": Bomb(
        "format-clf", lambda: b'a b c [01/May/2024:12:00:00 +0000] "' + b'\\"' * 50_000
    ),
    "an access log of a user of 20,000 words": Bomb(
        "format-clf", lambda: b"a b " + b"c " * 20_000 + b'[01/May/2024] "'
    ),
    "texts of 100,000 digits": Bomb("cells", lambda: APART.join([b"9" * 100_000] * 10), 2.0),
    "an instant of 100,000 digits": Bomb("cells", lambda: b"2024-05-01T12:00:00" + b"0" * 100_000),
    "lengths of time without end": Bomb("cells", lambda: APART.join([b"1h1m1s" * 3_000] * 10)),
    "an event's line in 20,000 parts": Bomb("http-events", lambda: APART.join([b"x" * 200] * 20_000)),
    "an event of a million lines of nothing": Bomb("http-events", lambda: b"data\n" * 1_000_000, 2.0),
    "an event's id of three megabytes": Bomb("http-events", lambda: b"id: " + b"x" * 3_000_000 + b"\ndata: 1\n\n"),
    "an answer of two million blanks": Bomb(
        "wire-http", lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b" " * 2_000_000
    ),
    "a filter of 20,000 blanks": Bomb("link", lambda: b"where=a" + b"+" * 20_000 + b"b"),
    "a topic of 30,000 levels": Bomb("mqtt-payload", lambda: b"a/" * 30_000 + b"\n1"),
    "a subject of 30,000 levels": Bomb("nats-payload", lambda: b"a." * 30_000 + b"\n1"),
    "an entry of 30,000 fields": Bomb("redis-entry", lambda: of_names(60_000, b"k%d", APART), 2.0),
    "a post of 50,000 lines": Bomb("push-body", lambda: b"text/plain\n" + b"\n".join([b"x"] * 50_000), 2.0),
    "a packed post of 300 MB": Bomb("push-body", lambda: b"\n" + gzip.compress(bytes(_ZEROS), 1)),
    "a packed file of 300 MB in one line": Bomb("file.gz", lambda: gzip.compress(b"x" * _ZEROS, 1), 4.0),
    "a file of 20,000 packed nothings": Bomb("file.gz", lambda: gzip.compress(b"") * 20_000),
    "CSV of quotes that never end": Bomb("file.csv", lambda: b"a,b\n" + b'"x\n' * 50_000),
    "a JSON text of backslashes": Bomb("file.json", lambda: b"[1," + b'"\\' * 50_000),
    "a board's name of 20,000 dots": Bomb("board-file", lambda: b"a" + b".a" * 20_000 + b"=1"),
    "a board of 30,000 brackets": Bomb("board-file", lambda: b"a=" + b"[" * 30_000),
    "a connection of 2,000 tables in each other": Bomb(
        "secrets", lambda: b'[connections.a]\ntype = "http"\na' + b".a" * 2_000 + b" = 1"
    ),
    "a link of 5,000 filters": Bomb("link", lambda: b"&".join(b"where=a:eq:%d" % each for each in range(5_000)), 2.0),
    "a link of numbers of 50,000 digits": Bomb(
        "link", lambda: b"rate=%s&seed=%s&window=%ss&at=%s&mode=paused" % ((b"9" * 50_000,) * 4)
    ),
    "a link of a filter of 20,000 values": Bomb("link", lambda: b"where=value:in:" + b",1" * 20_000),
    "settings of 100,000 commas": Bomb("settings", lambda: b"," * 100_000, 3.0),
    "settings of 50,000 levels": Bomb("settings", lambda: b"a/" * 50_000, 3.0),
    **{
        f"a Kafka batch of 150 MB in {codec}": Bomb(
            "kafka", lambda codec=codec: batches.written([bytes(_ZEROS // 2)], codec)
        )
        for codec in ("gzip", "snappy", "lz4", "zstd")
    },
    **{
        f"a message set of 150 MB in {codec}": Bomb(
            "kafka", lambda codec=codec: batches.written_of_old([bytes(_ZEROS // 2)], codec)
        )
        for codec in ("gzip", "snappy", "lz4")
    },
}
"""By what they are. All but a few are shorter than a megabyte."""
