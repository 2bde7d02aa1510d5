"""Topics that nothing was configured for, written to a real broker as they are, read as a careful person reads them."""

import time
from collections.abc import Iterator

import pytest

from sources.kafka import Kafka
from state.feed import Feed
from tests.feeds.corpus import FeedSample, corpus
from tests.feeds.reading import Read, differences
from tests.feeds.test_corpus import KNOWN
from tests.kafka.traffic import Traffic

pytestmark = pytest.mark.slow

SAMPLES = [each for each in corpus() if each.name not in KNOWN]
READ_S = 60


@pytest.fixture(scope="module")
def feeds(traffic: Traffic, bootstrap: str) -> Iterator[dict[str, Feed]]:
    """A feed of each sample's topic, all reading side by side."""
    feeds = {}
    for sample in SAMPLES:
        topic = traffic.topic(retention_ms="-1")  # the samples are old: the broker would let go of them
        messages = enumerate(sample.messages)
        traffic.produce(topic, [{"value": value, "timestamp": sample.recorded_ms(n)} for n, value in messages])
        feeds[sample.name] = Feed(Kafka(topic=topic, start="earliest", bootstrap_servers=bootstrap))
    for feed in feeds.values():
        feed.start()
    yield feeds
    for feed in feeds.values():
        feed.close()
    assert all(feed.join(10) for feed in feeds.values())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_a_topic_is_read_as_it_is(sample: FeedSample, feeds: dict[str, Feed]) -> None:
    feed, rows = feeds[sample.name], sample.expected["rows"]
    deadline = time.monotonic() + READ_S
    while feed.seen < rows or feed.status.state != "live":
        assert not feed.failed, feed.status
        assert time.monotonic() < deadline, f"{feed.seen} of {rows} rows, {feed.status}"
        feed.watch(1.0)
        feed.wait_for_read(time.time(), 0.2)
    field = feed.times.field
    got = Read(feed.reading, feed.schema.offer, field.name, field.unit, feed.times.why, feed.seen, feed.malformed, ())
    assert differences(sample, got) == []
