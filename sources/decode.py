"""From JSON messages to columns, whatever the bytes.

A message is one JSON object or one bare number; anything else is malformed: counted, sampled with its reason, and never
fatal to its neighbours. What becomes of a message's content:

    {"a": 1, "b": {"c": 2}}     fields a and b.c: objects inside objects become dotted names
    {"a": [1, 2]}               field a holds the list's JSON text
    12.5                        field value
    {"_a": 1, "": 2}            fields value._a and value.: names that are empty or RESERVED are put under `value`
    {"a": null}                 null, the same as absent; a field that is null throughout a batch makes no column
    {"a": 1, "a": 2}            the last one holds; so too for {"a.b": 1, "a": {"b": 2}}
    no bytes at all (None)      a tombstone: a row in which every field is null

A message can be wide and deep without end, a board cannot. Objects nested past DEPTH stay JSON text in their field; what
lies past FIELDS_PER_MESSAGE, FIELDS_PER_BATCH or NAME_CHARS is kept, nested as it came, as JSON text in the column REST.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from sources.batch import RESERVED, SAMPLE_BYTES
from sources.formats.format import Format

DEPTH = 8
"""The most parts a dotted name has."""

FIELDS_PER_MESSAGE = 200
FIELDS_PER_BATCH = 500

NAME_CHARS = 200
"""The longest field name. Without it, one long name over many short ones would make memory grow with their product."""

SAMPLES = 5
"""How many malformed messages of one batch are kept to be shown."""

REST = RESERVED + "rest"
"""The column that holds, as JSON text, what was past a cap; there only if something was."""

Document = dict[str, Any]
Parsed = tuple[Sequence[int], list[Document]]


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of n messages.

    columns    one a field, in order of first appearance, each of length len(rows); int64, float64, bool or string
    rows       which messages became rows, ascending; len(rows) + malformed == n
    malformed  how many messages did not
    samples    (which message, reason, first SAMPLE_BYTES bytes) of a few of those
    """

    columns: dict[str, pa.Array]
    rows: npt.NDArray[np.int64]
    malformed: int
    samples: tuple[tuple[int, str, bytes], ...]


def decode_json(values: Sequence[bytes | None]) -> Decoded:
    """Decode messages that arrived together; never raises, whatever their bytes.

    A column's type follows from all its values in this batch: int64, float64, bool or string where they agree; float64 where
    integers meet floats or leave int64 (then the nearest float64); else string, numbers and bools as their JSON text.
    Numbers written as strings stay strings.

    >>> decoded = decode_json([b'{"ms": 12, "at": {"zone": "eu"}}', b"oops", None])
    >>> {name: column.to_pylist() for name, column in decoded.columns.items()}
    {'ms': [12, None], 'at.zone': ['eu', None]}
    >>> decoded.rows.tolist(), decoded.malformed
    ([0, 2], 1)
    """
    refused: dict[int, str] = {}
    rows, documents = _parse(values, refused)
    names = _names(documents)
    columns = _columns(documents, names) if _may_stand(names) else None
    if columns is None:
        rows, documents = _flatten_all(rows, documents, refused)
        columns = _columns(documents, _names(documents)) or {}
    samples = tuple(
        (index, refused[index], (values[index] or b"")[:SAMPLE_BYTES]) for index in sorted(refused)[:SAMPLES]
    )
    return Decoded(columns, np.array(rows, np.int64), len(refused), samples)


def _parse(values: Sequence[bytes | None], refused: dict[int, str]) -> Parsed:
    """Where in `values` there are documents, and those; the places of the others go to `refused`, with the reason."""
    with contextlib.suppress(orjson.JSONDecodeError):  # as a rule all are objects
        documents = list(map(orjson.loads, values))  # type: ignore[arg-type] # None is refused like any odd message
        if set(map(type, documents)) == {dict}:
            return range(len(documents)), documents
    rows, documents = [], []
    for index, value in enumerate(values):
        document: Any = {}
        if value is not None:
            try:
                document = orjson.loads(value)
            except orjson.JSONDecodeError as error:
                refused[index] = f"not JSON: {error}"
                continue
        kind = type(document)
        if kind is int or kind is float:
            document = {"value": document}
        elif kind is not dict:
            refused[index] = f"a JSON {_JSON_NAMES[kind]}, where an object or a number was expected"
            continue
        rows.append(index)
        documents.append(document)
    return rows, documents


