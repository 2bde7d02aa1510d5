"""What a broker's retention deletes before it was read is missing on the board, and the board says how much that is."""

import gc
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
from tests.chaos.log import read_log
from tests.chaos.outages import wait_for
from tests.chaos.witness import Witness
from tests.kafka.broker import KafkaBroker
from tests.kafka.distribution import Unavailable
from tests.kafka.traffic import Traffic, no_threads_left
from tests.servers.or_skip import or_skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore:unclosed <(socket|ssl):ResourceWarning"
    ),  # kafka-python's, of failed connections
]

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
    with or_skip(KafkaBroker.start(PROPERTIES), Unavailable) as broker:
        yield broker
    no_threads_left()
    gc.collect()  # while the warning is ignored


@pytest.fixture
def sleep(monkeypatch: pytest.MonkeyPatch) -> Sleep:
    return Sleep(monkeypatch)


@pytest.fixture
def feeds(sleep: Sleep) -> Iterator[Feeds]:
    feeds = Feeds()
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
    written = 0
    for restarts in (False, True):
        write(traffic, topic, range(written, written + 500))
        wait_for(lambda until=written + 500: feed.seen + feed.gaps.lost == until, "the feed to read what there is")
        read = dict(feed_position(witness))
        sleep.awake.clear()
        write(traffic, topic, range(written + 500, written + 8000))
        written += 8000
        wait_for(
            lambda read=read: all(
                begin > read[each] + 1000 for each, (begin, _) in read_log(broker.bootstrap, topic).bounds.items()
            ),
            "retention to delete what was not read",
        )
        if restarts:
            broker.kill()
            broker.run()
        sleep.awake.set()
        wait_for(lambda until=written: feed.seen + feed.gaps.lost == until, "the feed to read what there is")
        witness.look()
        seen = np.unique(witness.seen()[:, 2])
        assert len(seen) == len(witness.seen()) == feed.seen, "a number was seen twice"
        missing = written - len(seen)
        assert missing > 1000
        health = Board(feeds, source, Choice(value="value")).draw().health
        assert health.lost == missing
        assert health.unsure_s == 0
        assert {gap.why for gap in feed.gaps.log} == {DELETED}
        assert sum(gap.lost or 0 for gap in feed.gaps.log) == missing
        assert [each.kind for each in health.drifts if "events lost" in each.detail] == ["interrupted"] * len(
            feed.gaps.log
        )


def feed_position(witness: Witness) -> Iterator[tuple[int, int]]:
    """Each partition and the newest offset that was seen of it."""
    witness.look()
    seen = witness.seen()
    for partition in range(PARTITIONS):
        yield partition, int(seen[seen[:, 0] == partition, 1].max())
