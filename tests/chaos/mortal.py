"""A broker that nobody else minds being killed."""

import contextlib
import gc
from collections.abc import Iterator

import pytest

from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import kafka_threads, no_threads_left
from tests.servers.or_skip import or_skip

UNCLOSED = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")
"""kafka-python leaves the socket of a failed connection to the garbage collector: we can't reach it."""

CLOSE_S = 30.0


@contextlib.contextmanager
def mortal_broker(properties: str = "") -> Iterator[KafkaBroker]:
    """See KafkaBroker.start. Whoever reads from it must have let go of it by the end."""
    with or_skip(KafkaBroker.start(properties)) as broker:
        yield broker
    assert no_threads_left(CLOSE_S), f"still there: {kafka_threads()}"
    gc.collect()  # while the warning is ignored
