"""What librdkafka's mock cluster can serve, so that something of Kafka is tested where no broker can be had."""

import re
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from sources.errors import NotFound
from sources.kafka import Kafka, list_topics
from sources.protocol import Reader
from tests.kafka.traffic import read, rows

Properties = tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def producer() -> Producer:
    """Writes to a mock cluster, which lives as long as this."""
    return Producer({"bootstrap.servers": "ignored:1", "test.mock.num.brokers": 1, "log_level": 0})


@pytest.fixture(scope="module")
def properties(producer: Producer) -> Properties:
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    return (("bootstrap_servers", f"{broker.host}:{broker.port}"), ("api_version", "2.3"))


@pytest.fixture
def topic(producer: Producer, request: pytest.FixtureRequest) -> str:
    """A topic of three messages in one partition; the second is malformed."""
    name = re.sub(r"\W", "-", str(request.node.name))
    for value in (b'{"n": 0}', b"oops", b'{"n": 2}'):
        producer.produce(name, value, partition=0)
    assert producer.flush(10) == 0
    return name


@pytest.fixture
def reader(properties: Properties, topic: str, start: str) -> Iterator[Reader]:
    reader = Kafka(topic=topic, start=start, properties=properties).open()
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("start", "history", "malformed"), [("earliest", [0, 2], 1), ("last 2", [2], 1), ("latest", [], 0)]
)
def test_history_comes_first_and_then_what_is_live(
    producer: Producer, topic: str, reader: Reader, history: list[int], malformed: int
) -> None:
    producer.produce(topic, b'{"n": 3}', partition=0)
    assert producer.flush(10) == 0
    batches = read(reader, len(history) + malformed + 1)
    assert [row["n"] for row in rows(batches)] == [*history, 3]
    assert sum(each.malformed for each in batches) == malformed


def test_an_unknown_topic_is_refused_and_not_created(producer: Producer, properties: Properties, topic: str) -> None:
    with pytest.raises(NotFound, match=f"did you mean {topic}"):
        Kafka(topic=topic + "s", properties=properties).open()
    assert topic in list_topics(properties)
    assert topic + "s" not in producer.list_topics(timeout=10).topics
