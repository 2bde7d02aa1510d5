"""A real broker for the tests of this folder: the one of KAFKA_BOOTSTRAP_SERVERS, or our own Apache Kafka."""

import gc
import os
from collections.abc import Callable, Iterator

import pytest

from sources.kafka import Kafka
from sources.kafka_reader import KafkaReader
from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import Traffic, no_threads_left
from tests.servers.or_skip import or_skip

OpenTopic = Callable[..., KafkaReader]


def pytest_configure(config: pytest.Config) -> None:
    """Let kafka-python leave the socket of a failed connection to the garbage collector: we can't reach it."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed <(socket|ssl):ResourceWarning")


@pytest.fixture(scope="session", autouse=True)
def _sockets_collected() -> Iterator[None]:
    """Collect those sockets while the filter holds."""
    yield
    no_threads_left()
    gc.collect()


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaBroker]:
    """Our own node, with its listeners for SASL and TLS."""
    with or_skip(KafkaBroker.start()) as running:
        yield running


@pytest.fixture(scope="session")
def bootstrap(request: pytest.FixtureRequest) -> str:
    """The address of a broker that anyone may read and write."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        return given
    own: KafkaBroker = request.getfixturevalue("broker")
    return own.bootstrap


@pytest.fixture(scope="session")
def traffic(bootstrap: str) -> Traffic:
    """Makes topics and writes to them."""
    return Traffic(bootstrap)


@pytest.fixture
def open_topic(bootstrap: str) -> Iterator[OpenTopic]:
    """Opens a topic for reading; closes it after the test."""
    readers: list[KafkaReader] = []

    def open_reader(topic: str, start: str = "earliest") -> KafkaReader:
        reader = Kafka(topic=topic, start=start, bootstrap_servers=bootstrap).open()
        assert isinstance(reader, KafkaReader)
        readers.append(reader)
        return reader

    yield open_reader
    for each in readers:
        each.close()
