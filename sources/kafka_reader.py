"""Reading one topic: every partition, each event once, through a broker's death and return."""

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from kafka import TopicPartition

from sources.batch import NO_ROWS, Batch, Gap
from sources.errors import Unreachable
from sources.formats.framed import framed_formats
from sources.formats.names import AUTO
from sources.kafka_client import Attempt
from sources.kafka_damage import read_past_damage
from sources.kafka_errors import explain, unknown_topic
from sources.kafka_place import Place
from sources.kafka_properties import Cluster
from sources.kafka_records import RecordDecoder
from sources.registry import Registry
from sources.start import Start

POLL_RECORDS = 20_000
"""The most records one poll hands on."""

POLL_BYTES = 16_000_000
"""About the most bytes one poll hands on, by the size of the records before."""

FRESHEN_MS = 10
"""How long to wait for what arrived after the answer that lay ready."""

GRACE_S = 1.5
"""How long a partition may be without a connection to its leader: reconnecting takes some milliseconds as a rule."""

ASK_MS = 4_000
"""How long a question for offsets may take."""


@dataclass(frozen=True, slots=True)
class _Attached:
    """A consumer of all partitions, its client, and what it was told: which topic this is, and the offsets by partition.

    begins, ends  of the first event that is retained, and after the last
    starts        where the start position lies
    """

    consumer: Any
    client: Any
    topic_id: object
    begins: dict[int, int]
    ends: dict[int, int]
    starts: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """Records by partition, and how many wait behind them in each."""

    partitions: list[list[Any]]
    lag: dict[str, int]


