"""A Kafka topic keeps the contract of all sources: read live, absent, killed and back, fast, and silent."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sources.kafka import Kafka
from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import Traffic
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject, ascending


@pytest.mark.slow
@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_its_reader_keeps_the_contract(check: Callable[[Subject], None], traffic: Traffic) -> None:
    topic = traffic.topic()
    source = Kafka(topic=topic, start="latest", bootstrap_servers=traffic.bootstrap)
    numbers = itertools.count()

    def produce(count: int) -> None:
        traffic.produce(topic, ({"value": b'{"n": %d}' % next(numbers)} for _ in range(count)))

    check(Subject(source.open, source.open, produce, ascending("n")))


@pytest.fixture(scope="module")
def mortal(broker: KafkaBroker) -> Iterator[Counterpart]:
    del broker  # asked for so that it can be had at all; the one to be killed is another
    with KafkaBroker.start() as running, contextlib.ExitStack() as stack:
        traffic = Traffic(running.bootstrap)
        topic = traffic.topic()
        numbers = itertools.count()
        settings: dict[str, Any] = {"enable.idempotence": True, "linger.ms": 5}
        producer = traffic.producer(settings)
        stack.callback(producer.purge)

        def produce(count: int) -> None:
            for _ in range(count):
                producer.produce(topic, b'{"n": %d}' % next(numbers))
                producer.poll(0)
            assert producer.flush(60) == 0

        source = Kafka(topic=topic, start="latest", bootstrap_servers=running.bootstrap)
        yield Counterpart(source, produce, running.kill, running.run, keeps=True)


@pytest.mark.slow
@pytest.mark.parametrize("check", contract.OUTAGE_CHECKS)
def test_it_is_read_through_outages_and_bursts(check: Callable[[Counterpart], None], mortal: Counterpart) -> None:
    check(mortal)
