"""Records and batches that the client library can't parse: read as far as they can be, else counted and sampled."""

import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.util import calc_crc32c

from sources.batch import Batch
from sources.kafka import Kafka
from sources.kafka_damage import TRIES
from tests.kafka.broker import KafkaBroker
from tests.kafka.conftest import OpenTopic
from tests.kafka.traffic import Traffic, read, rows

HEADER = DefaultRecordBatch.HEADER_STRUCT.size
CHECKED = DefaultRecordBatch.ATTRIBUTES_OFFSET
"""The checksum covers a batch from here on."""

LAST_OFFSET_DELTA = struct.calcsize(">qiibIh")

BEFORE_VALUE = 6
"""The bytes of a small record without a key before its value: length, attributes, deltas of time and offset, two lengths."""

Damage = Callable[[bytearray], None]


class RawName(str):
    """A header name that is sent as the Latin-1 bytes of its characters."""

    __slots__ = ()

    def encode(self, *_: str) -> bytes:
        """See str."""
        return str(self).encode("latin-1")


@pytest.fixture
def own(broker: KafkaBroker) -> Traffic:
    """Writes to the broker whose files are at hand."""
    return Traffic(broker.bootstrap)


@contextmanager
def batching_producer(bootstrap: str, codec: str | None) -> Iterator[Any]:
    """A producer that makes one batch of all it is given until it is flushed, which librdkafka does not promise."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, linger_ms=60_000, compression_type=codec, enable_idempotence=False
    )
    with closing(producer):
        yield producer


def produce(own: Traffic, topic: str, *batches: range, codec: str | None = None) -> None:
    """One record batch of the numbers in each range, with enough padding to be worth a codec."""
    padding = b" " * 500 if codec else b""
    with batching_producer(own.bootstrap, codec) as producer:
        for numbers in batches:
            for number in numbers:
                producer.send(topic, value(number) + padding, timestamp_ms=1_700_000_000_000)
            producer.flush(20)


def value(number: int) -> bytes:
    return b'{"n": %d}' % number


def damage(segment: Path, index: int, change: Damage, *, checksum: bool = False) -> None:
    """Change the batch at `index` in the broker's own file; `checksum` says whether its checksum follows."""
    content = bytearray(segment.read_bytes())
    at = 0
    for _ in range(index):
        at += struct.unpack_from(">i", content, at + 8)[0] + 12
    end = at + struct.unpack_from(">i", content, at + 8)[0] + 12
    batch = content[at:end]
    change(batch)
    if checksum:
        struct.pack_into(">I", batch, CHECKED - 4, calc_crc32c(batch[CHECKED:]))
    with segment.open("r+b") as file:
        file.seek(at)
        file.write(batch)


def flip_last_byte(batch: bytearray) -> None:
    batch[-1] ^= 0xFF


def overstate_its_end(batch: bytearray) -> None:
    struct.pack_into(">i", batch, LAST_OFFSET_DELTA, 2**30)


def understate_its_end(batch: bytearray) -> None:
    struct.pack_into(">i", batch, LAST_OFFSET_DELTA, -(2**30))


def misstate_an_attribute(batch: bytearray) -> None:
    batch[batch.index(value(2)) - BEFORE_VALUE + 1] = 0xFF


def misstate_a_length(batch: bytearray) -> None:
    batch[batch.index(value(2)) - BEFORE_VALUE] = 0x7E


def spoil_the_compressed(batch: bytearray) -> None:
    assert batch[CHECKED + 1] & DefaultRecordBatch.CODEC_MASK
    batch[HEADER + 4 :] = bytes(len(batch) - HEADER - 4)


def said(batches: list[Batch]) -> tuple[list[int], int, list[str]]:
    """The numbers read, how many messages were not, and where those stood."""
    numbers = [number for each in batches if len(each) for number in each.table["n"].to_pylist()]
    return numbers, sum(each.malformed for each in batches), [one.where for each in batches for one in each.samples]


