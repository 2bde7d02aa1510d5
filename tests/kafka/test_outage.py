"""A broker dies and comes back: no event is lost, none is repeated."""

import itertools
import threading
import time

import numpy as np
import pytest

from sources.batch import Batch
from sources.errors import NotFound, Unreachable
from sources.kafka import Kafka
from sources.kafka_place import ANEW
from sources.protocol import Reader
from tests.kafka.broker import KafkaBroker
from tests.kafka.conftest import OpenTopic
from tests.kafka.traffic import Traffic, read

MILLION = 1_000_000
PARTITIONS = 4


def numbers(batches: list[Batch]) -> list[int]:
    return sorted(itertools.chain.from_iterable(each.table["n"].to_pylist() for each in batches if len(each)))


@pytest.mark.slow
def test_a_broker_killed_and_restarted_mid_stream_loses_and_repeats_nothing(broker: KafkaBroker) -> None:
    del broker  # asked for so that it can be had at all; the one to be killed is another
    with KafkaBroker.start() as mortal:
        traffic = Traffic(mortal.bootstrap)
        topic = traffic.topic(PARTITIONS)
        producer = traffic.producer({"enable.idempotence": True})
        stop = threading.Event()
        produced = itertools.count()

        def produce() -> None:
            while not stop.wait(0.001):
                producer.produce(topic, b'{"n": %d}' % next(produced))
                producer.poll(0)

        writer = threading.Thread(target=produce)
        reader = Kafka(topic=topic, start="earliest", bootstrap_servers=mortal.bootstrap).open()
        writer.start()
        try:
            batches = read(reader, 500)
            mortal.kill()
            killed = time.monotonic()
            with pytest.raises(Unreachable, match="is away"):
                while time.monotonic() < killed + 10:
                    batches.append(reader.poll(0.1))
            with pytest.raises(Unreachable, match="Nothing listens"):
                reader.poll(5.0)
            mortal.run()
            back = time.monotonic()
            resumed = sum(map(len, batches))
            while sum(map(len, batches)) < resumed + 500 and time.monotonic() < back + 30:
                _poll_away(reader, batches)
            stop.set()
            writer.join()
            assert producer.flush(60) == 0
            count = next(produced)
            deadline = time.monotonic() + 30
            while sum(map(len, batches)) < count and time.monotonic() < deadline:
                _poll_away(reader, batches)
            batches.append(reader.poll(0.5))  # what was repeated would come now
            assert numbers(batches) == list(range(count))
        finally:
            stop.set()
            writer.join()
            reader.close()
            producer.purge()


def _poll_away(reader: Reader, batches: list[Batch]) -> None:
    """One poll as a feed does it: an unreachable broker is no reason to stop."""
    try:
        batches.append(reader.poll(0.1))
    except Unreachable:
        threading.Event().wait(0.05)


def test_a_topic_deleted_while_it_is_read_is_told_so_and_not_created_again(
    traffic: Traffic, open_topic: OpenTopic
) -> None:
    topic = traffic.topic()
    reader = open_topic(topic)
    assert len(reader.poll(0.1)) == 0
    traffic.drop(topic)
    deadline = time.monotonic() + 30
    with pytest.raises(NotFound, match=topic):
        while time.monotonic() < deadline:
            _poll_away(reader, [])
    assert topic not in traffic.topics()


def test_a_topic_made_anew_under_its_name_is_read_from_its_beginning_and_that_is_said(
    traffic: Traffic, open_topic: OpenTopic
) -> None:
    topic = traffic.topic()
    traffic.produce(topic, ({"value": b'{"n": %d}' % n} for n in range(5)))
    reader = open_topic(topic)
    batches = read(reader, 5)
    traffic.drop(topic)
    traffic.topic(name=topic)
    traffic.produce(
        topic, ({"value": b'{"n": %d}' % n} for n in range(5, 15))
    )  # more than before: its offset 5 is there
    deadline = time.monotonic() + 30
    while len(set(numbers(batches))) < 15 and time.monotonic() < deadline:
        _poll_away(reader, batches)
    batches.append(reader.poll(0.5))  # what was repeated would come now
    assert set(numbers(batches)) == set(range(15))
    # Until the new topic's id is heard of, reading may go on in it where it stood in the old one: at 10. That comes again.
    assert numbers(batches) in (list(range(15)), sorted([*range(15), *range(10, 15)]))
    assert [(gap.lost, gap.why) for each in batches for gap in each.gaps] == [(None, ANEW)]


@pytest.mark.slow
def test_a_million_events_are_read_with_none_lost_or_repeated(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic(PARTITIONS)
    producer = traffic.producer(
        {"queue.buffering.max.messages": 2 * MILLION, "linger.ms": 50, "compression.type": "lz4"}
    )
    for number in range(MILLION):
        producer.produce(topic, b'{"n": %d, "series": "pump-%d", "status": "ok"}' % (number, number % 5))
        if number % 1000 == 0:
            producer.poll(0)
    reader = open_topic(topic)
    batches = read(reader, MILLION // 2, wait_s=60)
    assert producer.flush(60) == 0
    batches += read(reader, MILLION - sum(map(len, batches)), wait_s=60)
    assert len(reader.poll(0.5)) == 0
    found = np.sort(np.concatenate([each.table["n"].to_numpy() for each in batches if len(each)]))
    assert np.array_equal(found, np.arange(MILLION))
    for partition in range(PARTITIONS):  # and each partition in its own order
        of = [
            each.table["_offset"].to_numpy()[each.table["_partition"].to_numpy() == partition]
            for each in batches
            if len(each)
        ]
        offsets = np.concatenate(of)
        assert np.array_equal(offsets, np.arange(len(offsets)))
