"""Messages of every format, as its own tools write them."""

import json
from typing import Any

import msgpack


def _lines(template: str, count: int = 40) -> list[bytes]:
    return [template.format(n=n, odd=n % 3, name="abc"[n % 3]).encode() for n in range(count)]


def _documents(make: Any, count: int = 40) -> list[bytes]:
    return [json.dumps(make(n)).encode() for n in range(count)]


def otlp(n: int) -> dict[str, Any]:
    points = [{"asInt": str(n), "timeUnixNano": str(1_700_000_000_000_000_000 + n)}]
    metric = {"name": "requests", "sum": {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": points}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


def cloudevent(n: int) -> dict[str, Any]:
    return {"specversion": "1.0", "id": str(n), "source": "/shop", "type": "order.placed", "data": {"total": n}}


def change(n: int) -> dict[str, Any]:
    return {
        "before": None,
        "after": {"id": n, "total": n},
        "op": "c",
        "ts_ms": n,
        "source": {"db": "shop", "table": "t"},
    }


SAMPLES: dict[str, list[bytes]] = {
    "json": _documents(lambda n: {"n": n, "at": {"zone": "eu"}, "tags": ["a"]}),
    "ndjson": _lines('{{"n": {n}, "name": "{name}"}}\n{{"n": {odd}}}\n'),
    "number": _lines("{n}.5"),
    "csv": [b"time,pump,bar", *_lines("2025-05-01 12:00:{n:02},{name},{n}.25")],
    "logfmt": _lines('level=info msg="request {n} is done" ms={n}.5 path=/{name}'),
    "clf": _lines('10.0.0.{n} - - [01/May/2025:12:00:00 +0000] "GET /{name} HTTP/1.1" 200 {n} "-" "curl/8"'),
    "influx": _lines("cpu,host={name} usage={n}.5,n={n}i 1700000000000000000"),
    "prometheus": _lines('http_requests_total{{code="200",path="/{name}"}} {n}'),
    "statsd": _lines("shop.{name}.requests:{n}|c|#region:eu,canary"),
    "otlp": _documents(otlp),
    "debezium": _documents(change),
    "cloudevents": _documents(cloudevent),
    "msgpack": [msgpack.packb({"n": n, "name": "abc"[n % 3]}) for n in range(40)],
    "text": _lines("Pump {n} of house {name} has started, and runs"),
}
"""By name; each of 40 messages or a few more."""

PROSE = (
    "The pump has started.",
    "Hello, world",
    "Hello, 5 worlds",
    "Well, 5",
    "error: cannot open a=b",
    "login failed for user=bob after 3 tries",
    "2025-05-01 12:00:00,123 INFO root: started 5 workers",
    "2025-05-01 12:00:00 | INFO | app:main:5 - started",
    "To be, or not to be, that is the question",
    "Order 66",
    "set x",
    "a | b",
    "Dear Bob; it is done; bye",
    "# a heading",
    "ratio 3:2|or so",
    '"quoted, text"',
    "é, ü, 5",
)