@pytest.mark.parametrize("codec", [None, "gzip"])
def test_a_header_name_that_is_not_utf_8_is_read_all_the_same(
    traffic: Traffic, open_topic: OpenTopic, codec: str | None
) -> None:
    topic = traffic.topic()
    with batching_producer(traffic.bootstrap, codec) as producer:
        for number, name in enumerate((RawName("site"), RawName("\xff\xfe"), RawName("site"))):
            producer.send(topic, value(number), headers=[(name, b"north")])
        producer.flush(20)
    batches = read(open_topic(topic), 3)
    found = [{name: row[name] for name in row if name == "n" or name.startswith("_header.")} for row in rows(batches)]
    assert found == [
        {"n": 0, "_header.site": "north"},
        {"n": 1, "_header.\\xff\\xfe": "north"},
        {"n": 2, "_header.site": "north"},
    ]
    assert sum(each.malformed for each in batches) == 0


@pytest.mark.parametrize(("start", "numbers", "first"), [("earliest", [0, 4], 1), ("last 3", [4], 2)])
def test_a_batch_with_a_wrong_checksum_is_counted_and_keeps_its_neighbours(
    broker: KafkaBroker, own: Traffic, start: str, numbers: list[int], first: int
) -> None:
    topic = own.topic()
    produce(own, topic, range(1), range(1, 4), range(4, 5))
    damage(broker.segment(topic), 1, flip_last_byte)
    with closing(Kafka(topic=topic, start=start, bootstrap_servers=broker.bootstrap).open()) as reader:
        batches = read(reader, len(numbers) + 4 - first)
    assert said(batches) == (numbers, 4 - first, [f"partition 0, offsets {first} to 3"])
    assert batches[-1].lag == {"0": 0}
    (sample,) = (each for batch in batches for each in batch.samples)
    assert "checksum" in sample.reason
    assert b'"n": 1' in sample.sample


def test_a_batch_damaged_on_its_way_is_fetched_again_and_costs_no_event(
    traffic: Traffic, open_topic: OpenTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = traffic.topic()
    produce(traffic, topic, range(2), range(2, 4), range(4, 5))
    checked: list[int] = []
    is_whole = DefaultRecordBatch.validate_crc

    def damaged_at_first(batch: DefaultRecordBatch) -> bool:
        checked.append(batch.base_offset)
        return is_whole(batch) and (batch.base_offset != 2 or checked.count(2) == TRIES)

    monkeypatch.setattr(DefaultRecordBatch, "validate_crc", damaged_at_first)
    assert said(read(open_topic(topic), 5)) == ([0, 1, 2, 3, 4], 0, [])
    assert checked.count(2) == TRIES


@pytest.mark.parametrize("change", [flip_last_byte, overstate_its_end, understate_its_end])
def test_reading_goes_on_live_after_a_damaged_end(broker: KafkaBroker, own: Traffic, change: Damage) -> None:
    topic = own.topic()
    produce(own, topic, range(2), range(2, 3))
    damage(broker.segment(topic), 1, change)
    with closing(Kafka(topic=topic, start="earliest", bootstrap_servers=broker.bootstrap).open()) as reader:
        batches = read(reader, 3)
        produce(own, topic, range(3, 5))
        batches += read(reader, 2)
        batches.append(reader.poll(0.3))  # what was repeated would come now
    assert said(batches) == ([0, 1, 3, 4], 1, ["partition 0, offset 2"])


@pytest.mark.parametrize(
    ("change", "numbers", "where"),
    [(misstate_an_attribute, [0, 1, 3, 4], "offset 2"), (misstate_a_length, [0, 1, 4], "offsets 2 to 3")],
)
def test_a_record_that_makes_no_sense_costs_no_other_that_can_be_found(
    broker: KafkaBroker, own: Traffic, change: Damage, numbers: list[int], where: str
) -> None:
    topic = own.topic()
    produce(own, topic, range(1), range(1, 4), range(4, 5))
    damage(broker.segment(topic), 1, change, checksum=True)
    with closing(Kafka(topic=topic, start="earliest", bootstrap_servers=broker.bootstrap).open()) as reader:
        assert said(read(reader, 5)) == (numbers, 5 - len(numbers), [f"partition 0, {where}"])


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_a_batch_that_cannot_be_decompressed_is_counted_and_keeps_its_neighbours(
    broker: KafkaBroker, own: Traffic, codec: str
) -> None:
    topic = own.topic()
    produce(own, topic, range(1), range(1, 4), range(4, 5), codec=codec)
    damage(broker.segment(topic), 1, spoil_the_compressed, checksum=True)
    with closing(Kafka(topic=topic, start="earliest", bootstrap_servers=broker.bootstrap).open()) as reader:
        assert said(read(reader, 5)) == ([0, 4], 3, ["partition 0, offsets 1 to 3"])
