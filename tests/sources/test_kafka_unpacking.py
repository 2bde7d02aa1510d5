"""Batches of every codec are unpacked as they were packed, and none beyond what can be held."""

import gzip

import pytest
from kafka.errors import CorruptRecordError

from sources import kafka_unpacking
from sources.kafka_damage import Unreadable
from tests.poison import batches

VALUES = [b'{"n": %d}' % number for number in range(50)]
OLD = ("none", "gzip", "snappy", "lz4")


def values(packed: bytes) -> list[bytes]:
    return [record.value for record in batches.read(packed)]


@pytest.mark.parametrize("codec", batches.CODECS)
def test_a_batch_gives_the_records_it_was_made_of(codec: str) -> None:
    assert values(batches.written(VALUES, codec)) == VALUES


@pytest.mark.parametrize("codec", OLD)
def test_a_message_set_of_old_gives_the_records_it_was_made_of(codec: str) -> None:
    assert values(batches.written_of_old(VALUES, codec)) == VALUES


@pytest.mark.parametrize("write", [batches.written, batches.written_of_old])
@pytest.mark.parametrize("codec", OLD[1:])
def test_a_batch_of_more_than_can_be_held_stands_as_one_unreadable(
    write: object, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = write([bytes(5_000_000), b"{}"], codec)
    assert len(values(packed)) == 2
    monkeypatch.setattr(kafka_unpacking, "UNPACKED_BYTES", 1_000_000)
    [value] = values(packed)
    assert isinstance(value, Unreadable)
    assert "1,000,000" in value.reason


@pytest.mark.parametrize("cut", [1, 20])
@pytest.mark.parametrize("codec", ["gzip", "lz4"])
def test_what_is_cut_short_is_refused(codec: str, cut: int) -> None:
    number = batches.CODECS[codec]
    packed = batches.written([bytes(range(256)) * 20], codec)[61:-cut]
    with pytest.raises((EOFError, RuntimeError)):
        kafka_unpacking.unpacked(number, packed)


def test_gzip_of_several_members_is_joined() -> None:
    assert kafka_unpacking.unpacked(batches.CODECS["gzip"], gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\xff\xff\xff\xfc", b"\0\0\1\0"])
def test_blocks_of_snappy_of_no_length_are_refused(size: bytes) -> None:
    with pytest.raises(CorruptRecordError, match="block"):
        kafka_unpacking.unpacked(batches.CODECS["snappy"], b"\x82SNAPPY\0\0\0\0\1\0\0\0\1" + size + b"ab")
