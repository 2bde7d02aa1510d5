import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest

from sources import SOURCES
from sources.batch import NO_ROWS, Batch
from sources.errors import EndOfStream
from sources.http import Http
from sources.kafka import Kafka
from sources.machine import Machine
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.protocol import Package, Reader, Source, form_fields, setting
from sources.push import Push
from sources.redis import Redis
from sources.replay import Replay
from sources.simulated import Simulated
from sources.sql import Sql
from sources.websocket import WebSocket
from tests.sources import contract
from tests.sources.contract import Subject
from tests.sources.replays import record

EXAMPLES: dict[str, Source] = {
    "simulated": Simulated(),
    "kafka": Kafka(topic="metrics", bootstrap_servers="localhost:9092"),
    "push": Push(name="demo"),
    "mqtt": Mqtt(topic="house/+/temperature", url="mqtt://localhost:1883"),
    "machine": Machine(),
    "http": Http(url="http://localhost:9100/metrics"),
    "redis": Redis(channel="plant:sensors", url="redis://localhost:6379"),
    "replay": Replay(recording="demo"),
    "sql": Sql(table="metrics", url="sqlite:////data/metrics.sqlite"),
    "websocket": WebSocket(url="ws://127.0.0.1:1/feed"),
    "nats": Nats(topic="sensors.>", url="nats://127.0.0.1:1"),
}
"""Right settings of each source."""

