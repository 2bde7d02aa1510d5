"""From messages to columns, whatever the bytes.

How the messages are written is found by looking at them, unless a format is asked for: see `sources.looking`. What a format
cannot read is malformed: counted, sampled with its reason, and never fatal to its neighbours. A message may give many rows
or none; one of no bytes at all (None) is a tombstone: a row in which every field is null.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from sources.batch import SAMPLE_BYTES, Reading
from sources.columns import columns_of, flat_columns, flatten
from sources.errors import SourceError
from sources.formats import json
from sources.formats.every import FORMATS
from sources.formats.format import Document, Format, Rows
from sources.looking import Looking

ROWS_PER_MESSAGE = 100_000

SAMPLES = 5
"""How many malformed messages of one batch are kept to be shown."""

GROWTH = 32
"""How many times its own bytes the rows of one message may hold: what stands once in it may stand in each of its rows."""

CELL_BYTES = 8


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of n messages.

    columns    one a field, each of length len(rows); int64, float64, bool, string or timestamp(us, UTC)
    rows       which message each row came from, ascending; a message of many events repeats, one of none is not there
    malformed  how many messages could not be read, or not to their end
    samples    (which message, reason, first SAMPLE_BYTES bytes) of a few of those
    """

    columns: dict[str, pa.Array]
    rows: npt.NDArray[np.int64]
    malformed: int
    samples: tuple[tuple[int, str, bytes], ...]


class Decoder:
    """Decodes the messages of one feed. Remembers how they are written, and the last of them.

    format  a name among `sources.formats.names`, or `auto`
    more    formats that need a connection; asked before the others

    >>> decoder = Decoder()
    >>> decoded = decoder.decode([b'{"ms": 12, "at": {"zone": "eu"}}', b"oops", None])
    >>> {name: column.to_pylist() for name, column in decoded.columns.items()}
    {'ms': [12, None], 'at.zone': ['eu', None]}
    >>> decoded.rows.tolist(), decoded.malformed
    ([0, 2], 1)
    >>> decoder.reading
    Reading(format='json', why='1 of the first 2 messages read as JSON')
    """

    def __init__(self, format: str = "auto", more: Sequence[Format] = ()) -> None:  # noqa: A002 - as in the link
        """Raise BadSettings if there is no such format."""
        self._looking = Looking(format, {each.name: each for each in more} | FORMATS)

    @property
    def reading(self) -> Reading | None:
        """How the messages are read; None before the first."""
        return self._looking.reading

    def decode(self, values: Sequence[bytes | None]) -> Decoded:
        """Decode messages that arrived together. Raises a SourceError if the format does, and nothing else."""
        messages = [value for value in values if value is not None]
        rows = self._looking.before(messages)
        decoded, refused = _decode(values, rows)
        again = self._looking.after(values, refused)
        if again is not None:
            other, refused_again = _decode(values, _either(rows, again))
            if len(refused_again) < len(refused):
                return other
        return decoded


def _either(before: Rows, since: Rows) -> Rows:
    """Reads what was written before a change of format, and what has been since."""

    def rows(message: bytes) -> Sequence[Document]:
        try:
            return before(message)
        except SourceError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the message may be in the other format
            return since(message)

    return rows


def _decode(values: Sequence[bytes | None], rows: Rows) -> tuple[Decoded, dict[int, str]]:
    """The messages read with `rows`; and the reasons of those that are malformed."""
    refused: dict[int, str] = {}
    documents = _json_objects(values) if rows is json.rows else None
    columns = flat_columns(documents) if documents is not None else None
    places: Sequence[int] = range(len(values))
    if documents is None or (columns is None and json.may_be_wrapped(documents)):
        places, documents = _documents(values, rows, refused, documents)
        columns = flat_columns(documents)
    if columns is None:
        kept, documents = flatten(documents, lambda row, reason: refused.setdefault(places[row], reason))
        places = [places[row] for row in kept]
        columns = columns_of(documents)
    samples = tuple(
        (index, refused[index], (values[index] or b"")[:SAMPLE_BYTES]) for index in sorted(refused)[:SAMPLES]
    )
    return Decoded(columns, np.array(places, np.int64), len(refused), samples), refused


def _json_objects(values: Sequence[bytes | None]) -> list[Document] | None:
    """The messages at one go where all are JSON objects, which is the rule and three times as fast; else None."""
    with contextlib.suppress(orjson.JSONDecodeError):
        documents = list(map(orjson.loads, values))  # type: ignore[arg-type] # None is refused like any odd message
        if set(map(type, documents)) == {dict}:
            return documents
    return None


def _documents(
    values: Sequence[bytes | None], rows: Rows, refused: dict[int, str], parsed: Sequence[Document] | None
) -> tuple[list[int], list[Document]]:
    """The rows of the messages, and which message each is of; `refused` gets the others with the reason."""
    places: list[int] = []
    documents: list[Document] = []
    for index, value in enumerate(values):
        if value is None:
            found: Sequence[Document] = [{}]
        else:
            try:
                found = rows(value) if parsed is None else json.unwrapped(parsed[index])
            except SourceError:
                raise
            except ValueError as error:
                refused[index] = str(error) or type(error).__name__
                continue
            except Exception as error:  # noqa: BLE001 - a library's own, for bytes that nobody thought of
                refused[index] = f"can't be read: {error!r}"
                continue
            if len(found) > GROWTH:
                room = min(ROWS_PER_MESSAGE, _room(found, GROWTH * len(value)))
                if room < len(found):
                    refused[index] = (
                        f"too much for one message: {len(found):,} rows, of which the first {room:,} are kept"
                    )
                    found = found[:room]
        if len(found) == 1:
            places.append(index)
            documents.append(found[0])
        else:
            places += [index] * len(found)
            documents += found
    return places, documents


def _room(documents: Sequence[Document], size: int) -> int:
    """How many of the rows hold at most so many bytes together."""
    for row, document in enumerate(documents):
        size -= _size(document, size)
        if size < 0:
            return row
    return len(documents)


def _size(value: Any, most: int) -> int:
    """How much is in it, however deep it is; where that is more than `most`, some number that is."""
    size, pending = 0, [value]
    while pending and size <= most:
        each = pending.pop()
        kind = type(each)
        size += CELL_BYTES + (len(each) if kind is str else 0)
        if kind is dict:
            pending += each.values()
        elif kind is list:
            pending += each
    return size
