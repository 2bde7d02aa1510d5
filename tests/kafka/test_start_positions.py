"""Where reading begins, over several partitions, and that it goes on live."""

import time

import pytest
from kafka.cluster import ClusterMetadata

from sources import kafka_client
from tests.kafka.conftest import OpenTopic
from tests.kafka.traffic import Traffic, read, rows

HOUR_MS = 3_600_000


def message(number: int, partition: int, age_ms: int = 0) -> dict[str, object]:
    return {"value": b"%d" % number, "partition": partition, "timestamp": int(time.time() * 1000) - age_ms}


@pytest.fixture
def history(traffic: Traffic) -> str:
    """Ten events in each of partitions 0 and 1, from two hours ago to now; none in partition 2."""
    topic = traffic.topic(partitions=3)
    old = [message(number, number % 2, age_ms=2 * HOUR_MS) for number in range(12)]
    young = [message(number, number % 2, age_ms=1000) for number in range(12, 20)]
    traffic.produce(topic, old + young)
    return topic


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("earliest", set(range(20))),
        ("last 3", set(range(14, 20))),
        ("last 1000", set(range(20))),
        ("1h", set(range(12, 20))),
        ("3h", set(range(20))),
        ("latest", set()),
        ("100ms", set()),
    ],
)
def test_a_start_position_gives_its_history_and_then_what_comes_live(
    traffic: Traffic, open_topic: OpenTopic, history: str, start: str, expected: set[int]
) -> None:
    reader = open_topic(history, start)
    live = range(100, 106)
    traffic.produce(history, [message(number, number % 3) for number in live])
    batches = read(reader, len(expected) + len(live))
    assert sorted(row["value"] for row in rows(batches)) == sorted(expected | set(live))
    assert batches[-1].lag == {"0": 0, "1": 0, "2": 0}


def test_history_of_several_partitions_comes_merged_by_time(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic(partitions=3)
    traffic.produce(topic, [message(number, number % 3, age_ms=100_000 - 1000 * number) for number in range(60)])
    values = [row["value"] for row in rows(read(open_topic(topic), 60)[:1])]
    assert len(values) > 3
    assert values == sorted(values)


def test_lag_counts_what_still_waits_in_each_partition(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic(partitions=2)
    traffic.produce(topic, [message(number, 1) for number in range(7)])
    reader = open_topic(topic, "last 4")
    first = reader.poll(0)
    assert len(first) + first.lag["1"] == 4
    assert first.lag["0"] == 0


def test_events_of_a_partition_added_later_are_read_too(
    traffic: Traffic, open_topic: OpenTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kafka_client.TIMING, "metadata_max_age_ms", 300)
    topic = traffic.topic()
    reader = open_topic(topic, "latest")
    traffic.grow(topic, 2)
    traffic.produce(topic, [message(1, 0), message(2, 1)])
    assert {row["_partition"]: row["value"] for row in rows(read(reader, 2))} == {0: 1, 1: 2}


def test_a_partition_that_a_broker_does_not_know_for_a_while_is_not_read_again(
    traffic: Traffic, open_topic: OpenTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that has just come back may be behind with what it knows of the cluster."""
    topic = traffic.topic(partitions=2)
    traffic.produce(topic, [message(number, number % 2) for number in range(6)])
    reader = open_topic(topic)
    batches = read(reader, 6)
    reader._detach()  # as an outage does
    with monkeypatch.context() as behind:
        behind.setattr(ClusterMetadata, "partitions_for_topic", lambda *_: {0})
        traffic.produce(topic, [message(6, 0)])
        batches += read(reader, 1)
    traffic.produce(topic, [message(7, 1)])
    batches += read(reader, 1)
    batches.append(reader.poll(0.5))  # what was repeated would come now
    assert sorted(row["value"] for row in rows(batches)) == list(range(8))


def test_what_lies_before_the_start_is_known_and_said(open_topic: OpenTopic, traffic: Traffic) -> None:
    topic = traffic.topic(partitions=2)
    traffic.produce(topic, [{"value": b"1", "partition": n % 2} for n in range(7)])

    assert open_topic(topic, "latest").poll(0.2).earlier == 7
    assert open_topic(topic, "last 2").poll(0.2).earlier == 3
    assert open_topic(topic, "earliest").poll(0.2).earlier == 0
