"""Kafka's record batches without a broker: written by the client library, read as the reader reads an answer's."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from kafka import TopicPartition
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.legacy_records import LegacyRecordBatchBuilder

from sources.kafka_damage import TRIES, _Partition

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
MOST_RECORDS = 5_000


def written(values: list[bytes], codec: str = "none", headers: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """One batch of these."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=CODECS[codec],
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=10**9,
    )
    for offset, value in enumerate(values):
        builder.append(offset, timestamp=1_714_564_800_000 + offset, key=b"k", value=value, headers=list(headers))
    return bytes(builder.build())


def written_of_old(values: list[bytes], codec: str = "none") -> bytes:
    """A message set of the format before Kafka 0.11."""
    builder = LegacyRecordBatchBuilder(magic=1, compression_type=CODECS[codec], batch_size=10**9)
    for offset, value in enumerate(values):
        builder.append(offset, timestamp=1_714_564_800_000, key=None, value=value)
    return bytes(builder.build())


def read(data: bytes) -> list[Any]:
    """The records of an answer to a fetch, in part; what is damaged is fetched as often as the reader does it."""
    consumer = SimpleNamespace(highwater=lambda _: 1_000)
    tries: Counter[Any] = Counter()
    for _ in range(TRIES):
        partition = _Partition(consumer, tries, 0, TopicPartition("a", 0), MemoryRecords(data))
        if found := partition.take(MOST_RECORDS):
            break
    return list(found)
