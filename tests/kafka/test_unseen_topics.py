"""Topics that nothing was configured for, written to a real broker as they are, read as a careful person reads them."""

import time

import pytest

from sources.kafka import Kafka
from state.feed import Feed
from tests.feeds.corpus import FeedSample, corpus
from tests.feeds.reading import Read, differences
from tests.feeds.test_corpus import KNOWN
from tests.kafka.traffic import Traffic

READ_S = 20


def read_topic(topic: str, bootstrap: str, rows: int) -> Read:
    """What a feed makes of the topic once it has read so many rows."""
    feed = Feed(Kafka(topic=topic, start="earliest", bootstrap_servers=bootstrap))
    feed.start()
    deadline = time.monotonic() + READ_S
    try:
        while (feed.seen < rows or feed.status.state != "live") and time.monotonic() < deadline:
            feed.watch(0.1)
            feed.wait_for_read(time.time(), 0.2)
        field = feed.times.field
        return Read(feed.reading, feed.schema.offer, field.name, field.unit, feed.times.why, feed.seen, feed.malformed)
    finally:
        feed.close()
        assert feed.join(10)


@pytest.mark.parametrize("sample", [each for each in corpus() if each.name not in KNOWN], ids=lambda each: each.name)
def test_a_topic_is_read_as_it_is(sample: FeedSample, traffic: Traffic, bootstrap: str) -> None:
    topic = traffic.topic()
    traffic.produce(
        topic, [{"value": value, "timestamp": sample.recorded_ms(n)} for n, value in enumerate(sample.messages)]
    )
    assert differences(sample, read_topic(topic, bootstrap, sample.expected["rows"])) == []
