"""Connecting to a Kafka cluster within a given time, and knowing why when that fails."""

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from kafka import KafkaConsumer
from kafka.net.compat import KafkaNetClient

from sources.errors import SourceError
from sources.kafka_arguments import client_arguments
from sources.kafka_errors import Diagnosis, explain
from sources.kafka_network import make_client
from sources.kafka_properties import Cluster

OPEN_S = 9.0
"""How long connecting and the first questions may take in all."""

TIMING = {
    "bootstrap_timeout_ms": 6_000,
    "retry_backoff_ms": 10,  # the consumer sleeps this long at times, even under load
    "reconnect_backoff_max_ms": 2_000,
    "request_timeout_ms": 10_000,  # also how soon a broker that fell silent is noticed
    "metadata_max_age_ms": 10_000,  # also how soon new partitions are noticed
}
FETCHING = {
    "group_id": None,
    "enable_auto_commit": False,
    "auto_offset_reset": "none",  # out of range raises, so that we decide where to go on
    "isolation_level": "read_committed",  # what was rolled back never happened
    "fetch_max_bytes": 4_000_000,
    "max_partition_fetch_bytes": 1_000_000,
    "metrics_enabled": False,
}

_numbers = itertools.count(1)

T = TypeVar("T")


class Attempt(Generic[T]):
    """One attempt to connect and do some first `work` with the consumer, on a thread of its own.

    A thread, because several of kafka-python's calls ignore their time-outs.
    """

    def __init__(self, cluster: Cluster, work: Callable[[Any, Any], T]) -> None:
        """`work` is given the consumer and its client. Raises BadSettings where the properties can't be used."""
        self._cluster = cluster
        self._work = work
        self._client_id = f"{cluster.properties.get('client_id', 'pulseboard')}-{next(_numbers)}"
        self._arguments = {**client_arguments(cluster), "client_id": self._client_id, **TIMING, **FETCHING}
        self._settled = threading.Event()
        self._diagnosis = Diagnosis(self._client_id, cluster, self._settled)
        self._deadline = time.monotonic() + OPEN_S
        self._lock = threading.Lock()
        self._client: Any = None
        self._abandoned = False
        self._done: list[T] = []
        self._failure: Exception | None = None
        threading.Thread(target=self._run, name=f"connect-{self._client_id}", daemon=True).start()

    def wait(self, timeout_s: float) -> bool:
        """Whether the attempt is over, after at most so many seconds."""
        self._settled.wait(max(0.0, min(timeout_s, self._deadline - time.monotonic())))
        return self._settled.is_set() or time.monotonic() >= self._deadline

    def result(self) -> T:
        """What the work returned, once the attempt is over. Raises a SourceError with the true cause if it failed."""
        self.wait(OPEN_S)
        with self._lock:
            if self._done:
                return self._done[0]
        self.abandon()
        if isinstance(self._failure, SourceError):
            raise self._failure
        raise self._diagnosis.cause or explain(self._failure or f"waited {OPEN_S:.0f} s in vain", self._cluster)

    def abandon(self) -> None:
        """Let go of the connection, also of one that is still being made. Does not wait for that."""
        with self._lock:
            client = None if self._abandoned else self._client
            self._abandoned = True
        if client is not None:
            threading.Thread(target=client.close, name=f"close-{self._client_id}", daemon=True).start()

    def _run(self) -> None:
        try:
            with self._diagnosis:
                consumer = KafkaConsumer(kafka_client=self._make_client, **self._arguments)
            value = self._work(consumer, self._client)
        except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
            self._failure = error
            self.abandon()
        else:
            with self._lock:
                if not self._abandoned:
                    self._done.append(value)
        self._settled.set()

    def _make_client(self, **configuration: Any) -> KafkaNetClient:
        client = make_client(**configuration)
        with self._lock:
            self._client = client
            if self._abandoned:
                client.close()
        return client
