"""Text files as feeds: CSV, JSON lines, a JSON list, logs and whatever else `sources.decode` knows, also compressed with gzip."""

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

import orjson
import pyarrow as pa

from sources.batch import NO_ROWS, Malformed, Note, Reading
from sources.decode import SAMPLES, Decoder
from sources.errors import BadSettings
from sources.formats.names import AUTO
from sources.replay_encoding import TOLD, from_windows, is_utf8, is_windows, lines_from_windows
from sources.replay_json import json_values
from sources.replay_lines import BLOCK, Line, Read, as_utf8, lines, records
from sources.replay_part import Origin, Piece

MESSAGES = 4096
PIECE_BYTES = 2 * 1024 * 1024
"""A piece is of so many messages, or bytes, at most."""
LOOKED_AT = 100
TAIL_BYTES = 256 * 1024
GZIP = b"\x1f\x8b"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file that is compressed once more",
    b"ARROW1": "an Arrow file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"SQLite format 3": "a SQLite database",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\x89HDF": "an HDF5 file",
}
_CONTROL = bytes(each for each in range(32) if each not in b"\t\n\r\x0b\x0c\x1b")
_MOST_CONTROL = 0.1
_JSON = (AUTO, "json")
_LIST = re.compile(rb"\s*\[\s*[{\[]")
_BARE = re.compile(rb'\s*\[\s*(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"[^"\\]*"|true|false|null)\s*[,\]]')
"""A JSON list that begins with no object and no list."""
_OBJECT = re.compile(rb'\s*\{\s*"')


class TextPart:
    """One text file. See `sources.replay_part.Part`."""

    origin: Origin | None = None
    notes: tuple[Note, ...] = ()

    def __init__(self, file: BinaryIO, name: str, format: str = AUTO) -> None:  # noqa: A002 - as in the link
        """Look at how it begins. Raises BadSettings for what is no text, holds nothing or can't be unpacked.

        file  opened, at its beginning; it is closed with this part
        name  for messages
        """
        self._file, self._name = file, name
        self._size = max(1, os.fstat(file.fileno()).st_size)
        self._packed = file.read(2) == GZIP
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if self._packed else file
        with self._readable():
            head = stream.read(BLOCK)
        _check_text(head, name)
        self._plain = not self._packed and b"\0" not in head
        self._windows = is_windows(head)
        self._decoder = Decoder(format)
        self._lines = self._messages(head, stream.read, format)

    @property
    def reading(self) -> Reading | None:
        """See Part."""
        reading = self._decoder.reading
        return replace(reading, why=reading.why + TOLD) if reading and self._windows else reading

    def pieces(self) -> Iterator[Piece]:
        """See Part."""
        with self._readable():
            held: list[Line] = []
            size = 0
            for line in self._lines:
                held.append(line)
                size += len(line.text) + line.skipped
                if len(held) >= MESSAGES or size >= PIECE_BYTES:
                    yield self._piece(held)
                    held, size = [], 0
            yield self._piece(held)

    def tail(self) -> pa.Table | None:
        """See Part; not of what is compressed, or one large JSON text."""
        if not self._plain:
            return None
        start = max(0, self._size - TAIL_BYTES)
        at = self._file.tell()
        self._file.seek(start)
        text = self._file.read(TAIL_BYTES)
        self._file.seek(at)
        messages = [each for each in text.split(b"\n")[1 if start else 0 :] if each.strip()]
        messages = list(map(from_windows, messages)) if self._windows else messages
        return pa.table(self._decoder.decode(messages).columns)

    def close(self) -> None:
        """See Part."""
        self._file.close()

    def _messages(self, head: bytes, read: Read, format_: str) -> Iterator[Line]:
        def readable(found: Iterator[Line]) -> Iterator[Line]:
            return lines_from_windows(found) if self._windows else found

        start = head if len(head) < BLOCK else head.rpartition(b"\n")[0] or head
        first = [
            each
            for each in islice(readable(lines(as_utf8(start, lambda _: b""))), LOOKED_AT)
            if each.text.strip() or each.refused
        ]
        if format_ in _JSON and _is_one_json(first):
            self._plain = False
            return readable(json_values(as_utf8(head, read)))
        stream = readable(lines(as_utf8(head, read)))
        return records(stream) if _is_csv(first, format_) else stream

    def _piece(self, found: list[Line]) -> Piece:
        refused = [line for line in found if line.refused]
        kept = [line for line in found if not line.refused and line.text.strip()]
        share = min(1.0, self._file.tell() / self._size)
        decoded = self._decoder.decode([line.text for line in kept]) if kept else None
        samples = [Malformed(each.refused, self._where(each), each.text) for each in refused[:SAMPLES]]
        if decoded is not None:
            samples += [
                Malformed(
                    why if is_utf8(kept[at].text) else f"{why}: save the file as UTF-8", self._where(kept[at]), text
                )
                for at, why, text in decoded.samples
            ]
        table = pa.table(decoded.columns) if decoded is not None and decoded.columns else NO_ROWS
        malformed = len(refused) + (decoded.malformed if decoded is not None else 0)
        return Piece(table, share, malformed, tuple(samples[:SAMPLES]))

    def _where(self, line: Line) -> str:
        return f"{self._name}, line {line.number:,}"

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadSettings(
                "recording", f"{self._name} is cut short or damaged ({error}): unpack it, or choose another"
            ) from None
        except OSError as error:
            raise BadSettings(
                "recording", f"{self._name} can't be read ({error.strerror or error}): choose another"
            ) from None


def _check_text(head: bytes, name: str) -> None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
        raise BadSettings("recording", f"{name} is empty: choose another")
    foreign = next((what for magic, what in _FOREIGN.items() if head.startswith(magic)), "")
    if foreign:
        raise BadSettings(
            "recording", f"{name} is {foreign}, which can't be read here: save it as CSV, JSON or Parquet"
        )
    text = as_utf8(head, lambda _: b"")(BLOCK)
    if len(text) - len(text.translate(None, _CONTROL)) > _MOST_CONTROL * len(text):
        raise BadSettings(
            "recording", f"{name} is no text: choose a Parquet, CSV or JSON file, or one of lines of text"
        )


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_one_json(first: list[Line]) -> bool:
    """Whether the file is a JSON list, or objects over several lines, and not a JSON value in each line."""
    if not first:
        return False
    beginning = b" ".join(line.text for line in first[:3])
    if _LIST.match(beginning):
        return bool(first[0].refused) or len(first) == 1 or not _is_json(first[0].text)
    if _BARE.match(beginning):  # what a log may look like too
        text = first[0].text.strip()
        alone = len(first) == 1 and (_is_json(text) or len(text) > BLOCK // 2)
        return bool(first[0].refused) or alone or text == b"[" or (text.endswith(b",") and not _is_json(text))
    return bool(_OBJECT.match(beginning)) and not any(
        map(_is_json, (line.text for line in first if line.text[:1] == b"{"))
    )


def _is_csv(first: list[Line], format_: str) -> bool:
    """Whether its messages are CSV's records: it reads as CSV line by line, or else where lines are joined to records."""
    if format_ != AUTO:
        return format_ == "csv"
    for each in (first, list(records(first))):
        texts = [line.text for line in each if not line.refused]
        looked = Decoder()
        malformed = looked.decode(texts).malformed if texts else 0
        told = looked.reading.format if looked.reading else ""
        if told == "csv" or (told != "text" and not malformed):
            return told == "csv"
    return False
