"""Redis, against a real server."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pyarrow as pa
import pytest

from sources.batch import Batch
from sources.errors import NotFound
from sources.protocol import Reader
from sources.redis import Redis
from state.feed import Feed
from tests.servers.redis_server import RedisServer
from tests.sources import contract
from tests.sources.contract import DEADLINE_S, Subject, numbers_in, read

Open = Callable[..., Reader]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer.running("--appendfsync", "no") as running:
        yield running


@pytest.fixture
def client(server: RedisServer) -> Iterator[Any]:
    with server.client() as client:
        client.flushall()
        yield client


@pytest.fixture
def opened(server: RedisServer) -> Iterator[Open]:
    readers: list[Reader] = []

    def open_reader(channel: str, **settings: Any) -> Reader:
        readers.append(Redis(channel=channel, url=server.url, **settings).open())
        return readers[-1]

    yield open_reader
    for each in readers:
        each.close()


def rows(batches: list[Batch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.table.to_pylist()]


def without_transport(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]


@pytest.fixture(params=["stream", "pubsub"])
def subject(request: pytest.FixtureRequest, server: RedisServer, client: Any) -> Subject:
    via, numbers = request.param, count()

    def produce(number: int) -> None:
        pipeline = client.pipeline(transaction=False)
        for n in (next(numbers) for _ in range(number)):
            if via == "stream":
                pipeline.xadd("busy", {"n": n})
            else:
                pipeline.publish("busy", f'{{"n": {n}}}')
        pipeline.execute()

    def in_order(table: pa.Table) -> bool:
        found = [int(n) for n in table["n"].to_pylist()]
        return found == sorted(found)

    client.xadd("busy", {"n": next(numbers)})
    client.xadd("quiet", {"n": 0})
    settings = {"url": server.url, "via": via, "start": "latest"}
    return Subject(Redis(channel="busy", **settings).open, Redis(channel="quiet", **settings).open, produce, in_order)


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_reader_keeps_the_contract(check: Callable[[Subject], None], subject: Subject) -> None:
    check(subject)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("earliest", list(range(20))),
        ("latest", []),
        ("last 3", [17, 18, 19]),
        ("last 100", list(range(20))),
        ("1h", list(range(10, 20))),
        ("1526919030474-5", list(range(5, 20))),
    ],
)
def test_a_stream_is_read_from_its_start_position_on(
    start: str, expected: list[int], client: Any, opened: Open
) -> None:
    for n in range(10):
        client.xadd("s", {"n": n}, id=f"1526919030474-{n}")
    for n in range(10, 20):
        client.xadd("s", {"n": n})
    reader = opened("s", start=start)
    client.xadd("s", {"n": 20})
    assert numbers_in(read(reader, len(expected) + 1)) == [*expected, 20]


def test_an_entry_becomes_a_row_with_its_id_and_the_time_in_it(client: Any, opened: Open) -> None:
    client.xadd("s", {"temp": "20.5", "site": b"caf\xe9"}, id="1526919030474-3")
    [row] = rows(read(opened("s", start="earliest"), 1))
    assert row.pop("_timestamp").timestamp() == 1526919030.474
    assert row == {"_id": "1526919030474-3", "temp": "20.5", "site": r"caf\xe9"}


def test_an_id_that_is_no_time_leaves_the_time_to_the_arrival(client: Any, opened: Open) -> None:
    client.xadd("s", {"temp": "20.5"}, id="7-1")
    [row] = rows(read(opened("s", start="earliest"), 1))
    assert abs(row["_timestamp"].timestamp() - time.time()) < DEADLINE_S


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"data": '{"ms": 12, "at": {"zone": "eu"}}'}, [{"ms": 12, "at.zone": "eu"}]),
        ({"anything": '[{"ms": 1}, {"ms": 2}]'}, [{"ms": 1}, {"ms": 2}]),
        ({"payload": "level=info ms=12 path=/a"}, [{"level": "info", "path": "/a"}]),
        ({"value": "20.5"}, [{"value": "20.5"}]),
        ({"kind": "reading", "payload": '{"ms": 12}'}, [{"kind": "reading", "payload.ms": 12}]),
        ({"kind": "reading", "payload": "{broken}"}, [{"kind": "reading", "payload": "{broken}"}]),
    ],
)
def test_an_only_field_that_holds_a_document_is_the_message(
    entry: dict[str, str], expected: list[dict[str, Any]], client: Any, opened: Open
) -> None:
    client.xadd("s", entry)
    found = without_transport(rows(read(opened("s", start="earliest"), len(expected))))
    assert [{name: row[name] for name in expected[0]} for row in found] == expected


def test_documents_and_fields_in_one_stream_stay_in_their_order(client: Any, opened: Open) -> None:
    for n in range(6):
        client.xadd("s", {"n": n, "site": "a"} if n % 2 else {"data": f'{{"n": {n}}}'})
    assert numbers_in(read(opened("s", start="earliest"), 6)) == list(range(6))


def test_a_malformed_document_is_counted_and_its_neighbours_are_kept(client: Any, opened: Open) -> None:
    client.xadd("s", {"data": '{"n": 1}'})
    bad = client.xadd("s", {"data": '{"n": '}).decode()
    client.xadd("s", {"data": '{"n": 2}'})
    reader = opened("s", start="earliest", format="json")
    batches = read(reader, 2)
    assert numbers_in(batches) == [1, 2]
    assert sum(batch.malformed for batch in batches) == 1
    [sample] = [each for batch in batches for each in batch.samples]
    assert sample.where == f"entry {bad} of s"


def test_several_streams_come_by_time_each_with_its_name(client: Any, opened: Open) -> None:
    for n in range(3_000):
        client_id = f"{1526919030474 + n}-0"
        client.xadd(f"plant:{'a' if n % 3 else 'b'}", {"n": n}, id=client_id)
    client.set("plant:c", "no stream")
    found = rows(read(opened("plant:*", start="earliest"), 3_000))
    assert [int(row["n"]) for row in found] == list(range(3_000))
    assert {row["stream"] for row in found} == {"plant:a", "plant:b"}


def test_history_says_how_much_of_it_waits(client: Any, opened: Open) -> None:
    pipeline = client.pipeline(transaction=False)
    for n in range(12_000):
        pipeline.xadd("s", {"n": n})
    pipeline.execute()
    reader = opened("s", start="last 11000")
    batches = [reader.poll(0)]
    assert batches[0].lag == {"s": 11_000 - len(batches[0])}
    batches += read(reader, 11_000 - len(batches[0]))
    waiting = [batch.lag["s"] for batch in batches]
    assert waiting == sorted(waiting, reverse=True)
    assert waiting[-1] == 0
    assert batches[-1].earlier == 1_000


def test_a_channel_is_heard_and_a_pattern_tells_which(client: Any, opened: Open) -> None:
    reader = opened("sensors.*, plain")
    client.publish("sensors.a", '{"n": 1}')
    client.publish("other", '{"n": 2}')
    client.publish("plain", '{"n": 3}')
    found = rows(read(reader, 2))
    assert [(row["channel"], row["n"]) for row in found] == [("sensors.a", 1), ("plain", 3)]


def test_notifications_of_the_keyspace_are_a_feed_like_any(client: Any, opened: Open) -> None:
    client.config_set("notify-keyspace-events", "KEA")
    reader = opened("__keyspace@0__:*")
    client.set("a", 1)
    [row] = rows(read(reader, 1))
    assert row["channel"] == "__keyspace@0__:a"
    assert row["message"] == "set"


def test_both_protocols_give_the_same(client: Any, server: RedisServer) -> None:
    client.xadd("s", {"n": 1})
    for protocol in (2, 3):
        for channel, say in (("s", None), ("c", client.publish)):
            url = f"{server.url}?protocol={protocol}"
            reader = Redis(channel=channel, url=url, start="earliest").open()
            if say is not None:
                say("c", '{"n": 1}')
            assert numbers_in(read(reader, 1)) == [1]
            reader.close()


def test_a_key_that_is_no_stream_is_refused_by_what_it_is(client: Any, opened: Open) -> None:
    client.rpush("queue", "a")
    with pytest.raises(NotFound, match=r"'queue' at .* is a list, which is no feed: name a stream"):
        opened("queue")
    opened("queue", via="pubsub")


def test_a_stream_that_is_not_there_is_refused_with_those_that_are(client: Any, opened: Open) -> None:
    client.xadd("plant:sensors", {"n": 1})
    with pytest.raises(NotFound, match="has no stream 'plant:sensor': there are plant:sensors"):
        opened("plant:sensor", via="stream")


def test_what_there_is_to_watch_is_listed(client: Any, server: RedisServer, opened: Open) -> None:
    client.xadd("plant:b", {"n": 1})
    client.xadd("plant:a", {"n": 1})
    client.set("text", "no stream")
    opened("heard", via="pubsub")
    assert Redis.subjects({"url": server.url}) == ["heard", "plant:a", "plant:b"]


def test_entries_that_were_trimmed_before_they_could_be_read_are_counted(client: Any, opened: Open) -> None:
    """What was read before, and what is there after, come once."""
    client.xadd("s", {"n": 0})
    reader = opened("s", start="earliest")
    first = numbers_in(read(reader, 1))
    with client.pipeline(transaction=True) as pipeline:  # a blocked reader is served after the whole of it
        for n in range(1, 101):
            pipeline.xadd("s", {"n": n})
        pipeline.xtrim("s", maxlen=10, approximate=False)
        pipeline.execute()
    batches = read(reader, 10)
    deadline = time.monotonic() + DEADLINE_S
    while not any(batch.gaps for batch in batches) and time.monotonic() < deadline:
        batches.append(reader.poll(0.5))
    assert first + numbers_in(batches) == [0, *range(91, 101)]
    [gap] = [gap for batch in batches for gap in batch.gaps]
    assert gap.lost == 90


def test_a_feed_shows_history_and_goes_on_live(client: Any, server: RedisServer) -> None:
    for n in range(1_000):
        client.xadd("s", {"n": n})
    feed = Feed(Redis(channel="s", url=server.url))
    feed.start()
    try:
        feed.watch(0.1)
        assert feed.wait_for_history(DEADLINE_S)
        assert (feed.seen, feed.status.state) == (1_000, "live")
        client.xadd("s", {"n": 1_000})
        deadline = time.monotonic() + DEADLINE_S
        while feed.seen < 1_001 and time.monotonic() < deadline:
            feed.wait_for_read(time.time(), 0.5)
        assert feed.seen == 1_001
    finally:
        feed.close()
        assert feed.join(DEADLINE_S)


@pytest.mark.slow
def test_a_stream_that_comes_to_be_is_read_where_a_channel_was_awaited(client: Any, opened: Open) -> None:
    reader = opened("soon")
    client.publish("soon", '{"n": 1}')
    client.xadd("soon", {"n": 2})
    found: list[Batch] = []
    contract.poll_through(reader, lambda batches: len(numbers_in(batches)) >= 2, found)
    client.xadd("soon", {"n": 3})
    found += read(reader, 1)
    assert numbers_in(found) == [1, 2, 3]


@pytest.mark.slow
def test_a_stream_that_comes_to_fit_a_pattern_is_read_from_its_first_entry(client: Any, opened: Open) -> None:
    client.xadd("plant:a", {"n": 1})
    reader = opened("plant:*", start="earliest")
    client.xadd("plant:b", {"n": 2})
    assert sorted(numbers_in(read(reader, 2))) == [1, 2]


@pytest.mark.slow
def test_a_stream_that_is_trimmed_all_the_time_accounts_for_every_entry(client: Any, opened: Open) -> None:
    """Ten entries are kept of thousands a second: what comes and what is told lost add up."""
    client.xadd("s", {"n": 0})
    reader = opened("s", start="earliest")
    total = 20_000

    def produce() -> None:
        for first in range(1, total, 100):
            with client.pipeline(transaction=True) as pipeline:
                for n in range(first, first + 100):
                    pipeline.xadd("s", {"n": n}, maxlen=10, approximate=False)
                pipeline.execute()

    producer = threading.Thread(target=produce, daemon=True)
    producer.start()
    batches: list[Batch] = []
    deadline = time.monotonic() + DEADLINE_S

    def accounted() -> int:
        return sum(map(len, batches)) + sum(gap.lost or 0 for batch in batches for gap in batch.gaps)

    while accounted() < total - 99 and time.monotonic() < deadline:
        batches.append(reader.poll(0.5))
    producer.join(DEADLINE_S)
    numbers = numbers_in(batches)
    assert numbers == sorted(set(numbers))
    assert accounted() == numbers[-1] + 1


@pytest.mark.slow
def test_a_stream_that_becomes_something_else_is_refused(client: Any, opened: Open) -> None:
    client.xadd("s", {"n": 1})
    reader = opened("s", start="earliest")
    read(reader, 1)
    client.delete("s")
    client.rpush("s", "a")
    with pytest.raises(NotFound, match=r"no stream any more: name another"):
        contract.poll_through(reader, lambda _: False, [])