class KafkaReader:
    """An opened topic. Keeps its place in every partition itself, so that a new connection goes on where the last ended."""

    def __init__(self, cluster: Cluster, topic: str, start: Start, format: str = AUTO) -> None:  # noqa: A002 - as in the link
        """Connect and take up the start position. Raises a SourceError with the true cause if that fails."""
        self._cluster = cluster
        self._topic = topic
        self._start = start
        self._decoder = RecordDecoder(format, framed_formats(Registry(cluster.properties)))
        self._undecoded: _Fetched | None = None
        self._earlier = 0
        self._place = Place({}, None)
        self._begun = False
        self._gaps: tuple[Gap, ...] = ()
        self._record_bytes = 1000.0
        self._away_since: float | None = None
        self._attached: _Attached | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._attempt: Attempt[_Attached] | None = Attempt(cluster, self._attach)
        self._settle(self._attempt)

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll. Raises Unreachable while a partition's leader, or the schema registry, is away.

        The first message of a schema waits for the registry, if need be some seconds past the timeout.
        """
        if self._undecoded is None:
            self._undecoded = self._read(timeout_s)
        if self._undecoded is None or self._closed:
            return Batch(NO_ROWS, time.time())
        batch = self._decoder.batch(self._undecoded.partitions, self._undecoded.lag)
        # Not where that raised: the positions are past these records, so they are decoded next time.
        self._undecoded = None
        gaps, self._gaps = self._gaps, ()
        return replace(batch, earlier=self._earlier, gaps=gaps)

    def close(self) -> None:
        """See Reader.close."""
        with self._lock:
            self._closed = True
            attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.abandon()
        self._detach()

    def _read(self, timeout_s: float) -> _Fetched | None:
        """What is ready, with the positions advanced past it; None once closed."""
        deadline = time.monotonic() + timeout_s
        attached = self._attached or self._reconnect(timeout_s)
        if attached is None:
            return None
        try:
            partitions = self._fetch(attached, max(0.0, deadline - time.monotonic()))
            self._look_after(attached)
            return _Fetched(partitions, self._advance(attached, sum(map(len, partitions))))
        except Exception as error:  # noqa: BLE001 - whatever it was, this consumer is done for
            if self._closed:
                return None
            self._detach()
            raise explain(error, self._cluster) from None

    def _fetch(self, attached: _Attached, timeout_s: float) -> list[list[Any]]:
        """Records by partition; what lay ready and, since that may be old, what has come since."""
        room = int(min(POLL_RECORDS, max(1, POLL_BYTES / self._record_bytes)))
        fetched = attached.consumer.poll(int(timeout_s * 1000), room)
        count = sum(map(len, fetched.values()))
        if 0 < count < room:
            for partition, records in attached.consumer.poll(FRESHEN_MS, room - count).items():
                fetched.setdefault(partition, []).extend(records)
        size = sum(record.serialized_value_size for records in fetched.values() for record in records)
        self._record_bytes = size / max(1, sum(map(len, fetched.values()))) or self._record_bytes
        return list(fetched.values())

    def _look_after(self, attached: _Attached) -> None:
        """Take up new partitions. Raises Unreachable where one is gone, or without its leader for longer than GRACE_S."""
        cluster = attached.client.cluster
        numbers = cluster.partitions_for_topic(self._topic) or set()
        assigned = attached.consumer.assignment()
        known = {partition.partition for partition in assigned}
        if not known <= numbers or cluster.topic_id(self._topic) not in (attached.topic_id, None):
            raise Unreachable(f"Topic {self._topic} is not as it was: connecting again.")
        if known < numbers:
            added = {TopicPartition(self._topic, number) for number in numbers - known}
            attached.consumer.assign(assigned | added)
            for partition in added:
                attached.consumer.seek(partition, self._place.offsets.get(partition.partition, 0))
        leaders = {cluster.leader_for_partition(partition) for partition in assigned}
        if not any(leader is None or attached.client.is_disconnected(leader) for leader in leaders):
            self._away_since = None
        elif self._away_since is None:
            self._away_since = time.monotonic()
        elif time.monotonic() - self._away_since > GRACE_S:
            raise Unreachable(f"Kafka at {self._cluster.servers} is away: connecting again.")

    def _advance(self, attached: _Attached, records: int) -> dict[str, int]:
        """Move the place past so many records that were fetched; return how many events wait in each partition."""
        positions, lag = {}, {}
        for partition in attached.consumer.assignment():
            number = partition.partition
            positions[number] = attached.consumer.position(partition, timeout_ms=0)
            end = attached.consumer.highwater(partition)  # None before the first answer
            lag[str(number)] = max(0, (attached.ends.get(number, 0) if end is None else end) - positions[number])
        self._place.advance(positions, records)  # all or none: what was fetched is handed on if nothing was raised
        return lag

    def _reconnect(self, timeout_s: float) -> _Attached | None:
        """A new connection at the kept positions; None once closed. Raises Unreachable while there is none yet."""
        with self._lock:
            if self._closed:
                return None
            if self._attempt is None:
                self._attempt = Attempt(self._cluster, self._attach)
            attempt = self._attempt
        if not attempt.wait(timeout_s):
            raise Unreachable(f"Kafka at {self._cluster.servers} is away: connecting again.")
        return self._settle(attempt)

    def _settle(self, attempt: Attempt[_Attached]) -> _Attached | None:
        """Take over what the attempt made; None if the reader was closed meanwhile."""
        try:
            attached = attempt.result()
        finally:
            with self._lock:
                self._attempt = None
        with self._lock:
            if not self._closed:
                self._take_place(attached)
                self._away_since = None
                self._attached = attached
                return attached
        attempt.abandon()
        return None

    def _detach(self) -> None:
        with self._lock:
            attached, self._attached = self._attached, None
        if attached is not None:
            attached.consumer.close(autocommit=False, timeout_ms=0)

    def _attach(self, consumer: Any, client: Any) -> _Attached:
        """Take all partitions, and ask what there is of them."""
        read_past_damage(consumer)
        topics = consumer.topics()
        numbers = client.cluster.partitions_for_topic(self._topic)
        if not numbers:
            raise unknown_topic(self._topic, topics, self._cluster)
        partitions = [TopicPartition(self._topic, number) for number in sorted(numbers)]
        begins = consumer.beginning_offsets(partitions, timeout_ms=ASK_MS)
        ends = consumer.end_offsets(partitions, timeout_ms=ASK_MS)
        starts = _starts(self._start, consumer, begins, ends) if not self._begun else begins
        consumer.assign(partitions)
        topic_id = client.cluster.topic_id(self._topic)
        return _Attached(consumer, client, topic_id, *map(_by_number, (begins, ends, starts)))

    def _take_place(self, attached: _Attached) -> None:
        """Have the consumer stand where to begin or, in later connections, where the last one ended."""
        begins, ends = attached.begins, attached.ends
        if not self._begun:
            self._begun, self._place = True, Place(attached.starts, attached.topic_id)
            self._earlier = sum(attached.starts.values()) - sum(begins.values())
        else:
            self._gaps += self._place.resume(begins, ends, attached.topic_id)
        for number in begins:
            attached.consumer.seek(TopicPartition(self._topic, number), self._place.offsets[number])


def _starts(start: Start, consumer: Any, begins: dict[Any, int], ends: dict[Any, int]) -> dict[Any, int]:
    """The offset of each partition at which the start position lies."""
    match start.where:
        case "earliest":
            return begins
        case "latest":
            return ends
        case "last":
            return {each: max(begins[each], ends[each] - int(start.amount)) for each in ends}
        case "age":
            since_ms = max(0, int((time.time() - start.amount) * 1000))
            found = consumer.offsets_for_times(dict.fromkeys(ends, since_ms), timeout_ms=ASK_MS)
            return {each: found[each].offset if found.get(each) else ends[each] for each in ends}


def _by_number(offsets: dict[Any, int]) -> dict[int, int]:
    return {each.partition: offset for each, offset in offsets.items()}
