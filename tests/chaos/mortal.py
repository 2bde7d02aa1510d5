"""A broker that nobody else minds being killed."""

import contextlib
import gc
from collections.abc import Iterator

import pytest

from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import no_threads_left
from tests.servers.or_skip import or_skip

UNCLOSED = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")
"""kafka-python leaves the socket of a failed connection to the garbage collector: we can't reach it."""


@contextlib.contextmanager
def mortal_broker(properties: str = "") -> Iterator[KafkaBroker]:
    """See KafkaBroker.start. Collects those sockets at the end, while the warning is ignored."""
    with or_skip(KafkaBroker.start(properties)) as broker:
        yield broker
    no_threads_left()
    gc.collect()
