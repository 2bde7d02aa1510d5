"""What each format makes of one message, ordinary and odd."""

import json
from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest

from sources.formats.every import FORMATS

CLF = {
    "client": "::1",
    "ident": None,
    "user": None,
    "time": datetime(2025, 5, 1, 12, 0, 5, tzinfo=UTC),
    "method": "GET",
    "path": "/a?b=1",
    "protocol": "HTTP/1.1",
    "status": 200,
    "bytes": 512,
}

ROWS: list[tuple[str, bytes, list[dict[str, Any]]]] = [
    ("json", b'{"a": {"b": 1}}', [{"a": {"b": 1}}]),
    ("json", b"-3", [{"value": -3}]),
    ("json", b'[{"a": 1}, {"b": 2}]', [{"a": 1}, {"b": 2}]),
    ("json", b"[]", []),
    ("json", b'{"type": "trade", "data": [{"p": 1}]}', [{"type": "trade", "data": {"p": 1}}]),
    ("json", b'{"ok": true, "results": [{"p": 1}], "tags": []}', [{"ok": True, "results": {"p": 1}, "tags": []}]),
    ("json", b'{"n": 2, "data": [{"p": 1}]}', [{"n": 2, "data": [{"p": 1}]}]),
    ("json", b'{"items": [{"p": 1}]}', [{"items": [{"p": 1}]}]),
    ("json", b'{"data": [{"p": 1}], "items": [{}]}', [{"data": [{"p": 1}], "items": [{}]}]),
    ("json", b'{"data": [{"p": 1}, 2]}', [{"data": [{"p": 1}, 2]}]),
    ("json", b'{"schema": {"type": "struct"}, "payload": {"a": 1}}', [{"a": 1}]),
    ("json", b'{"schema": null, "payload": 5}', [{"value": 5}]),
    ("json", b'{"schema": 1, "payload": "x"}', [{"schema": 1, "payload": "x"}]),
    ("json", b'{"payload": {"a": 1}}', [{"payload": {"a": 1}}]),
    ("ndjson", b'{"a": 1}\r\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
    ("ndjson", b'{\n"a": 1\n}', [{"a": 1}]),
    ("number", b"21", [{"value": 21}]),
    ("number", b" +.5e1\n", [{"value": 5.0}]),
    ("number", b"NaN", [{"value": None}]),
    ("number", b"9" * 30, [{"value": 1e30}]),
    ("number", b"1e999", [{"value": None}]),
    ("csv", b"1,2.5,x", [{"column1": 1, "column2": 2.5, "column3": "x"}]),
    ("csv", b"a,b\n1,\n2,NA\nn/a,true", [{"a": 1, "b": None}, {"a": 2, "b": None}, {"a": None, "b": True}]),
    ("csv", b'a;b\n1,5;"x;y"\n', [{"a": 1.5, "b": "x;y"}]),
    (
        "csv",
        b"t;a;b\n12:00;x;1,5\n12:01;y;2,5",
        [{"t": "12:00", "a": "x", "b": 1.5}, {"t": "12:01", "a": "y", "b": 2.5}],
    ),
    ("csv", b"a;b\n1.219,3;1.219\n-2.000.000,5;0,5", [{"a": 1219.3, "b": 1.219}, {"a": -2_000_000.5, "b": 0.5}]),
    (
        "csv",
        b"a;b\n1.219,3;7\n1.219;1.219,3\n2.000.001;0.5\n3.000,5;1",
        [{"a": 1219.3, "b": 7}, {"a": 1219, "b": 1219.3}, {"a": 2_000_001, "b": 0.5}, {"a": 3000.5, "b": 1}],
    ),
    (
        "csv",
        b"a;b\n1.21,3;1\n01.219,3;2\n1.219.3;3",
        [{"a": "1.21,3", "b": 1}, {"a": "01.219,3", "b": 2}, {"a": "1.219.3", "b": 3}],
    ),
    ("csv", b"a\tb\n01234\t1\n-0.5\t\n7\t2", [{"a": "01234", "b": 1}, {"a": -0.5, "b": None}, {"a": 7, "b": 2}]),
    ("csv", b'n|text\n1|"two\nlines"', [{"n": 1, "text": "two\nlines"}]),
    ("csv", b",b\n0,5", [{"column1": 0, "b": 5}]),
    ("csv", b"\xef\xbb\xbfa, b\n1, 2", [{"a": 1, "b": 2}]),
    ("logfmt", b'a=1 b="x \\"y\\"\\n" c= d', [{"a": 1, "b": 'x "y"\n', "c": None, "d": True}]),
    ("logfmt", b'id="12" ok=true zip=01234', [{"id": "12", "ok": True, "zip": "01234"}]),
    ("logfmt", b"url=http://a/?b=c\nurl=x", [{"url": "http://a/?b=c"}, {"url": "x"}]),
    ("clf", b'::1 - - [01/May/2025:14:00:05 +0200] "GET /a?b=1 HTTP/1.1" 200 512', [CLF]),
    (
        "clf",
        b'::1 - - [01/May/2025:08:00:05 -0400] "GET /a?b=1 HTTP/1.1" 200 512 "-" "say \\"hi\\"" 0.5',
        [CLF | {"referer": None, "agent": 'say \\"hi\\"', "rest": "0.5"}],
    ),
    (
        "clf",
        b'::1 - Ada L [01/May/2025:12:00:05 +0000] "-" 408 -',
        [CLF | {"user": "Ada L", "method": None, "path": None, "protocol": None, "status": 408, "bytes": None}],
    ),
    ("influx", b"cpu usage=1", [{"cpu.usage": 1.0}]),
    (
        "influx",
        b'a\\ b,time=x,type=y n=3i,on=t,s="p q" -5\n# no more',
        [{"a b.n": 3, "a b.on": True, "a b.s": "p q", "time": -5, "label.time": "x", "type": "y"}],
    ),
    ("influx", b"m f=1 1\nm f=2 2", [{"m.f": 1.0, "time": 1}, {"m.f": 2.0, "time": 2}]),
    ("prometheus", b"up 1", [{"metric": "up", "type": "unknown", "value": 1}]),
    (
        "prometheus",
        b'# HELP x Seconds.\n# TYPE x histogram\nx_bucket{le="+Inf"} 3\nx_sum 0.5 1700000000123\n\nx_count NaN',
        [
            {"metric": "x_bucket", "type": "histogram", "value": 3, "le": "+Inf"},
            {"metric": "x_sum", "type": "histogram", "value": 0.5, "time": 1700000000123},
            {"metric": "x_count", "type": "histogram", "value": None},
        ],
    ),
    (
        "prometheus",
        b'# TYPE hits counter\nhits{type="a",value="b",metric="c",time="d",path="/{}\\"\\\\"} 1e3',
        [
            {
                "metric": "hits",
                "type": "counter",
                "value": 1000.0,
                "label.type": "a",
                "label.value": "b",
                "label.metric": "c",
                "label.time": "d",
                "path": '/{}"\\',
            }
        ],
    ),
    ("prometheus", b"# TYPE x counter", []),
    (
        "prometheus",
        b"# TYPE a gauge\nb 1\na 2",
        [
            {"metric": "b", "type": "unknown", "value": 1},
            {"metric": "a", "type": "gauge", "value": 2},
        ],
    ),
    ("statsd", b"a.b:1|c", [{"metric": "a.b", "type": "count", "value": 1}]),
    ("statsd", b"a:1|c|@0.1", [{"metric": "a", "type": "count", "value": 10.0}]),
    (
        "statsd",
        b"a:320.5|ms|@0.1\nb:-2|g\n",
        [
            {"metric": "a", "type": "timing", "value": 320.5},
            {"metric": "b", "type": "gauge", "value": -2},
        ],
    ),
    (
        "statsd",
        b"a:user:7|s",
        [
            {"metric": "a", "type": "set", "value": 1, "member": "user"},
            {"metric": "a", "type": "set", "value": 1, "member": "7"},
        ],
    ),
    (
        "statsd",
        b"a:1:2|d|#type:x,y|c:pod|T1700000000",
        [
            {"metric": "a", "type": "distribution", "value": 1, "time": 1700000000, "label.type": "x", "y": True},
            {"metric": "a", "type": "distribution", "value": 2, "time": 1700000000, "label.type": "x", "y": True},
        ],
    ),
    ("statsd", b"a:5|h", [{"metric": "a", "type": "histogram", "value": 5}]),
    ("debezium", b'{"before": {"id": 1}, "after": null, "op": "d"}', [{"id": 1, "op": "d"}]),
    (
        "debezium",
        (
            b'{"schema": {}, "payload": {"after": {"id": 1, "op": "x"}, "op": "u", "ts_ms": 5,'
            b' "source": {"db": "d", "schema": "s", "table": "t", "lsn": 9}}}'
        ),
        [{"id": 1, "row.op": "x", "op": "u", "ts_ms": 5, "source": {"db": "d", "schema": "s", "table": "t"}}],
    ),
    (
        "cloudevents",
        (
            b'{"specversion": "1.0", "id": "7", "source": "/a", "type": "t", "time": "2025-05-01T00:00:00Z", "subject": "s",'
            b' "datacontenttype": "application/json", "data": {"total": 3}}'
        ),
        [
            {
                "total": 3,
                "ce_id": "7",
                "ce_source": "/a",
                "ce_type": "t",
                "ce_time": "2025-05-01T00:00:00Z",
                "ce_subject": "s",
            }
        ],
    ),
    (
        "cloudevents",
        b'{"specversion": "1.0", "id": "7", "source": "/a", "type": "t"}',
        [
            {"ce_id": "7", "ce_source": "/a", "ce_type": "t"},
        ],
    ),
    (
        "cloudevents",
        b'{"specversion": "1.0", "id": "7", "source": "/a", "type": "t", "data": 5}',
        [
            {"value": 5, "ce_id": "7", "ce_source": "/a", "ce_type": "t"},
        ],
    ),
    (
        "msgpack",
        msgpack.packb({"a": 1, "b": b"x", "c": b"\xff", 5: [None]}),
        [{"a": 1, "b": "x", "c": "ff", "5": [None]}],
    ),
    ("msgpack", msgpack.packb([{"a": 1.5}, {"a": float("nan")}]), [{"a": 1.5}, {"a": None}]),
    ("msgpack", msgpack.packb({"t": msgpack.Timestamp(5)}), [{"t": datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)}]),
    ("msgpack", msgpack.packb({"x": msgpack.ExtType(7, b"\x01")}), [{"x": "01"}]),
    ("text", "grüß dich\n".encode(), [{"message": "grüß dich"}]),
    ("text", b"a\tb\nc", [{"message": "a\tb\nc"}]),
]


