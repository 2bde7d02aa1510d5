r"""Reading on past what kafka-python can't parse, where it would otherwise stop at the same offset for ever.

    a header name that is not UTF-8       the record is read, with the odd bytes written as \xff
    a record that makes no sense          stands as one Unreadable; its neighbours are read
    a batch whose checksum is wrong, or   stands as one Unreadable for all its offsets
    that can't be decompressed
    bytes that are no batch at all        stand as one Unreadable for the next offset

A wrong checksum may be the network's doing: such a batch is fetched TRIES times before it is given up. What else is
judged here came whole and with the right checksum, so that fetching it again would change nothing.
"""

# ruff: noqa: SLF001 - kafka-python's parsing has no public seam

import struct
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from kafka.consumer.fetcher import Fetcher
from kafka.errors import UnsupportedCodecError
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint

from sources.batch import SAMPLE_BYTES
from sources.kafka_unpacking import Batch, OldBatch

TRIES = 3
"""How often a batch is fetched whose checksum is wrong."""


class Unreadable(bytes):
    """The value of a record that stands for those that can't be read: how their bytes begin."""

    reason: str
    first: int
    """The first offset it stands for; the last is the record's own."""


def read_past_damage(consumer: Any) -> None:
    """Let the consumer hand on a record with an Unreadable value where it would raise CorruptRecordError."""
    consumer._fetcher.PartitionRecords = partial(_Partition, consumer, Counter())


class _Partition(Fetcher.PartitionRecords):  # type: ignore[misc] # the library has no types
    """One partition's part of an answer."""

    def __init__(self, consumer: Any, tries: Counter[tuple[Any, int]], *arguments: Any, **settings: Any) -> None:
        self._consumer = consumer
        self._tries = tries
        super().__init__(*arguments, **settings)

    def _unpack_records(self, tp: Any, records: Any, *deserializers: Any) -> Iterator[Any]:
        unpacked: Iterator[Any] = super()._unpack_records(tp, _Records(records, self), *deserializers)
        return unpacked

    def is_to_be_fetched_again(self, offset: int) -> bool:
        """Whether the damaged batch at `offset` has tries left; takes one."""
        self._tries[self.topic_partition, offset] += 1
        if self._tries[self.topic_partition, offset] < TRIES:
            return True
        del self._tries[self.topic_partition, offset]
        return False

    def highwater(self) -> int:
        """The offset after the partition's last record."""
        return int(self._consumer.highwater(self.topic_partition))


class _Records(MemoryRecords):  # type: ignore[misc] # the library has no types
    """The batches of one answer, none of which raises for what its bytes are."""

    def __init__(self, records: Any, partition: _Partition) -> None:
        super().__init__(records._buffer)
        self._partition = partition

    def next_batch(self: Any) -> Any:
        """See MemoryRecords."""
        part = self._next_slice
        if part is None:
            return None
        fetch_offset = self._partition.fetch_offset
        magic = part[self.MAGIC_OFFSET] if len(part) > self.MAGIC_OFFSET else _NEWEST
        if len(part) < _LEAST_BYTES[min(magic, _NEWEST)]:
            # Its length is wrong, so where the next one begins is not known either.
            self._next_slice, self._pos = None, len(self._buffer)
            at = max(fetch_offset, self._partition.next_fetch_offset)
            if self._partition.is_to_be_fetched_again(at):
                return None
            return _DamagedBatch(bytes(part[:SAMPLE_BYTES]), "damaged: it is no batch of records", at, at)
        self._cache_next()
        batch = OldBatch(part, magic) if magic < _NEWEST else Batch(part)
        if batch.validate_crc():
            return _SoundBatch(batch, fetch_offset)
        first, end = max(batch.base_offset, fetch_offset), self._partition.highwater()
        if self.has_next():  # the batch's own word on where it ends may be damaged too
            end = min(end, struct.unpack_from(">q", self._next_slice)[0])
        else:
            end = max(min(end, _end(batch)), first + 1)
        if first < end and self._partition.is_to_be_fetched_again(first):
            return None  # as if the answer had ended before it
        return _DamagedBatch(_start(batch), "damaged: its checksum is wrong", first, end - 1)

    def _cache_next(self, *arguments: Any) -> None:
        """See MemoryRecords. A length by which the next batch would begin within this one is that of all there is."""
        position = self._pos
        super()._cache_next(*arguments)
        if self._next_slice is not None and self._pos < position + self.LOG_OVERHEAD:
            self._next_slice = memoryview(self._buffer)[position : position + self.LOG_OVERHEAD]
            self._pos = len(self._buffer)


