"""From what Redis sends to messages, and from those to a batch.

An entry of a stream is a list of names and texts: each becomes a column. If its only field holds a document, such as
`data: {"ms": 12}`, that document is the message, in whatever format.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from sources.batch import Batch, Gap, Reading
from sources.formats.names import AUTO
from sources.messages import Message, MessageDecoder
from sources.redis_ids import EntryId, is_time

DOCUMENT_FIELDS = frozenset(
    (b"data", b"payload", b"message", b"msg", b"json", b"value", b"body", b"event", b"record", b"line", b"content")
)
"""Names of an only field that holds a message more likely than a mere value."""

OVERHEAD = 200
"""About the bytes that a message takes beside its own."""

_ORDER = "_order"
_FIELDS = Reading("fields", "each field of an entry is a column")


@dataclass(slots=True)  # frozen ones take thrice as long to make, and there are many
class Entry:
    """One entry or message.

    message   its document, or its fields as JSON
    mapping   whether it is the fields
    size      about its bytes in memory
    """

    message: Message
    mapping: bool
    size: int


def entry_of(  # noqa: PLR0913 - what an entry is, and two ways to read it
    identity: str, at: EntryId, flat: Sequence[bytes], stream: str, *, several: bool = False, asked: bool = False
) -> Entry:
    """An entry of a stream, from its id and its names and values in turn.

    several  whether the stream's name is one of its fields
    asked    whether a format was asked for, so that an only field is a document whatever it looks like

    >>> entry_of("7-1", (7, 1), [b"ms", b"12"], "plant").message.value
    b'{"ms":"12"}'
    """
    at_us = at[0] * 1000 if is_time(at) else int(time.time() * 1e6)
    carried = {"stream": stream, "_id": identity} if several else {"_id": identity}
    mapping = not (len(flat) == 2 and (asked or _is_document(flat[0], flat[1])))  # noqa: PLR2004 - a name and its value
    value = _as_json(flat) if mapping else flat[1]
    where = f"entry {identity} of {stream}"
    return Entry(Message(value, at_us, carried, where), mapping, sum(map(len, flat)) + OVERHEAD)


def heard(channel: bytes, value: bytes, *, several: bool) -> Entry:
    """A message of a channel; when it came is all that is known of its time."""
    name = text_of(channel)
    carried = {"channel": name} if several else {}
    message = Message(value, int(time.time() * 1e6), carried, f"channel {name}")
    return Entry(message, mapping=False, size=len(value) + len(channel) + OVERHEAD)


class EntryDecoder:
    """Makes batches of entries. Remembers how documents among them are written."""

    def __init__(self, format: str = AUTO) -> None:  # noqa: A002 - as in the link
        """Raise BadSettings if there is no such format."""
        self._documents = MessageDecoder(format)
        self._mappings = MessageDecoder("json")
        self._reading: Reading | None = None

    def batch(self, entries: Sequence[Entry], gaps: tuple[Gap, ...], lag: Mapping[str, int]) -> Batch:
        """One batch of the entries in their order."""
        mappings = [index for index, each in enumerate(entries) if each.mapping]
        if not mappings:
            batch = self._documents.batch([each.message for each in entries], gaps=gaps, lag=lag)
            self._reading = batch.reading
            return batch
        if len(mappings) == len(entries):
            batch = self._mappings.batch([each.message for each in entries], gaps=gaps, lag=lag)
            return replace(batch, reading=self._reading or _FIELDS)  # that does not change to and fro
        return self._mixed(entries, gaps, lag)

    def _mixed(self, entries: Sequence[Entry], gaps: tuple[Gap, ...], lag: Mapping[str, int]) -> Batch:
        """Both kinds, each decoded by itself, then put in order."""
        numbered = [
            (each.mapping, replace(each.message, fields={**each.message.fields, _ORDER: index}))
            for index, each in enumerate(entries)
        ]
        documents = self._documents.batch([message for mapping, message in numbered if not mapping], gaps=gaps, lag=lag)
        mappings = self._mappings.batch([message for mapping, message in numbered if mapping])
        self._reading = documents.reading
        tables = [batch.table for batch in (documents, mappings) if len(batch)]
        table = _joined(*tables) if len(tables) > 1 else tables[0] if tables else documents.table
        if table.num_rows:
            order = np.argsort(table[_ORDER].to_numpy(), kind="stable")  # the rows of one message stay as they stand
            table = table.drop_columns(_ORDER).take(pa.array(order))
        return replace(
            documents,
            table=table,
            malformed=documents.malformed + mappings.malformed,
            samples=documents.samples + mappings.samples,
        )


def text_of(value: bytes) -> str:
    r"""As text, whatever the bytes.

    >>> text_of(b"caf\xc3\xa9"), text_of(b"\xff")
    ('café', '\\xff')
    """
    return value.decode("utf-8", "backslashreplace")


def _joined(one: pa.Table, other: pa.Table) -> pa.Table:
    """The rows of both; a column of two types becomes text."""
    shared = set(one.column_names) & set(other.column_names)
    odd = {name for name in shared if one[name].type != other[name].type}
    agreed = [
        pa.table({name: table[name].cast(pa.string()) if name in odd else table[name] for name in table.column_names})
        for table in (one, other)
    ]
    return pa.concat_tables(agreed, promote_options="default")


def _is_document(name: bytes, value: bytes) -> bool:
    if value[:1] in (b"{", b"["):
        return True
    return name.lower() in DOCUMENT_FIELDS and not _is_number(value)


def _is_number(value: bytes) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _as_json(flat: Sequence[bytes]) -> bytes:
    """The fields as a JSON object; an object among them stays one."""
    try:
        texts = [each.decode() for each in flat]
    except UnicodeDecodeError:
        texts = [text_of(each) for each in flat]
    fields: dict[str, Any] = dict(zip(texts[::2], texts[1::2], strict=False))
    for name, text in fields.items():
        if text[:1] == "{" and text[-1:] == "}":
            with contextlib.suppress(orjson.JSONDecodeError):  # then it stays a text
                fields[name] = orjson.loads(text)
    return orjson.dumps(fields)
