"""Genuine inputs of each target."""

import base64
import gzip
import io
import json
from decimal import Decimal

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

from sources.batch import Note
from sources.formats.names import AUTO
from sources.recording import write_recording
from sources.recording_header import Header, header_json
from tests.feeds.corpus import corpus
from tests.poison import batches
from tests.poison.poison import APART, as_json
from tests.sources.formats import samples

_FEEDS = {each.name: each.messages for each in corpus()}
_ROWS = b'[{"time": "2024-05-01T12:00:00Z", "host": "a", "ms": 12.5}, {"time": "2024-05-01T12:00:01Z", "host": "b", "ms": 7}]'


def messages(name: str) -> tuple[bytes, ...]:
    """Of one format, or of all."""
    if name != AUTO:
        return tuple(samples.SAMPLES[name][:3])
    return tuple(each[0] for each in _FEEDS.values()) + tuple(each[1] for each in samples.SAMPLES.values())


def _avro(schema: object, datum: object) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), datum)
    return as_json(schema) + b"\n" + out.getvalue()


AVRO = (
    _avro(
        {"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}, {"name": "s", "type": "string"}]},
        {"n": 1, "s": "a"},
    ),
    _avro({"type": "map", "values": {"type": "array", "items": ["null", "double", "bytes"]}}, {"a": [1.5, None, b"x"]}),
    _avro({"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}, Decimal("1.25")),
    _avro({"type": "long", "logicalType": "timestamp-micros"}, 10**15),
    _avro(
        {"type": "record", "name": "T", "fields": [{"name": "b", "type": {"type": "array", "items": "T"}}]},
        {"b": [{"b": []}]},
    ),
)


def protobuf() -> tuple[bytes, ...]:
    """A message of the well-known types, and one of its own."""
    from google.protobuf import descriptor_pb2, struct_pb2  # noqa: PLC0415 - takes a moment

    file = descriptor_pb2.FileDescriptorProto(name="a.proto", syntax="proto3")
    file.dependency.append("google/protobuf/struct.proto")
    file.dependency.append("google/protobuf/timestamp.proto")
    message = file.message_type.add(name="M")
    message.field.add(name="n", number=1, type=3, label=1)
    message.field.add(name="s", number=2, type=9, label=3)
    message.field.add(name="v", number=3, type=11, type_name=".google.protobuf.Struct", label=1)
    message.field.add(name="t", number=4, type=11, type_name=".google.protobuf.Timestamp", label=1)
    struct = struct_pb2.Struct()
    struct.update({"a": [1, {"b": None}]})
    inner = struct.SerializeToString()
    payload = b"\x00\x08\x07\x12\x01a\x12\x01b\x1a" + bytes([len(inner)]) + inner + b"\x22\x02\x08\x05"
    return (base64.b64encode(file.SerializeToString()) + b"\n" + payload,)


def kafka() -> tuple[bytes, ...]:
    """Batches of every codec, in both formats."""
    values = [b'{"n": 1, "host": "a"}', b'{"n": 2, "host": "b"}']
    new = [batches.written(values, codec, (("trace", b"x"),)) for codec in batches.CODECS]
    old = [batches.written_of_old(values, codec) for codec in ("none", "gzip", "snappy", "lz4")]
    return (*new, *old, new[0] + new[1])


ANSWERS = (
    b"\n" + _ROWS,
    b"data.trades\n" + as_json({"page": 1, "data": {"trades": json.loads(_ROWS)}}),
    b"0.1\n[[1], [2, 3]]",
    b'\n# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\nup 1',
    b"\ntime,host,ms\n2024-05-01T12:00:00Z,a,1.5\n2024-05-01T12:00:01Z,b,2.5",
    b"\n" + as_json({"server": "a", "note": "x", "data": [{"p": 1}, {"p": 2}]}),
)
EVENTS = (
    b': hello\nretry: 10\n\nid: 1\nevent: trade\ndata: {"p": 1}\n\n' + APART + b'id: 2\ndata: {\ndata: "p": 2}\n\n',
    b"\xef\xbb\xbfdata: 1\r\n\r\ndata: 2\r\rdata:3\n\n",
)
MQTT = (
    b"house/kitchen/temperature\n21.5",
    b'zwave/hall/temperature\n{"value": 20, "ok": true}',
    b"$SYS/broker/load/1min\n12",
    b"plant.7.sensor.temp\ntrue",
    b"relay/0\nON",
    b"a//b/\n21.5 \xc2\xb0C",
)
REDIS = (
    APART.join((b"ms", b"12", b"host", b"a")),
    APART.join((b"data", b'{"ms": 12, "host": "a"}')),
    APART.join((b"value", b"7.5")),
    APART.join((b"at", b'{"zone": "eu"}', b"ms", b"12.5", b"_offset", b"\xff")),
)


def posts() -> tuple[bytes, ...]:
    """Plain, of many lines, and packed."""
    lines = b'{"a": 1}\n{"a": 2}\n'
    return (
        b"text/csv\na,b\n1,2",
        b"application/x-ndjson\n" + lines,
        b"\n" + gzip.compress(lines),
        b"text/plain; version=0.0.4\nup 1\n",
    )


def files(ending: str) -> tuple[bytes, ...]:
    """Files that end so."""
    match ending:
        case ".csv":
            return (
                b"time,host,ms\n2024-05-01 12:00:00,a,1.5\n2024-05-01 12:00:01,b,2.5\n",
                "zeit;wert\n1.5.2024 12:00:00;1,5\n".encode("utf-16"),
                b'a,"b\nc",1\n2,3,4\n',
                b"K\xf6ln;1\nK\xf6ln;2\n",
            )
        case ".json":
            return (
                _ROWS,
                b'{"a": 1,\n"b": [1, 2]}\n{"a": 2}',
                b'[1, 2, "a", null]',
                b'[[1, {"a": "]"}], [2]]',
                b'{"a": 1}\n{"a": 2}\n',
            )
        case ".log":
            return (
                b"2024-05-01 12:00:00 pump started\n2024-05-01 12:00:01 pump stopped\n",
                b"level=info ms=1\nlevel=warn ms=2\n",
            )
        case ".gz":
            return (gzip.compress(b"a,b\n1,2\n3,4\n"), gzip.compress(_ROWS) * 2)
    out = io.BytesIO()
    table = pa.table(
        {
            "time": pa.array([10**15, 2 * 10**15], pa.timestamp("us")),
            "a": ["x", "x"],
            "l": [[1], [2, 3]],
            "s": [{"b": 1}, None],
        }
    )
    pq.write_table(table, out)
    ours = io.BytesIO()
    kept = pa.table({"_time": pa.array([10**15], pa.timestamp("us", "UTC")), "ms": [1.5]})
    write_recording(ours, [kept], Header(made_us=10**15, source="kafka"))
    return (out.getvalue(), ours.getvalue())


def headers() -> tuple[bytes, ...]:
    """As our recordings have one."""
    made = Header(made_us=10**15, source="kafka", link={"topic": ["a"]}, notes=(Note(5, "deployed"),))
    return (bytes(header_json(made, {"a (string)": "a"})),)


LINKS = (
    b"source=kafka&topic=pumps&start=last+1000&window=5m&refresh=1s&views=chart,table",
    b"source=http&url=http://127.0.0.1/a&every=2s&items=data.rows&where=host:eq:a&where=n:ge:5&by=host&value=value&agg=p95",
    b"mode=paused&at=2024-05-01T12:00:00Z&range=2024-05-01T12:00:00Z/2024-05-01T12:05:00Z&where=time:gt:2024-05-01",
    b"source=replay&recording=demo&speed=2&loop=true&where=value:in:1,2,a&where=ok:ne:true&where=host:contains:a&where=n:lt:1e3",
    b"source=websocket&url=ws://127.0.0.1:1/a&subscribe={}&source=mqtt&topic=a/%2B/%23&qos=1",
    b"source=sql&table=a&query=select+1&cursor=id&source=redis&topic=a*&via=stream&start=1526919030474-0",
    b"source=simulated&rate=100&series=5&history=1h&seed=4",
    b"source=nats&url=nats://127.0.0.1:1&topic=a.*.>&source=push&name=demo&source=machine&processes=true",
)
BOARDS = (
    b'source = "kafka"\nwhere = [\n    "host:eq:a",\n]\n',
    b'window = "5m"\nviews = ["a"]\n[a.b]\nc = 1979-05-27T07:32:00Z\n',
)
SECRETS = (
    b'[connections.a]\ntype = "kafka"\nbootstrap_servers = "a:9092,b:9092"\nsecurity_protocol = "SASL_SSL"\nsasl_mechanism = "PLAIN"\n',
    b'[connections.a]\ntype = "http"\nurl = "https://u:p@a.org/api?x=1"\nbearer_auth_token = "x"\n[connections.a.headers]\nX-Key = "a"\n',
    b'[connections.a]\ntype = "sql"\nurl = "postgresql://u:p@localhost/db"\nallow_query = true\n[connections.b]\ntype = "redis"\nurl = "redis://:p@a:1/0"\n',
    b'[connections.a]\ntype = "mqtt"\nhost = "a"\nport = 1883\n[connections.b]\ntype = "nats"\nservers = ["nats://a:4222"]\n',
    b'[connections.a]\ntype = "websocket"\nurl = "wss://a/b"\nsubprotocols = "x"\nsubscribe = "{}"\n',
)
SETTINGS = (
    *(
        b"a",
        b"10m",
        b"last 5",
        b"http://u:p@127.0.0.1:80/a?b=c#d",
        b"ws://[::1]:5/x",
        b"nats://a:4222,b",
        b"redis://a:6379/0",
    ),
    *(
        b"mqtt://a:1883",
        b"a/+/#",
        b"a.*.>",
        b"sqlite:///a.db",
        b"select 1",
        b"Europe/Berlin",
        b"0.5",
        b"localhost:9092",
        b"1-0",
    ),
)
CELLS = (
    APART.join((b"2024-05-01T12:00:00Z", b"2024-05-01 12:00:00", b"2024-05-01 12:00:00.5+02:00", b"")),
    APART.join((b"1714564800", b"1714564800000", b"1714564800.5")),
    APART.join((b"18ms", b"1.5s", b"1m3s", b"2 KiB", b"85%", b"7", b"5m")),
    APART.join(
        (b"01/May/2024:12:00:00 +0000", b"01.05.2024 12:00:00", b"Wed May  1 12:00:00 2024", b"2024/05/01 12:00:00")
    ),
    APART.join((b"oven.tempCelsius", b"http_request_seconds_total", b"wind_avg_km_h", b"PULocationID")),
)