WRONG: dict[str, dict[str, tuple[object, ...]]] = {
    "simulated": {
        "rate": (0, 100_001, -1, 1.5, "fast", None, float("nan")),
        "series": (0, 201, "five"),
        "seed": (-1, 2**32, "seven"),
        "history": ("", "soon", "5", "-5m", "1e3s", "5 minutes", None, "5m" * 50),
    },
    "kafka": {
        "topic": ("", " ", "..", "two words", "a/b", "ü", "x" * 250),
        "connection": (),  # a name, looked up by whoever knows the connections
        "start": ("", "soon", "last", "last 0", "last -5", "last many", "-10m", "10"),
        "format": ("", "xml", "JSON", "auto "),
        "time": (),  # any field's name
        "zone": (),
        "bootstrap_servers": ("", "not a host", "localhost:port", "localhost:123456"),
    },
    "push": {
        "name": ("", " ", ".", "..", "two words", "a/b", "ü", "x" * 101, "a?b", "a\nb"),
        "connection": (),  # a name, looked up by whoever knows the connections
        "format": ("", "xml", "JSON", "avro"),
        "time": (),  # any field's name
        "zone": ("Middle/Earth",),
    },
    "mqtt": {
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
    "machine": {
        "every": ("", "often", "1", "0.4s", "61s", "-1s", None),
        "processes": (),  # a switch
    },
    "http": {
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
    "redis": {
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
    "replay": {
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
    "sql": {
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
    "websocket": {
        "url": (
            *("", " ", "http://localhost/", "localhost:80", "ws://", "ws://host:port/", "ws://a b/", "ws://host/#part"),
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
    "nats": {
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
}
"""Values that each setting refuses, one wrong setting at a time."""

Check = Callable[[Any], None]


def wrong_settings() -> list[Any]:
    return [
        pytest.param(kind, name, value, id=f"{kind}-{name}-{value!s:.20}")
        for kind, settings in WRONG.items()
        for name, values in settings.items()
        for value in values
    ]


def test_every_source_takes_part() -> None:
    assert set(EXAMPLES) == set(WRONG) == set(SOURCES)
    for kind, source in EXAMPLES.items():
        assert type(source) is SOURCES[kind]
        assert set(WRONG[kind]) == {each.name for each in form_fields(source)}


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("check", contract.SETTINGS_CHECKS)
def test_settings_keep_the_contract(check: Check, kind: str) -> None:
    check(EXAMPLES[kind])


@pytest.mark.parametrize(("kind", "name", "wrong"), wrong_settings())
def test_a_wrong_setting_is_named_and_the_message_says_what_to_do(kind: str, name: str, wrong: object) -> None:
    contract.refuses(EXAMPLES[kind], name, wrong)


@pytest.fixture(scope="module")
def simulated() -> Subject:
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


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_simulated_reader_keeps_the_contract(check: Check, simulated: Subject) -> None:
    check(simulated)


def replayed(folder: Path, *, loop: bool, speed: str) -> Subject:
    busy = record(folder / "busy.parquet", [at / 100 for at in range(6_000)])
    quiet = record(folder / "quiet.parquet", [0.0, 3600.0])

    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["_time"].cast(pa.int64()).to_numpy()) > 0).all())

    def opened(path: Path) -> Reader:
        return Replay(path=str(path), loop=loop, speed=speed, history="30s").open()

    return Subject(lambda: opened(busy), lambda: opened(quiet), lambda _: None, in_order)


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_reader_of_a_replay_in_a_loop_keeps_the_contract(check: Check, tmp_path: Path) -> None:
    check(replayed(tmp_path, loop=True, speed="1"))


@pytest.mark.parametrize("check", contract.FINITE_CHECKS)
def test_the_reader_of_a_replay_that_ends_keeps_the_contract(check: Check, tmp_path: Path) -> None:
    check(replayed(tmp_path, loop=False, speed="max"))


class Listed:
    """A finite reader of 100 events, that keeps the contract but where a test breaks it."""

    def __init__(self) -> None:
        self.left = 100
        self.closed = False

    def poll(self, timeout_s: float) -> Batch:  # noqa: ARG002 - its events are all there
        if self.closed:
            return Batch(NO_ROWS, time.time())
        if not self.left:
            raise EndOfStream
        self.left -= 10
        first = 90 - self.left
        return Batch(pa.table({"n": pa.array(range(first, first + 10), pa.int64())}), time.time())

    def close(self) -> None:
        self.closed = True


def listed(reader: type[Listed]) -> Subject:
    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["n"].to_numpy()) > 0).all())

    return Subject(reader, reader, lambda _: None, in_order)


@pytest.mark.parametrize("check", contract.FINITE_CHECKS)
def test_a_finite_reader_can_keep_the_contract(check: Check) -> None:
    check(listed(Listed))


class OddTypes(Listed):
    def poll(self, timeout_s: float) -> Batch:
        batch = super().poll(timeout_s)
        return Batch(batch.table.cast(pa.schema({"n": pa.int32()})), batch.arrived)


class Backwards(Listed):
    def poll(self, timeout_s: float) -> Batch:
        batch = super().poll(timeout_s)
        return Batch(batch.table.take(list(range(len(batch)))[::-1]), batch.arrived)


class Timeless(Listed):
    def poll(self, timeout_s: float) -> Batch:
        return Batch(super().poll(timeout_s).table, arrived=0)


class SpeaksAfterClose(Listed):
    def close(self) -> None:
        pass


class ClosesOnce(Listed):
    def close(self) -> None:
        if self.closed:
            raise ValueError("closed already")
        self.closed = True


class NeverWaits(Listed):
    def poll(self, timeout_s: float) -> Batch:  # noqa: ARG002 - that it does not wait is what is wrong with it
        return Batch(NO_ROWS, time.time())


@pytest.mark.parametrize(
    ("check", "reader"),
    [
        (contract.events_come_in_the_allowed_types, OddTypes),
        (contract.events_come_oldest_first, Backwards),
        (contract.a_batch_knows_when_it_arrived, Timeless),
        (contract.a_poll_after_close_gives_no_rows_at_once, SpeaksAfterClose),
        (contract.closing_twice_does_no_harm, ClosesOnce),
        (contract.a_poll_that_nothing_comes_to_ends_at_its_timeout_without_rows, Listed),
        (contract.a_poll_that_nothing_comes_to_ends_at_its_timeout_without_rows, NeverWaits),
        (contract.closing_from_another_thread_ends_a_waiting_poll, NeverWaits),
    ],
)
def test_a_reader_that_breaks_the_contract_is_caught(check: Check, reader: type[Listed]) -> None:
    with pytest.raises((AssertionError, ValueError, EndOfStream)):
        check(listed(reader))


@dataclass
class Careless:
    """Settings that break each promise."""

    kind: ClassVar[str] = "not a name"
    title: ClassVar[str] = ""
    icon: ClassVar[str] = "fire"
    subject: ClassVar[str] = "nothing of the kind"
    packages: ClassVar[tuple[Package, ...]] = (Package("no_such_module", "no-such-package"),)

    window: str = setting("", "")
    key: str = field(default="hunter2", metadata={"secret": True, "form": True})

    def open(self) -> Listed:
        return Listed()


@pytest.mark.parametrize("check", contract.SETTINGS_CHECKS)
def test_settings_that_break_the_contract_are_caught(check: Check) -> None:
    with pytest.raises((AssertionError, TypeError, pytest.fail.Exception)):
        check(Careless())


def test_a_wrong_setting_that_is_taken_is_caught() -> None:
    with pytest.raises(pytest.fail.Exception):
        contract.refuses(Careless(), "window", "wrong")
