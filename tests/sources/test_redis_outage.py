"""A Redis server that is killed, hangs, or throws us out."""

import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from sources.batch import Batch
from sources.errors import Unreachable
from sources.protocol import Reader
from sources.redis import Redis
from tests.servers.redis_server import RedisServer
from tests.sources import contract
from tests.sources.contract import Counterpart, numbers_in, read

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer.running() as running:
        yield running


@pytest.fixture(params=["stream", "pubsub"])
def counterpart(request: pytest.FixtureRequest, server: RedisServer) -> Counterpart:
    via, numbers = request.param, count()

    def produce(number: int) -> None:
        with server.client() as client:
            for _ in range(0, number, 500):
                pipeline = client.pipeline(transaction=False)
                for n in (next(numbers) for _ in range(min(500, number))):
                    if via == "stream":
                        pipeline.xadd("s", {"n": n})
                    else:
                        pipeline.publish("s", f'{{"n": {n}}}')
                pipeline.execute()

    if via == "stream":
        produce(1)
    source = Redis(channel="s", via=via, url=server.url, start="latest")
    return Counterpart(source, produce, server.kill, server.run, keeps=via == "stream")


def until_away(reader: Reader) -> tuple[str, list[Batch]]:
    """Poll until the counterpart is said to be away: what was said, and what came before."""
    batches: list[Batch] = []
    deadline = time.monotonic() + contract.DEADLINE_S
    while time.monotonic() < deadline:
        try:
            batches.append(reader.poll(0.25))
        except Unreachable as away:
            return str(away), batches
    pytest.fail("nothing was said of a counterpart that is away")


@pytest.mark.parametrize("check", contract.OUTAGE_CHECKS)
def test_the_source_keeps_the_contract(check: Callable[[Counterpart], None], counterpart: Counterpart) -> None:
    check(counterpart)


def test_entries_trimmed_during_an_outage_are_counted(server: RedisServer) -> None:
    with server.client() as client:
        for n in range(50):
            client.xadd("s", {"n": n})
        reader = Redis(channel="s", url=server.url, start="earliest").open()
        batches = read(reader, 50)
        server.kill()
        contract.poll_through(reader, lambda _: True, batches)
        server.run()
    with server.client() as client:
        for n in range(50, 150):
            client.xadd("s", {"n": n}, maxlen=20, approximate=False)
    contract.poll_through(reader, lambda batches: numbers_in(batches)[-1] == 149, batches)
    reader.close()
    numbers = numbers_in(batches)
    lost = sum(gap.lost or 0 for batch in batches for gap in batch.gaps)
    assert len(numbers) == len(set(numbers))
    assert len(numbers) + lost == 150


def test_a_stream_that_is_begun_anew_is_read_and_told(server: RedisServer) -> None:
    with server.client() as client:
        for n in range(50):
            client.xadd("s", {"n": n}, id=f"{n + 1}-0")
        reader = Redis(channel="s", url=server.url, start="earliest").open()
        batches = read(reader, 50)
        client.execute_command("CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "YES")
        client.delete("s")
        for n in range(50, 60):
            client.xadd("s", {"n": n}, id=f"{n - 49}-0")
    contract.poll_through(reader, lambda batches: numbers_in(batches)[-1] == 59, batches)
    reader.close()
    assert numbers_in(batches) == list(range(60))
    assert [gap.lost for batch in batches for gap in batch.gaps] == [None]


@pytest.mark.parametrize("via", ["stream", "pubsub"])
def test_a_server_that_hangs_is_noticed_and_read_on(server: RedisServer, via: str) -> None:
    with server.client() as client:
        client.xadd("s", {"n": 0})
        reader = Redis(channel="s", via=via, url=server.url, start="latest").open()
        server.freeze()
        away, batches = until_away(reader)
        server.thaw()
        contract.poll_until_back(reader, batches)
        client.xadd("s", {"n": 1})
        client.publish("s", '{"n": 1}')
        contract.poll_through(reader, lambda batches: 1 in numbers_in(batches), batches)
    assert ": connecting again" in away or ": check" in away
    assert bool([gap for batch in batches for gap in batch.gaps]) == (via == "pubsub")
    reader.close()


def test_a_flood_of_a_channel_is_counted_or_told(server: RedisServer) -> None:
    """Nobody polls: the inbox overflows, and what came and what was lost add up."""
    total = 400_000
    reader = Redis(channel="s", via="pubsub", url=server.url).open()
    with server.client() as client:
        client.config_set("client-output-buffer-limit", "pubsub 0 0 0")
        for first in range(0, total, 10_000):
            pipeline = client.pipeline(transaction=False)
            for n in range(first, first + 10_000):
                pipeline.publish("s", f'{{"n": {n}}}')
            pipeline.execute()
    batches: list[Batch] = []

    def accounted(batches: list[Batch]) -> bool:
        return sum(map(len, batches)) + sum(gap.lost or 0 for batch in batches for gap in batch.gaps) >= total

    contract.poll_through(reader, accounted, batches)
    reader.close()
    numbers = numbers_in(batches)
    assert numbers == sorted(set(numbers))
    assert sum(gap.lost or 0 for batch in batches for gap in batch.gaps) > 0


def test_being_thrown_out_for_slowness_is_a_gap(server: RedisServer) -> None:
    with server.client() as client:
        client.config_set("client-output-buffer-limit", "pubsub 1000000 0 0")
        reader = Redis(channel="s", via="pubsub", url=server.url).open()
        pipeline = client.pipeline(transaction=True)  # a reader gets nothing before all of it is queued
        for n in range(40_000):
            pipeline.publish("s", f'{{"n": {n}, "text": "{"x" * 1000}"}}')
        pipeline.execute()
        away, batches = until_away(reader)
        contract.poll_until_back(reader, batches)
        client.publish("s", '{"n": 99999}')
        contract.poll_through(reader, lambda batches: 99_999 in numbers_in(batches), batches)
    assert "closed the connection" in away
    assert [gap for batch in batches for gap in batch.gaps]
    reader.close()
