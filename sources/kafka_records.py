"""From Kafka's records to a batch: the message's own fields, and what came with it under names of the transport."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sources.batch import NO_ROWS, PUSHED, Batch, Malformed
from sources.decode import SAMPLES, Decoder
from sources.formats.format import Format
from sources.formats.names import AUTO
from sources.kafka_damage import Unreadable

HEADERS = 20
"""How many distinct header names become columns; later ones are left out."""

HEADER_NAME_CHARS = 100

YEAR_10000_MS = 253_402_300_800_000
"""Record timestamps from here on, and negative ones, are no time that a board could show."""


class RecordDecoder:
    """Makes batches of records. Remembers which headers have become columns, and how the messages are written."""

    def __init__(self, format: str = AUTO, more: Sequence[Format] = ()) -> None:  # noqa: A002 - as in the link
        """See Decoder. Raises BadSettings if there is no such format."""
        self._decoder = Decoder(format, more)
        self._headers: set[str] = set()

    def batch(self, partitions: Sequence[Sequence[Any]], lag: Mapping[str, int]) -> Batch:
        """One batch of each partition's records, which keep their order and are merged by record time.

        Raises a SourceError if the format does; the same records may then be given again.

        Columns beside the message's own: `_partition`, `_offset`, `_timestamp`; where there are any, `_key`,
        `_header.NAME` and, for records without a value, `_tombstone`.
        """
        records = _merge(partitions)
        unreadable = [record for record in records if type(record.value) is Unreadable]
        if unreadable:
            records = [record for record in records if type(record.value) is not Unreadable]
        lost = sum(record.offset + 1 - record.value.first for record in unreadable)
        samples = tuple(map(_sample, unreadable[:SAMPLES]))
        if not records:
            return Batch(NO_ROWS, time.time(), lost, samples, lag, self._decoder.reading, delivery=PUSHED)
        numbers = [record.partition for record in records]
        offsets = [record.offset for record in records]
        timestamps = [record.timestamp for record in records]
        keys = [record.key for record in records]
        values = [record.value for record in records]
        headers = [record.headers for record in records]
        decoded = self._decoder.decode(values)
        columns = dict(decoded.columns)
        columns |= _transport(numbers, offsets, timestamps)
        columns |= _keys(keys)
        columns |= self._header_columns(headers)
        if None in values:
            columns["_tombstone"] = pa.array([value is None for value in values])
        if not np.array_equal(decoded.rows, np.arange(len(values))):
            rows = pa.array(decoded.rows)
            columns |= {name: columns[name].take(rows) for name in columns.keys() - decoded.columns.keys()}
        samples += tuple(
            Malformed(reason, f"partition {numbers[index]}, offset {offsets[index]}", sample)
            for index, reason, sample in decoded.samples
        )
        return Batch(
            pa.table(columns),
            time.time(),
            lost + decoded.malformed,
            samples[:SAMPLES],
            lag,
            self._decoder.reading,
            delivery=PUSHED,
        )

    def _header_columns(self, headers: Sequence[Sequence[tuple[str, bytes | None]]]) -> dict[str, pa.Array]:
        cells: dict[str, list[str | None]] = {}
        for row, pairs in enumerate(headers):
            for name, value in pairs:
                if name not in self._headers:
                    if len(self._headers) >= HEADERS or len(name) > HEADER_NAME_CHARS:
                        continue
                    self._headers.add(name)
                cells.setdefault(name, [None] * len(headers))[row] = _text(value)
        return {f"_header.{name}": pa.array(column, pa.string()) for name, column in cells.items()}


def _sample(record: Any) -> Malformed:
    """What to show of a record that stands for unreadable ones."""
    value = record.value
    offsets = f"offset {value.first}" if value.first == record.offset else f"offsets {value.first} to {record.offset}"
    return Malformed(value.reason, f"partition {record.partition}, {offsets}", bytes(value))


def _merge(partitions: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """All records, by their time as far as that leaves each partition in its own order."""
    if len(partitions) == 1:
        return partitions[0]
    records = [record for each in partitions for record in each]
    times = [np.maximum.accumulate([record.timestamp for record in each]) for each in partitions if each]
    if not times:
        return records
    order = np.argsort(np.concatenate(times), kind="stable")
    return [records[index] for index in order.tolist()]


def _transport(numbers: Sequence[int], offsets: Sequence[int], timestamps: Sequence[int]) -> dict[str, pa.Array]:
    milliseconds = np.array([each if 0 <= each < YEAR_10000_MS else -1 for each in timestamps], np.int64)
    unusable = milliseconds < 0
    microseconds = np.where(unusable, 0, milliseconds) * 1000
    return {
        "_partition": pa.array(numbers, pa.int64()),
        "_offset": pa.array(offsets, pa.int64()),
        "_timestamp": pa.array(microseconds, pa.int64(), mask=unusable).cast(pa.timestamp("us", "UTC")),
    }


def _keys(keys: Sequence[bytes | None]) -> dict[str, pa.Array]:
    if not any(key is not None for key in keys):
        return {}
    return {"_key": pa.array([_text(key) for key in keys], pa.string())}


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")