_NEWEST = 2
_LEAST_BYTES = {0: 26, 1: 34, _NEWEST: DefaultRecordBatch.HEADER_STRUCT.size}
"""The least that a batch of that magic takes, with all of its header."""


class _DamagedBatch:
    """A batch of which no byte can be trusted: one record that stands for all from `first` to `last`."""

    magic = 0
    """So that its header is not asked about transactions."""

    def __init__(self, sample: bytes, reason: str, first: int, last: int) -> None:
        self._sample = sample
        self._reason = reason
        self._first = first
        self._last = last

    def validate_crc(self) -> bool:
        """Whether it may be iterated."""
        return True

    def __iter__(self) -> Iterator[DefaultRecord]:
        if self._first <= self._last:  # else the broker gave it again, misled by the damage
            yield _unreadable(self._sample, self._reason, self._first, self._last)


class _SoundBatch:
    """The batch it was made of, but for the records that can't be parsed."""

    def __init__(self, batch: Any, fetch_offset: int) -> None:
        self._batch = batch
        self._fetch_offset = fetch_offset

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def validate_crc(self) -> bool:
        """Whether it may be iterated; this was asked before."""
        return True

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        offset = self._batch.base_offset
        while True:
            try:
                for record in self._batch:
                    if self._batch.magic < _NEWEST and not record.validate_crc():
                        yield _unreadable(record.value or b"", "damaged: its checksum is wrong", offset, record.offset)
                    else:
                        yield record
                    offset = record.offset + 1
            except UnsupportedCodecError:
                raise  # for want of a library, not by any fault of the batch
            except Exception as error:  # noqa: BLE001 - each codec raises its own
                if _tolerate_names(self._batch):
                    continue
                reason = f"can't be parsed as Kafka records: {error.args[0] if error.args else error!r}"
                sample = _step_over(self._batch)
                if sample is None:  # nor can those behind it be found
                    first, last = max(offset, self._fetch_offset), _end(self._batch) - 1
                    if first <= last:
                        yield _unreadable(_start(self._batch), reason, first, last)
                    return
                yield _unreadable(sample, reason, offset, offset)
                offset += 1
            else:
                return


class _Tolerant(bytearray):
    """A batch's bytes, whose slices spell out what is not UTF-8."""

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return _Tolerant(part) if isinstance(part, bytearray) else part

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


def _tolerate_names(batch: Any) -> bool:
    """Have the batch spell out header names that are not UTF-8; False if it does so already, or has no such names.

    Not so from the start, because it makes reading several times as slow.
    """
    if not isinstance(batch, DefaultRecordBatch) or isinstance(batch._buffer, _Tolerant):
        return False
    batch._buffer = _Tolerant(batch._buffer)
    return True


def _step_over(batch: Any) -> bytes | None:
    """Have the batch go on behind the record it stands at, and return that one's bytes; None if it has no end there."""
    if not isinstance(batch, DefaultRecordBatch) or not batch._decompressed:
        return None
    try:
        length, start = decode_varint(batch._buffer, batch._pos)
    except (IndexError, ValueError):
        return None
    if not 0 < length <= len(batch._buffer) - start or batch._next_record_index >= batch.records_count:
        return None
    batch._pos = start + length
    batch._next_record_index += 1
    return bytes(batch._buffer[start : start + length])


def _start(batch: Any) -> bytes:
    """How what follows the batch's header begins."""
    size = DefaultRecordBatch.HEADER_STRUCT.size
    return bytes(batch._buffer[size : size + SAMPLE_BYTES])


def _end(batch: Any) -> int:
    """The offset after the batch; the old format names its last record's."""
    return int(getattr(batch, "next_offset", batch.base_offset + 1))


def _unreadable(sample: bytes, reason: str, first: int, last: int) -> DefaultRecord:
    value = Unreadable(sample[:SAMPLE_BYTES])
    value.reason, value.first = reason, first
    return DefaultRecord(len(sample), last, 0, 0, None, value, [])