@pytest.mark.parametrize(("name", "message", "expected"), ROWS)
def test_a_message_becomes_its_rows(name: str, message: bytes, expected: list[dict[str, Any]]) -> None:
    assert FORMATS[name].rows(message) == expected


def test_every_format_has_its_rows_told() -> None:
    assert {name for name, _, _ in ROWS} == FORMATS.keys() - {"otlp"}, "otlp has a file of its own"


@pytest.mark.parametrize(
    ("name", "message", "reason"),
    [
        ("json", b"oops", "not JSON: "),
        ("json", b"[1]", "a JSON list that holds a number, where objects were expected"),
        ("json", b"null", "a JSON null, where"),
        ("ndjson", b'{"a": 1}\n{"a"', "line 2 is not JSON: "),
        ("ndjson", b"oops\nmore", "not JSON: "),
        ("number", b"12 V", "not a number"),
        ("number", b"1_000", "not a number"),
        ("csv", b"word", "not CSV: no two cells"),
        ("csv", b'1,"a', "not CSV"),
        ("csv", b"a,b\n1,2\n1,2,3", "a line of 3 cells, where 2 were expected"),
        ("csv", b"a,b\n1,2\n1", "a line of 1 cell, where 2 were expected"),
        ("logfmt", b"no pairs here", "not logfmt: no key=value in it"),
        ("logfmt", b'a="open', "not logfmt: no key=value at character 1"),
        ("clf", b"GET / 200", "not a line of an access log"),
        ("clf", b'a - - [32/May/2025:12:00:00 +0000] "GET / HTTP/1.1" 200 1', "there is no such time"),
        ("clf", b'a - - [yesterday] "GET / HTTP/1.1" 200 1', "is no time of an access log"),
        ("influx", b"m f=1\nm f=abc", "not line protocol: line 2: "),
        ("influx", b"m\0 f=1", "not line protocol: line 1: "),
        ("prometheus", b"up 1\nup", "not Prometheus's text format: line 2: "),
        ("prometheus", b'up{a="b} 1', "not Prometheus's text format: line 1: "),
        ("prometheus", b"up one", "not Prometheus's text format: line 1: "),
        ("statsd", b"a:1|c\na:1", "not StatsD: line 2 is not name:value|type"),
        ("statsd", b"a:x|c", "not StatsD: line 1 has 'x' for a number"),
        ("statsd", b"a:1|c|@2", "a sample rate of 2"),
        ("otlp", b'{"a": 1}', "not OTLP metrics: no resourceMetrics"),
        ("otlp", b'{"resourceMetrics": [1]}', "not OTLP metrics: not the structure"),
        ("debezium", b'{"op": "c"}', "not a Debezium change event"),
        ("cloudevents", b'{"id": "1"}', "not a CloudEvent"),
        ("msgpack", b"\x05", "not a map of MessagePack"),
        ("msgpack", b"\x81", "not MessagePack"),
        ("msgpack", b"\x81\x90\x90", "not MessagePack"),
        ("text", b"\xff\xfe", "not UTF-8 text: invalid start byte at byte 0"),
        ("text", b"\x01\x02ab", "mostly control characters"),
        *((name, b"", "") for name in FORMATS),
    ],
)
def test_what_is_not_of_the_format_is_refused_with_its_reason(name: str, message: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refusal:
        FORMATS[name].rows(message)
    assert reason in str(refusal.value)


def otlp(metric: dict[str, Any], **resource: str) -> list[dict[str, Any]]:
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in resource.items()]
    scope = {"scope": {"name": "test"}, "metrics": [{"name": "m", "unit": "By"} | metric]}
    document = {"resourceMetrics": [{"resource": {"attributes": attributes}, "scopeMetrics": [scope]}]}
    return FORMATS["otlp"].rows(json.dumps(document).encode())


