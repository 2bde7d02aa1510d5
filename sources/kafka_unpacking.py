"""What a compressed batch holds, as far as it can be held: a few hundred bytes may stand for gigabytes.

The broker bounds a batch as it was sent, and the client library unpacks whatever it is.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

from kafka import codec
from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.legacy_records import LegacyRecordBatch

UNPACKED_BYTES = 64_000_000
"""The most that a batch may hold: sixty times what a broker takes of a producer by default."""

_PART_BYTES = 1_000_000
_XERIAL = b"\x82SNAPPY\0"
_XERIAL_HEADER = 16
_VARINT_BYTES = 5


class Batch(DefaultRecordBatch):  # type: ignore[misc] # the library has no types
    """A batch whose records are unpacked within bounds."""

    __slots__ = ()

    def _maybe_uncompress(self: Any) -> None:
        if not self._decompressed and self.compression_type:
            self._assert_has_codec(self.compression_type)
            self._buffer = unpacked(self.compression_type, bytes(memoryview(self._buffer)[self._pos :]))
            self._pos = 0
        self._decompressed = True


class OldBatch(LegacyRecordBatch):  # type: ignore[misc] # the library has no types
    """A message set, as Kafka had it before 0.11, within the same bounds."""

    __slots__ = ()

    def _decompress(self: Any, key_offset: int) -> bytes:
        _, packed = self._read_key_value(key_offset)
        if packed is None or (self._magic == 0 and self.compression_type == self.CODEC_LZ4):
            raise CorruptRecordError("compressed as no client does since Kafka 0.10")
        self._assert_has_codec(self.compression_type)
        return bytes(unpacked(self.compression_type, packed))

    def _read_header(self, pos: int) -> Any:
        header = super()._read_header(pos)
        if header[1] < 0:
            raise CorruptRecordError("a message of a negative length")
        return header


def unpacked(compression: int, packed: bytes) -> bytearray:
    """The records. Raises CorruptRecordError for more than UNPACKED_BYTES, and whatever a codec does for what is none of its."""
    found = bytearray()
    for part in _CODECS[compression](packed):
        found += part
        if len(found) > UNPACKED_BYTES:
            raise CorruptRecordError(f"{len(packed):,} bytes hold more than {UNPACKED_BYTES:,}, which are not unpacked")
    return found


def _gzip(packed: bytes) -> Iterator[bytes]:
    while packed:
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not inflate.eof:
            part = inflate.decompress(packed, _PART_BYTES)
            packed = inflate.unconsumed_tail
            if not part and not packed and not inflate.eof:
                raise EOFError("cut short")
            yield part
        packed = inflate.unused_data


def _snappy(packed: bytes) -> Iterator[bytes]:
    """Alone, or in blocks as Java's clients write it: each says before it how long it is."""
    blocks = _blocks(packed[_XERIAL_HEADER:]) if packed.startswith(_XERIAL) else iter((packed,))
    for block in blocks:
        if _told(block) > UNPACKED_BYTES:
            raise CorruptRecordError(f"a block of more than {UNPACKED_BYTES:,} bytes, which is not unpacked")
        yield codec.snappy.decompress(block)


def _blocks(packed: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packed):
        size = int.from_bytes(packed[at : at + 4], "big", signed=True)
        if not 0 < size <= len(packed) - at - 4:
            raise CorruptRecordError("a block that is cut short, or of no length")
        yield packed[at + 4 : at + 4 + size]
        at += 4 + size


def _told(block: bytes) -> int:
    """How long a block of snappy says that it is, unpacked."""
    size = 0
    for place, byte in enumerate(block[:_VARINT_BYTES]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that there is more
            break
    return size


def _lz4(packed: bytes) -> Iterator[bytes]:
    inflate = codec.lz4.LZ4FrameDecompressor()
    while not inflate.eof:
        part = inflate.decompress(packed, _PART_BYTES)
        packed = b""
        if not part and inflate.needs_input:
            raise EOFError("cut short")
        yield part


def _zstd(packed: bytes) -> Iterator[bytes]:
    with codec.zstd.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader:
        while part := reader.read(_PART_BYTES):
            yield part


_CODECS: dict[int, Callable[[bytes], Iterator[bytes]]] = {1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
"""By the number that a batch's attributes have for it."""
