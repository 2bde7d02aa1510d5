"""What each source is held to: the one place that a new source is entered in."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from sources.http import Http
from sources.kafka import Kafka
from sources.machine import Machine
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.protocol import Reader, Source
from sources.push import Push
from sources.redis import Redis
from sources.replay import Replay
from sources.simulated import Simulated
from sources.sql import Sql
from sources.websocket import WebSocket
from tests.sources.contract import Subject, ascending
from tests.sources.replays import record


@dataclass(frozen=True)
class Promise:
    """One source.

    right  right settings
    wrong  setting → values that it refuses while all others are right; none for one that takes anything
    live   how to open it where events come and where none do, in a folder of its own; None where that takes a counterpart, which
           the source's own tests start, and run the same checks against
    """

    right: Source
    wrong: Mapping[str, tuple[object, ...]]
    live: Callable[[Path], Subject] | None = None


def simulated(_: Path) -> Subject:
    """A feed of the past with a silence in it."""
    sparse = Simulated(rate=1, series=1, history="1h")
    noon = 1_800_000_000.0
    past = sparse.open(now=lambda: noon).poll(0).table["time"].cast(pa.int64()).to_numpy() / 1e6
    silence = int(np.diff(past).argmax())
    began, opened = past[silence] + 1, time.monotonic()

    def clock() -> float:
        return float(began + time.monotonic() - opened)

    def in_order(table: pa.Table) -> bool:
        """All but the late ones, of which there are few."""
        steps = np.diff(table["time"].cast(pa.int64()).to_numpy())
        return bool((steps < 0).mean() < 0.01)

    def produce(count: int) -> None:
        assert count <= 9_000, "the history holds no more"

    def open_quiet() -> Reader:
        nonlocal opened
        opened = time.monotonic()
        return Simulated(rate=1, series=1, history="0s").open(now=clock)

    return Subject(Simulated(rate=1_000, history="10s").open, open_quiet, produce, in_order)


def replayed(folder: Path, *, loop: bool, speed: str) -> Subject:
    busy = record(folder / "busy.parquet", [at / 100 for at in range(6_000)])
    quiet = record(folder / "quiet.parquet", [0.0, 3600.0])

    def opened(path: Path) -> Reader:
        return Replay(path=str(path), loop=loop, speed=speed, history="30s").open()

    return Subject(lambda: opened(busy), lambda: opened(quiet), lambda _: None, ascending("_time"))


PROMISES: dict[str, Promise] = {
    "simulated": Promise(
        Simulated(),
        wrong={
            "rate": (0, 100_001, -1, 1.5, "fast", None, float("nan")),
            "series": (0, 201, "five"),
            "seed": (-1, 2**32, "seven"),
            "history": ("", "soon", "5", "-5m", "1e3s", "5 minutes", None, "5m" * 50),
        },
        live=simulated,
    ),
    "kafka": Promise(
        Kafka(topic="metrics", bootstrap_servers="localhost:9092"),
        wrong={
            "topic": ("", " ", "..", "two words", "a/b", "ü", "x" * 250),
            "connection": (),  # a name, looked up by whoever knows the connections
            "start": ("", "soon", "last", "last 0", "last -5", "last many", "-10m", "10"),
            "format": ("", "xml", "JSON", "auto "),
            "time": (),  # any field's name
            "zone": (),
            "bootstrap_servers": ("", "not a host", "localhost:port", "localhost:123456"),
        },
    ),
    "http": Promise(
        Http(url="http://localhost:9100/metrics"),
        wrong={
            "url": (
                "",
                " ",
                "example.org",
                "ftp://localhost",
                "http://",
                "http://a:port",
                "http://u:p@a",
                "http://a?token=b",
            ),
            "connection": (),  # a name, looked up by whoever knows the connections
            "endpoint": ("trades", "../a"),  # beside a url
            "items": (".", "a..b", " ", "a."),
            "updates": ("", "pull", "Auto"),
            "every": ("", "often", "0s", "0.5s", "2d", "5"),
            "history_url": ("example.org", "file:///etc/passwd", "http://u:p@a"),
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
        },
    ),
    "websocket": Promise(
        WebSocket(url="ws://127.0.0.1:1/feed"),
        wrong={
            "url": (
                *(
                    "",
                    " ",
                    "http://localhost/",
                    "localhost:80",
                    "ws://",
                    "ws://host:port/",
                    "ws://a b/",
                    "ws://host/#part",
                ),
                *("wss://user:word@host/", "ws://user@host/", "wss://host/?token=abc", "ws://169.254.169.254/latest"),
            ),
            "connection": (),  # a name, looked up by whoever knows the connections
            "subscribe": (
                *("{", '["a"', "x" * 100_001, "x\n" * 101, '{"op": "auth", "args": ["a"]}'),
                *('{"type": "subscribe", "signature": "abc"}', '{"api_key": "abc"}'),
            ),
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
        },
    ),
    "sql": Promise(
        Sql(table="metrics", url="sqlite:////data/metrics.sqlite"),
        wrong={
            "table": ("", " ", "x" * 300, "a\0b"),
            "query": ("select 1",),  # beside a table
            "connection": (),  # a name, looked up by whoever knows the connections
            "watermark": ("x" * 300,),
            "start": ("", "soon", "last", "last 0", "last many", "-10m", "10"),
            "every": ("", "soon", "2", "0s", "0.1s", "2d"),
            "time": ("x" * 300,),
            "zone": ("Middle/Earth",),
            "url": (
                "metrics",
                "sqlite://",
                "sqlite:///relative.sqlite",
                "sqlite:////a.sqlite?mode=rw",
                "postgresql://user:pass@localhost/db",
                "postgresql://localhost:port/db",
                "postgresql://localhost/db?password=x",
                "postgresql://localhost/db?host=169.254.169.254",
                "postgresql://169.254.169.254/db",
                "duckdb:////data/a.duckdb",
            ),
        },
    ),
    "mqtt": Promise(
        Mqtt(topic="house/+/temperature", url="mqtt://localhost:1883"),
        wrong={
            "topic": (
                "",
                " ",
                ",",
                "a/#/b",
                "a+/b",
                "a/b#",
                "$share/group/a",
                "a\nb",
                "a\0b",
                "x" * 1001,
                ",".join(map(str, range(51))),
            ),
            "connection": (),  # a name, looked up by whoever knows the connections
            "qos": (-1, 3, 1.5, "high", None, True),
            "retained": (),  # a switch
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
            "url": ("", "localhost", "http://localhost", "mqtt://", "mqtt://a:port", "mqtt://me@a", "mqtt://a/house/#"),
        },
    ),
    "redis": Promise(
        Redis(channel="plant:sensors", url="redis://localhost:6379"),
        wrong={
            "channel": ("", " ", ",", "x" * 1001, ",".join(map(str, range(101)))),
            "via": ("", "Stream", "list", None),
            "connection": (),  # a name, looked up by whoever knows the connections
            "start": ("", "soon", "last", "last 0", "-10m", "10", "1-2-3", f"{2**64}-0"),
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
            "url": (
                *("", "localhost", "http://localhost", "redis://", "redis://localhost:0", "redis://localhost/first"),
                *("redis://user:hunter2@localhost", "redis://localhost?password=hunter2", "redis://169.254.169.254"),
                *("rediss://localhost?ssl_ca_certs=/etc/passwd", "redis://localhost?db=-1"),
            ),
        },
    ),
    "nats": Promise(
        Nats(topic="sensors.>", url="nats://127.0.0.1:1"),
        wrong={
            "topic": ("", " ", "a..b", ".a", "a.", "a b", "a.>.b", "a*", "a.b>", "x" * 501, "a.\n"),
            "connection": (),  # a name, looked up by whoever knows the connections
            "start": ("", "soon", "last", "last 0", "last -5", "-10m", "10"),
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
            "url": (
                *("", " ", "localhost", "http://localhost", "nats://", "nats://host:port", "nats://host:70000"),
                *("nats://host/path", "nats://token@host", "nats://user:word@host", "nats://169.254.169.254"),
            ),
        },
    ),
    "machine": Promise(
        Machine(),
        wrong={
            "every": ("", "often", "1", "0.4s", "61s", "-1s", None),
            "processes": (),  # a switch
        },
    ),
    "push": Promise(
        Push(name="demo"),
        wrong={
            "name": ("", " ", ".", "..", "two words", "a/b", "ü", "x" * 101, "a?b", "a\nb"),
            "connection": (),  # a name, looked up by whoever knows the connections
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
        },
    ),
    "replay": Promise(
        Replay(recording="demo"),
        wrong={
            "recording": ("..", "../demo", "/etc/passwd", "a/b", "a\\b", ".demo", "de\0mo", "x" * 300),
            "path": ("/data",),  # beside a recording
            "speed": ("", "0", "-1", "0.01", "1001", "fast", "nan", "inf"),
            "times": ("", "then", "Now"),
            "loop": (),  # a switch
            "history": ("", "soon", "5", "-5m"),
            "format": ("", "xml", "JSON", "avro"),
            "time": (),  # any field's name
            "zone": ("Middle/Earth",),
        },
        live=partial(replayed, loop=True, speed="1"),
    ),
}