POINT = {"asInt": "7", "timeUnixNano": "1700000000000000001"}


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        ({"gauge": {"dataPoints": [POINT]}}, "gauge"),
        ({"sum": {"dataPoints": [POINT], "aggregationTemporality": 2, "isMonotonic": True}}, "counter"),
        (
            {"sum": {"dataPoints": [POINT], "aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA"}},
            "delta",
        ),
        ({"sum": {"dataPoints": [POINT], "aggregationTemporality": 2}}, "sum"),
    ],
)
def test_a_data_point_of_otlp_is_a_row_of_its_kind(metric: dict[str, Any], kind: str) -> None:
    row = {"metric": "m", "type": kind, "value": 7, "unit": "By", "time": 1_700_000_000_000_000_001}
    assert otlp(metric) == [row]


def test_a_histogram_of_otlp_has_count_sum_min_and_max() -> None:
    point = {"count": "4", "sum": 2.5, "min": 0.5, "max": "NaN", "bucketCounts": ["1", "3"], "explicitBounds": [1]}
    [row] = otlp({"histogram": {"dataPoints": [point], "aggregationTemporality": 1}})
    assert row == {"metric": "m", "type": "histogram", "count": 4, "sum": 2.5, "min": 0.5, "max": None, "unit": "By"}


def test_attributes_of_otlp_keep_their_names_unless_ours() -> None:
    attributes = [
        {"key": "type", "value": {"stringValue": "blue"}},
        {"key": "port", "value": {"intValue": "80"}},
        {"key": "host", "value": {"stringValue": "of the point"}},
        {"key": "tags", "value": {"arrayValue": {"values": [{"boolValue": True}, {"doubleValue": 0.5}]}}},
        {"key": "none"},
    ]
    [row] = otlp({"gauge": {"dataPoints": [{"asDouble": 0.5, "attributes": attributes}]}}, host="a", job="api")
    assert row == {
        "metric": "m",
        "type": "gauge",
        "value": 0.5,
        "unit": "By",
        "host": "of the point",
        "job": "api",
        "label.type": "blue",
        "port": 80,
        "tags": [True, 0.5],
        "none": None,
    }
