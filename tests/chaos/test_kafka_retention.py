"""What a broker's retention deletes before it was read is missing on the board, and the board says how much that is."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from sources.batch import Batch
from sources.kafka import Kafka
from sources.kafka_place import DELETED
from sources.kafka_reader import KafkaReader
from state.choice import Choice
from state.feeds import Feeds
from tests.chaos.boards import Board
from tests.chaos.log import oldest
from tests.chaos.mortal import UNCLOSED, mortal_broker
from tests.chaos.outages import wait_for
from tests.chaos.witness import Witness
from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), UNCLOSED]

PROPERTIES = "log.retention.check.interval.ms=300\nlog.initial.task.delay.ms=300\n"
SMALLEST = str(2**20)
"""The smallest segment that Kafka 4 allows, and so the smallest retention that means something."""
PARTITIONS = 2
PADDING = " " * 2000


class Sleep:
    """What a closed lid does to a reader: it stands still, wherever it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.awake = threading.Event()
        self.awake.set()
        poll = KafkaReader.poll

        def poll_when_awake(reader: KafkaReader, timeout_s: float) -> Batch:
            self.awake.wait()
            return poll(reader, timeout_s)

        monkeypatch.setattr(KafkaReader, "poll", poll_when_awake)


@pytest.fixture
def broker() -> Iterator[KafkaBroker]:
    with mortal_broker(PROPERTIES) as broker:
        yield broker


@pytest.fixture
def sleep(monkeypatch: pytest.MonkeyPatch) -> Sleep:
    return Sleep(monkeypatch)


@pytest.fixture
def feeds(sleep: Sleep) -> Iterator[Feeds]:
    feeds = Feeds(idle_s=1000)  # nobody says that they watch
    yield feeds
    sleep.awake.set()
    feeds.close()


def write(traffic: Traffic, topic: str, numbers: range) -> None:
    """Write numbered events to the partitions in turn, and wait until all are acknowledged."""
    event = '{"n": %d, "time": 1700000000000, "value": %d, "padding": "%s"}'
    traffic.produce(topic, ({"value": event % (n, n, PADDING), "partition": n % PARTITIONS} for n in numbers))


def test_what_retention_deleted_unread_is_missing_and_counted(broker: KafkaBroker, feeds: Feeds, sleep: Sleep) -> None:
    """Twice: the reader's machine sleeps too long; and when it wakes again, its connection is gone besides."""
    traffic = Traffic(broker.bootstrap)
    topic = traffic.topic(PARTITIONS, retention_bytes=SMALLEST, retention_ms="-1", segment_bytes=SMALLEST)
    source = Kafka(topic=topic, start="earliest", bootstrap_servers=broker.bootstrap)
    witness = Witness(feeds.feed(source))
    feed = witness.feed

    def sleep_too_long(begin: int, *, restart: bool) -> int:
        """Write some events that are read, and more that are not; the number of those written since the beginning."""
        asleep, end = begin + 500, begin + 8000
        write(traffic, topic, range(begin, asleep))
        wait_for(lambda: feed.seen + feed.gaps.lost == asleep, "the feed to read what there is, or say that it is lost")
        sleep.awake.clear()
        write(traffic, topic, range(asleep, end))
        wait_for(
            lambda: min(oldest(broker.bootstrap, topic).values()) > asleep / PARTITIONS + 1000,
            "retention to delete what was not read",
        )
        if restart:
            broker.kill()
            broker.run()
        sleep.awake.set()
        wait_for(lambda: feed.seen + feed.gaps.lost == end, "the feed to read what there is, or say that it is lost")
        return end

    written = 0
    for restart in (False, True):
        written = sleep_too_long(written, restart=restart)
        witness.look()
        different = len(np.unique(witness.seen()[:, 2]))
        assert different == feed.seen == len(witness.seen()), "a number was seen twice"
        missing = written - different
        assert missing > 1000
        health = Board(feeds, source, Choice(value="value")).draw().health
        assert (health.lost, health.unsure_s) == (missing, 0.0)
        assert {gap.why for gap in feed.gaps.log} == {DELETED}
        assert sum(gap.lost or 0 for gap in feed.gaps.log) == missing
        assert f"{DELETED}; {feed.gaps.log[0].lost:,} events lost" in [each.detail for each in health.drifts]