_JSON_NAMES = {list: "list", str: "string", bool: "boolean", type(None): "null"}


def _names(documents: Iterable[Document]) -> list[str]:
    """All fields, in order of first appearance."""
    return list(dict.fromkeys(chain.from_iterable(documents)))


def _may_stand(names: Sequence[str]) -> bool:
    """Whether the names may stand as they are, and are few enough."""
    return len(names) <= FIELDS_PER_MESSAGE and not any(_is_reserved(name) or len(name) > NAME_CHARS for name in names)


def _is_reserved(name: str) -> bool:
    return not name or name.startswith(RESERVED)


def _flatten_all(rows: Sequence[int], documents: Sequence[Document], refused: dict[int, str]) -> Parsed:
    """The documents with dotted names, lists as text and what is past a cap in REST."""
    names: set[str] = set()
    kept, flat = [], []
    for index, document in zip(rows, documents, strict=True):
        fields: Document = {}
        try:
            rest = _flatten(document, fields, names)
            if rest:
                fields[REST] = _text(rest)
        except orjson.JSONEncodeError:
            refused[index] = "objects or lists nested too deeply to keep as JSON text"
        else:
            kept.append(index)
            flat.append(fields)
    return kept, flat


def _flatten(document: Document, fields: Document, names: set[str], prefix: str = "", depth: int = 1) -> Document:
    """Add the document's fields to `fields` and their names to the batch's `names`; return what is past a cap."""
    rest = {}
    for key, value in document.items():
        name = prefix + key
        if _is_reserved(name):
            name = "value." + name
        fits = len(name) <= NAME_CHARS and len(fields) < FIELDS_PER_MESSAGE
        if type(value) is dict and depth < DEPTH and fits:
            beyond = _flatten(value, fields, names, name + ".", depth + 1)
            if beyond:
                rest[key] = beyond
        elif fits and (name in names or len(names) < FIELDS_PER_BATCH):
            fields[name] = _text(value) if type(value) in (dict, list) else value
            names.add(name)
        else:
            rest[key] = value
    return rest


def _columns(documents: Sequence[Document], names: Iterable[str]) -> dict[str, pa.Array] | None:
    """The documents' fields as columns, without those that hold nothing; None if there are objects or lists in them."""
    columns = {}
    for name in names:
        try:
            cells = list(map(itemgetter(name), documents))
        except KeyError:
            cells = [document.get(name) for document in documents]
        kinds = set(map(type, cells))
        if not kinds.isdisjoint((dict, list)):
            return None
        kinds.discard(type(None))
        if kinds:
            columns[name] = _column(cells, kinds)
    return columns


def _column(cells: list[Any], kinds: set[type]) -> pa.Array:
    """The cells, of these kinds or None, as one Arrow array of the type that holds them all."""
    if kinds == {int}:
        try:
            return pa.array(cells, pa.int64())
        except OverflowError:
            kinds = {int, float}
    if kinds == {int, float}:  # pyarrow refuses integers that float64 cannot hold exactly; float() rounds them
        cells = [cell if cell is None else float(cell) for cell in cells]
        kinds = {float}
    for kind, arrow in ((float, pa.float64()), (bool, pa.bool_()), (str, pa.string())):
        if kinds == {kind}:
            return pa.array(cells, arrow)
    return pa.array([cell if cell is None or type(cell) is str else _text(cell) for cell in cells], pa.string())


class Decoder:
    """Reads JSON, and what one of the formats in `more` makes of a message that begins with a zero byte, as no JSON does.

    Raises a SourceError where a format does.
    """

    def __init__(self, format: str = "auto", more: Sequence[Format] = ()) -> None:  # noqa: A002, ARG002 - as in the link
        self._more = more

    def decode(self, values: Sequence[bytes | None]) -> Decoded:
        """Decode messages that arrived together."""
        return decode_json([self._as_json(value) if (value or b"").startswith(b"\0") else value for value in values])

    def _as_json(self, value: bytes | None) -> bytes:
        for each in self._more:
            with contextlib.suppress(ValueError):
                return orjson.dumps(each.rows(value or b"")[0])
        return value or b""


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
